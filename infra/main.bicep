// Everything that one environment of the app needs, in one resource group. `azd up` deploys it, and so does
// `az deployment group create`; docs/operate/deploy.md shows both.
//
// 1. No parameter, setting or output is a secret: each connection is an address and the app's identity.
// 2. A module is one concern; this file says which there are, and how they hang together.
// 3. A default that depends on the environment says so in its own expression; the tables in docs list both values.

targetScope = 'resourceGroup'

// ------------------------------------------------------------------------------------------------ which environment

@description('Which environment this is. It decides the defaults of what follows.')
@allowed([
  'dev'
  'prod'
])
param environmentType string = 'dev'

@description('Name of the app, part of every name. Lower-case letters and digits.')
@minLength(3)
@maxLength(10)
param appName string = 'approval'

@description('Region of every resource.')
param location string = resourceGroup().location

@description('Tags of every resource, besides app and environment.')
param tags object = {}

// ------------------------------------------------------------------------------------------------------- what it runs on

@description('Plan: Flex Consumption scales to nothing, Elastic Premium keeps at least one instance warm and has slots.')
@allowed([
  'flexConsumption'
  'elasticPremium'
])
param plan string = 'flexConsumption'

@description('Version of Python.')
@allowed([
  '3.11'
  '3.12'
  '3.13'
])
param pythonVersion string = '3.13'

