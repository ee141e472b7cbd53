// The engine durableTaskScheduler.
using '../../../infra/main.bicep'

param environmentType = 'prod'
param requireAuthentication = false
param engine = 'durableTaskScheduler'
param schedulerIpAllowlist = ['203.0.113.0/24']
