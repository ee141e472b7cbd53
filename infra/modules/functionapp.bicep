// The function app on either plan. Every connection is an address and the app's identity; no setting is a secret.

@description('Name of the function app.')
@minLength(2)
@maxLength(60)
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Kind of plan that the app runs on.')
@allowed([
  'flexConsumption'
  'elasticPremium'
])
param planKind string

@description('Id of the plan.')
param planId string

@description('Id of the app\'s identity.')
param identityId string

@description('Client id of the app\'s identity.')
param identityClientId string

@description('Name of the storage account.')
param storageName string

@description('Address of the container for the deployed package.')
param packageUri string

@description('Connection string of the Application Insights component. It admits nobody: ingestion needs a role.')
param telemetryConnectionString string

@description('Workspace that gets the count of executions.')
param workspaceId string

@description('Whether it is logged which tokens are shown to the app, and what became of them.')
param logTokens bool

@description('Version of Python.')
param pythonVersion string

@description('MB of memory of a Flex Consumption instance.')
param instanceMemoryMB int

@description('Most instances of the app.')
param maximumInstanceCount int

@description('Flex Consumption instances that never sleep, for HTTP and for durable functions each. 0 for none.')
param alwaysReadyInstanceCount int

@description('Subnet that the app calls out from. Empty for none.')
param outboundSubnetId string

@description('Whether the app can be called through its private endpoint only.')
param privateOnly bool

@description('Settings of the app itself and of the engine.')
param settings object

@description('Whether links in mails begin with the app\'s default host name.')
param linksToItself bool

var isFlex = planKind == 'flexConsumption'

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  // azd finds the app that it deploys to by this tag.
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: planId
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: privateOnly ? 'Disabled' : 'Enabled'
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(outboundSubnetId) ? null : outboundSubnetId
    outboundVnetRouting: {
      allTraffic: !empty(outboundSubnetId)
    }
    siteConfig: {
      ftpsState: 'Disabled'
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      remoteDebuggingEnabled: false
      cors: {
        allowedOrigins: []
        supportCredentials: false
      }
      // Flex Consumption takes version and scale from functionAppConfig, and has no platform health check.
      linuxFxVersion: isFlex ? null : 'Python|${pythonVersion}'
      functionAppScaleLimit: isFlex ? null : maximumInstanceCount
      functionsRuntimeScaleMonitoringEnabled: isFlex ? null : !empty(outboundSubnetId)
      healthCheckPath: isFlex ? null : '/api/health'
    }
    functionAppConfig: isFlex
      ? {
          deployment: {
            storage: {
              type: 'blobContainer'
              value: packageUri
              authentication: {
                type: 'UserAssignedIdentity'
                userAssignedIdentityResourceId: identityId
              }
            }
          }
          runtime: {
            name: 'python'
            version: pythonVersion
          }
          scaleAndConcurrency: {
            instanceMemoryMB: instanceMemoryMB
            maximumInstanceCount: maximumInstanceCount
            alwaysReady: alwaysReadyInstanceCount == 0
              ? []
              : [
                  { name: 'http', instanceCount: alwaysReadyInstanceCount }
                  { name: 'durable', instanceCount: alwaysReadyInstanceCount }
                ]
          }
        }
      : null
  }
}

// Deployment goes by Entra tokens. With these two off, the publishing user and password open nothing.
resource ftpPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource scmPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

resource appSettings 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'appsettings'
  properties: union(
    {
      AzureWebJobsStorage__accountName: storageName
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identityClientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: telemetryConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=${identityClientId}'
      AZURE_FUNCTIONS_DURABLE_STRICT_TYPING: '1'
      // The app has the page at the root; where its functions are not loaded, no page of the host says that all is up.
      AzureWebJobsDisableHomepage: 'true'
      // The exporter would keep five traces a second by default, and drop the log lines of the others with them.
      OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
      OTEL_TRACES_SAMPLER_ARG: '1.0'
    },
    // Flex Consumption refuses the first two, and deploys from the container that functionAppConfig names.
    isFlex
      ? {}
      : {
          FUNCTIONS_EXTENSION_VERSION: '~4'
          FUNCTIONS_WORKER_RUNTIME: 'python'
          WEBSITE_RUN_FROM_PACKAGE: '${packageUri}/app.zip'
          WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: identityId
        },
    linksToItself ? { PUBLIC_BASE_URL: 'https://${app.properties.defaultHostName}' } : {},
    settings
  )
}

resource executions 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'executions'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: logTokens ? [{ category: 'AppServiceAuthenticationLogs', enabled: true }] : []
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output id string = app.id
output name string = app.name
output hostName string = app.properties.defaultHostName