@description('MB of memory of a Flex Consumption instance.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('Most instances of the app. Elastic Premium takes 20 of them at most.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = environmentType == 'prod' ? 100 : 40

@description('Flex Consumption instances that never sleep, for HTTP and for durable functions each. 0 for none.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstanceCount int = environmentType == 'prod' ? 1 : 0

@description('Size of an Elastic Premium instance.')
@allowed([
  'EP1'
  'EP2'
  'EP3'
])
param premiumSku string = 'EP1'

@description('Whether instances are spread over the zones of the region. The region needs zones.')
param zoneRedundant bool = false

@description('Replication of the storage account. GRS and GZRS keep a copy in a second region.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GRS'
  'Standard_GZRS'
])
param storageSku string = environmentType == 'prod' ? 'Standard_ZRS' : 'Standard_LRS'

// ------------------------------------------------------------------------------------------------------------ the engine

@description('Engine that keeps the cases. Changing it leaves the open cases behind in the old one: see docs/operate.')
@allowed([
  'azureStorage'
  'durableTaskScheduler'
])
param engine string = 'azureStorage'

@description('SKU of the scheduler, for the engine durableTaskScheduler.')
@allowed([
  'Consumption'
  'Dedicated'
])
param schedulerSku string = 'Consumption'

@description('Addresses that may call the scheduler, as CIDR ranges. The app has no fixed address without a NAT gateway.')
param schedulerIpAllowlist string[] = ['0.0.0.0/0']

// --------------------------------------------------------------------------------------------------------- the app itself

@description('APPROVAL_TIMEOUT: time to decide where a proposal does not say otherwise, an ISO 8601 duration.')
param approvalTimeout string = environmentType == 'prod' ? 'P10D' : 'PT20S'

@description('PATTERNS: whether the pattern gallery is part of the app.')
@allowed([
  'on'
  'off'
])
param patterns string = environmentType == 'prod' ? 'off' : 'on'

@description('RETENTION_MODE: off keeps every case, dry says what would go, purge exports finished cases and forgets them.')
@allowed([
  'off'
  'dry'
  'purge'
])
param retentionMode string = environmentType == 'prod' ? 'purge' : 'off'

@description('RETENTION_DAYS: age at which a finished case goes. A Consumption scheduler keeps none longer than 30 days.')
@minValue(1)
@maxValue(3650)
param retentionDays int = engine == 'durableTaskScheduler' && schedulerSku == 'Consumption' ? 25 : 90

@description('RETENTION_SCHEDULE: when finished cases are looked at, an NCRONTAB expression in UTC.')
param retentionSchedule string = '0 30 2 * * *'

@description('Days for which an exported case can neither be changed nor deleted, also not by the app. 0 for none.')
@minValue(0)
@maxValue(146000)
param caseHistoryImmutableDays int = environmentType == 'prod' ? 365 : 0

@description('HEARTBEAT: whether the app logs every 15 minutes that it runs and what is overdue. It wakes a sleeping app.')
@allowed([
  'on'
  'off'
])
param heartbeat string = environmentType == 'prod' ? 'on' : 'off'

// ---------------------------------------------------------------------------------------- a company's own policies

@description('APPROVAL_POLICIES: the policy file in the package, such as policies.toml. Empty for the built-in policy alone, and no vault.')
param policies string = ''

@description('PUBLIC_BASE_URL: what links in mails begin with. Empty for customDomain, or else the app\'s default host name.')
param publicBaseUrl string = ''

@description('SEAL_PUBLIC_KEYS: public keys that signed formerly, with commas. They are no secrets.')
param sealPublicKeys string = ''

@description('SMTP_HOST: the mail server. Empty for none, and no mails.')
param smtpHost string = ''

@description('SMTP_PORT: port of the mail server.')
@minValue(1)
@maxValue(65535)
param smtpPort int = smtpTls == 'tls' ? 465 : 587

@description('SMTP_TLS: how the connection to the mail server is encrypted.')
@allowed([
  'starttls'
  'tls'
])
param smtpTls string = 'starttls'

@description('SMTP_USER: who the app signs in as at the mail server. Empty for nobody. The password is in the vault.')
param smtpUser string = ''

@description('MAIL_FROM: whom mails come from, such as Approvals <approvals@county.example>.')
param mailFrom string = ''

// ------------------------------------------------------------------------------------------------------ who gets in

@description('public: everything by identity. privateStorage: the storage account is in a virtual network. private: so is the app.')
@allowed([
  'public'
  'privateStorage'
  'private'
])
param network string = 'public'

@description('Addresses of the virtual network, a CIDR range of at least /24.')
param networkAddressPrefix string = '10.40.0.0/24'

@description('Client id of the Entra application that callers need a token for. Empty leaves it at function keys.')
param authClientId string = ''

@description('Whether a deployment without authClientId is refused.')
param requireAuthentication bool = environmentType == 'prod'

@description('Tenant that issues the tokens.')
param authTenantId string = tenant().tenantId

@description('Audiences that a token may have, besides the client id and api://<client id>.')
param authAudiences string[] = []

@description('Client ids of the applications that may call. Empty lets every application of the tenant in.')
param authCallers string[] = []

@description('Host name of the company\'s own. Elastic Premium only. Empty for none.')
param customDomain string = ''

// ------------------------------------------------------------------------------------------------------- what is seen

@description('Mail addresses that alerts go to.')
param alertEmails string[] = []

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = environmentType == 'prod' ? 90 : 30

@description('GB of logs a day, after which no more are taken until the next day.')
@minValue(1)
param logDailyCapGb int = environmentType == 'prod' ? 5 : 1

@description('Whether /api/health is called from outside every five minutes, and silence is an alert. A private app cannot be.')
param probe bool = environmentType == 'prod'

@description('Percentage of failed runs of an activity, from which on it is an alert.')
@minValue(1)
@maxValue(100)
param activityFailurePercent int = 10

@description('Answers with a status of 500 or above in fifteen minutes, from which on it is an alert.')
@minValue(1)
param serverErrorCount int = 5

@description('Whether it is logged who reads, writes and deletes blobs, and which tokens are shown to the app.')
param logAccess bool = environmentType == 'prod'

@description('Whether each single storage operation is logged. Costs more than the operations; for a search only.')
param logStorageOperations bool = false

// ----------------------------------------------------------------------------------------------------------------- names

var suffix = take(uniqueString(resourceGroup().id, appName, environmentType), 6)
var stem = '${appName}-${environmentType}-${suffix}'
var vaultName = 'kv-${appName}-${suffix}'
var packageContainer = 'app-package'
var exportContainer = 'case-history'
var taskHubName = 'DesignApproval'
var allTags = union({ app: appName, environment: environmentType }, tags)
var ownDomain = empty(customDomain) || plan == 'elasticPremium'
  ? customDomain
  : fail('customDomain needs plan elasticPremium: Flex Consumption has no platform certificates. Put a gateway in front instead; see docs/operate/deploy.md.')
var tokenClientId = empty(authClientId) && requireAuthentication
  ? fail('prod asks callers for an Entra token: set authClientId, or requireAuthentication=false if function keys alone will do; see docs/operate/deploy.md.')
  : authClientId

// --------------------------------------------------------------------------------------------------------------- modules

module identity 'modules/identity.bicep' = {
  name: 'identity'
  params: {
    name: 'id-${stem}'
    location: location
    tags: allTags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    workspaceName: 'log-${stem}'
    componentName: 'appi-${stem}'
    location: location
    tags: allTags
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    name: 'st${appName}${environmentType}${suffix}'
    location: location
    tags: allTags
    sku: storageSku
    packageContainer: packageContainer
    exportContainer: exportContainer
    privateOnly: network != 'public'
    workspaceId: monitoring.outputs.workspaceId
    immutableDays: caseHistoryImmutableDays
    taskHubName: taskHubName
    logBlobAccess: logAccess
    logOperations: logStorageOperations
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  params: {
    principalId: identity.outputs.principalId
    storageName: storage.outputs.name
    componentName: monitoring.outputs.componentName
  }
}

module scheduler 'modules/scheduler.bicep' = if (engine == 'durableTaskScheduler') {
  name: 'scheduler'
  params: {
    name: 'dts-${stem}'
    taskHubName: taskHubName
    location: location
    tags: allTags
    sku: schedulerSku
    ipAllowlist: schedulerIpAllowlist
    principalId: identity.outputs.principalId
  }
}

module virtualNetwork 'modules/network.bicep' = if (network != 'public') {
  name: 'network'
  params: {
    name: 'vnet-${stem}'
    location: location
    tags: allTags
    addressPrefix: networkAddressPrefix
    planKind: plan
  }
}

module storageEndpoints 'modules/privateendpoints.bicep' = if (network != 'public') {
  name: 'storage-endpoints'
  params: {
    resourceId: storage.outputs.id
    name: storage.outputs.name
    location: location
    tags: allTags
    networkId: virtualNetwork!.outputs.id
    subnetId: virtualNetwork!.outputs.endpointsSubnetId
    zones: {
      blob: 'privatelink.blob.${environment().suffixes.storage}'
      queue: 'privatelink.queue.${environment().suffixes.storage}'
      table: 'privatelink.table.${environment().suffixes.storage}'
    }
  }
}

module vault 'modules/keyvault.bicep' = if (!empty(policies)) {
  name: 'vault'
  params: {
    name: vaultName
    location: location
    tags: allTags
    privateOnly: network != 'public'
    isProtected: environmentType == 'prod'
    principalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
    logReads: logAccess
  }
}

module vaultEndpoint 'modules/privateendpoints.bicep' = if (!empty(policies) && network != 'public') {
  name: 'vault-endpoint'
  params: {
    resourceId: vault!.outputs.id
    name: vault!.outputs.name
    location: location
    tags: allTags
    networkId: virtualNetwork!.outputs.id
    subnetId: virtualNetwork!.outputs.endpointsSubnetId
    zones: {
      vault: 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
    }
  }
}

module appPlan 'modules/plan.bicep' = {
  name: 'plan'
  params: {
    name: 'plan-${stem}'
    location: location
    tags: allTags
    kind: plan
    premiumSku: premiumSku
    premiumMaximumInstanceCount: min(maximumInstanceCount, 20)
    zoneRedundant: zoneRedundant
  }
}

var engineSettings = engine == 'azureStorage'
  ? {}
  : {
      // The package for this engine says the same in its host.json, which is where the platform looks before it wakes
      // the app. These settings keep an app with the other package from starting cases in the storage account.
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: 'azureManaged'
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING'
      DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${scheduler!.outputs.endpoint};Authentication=ManagedIdentity;ClientID=${identity.outputs.clientId}'
    }

var policySettings = empty(policies)
  ? {}
  : union(
      {
        APPROVAL_POLICIES: policies
        ID_KEY: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=id-key)'
        MAIL_FROM: mailFrom
        SEAL_KEY: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=seal-key)'
        SEAL_PUBLIC_KEYS: sealPublicKeys
        SESSION_KEY: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=session-key)'
        SMTP_HOST: smtpHost
        SMTP_PASSWORD: empty(smtpUser) ? '' : '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=smtp-password)'
        SMTP_PORT: string(smtpPort)
        SMTP_TLS: smtpTls
        SMTP_USER: smtpUser
      },
      empty(publicBaseUrl) && empty(ownDomain)
        ? {}
        : { PUBLIC_BASE_URL: empty(publicBaseUrl) ? 'https://${ownDomain}' : publicBaseUrl }
    )

