// What `azd up` deploys: the environment type and the large choices come from the azd environment
// (`azd env set APPROVAL_ENVIRONMENT prod`), everything else has its default. docs/operate/deploy.md lists them.
using 'main.bicep'

param environmentType = readEnvironmentVariable('APPROVAL_ENVIRONMENT', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param tags = { 'azd-env-name': readEnvironmentVariable('AZURE_ENV_NAME', 'dev') }
param plan = readEnvironmentVariable('APPROVAL_PLAN', 'flexConsumption')
param engine = readEnvironmentVariable('APPROVAL_ENGINE', 'azureStorage')
param network = readEnvironmentVariable('APPROVAL_NETWORK', 'public')
param authClientId = readEnvironmentVariable('APPROVAL_AUTH_CLIENT_ID', '')
param alertEmails = empty(readEnvironmentVariable('APPROVAL_ALERT_EMAILS', ''))
  ? []
  : split(readEnvironmentVariable('APPROVAL_ALERT_EMAILS', ''), ',')
