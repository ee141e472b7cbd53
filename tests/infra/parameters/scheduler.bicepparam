// The engine durableTaskScheduler.
using '../../../infra/main.bicep'

param environmentType = 'prod'
param engine = 'durableTaskScheduler'
param schedulerIpAllowlist = ['203.0.113.0/24']