module app 'modules/functionapp.bicep' = {
  name: 'app'
  params: {
    name: 'func-${stem}'
    location: location
    tags: allTags
    planKind: plan
    planId: appPlan.outputs.id
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageName: storage.outputs.name
    packageUri: storage.outputs.packageUri
    telemetryConnectionString: monitoring.outputs.connectionString
    workspaceId: monitoring.outputs.workspaceId
    logTokens: logAccess && !empty(authClientId)
    pythonVersion: pythonVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: plan == 'flexConsumption' ? maximumInstanceCount : min(maximumInstanceCount, 20)
    alwaysReadyInstanceCount: alwaysReadyInstanceCount
    outboundSubnetId: network == 'public' ? '' : virtualNetwork!.outputs.appSubnetId
    privateOnly: network == 'private'
    settings: union(
      {
        APPROVAL_TIMEOUT: approvalTimeout
        HEARTBEAT: heartbeat
        PATTERNS: patterns
        RETENTION_DAYS: string(retentionDays)
        RETENTION_MODE: retentionMode
        RETENTION_SCHEDULE: retentionSchedule
      },
      engineSettings,
      policySettings
    )
    linksToItself: !empty(policies) && empty(publicBaseUrl) && empty(ownDomain)
  }
  // An app that starts before its roles are in force, or without a way to its storage, stays broken for minutes.
  dependsOn: [roles, storageEndpoints, vault, vaultEndpoint]
}

