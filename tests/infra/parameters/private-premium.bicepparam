// Nothing open, on Elastic Premium.
using '../../../infra/main.bicep'

param environmentType = 'prod'
param requireAuthentication = false
param plan = 'elasticPremium'
param network = 'private'
