// The workbook for operators. Its layout is infra/workbook.json; the text of each query comes from infra/queries, by the
// name of the item.

@description('Name that is shown.')
param displayName string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Workspace that the queries run against.')
param workspaceId string

var layout = loadJsonContent('../workbook.json')
var queries = {
  'open-by-age': loadTextContent('../queries/open-by-age.kql')
  overdue: loadTextContent('../queries/overdue.kql')
  'slowest-approvers': loadTextContent('../queries/slowest-approvers.kql')
  'failures-by-activity': loadTextContent('../queries/failures-by-activity.kql')
  'operations-per-approval': loadTextContent('../queries/operations-per-approval.kql')
}
var filled = map(
  layout.items,
  item => contains(queries, item.name) ? union(item, { content: { query: queries[item.name] } }) : item
)

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, displayName)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    category: 'workbook'
    displayName: displayName
    serializedData: string(union(layout, { items: filled }))
    sourceId: workspaceId
    version: '1.0'
  }
}
