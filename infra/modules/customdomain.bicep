// A host name of the company's own, with a certificate that the platform issues and renews. The name's CNAME and its
// asuid TXT record have to stand before this runs; docs/operate/deploy.md says which.

@description('Name of the function app.')
param appName string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Id of the plan.')
param planId string

@description('The host name, such as approvals.example.com.')
param hostName string

resource app 'Microsoft.Web/sites@2024-11-01' existing = {
  name: appName
}

resource binding 'Microsoft.Web/sites/hostNameBindings@2024-11-01' = {
  parent: app
  name: hostName
  properties: {
    siteName: appName
    hostNameType: 'Verified'
    sslState: 'Disabled'
  }
}

resource certificate 'Microsoft.Web/certificates@2024-11-01' = {
  name: 'cert-${hostName}'
  location: location
  tags: tags
  properties: {
    canonicalName: hostName
    serverFarmId: planId
  }
  dependsOn: [binding]
}

// The binding a second time, now with the certificate: a module of its own, as a template names a resource once.
module secured 'customdomain-tls.bicep' = {
  name: 'custom-domain-tls'
  params: {
    appName: appName
    hostName: hostName
    thumbprint: certificate.properties.thumbprint
  }
}
