// A production environment: an instance stays awake, storage spans zones, finished cases go after 90 days.
using 'main.bicep'

param environmentType = 'prod'
// The Entra application that callers need a token for: prod asks for one. docs/operate/deploy.md says how to make it.
param authClientId = readEnvironmentVariable('APPROVAL_AUTH_CLIENT_ID', '')

// Put the addresses of those on duty here.
param alertEmails = []