module appEndpoint 'modules/privateendpoints.bicep' = if (network == 'private') {
  name: 'app-endpoint'
  params: {
    resourceId: app.outputs.id
    name: app.outputs.name
    location: location
    tags: allTags
    networkId: virtualNetwork!.outputs.id
    subnetId: virtualNetwork!.outputs.endpointsSubnetId
    zones: {
      #disable-next-line no-hardcoded-env-urls // environment() does not name this one
      sites: 'privatelink.azurewebsites.net'
    }
  }
}

module authentication 'modules/authentication.bicep' = if (!empty(tokenClientId)) {
  name: 'authentication'
  params: {
    appName: app.outputs.name
    clientId: tokenClientId
    tenantId: authTenantId
    audiences: authAudiences
    callers: authCallers
  }
}

module domain 'modules/customdomain.bicep' = if (!empty(ownDomain)) {
  name: 'custom-domain'
  params: {
    appName: app.outputs.name
    location: location
    tags: allTags
    planId: appPlan.outputs.id
    hostName: ownDomain
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    name: stem
    location: location
    tags: allTags
    workspaceId: monitoring.outputs.workspaceId
    componentId: monitoring.outputs.componentId
    emails: alertEmails
    hostName: app.outputs.hostName
    probe: probe && network != 'private'
    heartbeat: heartbeat == 'on'
    activityFailurePercent: activityFailurePercent
    serverErrorCount: serverErrorCount
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  params: {
    displayName: 'Approvals ${environmentType}'
    location: location
    tags: allTags
    workspaceId: monitoring.outputs.workspaceId
  }
}

// --------------------------------------------------------------------------- what azd and docs/operate/deploy.md ask for

output AZURE_FUNCTION_APP_NAME string = app.outputs.name
output AZURE_FUNCTION_APP_URL string = 'https://${empty(ownDomain) ? app.outputs.hostName : ownDomain}'
output AZURE_STORAGE_ACCOUNT_NAME string = storage.outputs.name
output AZURE_LOG_ANALYTICS_WORKSPACE_ID string = monitoring.outputs.workspaceId
