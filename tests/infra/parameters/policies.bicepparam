// A company's own policies, with nothing else chosen.
using '../../../infra/main.bicep'

param environmentType = 'dev'
param policies = 'policies.toml'
