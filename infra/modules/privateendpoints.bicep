// Private endpoints of one resource, one for each of its services, and the DNS zones that lead to them.

@description('Id of the resource.')
param resourceId string

@description('Name that the endpoints\' names are made of.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Id of the virtual network.')
param networkId string

@description('Id of the subnet that the endpoints lie in.')
param subnetId string

@description('DNS zone of each service, such as { blob: \'privatelink.blob.core.windows.net\' }.')
param zones object

var services = items(zones)

resource dnsZones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for service in services: {
    name: service.value
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (service, i) in services: {
    parent: dnsZones[i]
    name: 'network'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: networkId
      }
    }
  }
]

resource endpoints 'Microsoft.Network/privateEndpoints@2024-07-01' = [
  for service in services: {
    name: 'pep-${name}-${service.key}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: subnetId
      }
      privateLinkServiceConnections: [
        {
          name: service.key
          properties: {
            privateLinkServiceId: resourceId
            groupIds: [service.key]
          }
        }
      ]
    }
  }
]

resource records 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01' = [
  for (service, i) in services: {
    parent: endpoints[i]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: service.key
          properties: {
            privateDnsZoneId: dnsZones[i].id
          }
        }
      ]
    }
  }
]
