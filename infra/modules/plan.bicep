// What the app runs on: Flex Consumption, or Elastic Premium for companies that need warm instances or slots.

@description('Name of the plan.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Kind of plan.')
@allowed([
  'flexConsumption'
  'elasticPremium'
])
param kind string

@description('Size of an Elastic Premium instance.')
@allowed([
  'EP1'
  'EP2'
  'EP3'
])
param premiumSku string

@description('Most instances of an Elastic Premium plan.')
@minValue(1)
@maxValue(100)
param premiumMaximumInstanceCount int

@description('Whether instances are spread over the region\'s zones.')
param zoneRedundant bool

resource flex 'Microsoft.Web/serverfarms@2024-11-01' = if (kind == 'flexConsumption') {
  name: name
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource premium 'Microsoft.Web/serverfarms@2024-11-01' = if (kind == 'elasticPremium') {
  name: '${name}-premium'
  location: location
  tags: tags
  kind: 'elastic'
  sku: {
    name: premiumSku
    tier: 'ElasticPremium'
    capacity: zoneRedundant ? 3 : 1
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
    maximumElasticWorkerCount: max(premiumMaximumInstanceCount, zoneRedundant ? 3 : 1)
  }
}

output id string = kind == 'flexConsumption' ? flex.id : premium.id
