// App Service authentication: a request without a valid Entra token gets 401 before it reaches the app. Tokens are only
// checked, nobody is signed in, so the Entra application needs no secret.

@description('Name of the function app.')
param appName string

@description('Client id of the Entra application that tokens are issued for.')
param clientId string

@description('Tenant that issues the tokens.')
param tenantId string

@description('Audiences that a token may have, besides the client id.')
param audiences string[]

@description('Client ids of the applications that may call. Empty lets every application of the tenant in.')
param callers string[]

resource app 'Microsoft.Web/sites@2024-11-01' existing = {
  name: appName
}

resource authentication 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
      runtimeVersion: '~1'
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      // The availability test has no token, and the answer holds no names and no secrets.
      excludedPaths: ['/api/health']
    }
    httpSettings: {
      requireHttps: true
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: clientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: union([clientId, 'api://${clientId}'], audiences)
          defaultAuthorizationPolicy: empty(callers) ? {} : { allowedApplications: callers }
        }
      }
    }
    login: {
      tokenStore: {
        enabled: false
      }
    }
  }
}
