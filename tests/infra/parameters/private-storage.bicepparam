// The storage account in a virtual network, the app open to callers.
using '../../../infra/main.bicep'

param environmentType = 'prod'
param requireAuthentication = false
param network = 'privateStorage'
param networkAddressPrefix = '10.7.0.0/24'
