// Nothing open: the app too is called through a private endpoint only.
using '../../../infra/main.bicep'

param environmentType = 'prod'
param requireAuthentication = false
param network = 'private'
