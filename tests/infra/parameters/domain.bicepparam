// A host name of the company's own.
using '../../../infra/main.bicep'

param environmentType = 'prod'
param requireAuthentication = false
param plan = 'elasticPremium'
param customDomain = 'approvals.example.com'
param alertEmails = ['duty@example.com', 'office@example.com']
