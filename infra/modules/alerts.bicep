// Who is told, and of what. Each rule is a query in infra/queries/alerts that returns one number, compared with a limit.

@description('Name that the names of the rules are made of.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Workspace that the rules query.')
param workspaceId string

@description('Application Insights component that the availability test belongs to.')
param componentId string

@description('Mail addresses that an alert goes to.')
param emails string[]

@description('Host name of the app.')
param hostName string

@description('Whether /api/health is called from outside, every five minutes from three places. ')
param probe bool

@description('Whether the app logs a heartbeat.')
param heartbeat bool

@description('Percentage of failed runs of an activity, from which on it is an alert.')
@minValue(1)
@maxValue(100)
param activityFailurePercent int

@description('Answers with a status of 500 or above in fifteen minutes, from which on it is an alert.')
@minValue(1)
param serverErrorCount int

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${name}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'approvals'
    emailReceivers: [
      for (email, i) in emails: {
        name: 'mail-${i}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource probeTest 'Microsoft.Insights/webtests@2022-06-15' = if (probe) {
  name: 'health-${name}'
  location: location
  tags: union(tags, { 'hidden-link:${componentId}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'health-${name}'
    Name: 'Health of ${name}'
    Kind: 'standard'
    Enabled: true
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [
      { Id: 'emea-nl-ams-azr' }
      { Id: 'emea-gb-db3-azr' }
      { Id: 'us-va-ash-azr' }
    ]
    Request: {
      RequestUrl: 'https://${hostName}/api/health'
      HttpVerb: 'GET'
      FollowRedirects: false
      ParseDependentRequests: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 14
    }
  }
}

var rules = [
  {
    name: 'failed-orchestrations'
    says: 'An orchestration has failed: its case is not going on. See docs/operate, the runbook by symptom.'
    query: loadTextContent('../queries/alerts/failed-orchestrations.kql')
    measure: 'failed'
    operator: 'GreaterThanOrEqual'
    threshold: 1
    severity: 1
    window: 'PT15M'
    enabled: true
  }
  {
    name: 'overdue'
    says: 'Proposals are open an hour after they were due, so their escalation has not come.'
    query: loadTextContent('../queries/alerts/overdue.kql')
    measure: 'overdue'
    operator: 'GreaterThanOrEqual'
    threshold: 1
    severity: 1
    window: 'PT45M'
    enabled: heartbeat
  }
  {
    name: 'activity-failures'
    says: 'Activities fail more often than the limit: what they call may be down.'
    query: loadTextContent('../queries/alerts/activity-failures.kql')
    measure: 'failedPercent'
    operator: 'GreaterThanOrEqual'
    threshold: activityFailurePercent
    severity: 2
    window: 'PT1H'
    enabled: true
  }
  {
    name: 'no-heartbeat'
    says: 'For 45 minutes the app has not logged that it runs.'
    query: loadTextContent('../queries/alerts/no-heartbeat.kql')
    measure: 'heartbeats'
    operator: 'LessThan'
    threshold: 1
    severity: 0
    window: 'PT45M'
    enabled: heartbeat
  }
  {
    name: 'unhealthy'
    says: 'For 15 minutes the app has not once answered /api/health with success. Its answer says what is wrong.'
    query: loadTextContent('../queries/alerts/unhealthy.kql')
    measure: 'answers'
    operator: 'LessThan'
    threshold: 1
    severity: 0
    window: 'PT15M'
    enabled: probe
  }
  {
    name: 'server-errors'
    says: 'The app answers callers with a status of 500 or above.'
    query: loadTextContent('../queries/alerts/server-errors.kql')
    measure: 'errors'
    operator: 'GreaterThanOrEqual'
    threshold: serverErrorCount
    severity: 2
    window: 'PT15M'
    enabled: true
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'alert-${name}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${name}: ${rule.name}'
      description: rule.says
      enabled: rule.enabled
      severity: rule.severity
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: rule.window
      // A rule that is deployed before the first row has come finds no table, and would be refused.
      skipQueryValidation: true
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: rule.measure
            timeAggregation: 'Total'
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [people.id]
      }
    }
  }
]
