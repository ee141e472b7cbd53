// The vault with the app's own secrets: keys of seals, ids and sessions, and the password of the mail server. Nobody but
// a person puts one in, so no parameter and no deployment holds a secret; docs/how-to/rotate-keys.md has the commands.

@description('Name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Whether the vault can be reached through its private endpoint only.')
param privateOnly bool

@description('Whether a deleted vault, and a deleted secret, stays for 90 days, whatever anybody does.')
param isProtected bool

@description('Principal id of the app\'s identity.')
param principalId string

@description('Workspace that gets the log of who has read which secret.')
param workspaceId string

@description('Whether it is logged who has read which secret.')
param logReads bool

var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    // Once on it cannot be turned off, and false is refused.
    enablePurgeProtection: isProtected ? true : null
    publicNetworkAccess: privateOnly ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: privateOnly ? 'Deny' : 'Allow'
    }
  }
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
    description: 'Key Vault Secrets User'
  }
}

resource reads 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (logReads) {
  name: 'reads'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'AuditEvent'
        enabled: true
      }
    ]
  }
}

output id string = vault.id
output name string = vault.name
