// Callers need an Entra token.
using '../../../infra/main.bicep'

param environmentType = 'prod'
param authClientId = '11111111-2222-3333-4444-555555555555'
param authTenantId = '99999999-8888-7777-6666-555555555555'
param authAudiences = ['api://approvals.example.com']
param authCallers = ['aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee']
