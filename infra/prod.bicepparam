// A production environment: an instance stays awake, storage spans zones, finished cases go after 90 days.
using 'main.bicep'

param environmentType = 'prod'

// Put the addresses of those on duty here.
param alertEmails = []
