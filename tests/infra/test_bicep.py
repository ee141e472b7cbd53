"""The real compiler is content with every set of parameters, and predicts what the rules ask for."""

import importlib.util
import json
import shutil

import infra_rules as rules
import infra_template as template
import pytest
from infra_rules import RULES

HERE = template.ROOT / "tests" / "infra"
LISTED = importlib.util.spec_from_file_location("package", template.ROOT / "scripts/package.py")
package = importlib.util.module_from_spec(LISTED)
LISTED.loader.exec_module(package)
SETS = {
    path.stem: path
    for path in [*sorted(template.INFRA.glob("*.bicepparam")), *sorted((HERE / "parameters").glob("*.bicepparam"))]
}
NOBODY = "00000000-0000-0000-0000-000000000001"


def _without_generator(value):
    """The template without the marks of the compiler's version, which say nothing about what is deployed."""
    if isinstance(value, dict):
        return {key: _without_generator(inner) for key, inner in value.items() if key != "_generator"}
    return [_without_generator(inner) for inner in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the sources in which the compiler may leave its files."""
    root = tmp_path_factory.mktemp("tree")
    shutil.copytree(template.INFRA, root / "infra")
    shutil.copytree(HERE / "parameters", root / "tests" / "infra" / "parameters")
    return root


@pytest.fixture(scope="module")
def prediction(bicep, tree):
    """What a set of parameters would deploy."""
    known = {}

    def predict(name):
        if name not in known:
            path = tree / SETS[name].relative_to(template.ROOT)
            done = bicep(
                "snapshot", path, "--mode", "overwrite",
                "--resource-group", "rg", "--subscription-id", NOBODY,
                "--tenant-id", NOBODY, "--location", "westeurope",
            )  # fmt: skip
            assert (done.returncode, done.stderr, done.stdout) == (0, "", ""), done.stderr
            known[name] = json.loads(path.with_suffix(".snapshot.json").read_text(encoding="utf-8"))
            assert known[name]["diagnostics"] == []
        return template.predicted(known[name])

    return predict


def _only(resources, kind):
    (found,) = rules.of(resources, kind)
    return found


def _app_settings(resources):
    (found,) = [it for it in rules.of(resources, rules.CONFIG) if it.name.endswith("/appsettings")]
    return found.at("properties")


def test_the_committed_template_is_fresh_and_without_findings(bicep, tree):
    """Neither compiler nor linter say a word, and the outcome is infra/main.json. If not: make infra."""
    built = tree / "built.json"
    done = bicep("build", tree / "infra" / "main.bicep", "--outfile", built)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert _without_generator(json.loads(built.read_text(encoding="utf-8"))) == _without_generator(template.compiled())


@pytest.mark.parametrize("name", SETS)
def test_a_set_of_parameters_compiles_without_findings(bicep, tree, name):
    """The set fits the template."""
    path = tree / SETS[name].relative_to(template.ROOT)
    done = bicep("build-params", path, "--outfile", path.with_suffix(".json"))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("path", sorted(template.INFRA.rglob("*.bicep")), ids=lambda path: path.name)
def test_a_source_is_formatted_and_used(bicep, path):
    """Each file is laid out as the compiler's formatter does it, and main.bicep reaches it."""
    done = bicep("format", path, "--stdout")
    assert done.stdout == path.read_text(encoding="utf-8")
    sources = "".join(it.read_text(encoding="utf-8") for it in template.INFRA.rglob("*.bicep"))
    assert path.name == "main.bicep" or f"/{path.name}'" in sources or f" '{path.name}'" in sources


def test_the_linter_reports_as_errors():
    """No rule of the linter only warns."""
    config = json.loads((template.INFRA / "bicepconfig.json").read_text(encoding="utf-8"))
    levels = {rule["level"] for rule in config["analyzers"]["core"]["rules"].values()}
    assert levels == {"error", "off"}


@pytest.mark.parametrize("name", SETS)
def test_a_prediction_keeps_every_rule(prediction, name):
    """With conditions and expressions worked out, each security rule holds."""
    resources = prediction(name)
    assert [complaint for rule in RULES for complaint in rule.complaints(resources)] == []


@pytest.mark.parametrize("name", ["private-storage", "private", "private-premium"])
def test_a_private_network_closes_storage(prediction, name):
    """The account refuses the internet and has an endpoint and a DNS zone for each of its three services."""
    resources = prediction(name)
    account = _only(resources, rules.STORAGE)
    assert account.at("properties.publicNetworkAccess") == "Disabled"
    assert account.at("properties.networkAcls") == {"bypass": "None", "defaultAction": "Deny"}
    endpoints = [
        it.name for it in rules.of(resources, "Microsoft.Network/privateEndpoints") if it.name.startswith("pep-st")
    ]
    assert sorted(it.rpartition("-")[2] for it in endpoints) == ["blob", "queue", "table"]
    assert len(rules.of(resources, "Microsoft.Network/privateDnsZones")) >= len(endpoints)
    site = _only(resources, rules.SITE)
    assert site.at("properties.virtualNetworkSubnetId").endswith("/subnets/app")
    assert site.at("properties.outboundVnetRouting.allTraffic") is True


@pytest.mark.parametrize(
    ("name", "access"),
    [("dev", "Enabled"), ("private-storage", "Enabled"), ("private", "Disabled"), ("private-premium", "Disabled")],
)
def test_a_private_app_has_no_public_endpoint(prediction, name, access):
    """Only network=private closes the app itself; then it has an endpoint and nothing probes it from outside."""
    resources = prediction(name)
    assert _only(resources, rules.SITE).at("properties.publicNetworkAccess") == access
    endpoints = [it.name for it in rules.of(resources, "Microsoft.Network/privateEndpoints")]
    assert any(it.endswith("-sites") for it in endpoints) == (access == "Disabled")
    if access == "Disabled":
        assert not rules.of(resources, "Microsoft.Insights/webtests")


@pytest.mark.parametrize(
    ("name", "delegation"),
    [("private", "Microsoft.App/environments"), ("private-premium", "Microsoft.Web/serverFarms")],
)
def test_the_subnet_is_delegated_as_the_plan_asks(prediction, name, delegation):
    """Flex Consumption and Elastic Premium each take a subnet of their own kind."""
    network = _only(prediction(name), "Microsoft.Network/virtualNetworks")
    subnets = {it["name"]: it["properties"] for it in network.at("properties.subnets")}
    assert subnets["app"]["delegations"][0]["properties"]["serviceName"] == delegation


def test_without_a_private_network_there_is_none(prediction):
    """The default makes no network."""
    assert not [it.type for it in prediction("dev") if it.type.startswith("Microsoft.Network/")]


def test_dev_sleeps_and_prod_does_not(prediction):
    """No instance is paid for in dev while nobody calls."""
    path = "properties.functionAppConfig.scaleAndConcurrency.alwaysReady"
    assert _only(prediction("dev"), rules.SITE).at(path) == []
    ready = _only(prediction("prod"), rules.SITE).at(path)
    assert [(it["name"], it["instanceCount"]) for it in ready] == [("http", 1), ("durable", 1)]


def test_the_retention_of_dev_and_prod(prediction):
    """Dev keeps every case; prod exports and purges after 90 days."""
    dev, prod = _app_settings(prediction("dev")), _app_settings(prediction("prod"))
    assert dev["RETENTION_MODE"] == "off"
    assert (prod["RETENTION_MODE"], prod["RETENTION_DAYS"]) == ("purge", "90")


def test_the_default_engine_needs_no_override(prediction):
    """With azureStorage, host.json is unchanged, and no scheduler is made."""
    resources = prediction("prod")
    assert not [it.type for it in resources if it.type.startswith("Microsoft.DurableTask/")]
    assert not [name for name in _app_settings(resources) if name.startswith("AzureFunctionsJobHost__")]


def test_the_scheduler_is_reached_by_identity(prediction):
    """No key, the hub under the name of host.json, the identity by its client id; settings and package agree."""
    resources = prediction("scheduler")
    assert _only(resources, "Microsoft.DurableTask/schedulers").at("properties") == {
        "sku": {"name": "Consumption"},
        "ipAllowlist": ["203.0.113.0/24"],
    }
    settings = _app_settings(resources)
    provider = "AzureFunctionsJobHost__extensions__durableTask__storageProvider__"
    assert settings[provider + "type"] == "azureManaged"
    assert "Authentication=ManagedIdentity;ClientID=" in settings[settings[provider + "connectionStringName"]]
    packed = package.SCHEDULER
    assert packed == {
        "type": settings[provider + "type"],
        "connectionStringName": settings[provider + "connectionStringName"],
    }
    hub = json.loads((template.ROOT / "host.json").read_text(encoding="utf-8"))["extensions"]["durableTask"]["hubName"]
    assert _only(resources, "Microsoft.DurableTask/schedulers/taskHubs").name.endswith("/" + hub)
    assert not [name for name in settings if name.endswith("hubName")]
    assert int(settings["RETENTION_DAYS"]) < 30, "a Consumption scheduler forgets a case after 30 days, exported or not"


def test_the_premium_plan_deploys_from_the_same_container(prediction):
    """Elastic Premium runs the package from the container, by identity; the platform checks its health."""
    resources = prediction("premium")
    assert _only(resources, "Microsoft.Web/serverfarms").at("sku") == {
        "name": "EP2",
        "tier": "ElasticPremium",
        "capacity": 3,
    }
    site = _only(resources, rules.SITE)
    assert site.at("properties.siteConfig.linuxFxVersion") == "Python|3.13"
    assert site.at("properties.siteConfig.healthCheckPath") == "/api/health"
    assert site.at("properties.functionAppConfig") is None
    settings = _app_settings(resources)
    assert "app-package" in settings["WEBSITE_RUN_FROM_PACKAGE"]
    assert settings["WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID"] in site.at("identity.userAssignedIdentities")


def test_flex_consumption_gets_no_setting_that_it_refuses(prediction):
    """Runtime and package are properties there, not settings."""
    resources = prediction("prod")
    refused = {"FUNCTIONS_EXTENSION_VERSION", "FUNCTIONS_WORKER_RUNTIME", "WEBSITE_RUN_FROM_PACKAGE"}
    assert not refused & _app_settings(resources).keys()
    site = _only(resources, rules.SITE)
    assert site.at("properties.functionAppConfig.runtime") == {"name": "python", "version": "3.13"}
    assert site.at("properties.functionAppConfig.deployment.storage.authentication.type") == "UserAssignedIdentity"
    assert site.at("properties.siteConfig.linuxFxVersion") is None
    assert site.at("properties.siteConfig.healthCheckPath") is None


def test_authentication_lets_nobody_in_without_a_token(prediction):
    """401 on everything but the health check, tokens of one tenant only, and no sign-in that would need a secret."""
    (found,) = [
        it for it in rules.of(prediction("authentication"), rules.CONFIG) if it.name.endswith("/authsettingsV2")
    ]
    validation = found.at("properties.globalValidation")
    assert validation["requireAuthentication"] is True
    assert validation["unauthenticatedClientAction"] == "Return401"
    assert validation["excludedPaths"] == ["/api/health"]
    entra = found.at("properties.identityProviders.azureActiveDirectory")
    assert "99999999-8888-7777-6666-555555555555" in entra["registration"]["openIdIssuer"]
    assert entra["validation"]["defaultAuthorizationPolicy"] == {
        "allowedApplications": ["aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"]
    }
    assert found.at("properties.login.tokenStore.enabled") is False


def test_the_only_copy_of_a_case_outlives_the_app(prediction):
    """In prod each export is immutable for a year, version by version, as the app writes a blob twice; in dev not."""
    policies = "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies"
    resources = prediction("prod")
    containers = {it.name.rpartition("/")[2]: it for it in rules.of(resources, rules.CONTAINER)}
    assert containers["case-history"].at("properties.immutableStorageWithVersioning.enabled") is True
    assert containers["app-package"].at("properties.immutableStorageWithVersioning") is None
    policy = _only(resources, policies)
    assert policy.name.endswith("/default/case-history/default")
    assert policy.at("properties") == {"immutabilityPeriodSinceCreationInDays": 365}
    assert not rules.of(prediction("dev"), policies)
    (dev,) = [it for it in rules.of(prediction("dev"), rules.CONTAINER) if it.name.endswith("case-history")]
    assert dev.at("properties.immutableStorageWithVersioning") is None


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_old_versions_go_but_not_those_of_cases(prediction, name):
    """What host and engine overwrite all day is forgotten after two weeks; exported cases are not touched."""
    (rule,) = _only(prediction(name), "Microsoft.Storage/storageAccounts/managementPolicies").at(
        "properties.policy.rules"
    )
    definition = rule["definition"]
    assert definition["actions"] == {"version": {"delete": {"daysAfterCreationGreaterThan": 14}}}
    prefixes = definition["filters"]["prefixMatch"]
    assert prefixes == ["azure-webjobs-", "app-package", "designapproval-"]
    assert not [prefix for prefix in prefixes if "case-history".startswith(prefix)]


def _logged(resources, name):
    (found,) = [it for it in rules.of(resources, "Microsoft.Insights/diagnosticSettings") if name(it)]
    return {it.get("category", it.get("categoryGroup")) for it in found.at("properties.logs") or [] if it["enabled"]}


@pytest.mark.parametrize(
    ("name", "blobs", "tokens"),
    [
        ("prod", {"StorageRead", "StorageWrite", "StorageDelete"}, {"AppServiceAuthenticationLogs"}),
        ("domain", {"StorageRead", "StorageWrite", "StorageDelete"}, set()),
        ("dev", set(), set()),
        ("everything", {"StorageRead", "StorageWrite", "StorageDelete"}, {"AppServiceAuthenticationLogs"}),
    ],
)
def test_access_is_logged_in_prod(prediction, name, blobs, tokens):
    """Who read, wrote or deleted a blob, and which tokens came; the latter where tokens are asked for."""
    resources = prediction(name)
    assert _logged(resources, lambda it: "/blobServices/" in it.body["id"]) == blobs
    assert _logged(resources, lambda it: "Microsoft.Web/sites" in it.body["id"]) == tokens


@pytest.mark.parametrize("name", SETS)
def test_a_diagnostic_setting_does_not_mix_categories_and_groups(prediction, name):
    """Azure refuses one that has both, and the compiler does not know."""
    for it in rules.of(prediction(name), "Microsoft.Insights/diagnosticSettings"):
        kinds = {key for log in it.at("properties.logs") or [] for key in log if key.startswith("category")}
        assert len(kinds) <= 1


def test_prod_asks_for_tokens(prediction, bicep, tree):
    """Function keys alone are for dev, or for whoever says so."""
    assert [it for it in rules.of(prediction("prod"), rules.CONFIG) if it.name.endswith("/authsettingsV2")]
    assert not [it for it in rules.of(prediction("domain"), rules.CONFIG) if it.name.endswith("/authsettingsV2")]
    path = tree / "infra" / "keys.bicepparam"
    path.write_text("using 'main.bicep'\nparam environmentType = 'prod'\n", encoding="utf-8")
    done = bicep("snapshot", path, "--mode", "overwrite", "--resource-group", "rg", "--subscription-id", NOBODY)
    assert done.returncode != 0
    assert "authClientId" in done.stdout + done.stderr
    assert "requireAuthentication=false" in done.stdout + done.stderr


def test_without_a_policy_file_there_is_no_vault(prediction):
    """And no setting that would need one."""
    resources = prediction("prod")
    assert not rules.of(resources, rules.VAULT)
    assert not {"APPROVAL_POLICIES", "SEAL_KEY", "SMTP_HOST", "PUBLIC_BASE_URL"} & _app_settings(resources).keys()


@pytest.mark.parametrize(
    ("name", "links", "password"),
    [
        ("policies", None, ""),
        ("everything", "https://approvals.example.com", "smtp-password"),
        ("private-policies", "https://approvals.example.com", ""),
    ],
)
def test_the_apps_own_secrets_are_references_to_the_vault(prediction, name, links, password):
    """Each is read by the app's identity; the template holds none. Links lead to the app's own name, or to another."""
    resources = prediction(name)
    vault, settings = _only(resources, rules.VAULT), _app_settings(resources)
    for setting, secret in (("SEAL_KEY", "seal-key"), ("ID_KEY", "id-key"), ("SESSION_KEY", "session-key")):
        assert settings[setting] == f"@Microsoft.KeyVault(VaultName={vault.name};SecretName={secret})"
    reference = f"@Microsoft.KeyVault(VaultName={vault.name};SecretName={password})"
    assert settings["SMTP_PASSWORD"] == (reference if password else "")
    assert settings["APPROVAL_POLICIES"] == "policies.toml"
    assert len(vault.name) <= 24
    if links:
        assert settings["PUBLIC_BASE_URL"] == links
    else:
        assert "defaultHostName" in settings["PUBLIC_BASE_URL"]
    assert not {"IDENTITY", "OUTBOX"} & settings.keys()


@pytest.mark.parametrize(
    ("name", "is_closed", "is_protected"),
    [("policies", False, False), ("everything", True, True), ("private-policies", True, True)],
)
def test_the_vault_is_as_closed_as_storage(prediction, name, is_closed, is_protected):
    """In a private network by an endpoint only; in prod nothing of it can be lost for good, and reads are logged."""
    resources = prediction(name)
    vault = _only(resources, rules.VAULT)
    assert vault.at("properties.publicNetworkAccess") == ("Disabled" if is_closed else "Enabled")
    endpoints = [it.name for it in rules.of(resources, "Microsoft.Network/privateEndpoints")]
    assert any(it.endswith("-vault") for it in endpoints) is is_closed
    zones = [it.name for it in rules.of(resources, "Microsoft.Network/privateDnsZones")]
    assert any("vaultcore" in it for it in zones) is is_closed
    assert (vault.at("properties.enablePurgeProtection") is True) is is_protected
    logged = [it for it in rules.of(resources, "Microsoft.Insights/diagnosticSettings") if "/vaults/" in it.body["id"]]
    assert bool(logged) is is_protected


def test_a_domain_is_bound_with_a_certificate(prediction):
    """The host name ends up with TLS, by a certificate that the platform renews."""
    resources = prediction("domain")
    bindings = rules.of(resources, "Microsoft.Web/sites/hostNameBindings")
    assert "SniEnabled" in {it.at("properties.sslState") for it in bindings}
    assert _only(resources, "Microsoft.Web/certificates").at("properties.canonicalName") == "approvals.example.com"


def test_a_domain_on_flex_consumption_is_refused(bicep, tree):
    """The template says what to do instead of failing half way."""
    path = tree / "infra" / "refused.bicepparam"
    path.write_text("using 'main.bicep'\nparam customDomain = 'approvals.example.com'\n", encoding="utf-8")
    done = bicep("snapshot", path, "--mode", "overwrite", "--resource-group", "rg", "--subscription-id", NOBODY)
    assert done.returncode != 0
    assert "customDomain needs plan elasticPremium" in done.stdout + done.stderr


@pytest.mark.parametrize("name", SETS)
def test_alerts_reach_the_action_group(prediction, name):
    """Six rules, each with a query, a limit and somebody to tell."""
    resources = prediction(name)
    found = rules.of(resources, "Microsoft.Insights/scheduledQueryRules")
    assert {it.name.split("-", 4)[4] for it in found} == {
        "failed-orchestrations", "overdue", "activity-failures", "no-heartbeat", "unhealthy", "server-errors",
    }  # fmt: skip
    for rule in found:
        (criterion,) = rule.at("properties.criteria.allOf")
        assert criterion["metricMeasureColumn"] in criterion["query"]
        assert "actionGroups/ag-" in rule.at("properties.actions.actionGroups")[0]


@pytest.mark.parametrize(
    ("name", "off"),
    [("prod", set()), ("dev", {"overdue", "no-heartbeat", "unhealthy"}), ("private", {"unhealthy"})],
)
def test_an_alert_is_off_where_nothing_feeds_it(prediction, name, off):
    """Silence is no alarm where no heartbeat and no probe was asked for; a private app still has its heartbeat."""
    resources = prediction(name)
    found = rules.of(resources, "Microsoft.Insights/scheduledQueryRules")
    assert {it.name.split("-", 4)[4] for it in found if not it.at("properties.enabled")} == off
    assert _app_settings(resources)["HEARTBEAT"] == ("off" if "no-heartbeat" in off else "on")


def test_the_mails_of_the_action_group(prediction):
    """Each address of alertEmails gets a receiver."""
    group = _only(prediction("domain"), "Microsoft.Insights/actionGroups")
    assert [it["emailAddress"] for it in group.at("properties.emailReceivers")] == [
        "duty@example.com",
        "office@example.com",
    ]


def test_the_workbook_holds_the_queries(prediction):
    """Each query item of the deployed workbook has its text."""
    workbook = json.loads(_only(prediction("prod"), "Microsoft.Insights/workbooks").at("properties.serializedData"))
    queries = {it["name"]: it["content"]["query"] for it in workbook["items"] if "query" in it["content"]}
    for name, text in queries.items():
        assert text == (template.INFRA / "queries" / f"{name}.kql").read_text(encoding="utf-8")


def test_every_resource_has_the_tags(prediction):
    """What can carry tags carries ours."""
    tagged = {"properties", "location"}
    untagged = [
        it.name for it in prediction("everything") if tagged <= it.body.keys() and it.at("tags.costCentre") != "4711"
    ]
    assert untagged == []
