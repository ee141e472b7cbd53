// Elastic Premium, spread over zones.
using '../../../infra/main.bicep'

param environmentType = 'prod'
param requireAuthentication = false
param plan = 'elasticPremium'
param premiumSku = 'EP2'
param zoneRedundant = true
param storageSku = 'Standard_GZRS'
