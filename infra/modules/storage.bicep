// The account that holds the host's locks and keys, the task hub of the engine azureStorage, the deployed package and
// the retention export. Nobody gets in with a key: shared keys are off, so only identities with a data role do.

@description('Name of the account.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Replication of the account.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GRS'
  'Standard_GZRS'
])
param sku string

@description('Container that the deployed package lies in.')
param packageContainer string

@description('Container that the retention run writes to.')
param exportContainer string

@description('Whether the account can be reached through private endpoints only.')
param privateOnly bool

@description('Workspace that gets the count of operations.')
param workspaceId string

@description('Whether each single operation is logged too. Costs more than the operation itself; for a search only.')
param logOperations bool

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: privateOnly ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: privateOnly ? 'Deny' : 'Allow'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    containerDeleteRetentionPolicy: {
      enabled: true
      days: 14
    }
  }
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = [
  for container in [packageContainer, exportContainer]: {
    parent: blobs
    name: container
    properties: {
      publicAccess: 'None'
    }
  }
]

var operationLogs = [
  {
    categoryGroup: 'allLogs'
    enabled: logOperations
  }
]
var operationCounts = [
  {
    category: 'Transaction'
    enabled: true
  }
]

resource blobDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'operations'
  scope: blobs
  properties: {
    workspaceId: workspaceId
    logs: operationLogs
    metrics: operationCounts
  }
}

resource queueDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'operations'
  scope: queues
  properties: {
    workspaceId: workspaceId
    logs: operationLogs
    metrics: operationCounts
  }
}

resource tableDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'operations'
  scope: tables
  properties: {
    workspaceId: workspaceId
    logs: operationLogs
    metrics: operationCounts
  }
}

output id string = account.id
output name string = account.name
output packageUri string = '${account.properties.primaryEndpoints.blob}${packageContainer}'
