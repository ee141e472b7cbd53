// Nothing open, on Elastic Premium.
using '../../../infra/main.bicep'

param environmentType = 'prod'
param plan = 'elasticPremium'
param network = 'private'
