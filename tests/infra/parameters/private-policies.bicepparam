// A company's own policies in a private network, under a name of its own.
using '../../../infra/main.bicep'

param environmentType = 'prod'
param requireAuthentication = false
param network = 'private'
param plan = 'elasticPremium'
param customDomain = 'approvals.example.com'
param policies = 'policies.toml'
param smtpHost = 'mail.example.com'
param mailFrom = 'approvals@example.com'
