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

@description('Days for which a blob in the export container can neither be changed nor deleted. 0 for none.')
@minValue(0)
@maxValue(146000)
param immutableDays int

@description('Name of the task hub; its containers begin with it.')
param taskHubName string

@description('Whether the account can be reached through private endpoints only.')
param privateOnly bool

@description('Workspace that gets the count of operations.')
param workspaceId string

@description('Whether each operation on a blob is logged: who read, wrote or deleted it.')
param logBlobAccess bool

@description('Whether each single operation is logged too. Costs more than the operation itself; for a search only.')
param logOperations bool

// How long something deleted or overwritten can be brought back.
var daysToNotice = 14

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
    isVersioningEnabled: true
    deleteRetentionPolicy: {
      enabled: true
      days: daysToNotice
      allowPermanentDelete: false
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: daysToNotice
    }
  }
}

// The host's and the engine's own blobs are overwritten all day. A prefix without a slash is the beginning of a name.
resource oldVersions 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'old-versions'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: ['azure-webjobs-', packageContainer, '${toLower(taskHubName)}-']
            }
            actions: {
              version: {
                delete: {
                  daysAfterCreationGreaterThan: daysToNotice
                }
              }
            }
          }
        }
      ]
    }
  }
  dependsOn: [blobs]
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: packageContainer
  properties: {
    publicAccess: 'None'
  }
}

// Version by version, as the output binding writes a blob twice (empty, then whole) and a step that is tried again once
// more: a policy on the container as such would refuse the second write. It can be chosen only when the container is
// made; docs/operate/deploy.md says what to do for one that is there.
resource exports 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: exportContainer
  properties: {
    publicAccess: 'None'
    immutableStorageWithVersioning: immutableDays == 0 ? null : { enabled: true }
  }
}

// Not locked: a person with rights over the account can change it, the app's identity cannot.
resource immutable 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-01-01' = if (immutableDays > 0) {
  parent: exports
  name: 'default'
  properties: {
    immutabilityPeriodSinceCreationInDays: immutableDays
  }
}

// Single categories, as Azure refuses a setting that has categories and a group of them.
var operations = ['StorageRead', 'StorageWrite', 'StorageDelete']
var operationLogs = map(operations, it => { category: it, enabled: logOperations })
var blobLogs = map(operations, it => { category: it, enabled: logOperations || logBlobAccess })
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
    logs: blobLogs
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
