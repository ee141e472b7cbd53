// Every choice at once that goes together.
using '../../../infra/main.bicep'

param environmentType = 'prod'
param appName = 'proposals1'
param location = 'northeurope'
param tags = { costCentre: '4711' }
param plan = 'flexConsumption'
param pythonVersion = '3.12'
param instanceMemoryMB = 4096
param maximumInstanceCount = 1000
param alwaysReadyInstanceCount = 2
param zoneRedundant = true
param storageSku = 'Standard_GRS'
param engine = 'durableTaskScheduler'
param schedulerSku = 'Dedicated'
param approvalTimeout = 'P5D'
param patterns = 'off'
param retentionMode = 'dry'
param retentionDays = 365
param policies = 'policies.toml'
param publicBaseUrl = 'https://approvals.example.com'
param sealPublicKeys = '2026-10:uQUlNgX1fcWRTHh3TsyJWy9r6bjQm3dUUhtLZJJzqrM=:retired'
param smtpHost = 'mail.example.com'
param smtpPort = 2525
param smtpTls = 'tls'
param smtpUser = 'approvals'
param mailFrom = 'Approvals <approvals@example.com>'
param network = 'privateStorage'
param authClientId = '11111111-2222-3333-4444-555555555555'
param alertEmails = ['duty@example.com']
param logRetentionDays = 180
param logDailyCapGb = 10
param probe = true
param activityFailurePercent = 5
param serverErrorCount = 1
param logStorageOperations = true
