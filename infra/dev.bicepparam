// A development environment: it sleeps when nobody calls, keeps every case, decides in seconds and costs little.
using 'main.bicep'

param environmentType = 'dev'
