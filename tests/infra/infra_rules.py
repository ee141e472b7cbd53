"""What has to hold for every deployment, as sentences; each knows how to find where a template breaks it.

1. A rule returns complaints. None means that it holds; a rule that finds nothing to look at complains too.
2. ``spoilt`` are the ways to break it: each takes the resources and breaks that one rule. A test breaks them all.
3. Values are those of the compiled template, or of a prediction by the compiler: an expression may replace a value
   where the rule says so.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from infra_template import Resource

Resources = list[Resource]
Spoiler = Callable[[Resources], None]

STORAGE = "Microsoft.Storage/storageAccounts"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices"
CONTAINER = "Microsoft.Storage/storageAccounts/blobServices/containers"
SITE = "Microsoft.Web/sites"
PASSWORDS = "Microsoft.Web/sites/basicPublishingCredentialsPolicies"
CONFIG = "Microsoft.Web/sites/config"
WORKSPACE = "Microsoft.OperationalInsights/workspaces"
COMPONENT = "Microsoft.Insights/components"
ROLE = "Microsoft.Authorization/roleAssignments"
NETWORK = "Microsoft.Network/virtualNetworks"
SCHEDULER = "Microsoft.DurableTask/schedulers"
VAULT = "Microsoft.KeyVault/vaults"
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ROLES = {
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
    "0ad04412-c4d5-4796-b79c-f76d14c8d402": "Durable Task Data Contributor",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
}
ONLY_WITH = {
    "0ad04412-c4d5-4796-b79c-f76d14c8d402": SCHEDULER,
    "4633458b-17de-408a-b874-0445c86b69e6": VAULT,
}
# With either of them the worker announces WorkerOpenTelemetryEnabled, and the host no longer exports its log lines.
WORKER_EXPORTS = ("PYTHON_ENABLE_OPENTELEMETRY", "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY")
SECRETS = re.compile(
    r"listKeys|listAccountSas|listServiceSas|listConnectionStrings|listSecrets|getSecret|AccountKey=|SharedAccessSignature"
    r"|DefaultEndpointsProtocol|[?&]sig=|clientSecret|securestring|secureObject|\"password\"|InstrumentationKey=",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Rule:
    """One property, the sentence that it keeps true, and the ways to spoil it."""

    says: str
    complaints: Callable[[Resources], list[str]]
    spoilt: tuple[Spoiler, ...]


def of(resources: Resources, kind: str) -> Resources:
    """The resources of a type, without those below them."""
    return [resource for resource in resources if resource.type == kind]


def _is(says: str, kind: str, path: str, wanted: Any, wrong: Any, *, may_be_absent: bool = False) -> Rule:
    """Each resource of a type has this value there; ``wanted`` may be a predicate, ``wrong`` is what breaks it."""

    def fits(value: Any) -> bool:
        return bool(wanted(value)) if callable(wanted) else value == wanted and type(value) is type(wanted)

    def complaints(resources: Resources) -> list[str]:
        found = of(resources, kind)
        if not found and not may_be_absent:
            return [f"there is no {kind}"]
        return [f"{it.name}: {path} is {it.at(path)!r}" for it in found if not fits(it.at(path))]

    def spoil(value: Any) -> Spoiler:
        def apply(resources: Resources) -> None:
            of(resources, kind)[0].put(path, value)

        return apply

    return Rule(says, complaints, (spoil(wrong), spoil(None)))


def _closed(says: str, kind: str, path: str, closed: str, opened: str) -> Rule:
    """Each resource of a type is closed where there is a virtual network; in a template, by a parameter."""
    expression = f"[if(parameters('privateOnly'), '{closed}', '{opened}')]"

    def complaints(resources: Resources) -> list[str]:
        wanted = closed if of(resources, NETWORK) else opened
        return [
            f"{it.name}: {path} is {it.at(path)}"
            for it in of(resources, kind)
            if it.at(path) not in (expression, wanted)
        ]

    return Rule(says, complaints, (_spoil(kind, lambda it: it.put(path, opened)),))


def _no_secrets(resources: Resources) -> list[str]:
    return [
        f"{it.name}: {found.group()}"
        for it in resources
        for found in SECRETS.finditer(json.dumps([it.body, it.variables]))
    ]


def _role_ids(role: Resource) -> set[str]:
    definition = role.at("properties.roleDefinitionId") or ""
    named = re.findall(r"variables\('(\w+)'\)", definition)
    ids = re.findall(r"roleDefinitions(?:/|', ')(" + GUID.pattern + ")", definition)
    return {*ids, *GUID.findall(json.dumps([role.variables[name] for name in named]))}


def _roles(resources: Resources) -> list[str]:
    granted = [_role_ids(role) for role in of(resources, ROLE)]
    wanted = {role for role in ROLES if role not in ONLY_WITH or of(resources, ONLY_WITH[role])}
    given: set[str] = set().union(*granted)
    return [
        *(f"role {unknown} is not one of those that the app needs" for unknown in sorted(given - wanted)),
        *(f"role {ROLES[missing]} is not given" for missing in sorted(wanted - given)),
        *("a role assignment names no role" for ids in granted if not ids),
    ]


def _passwords(resources: Resources) -> list[str]:
    off = [it.name for it in of(resources, PASSWORDS) if it.at("properties.allow") is False]
    return [f"{way}: basic authentication is not off" for way in ("ftp", "scm") if not any(way in name for name in off)]


def _settings(resources: Resources) -> str:
    return json.dumps([it.at("properties") for it in of(resources, CONFIG) if "appsettings" in it.name])


def _worker_exports(resources: Resources) -> list[str]:
    text = _settings(resources)
    return [f"the settings have {name}" for name in WORKER_EXPORTS if name in text]


def _add_setting(name: str) -> Spoiler:
    def apply(resources: Resources) -> None:
        for it in of(resources, CONFIG):
            if "appsettings" in it.name:
                it.body["properties"] = [it.at("properties"), {name: "true"}]

    return apply


def _setting(says: str, needed: Iterable[str], refused: Iterable[str] = ()) -> Rule:
    """The app's settings match the needed patterns, and none of the refused ones."""
    patterns, never = tuple(needed), tuple(refused)

    def complaints(resources: Resources) -> list[str]:
        text = _settings(resources)
        return [
            *(f"the settings lack {pattern}" for pattern in patterns if not re.search(pattern, text)),
            *(f"the settings have {pattern}" for pattern in never if re.search(pattern, text)),
        ]

    def without(pattern: str) -> Spoiler:
        def apply(resources: Resources) -> None:
            for it in of(resources, CONFIG):
                if "appsettings" in it.name:
                    it.body["properties"] = json.loads(re.sub(pattern, "GONE", json.dumps(it.at("properties"))))

        return apply

    return Rule(says, complaints, tuple(without(pattern) for pattern in patterns))


def _spoil(kind: str, change: Callable[[Resource], None]) -> Spoiler:
    return lambda resources: change(of(resources, kind)[0])


def _add(kind: str, name: str, body: dict[str, Any]) -> Spoiler:
    return lambda resources: resources.append(Resource(kind, name, body, {}))


def _drop(kind: str, word: str) -> Spoiler:
    def apply(resources: Resources) -> None:
        resources[:] = [it for it in resources if not (it.type == kind and word in it.name)]

    return apply


OWNER = "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"

RULES = (
    _is("No key opens the storage account.", STORAGE, "properties.allowSharedKeyAccess", wanted=False, wrong=True),
    _is(
        "Nobody reads a blob without an identity.",
        STORAGE,
        "properties.allowBlobPublicAccess",
        wanted=False,
        wrong=True,
    ),
    _is("No container is public.", CONTAINER, "properties.publicAccess", "None", "Blob"),
    _is(
        "A blob that is overwritten or deleted has an earlier version.",
        BLOBS,
        "properties.isVersioningEnabled",
        wanted=True,
        wrong=False,
    ),
    _is(
        "A deleted blob can be brought back.",
        BLOBS,
        "properties.deleteRetentionPolicy.enabled",
        wanted=True,
        wrong=False,
    ),
    _is(
        "Nobody deletes past that.",
        BLOBS,
        "properties.deleteRetentionPolicy.allowPermanentDelete",
        wanted=False,
        wrong=True,
    ),
    _is(
        "A deleted container can be brought back.",
        BLOBS,
        "properties.containerDeleteRetentionPolicy.enabled",
        wanted=True,
        wrong=False,
    ),
    _is("Storage speaks TLS 1.2 at least.", STORAGE, "properties.minimumTlsVersion", "TLS1_2", "TLS1_0"),
    _is("Storage speaks HTTPS only.", STORAGE, "properties.supportsHttpsTrafficOnly", wanted=True, wrong=False),
    _is(
        "Nothing is copied to another tenant.",
        STORAGE,
        "properties.allowCrossTenantReplication",
        wanted=False,
        wrong=True,
    ),
    _is("Storage has no local users.", STORAGE, "properties.isLocalUserEnabled", wanted=False, wrong=True),
    _closed(
        "With a private network, storage has no public endpoint.",
        STORAGE,
        "properties.publicNetworkAccess",
        "Disabled",
        "Enabled",
    ),
    _is(
        "Secrets are opened by roles, not by policies of the vault.",
        VAULT,
        "properties.enableRbacAuthorization",
        wanted=True,
        wrong=False,
        may_be_absent=True,
    ),
    _is(
        "A deleted secret can be brought back.",
        VAULT,
        "properties.enableSoftDelete",
        wanted=True,
        wrong=False,
        may_be_absent=True,
    ),
    _closed(
        "With a private network, the vault has no public endpoint.",
        VAULT,
        "properties.publicNetworkAccess",
        "Disabled",
        "Enabled",
    ),
    _closed(
        "The vault's firewall lets nobody in either.", VAULT, "properties.networkAcls.defaultAction", "Deny", "Allow"
    ),
    _closed("Nor does its firewall let anybody in.", STORAGE, "properties.networkAcls.defaultAction", "Deny", "Allow"),
    _is("The app speaks HTTPS only.", SITE, "properties.httpsOnly", wanted=True, wrong=False),
    _is("The app speaks TLS 1.2 at least.", SITE, "properties.siteConfig.minTlsVersion", "1.2", "1.0"),
    _is("So does the deployment site.", SITE, "properties.siteConfig.scmMinTlsVersion", "1.2", "1.1"),
    _is("FTP is off.", SITE, "properties.siteConfig.ftpsState", "Disabled", "AllAllowed"),
    _is("No debugger gets in.", SITE, "properties.siteConfig.remoteDebuggingEnabled", wanted=False, wrong=True),
    _is("No foreign page calls the app from a browser.", SITE, "properties.siteConfig.cors.allowedOrigins", [], ["*"]),
    _is(
        "A browser sends no credentials across origins.",
        SITE,
        "properties.siteConfig.cors.supportCredentials",
        wanted=False,
        wrong=True,
    ),
    _is(
        "The app has an identity of its own and no other.",
        SITE,
        "identity.type",
        "UserAssigned",
        "SystemAssigned, UserAssigned",
    ),
    Rule(
        "Publishing passwords open nothing, neither FTP nor the deployment site.",
        _passwords,
        (
            _drop(PASSWORDS, "ftp"),
            _drop(PASSWORDS, "scm"),
            _spoil(PASSWORDS, lambda it: it.put("properties.allow", value=True)),
        ),
    ),
    _setting(
        "The host reaches its storage by identity, never by a connection string.",
        [
            r"AzureWebJobsStorage__accountName",
            r"AzureWebJobsStorage__credential\W+managedidentity",
            r"AzureWebJobsStorage__clientId",
        ],
        [r"AzureWebJobsStorage\W", r"WEBSITE_CONTENTAZUREFILECONNECTIONSTRING"],
    ),
    _setting(
        "Telemetry is sent by identity.",
        [
            r"APPLICATIONINSIGHTS_CONNECTION_STRING",
            r"APPLICATIONINSIGHTS_AUTHENTICATION_STRING.{1,30}Authorization=AAD;ClientId=",
        ],
        [r"APPINSIGHTS_INSTRUMENTATIONKEY"],
    ),
    _is(
        "Telemetry without an identity is refused.", COMPONENT, "properties.DisableLocalAuth", wanted=True, wrong=False
    ),
    _is("So it is at the workspace.", WORKSPACE, "properties.features.disableLocalAuth", wanted=True, wrong=False),
    _is(
        "Addresses of callers are masked in the telemetry.",
        COMPONENT,
        "properties.DisableIpMasking",
        wanted=False,
        wrong=True,
    ),
    _is("Application Insights keeps its rows in the workspace.", COMPONENT, "properties.WorkspaceResourceId", bool, ""),
    _is(
        "Logs have a daily cap.",
        WORKSPACE,
        "properties.workspaceCapping.dailyQuotaGb",
        lambda cap: cap not in (None, -1),
        -1,
    ),
    _is("Logs expire.", WORKSPACE, "properties.retentionInDays", bool, 0),
    Rule(
        "The identity has the data roles that it needs, and nothing wider.",
        _roles,
        (
            _spoil(ROLE, lambda it: it.put("properties.roleDefinitionId", OWNER)),
            _add(ROLE, "owner", {"properties": {"roleDefinitionId": OWNER}}),
            _add(ROLE, "nameless", {"properties": {}}),
            lambda resources: resources.remove(of(resources, ROLE)[-1]),
        ),
    ),
    Rule(
        "There is no secret anywhere.",
        _no_secrets,
        (
            _spoil(CONFIG, lambda it: it.body.update(extra="[listKeys('x', '2025-01-01').keys[0].value]")),
            _spoil(SITE, lambda it: it.body.update(extra="DefaultEndpointsProtocol=https;AccountName=a;AccountKey=b")),
            _spoil(SITE, lambda it: it.body.update(extra="https://a.example.com/app.zip?sv=1&sig=abc")),
            _spoil(SITE, lambda it: it.body.update(extra={"clientSecretSettingName": "X"})),
        ),
    ),
    _setting(
        "The Durable SDK builds no objects out of what it reads.",
        [r"AZURE_FUNCTIONS_DURABLE_STRICT_TYPING\W+1\W"],
    ),
    _setting(
        "No trace is left out, and no log line with it.",
        [r"OTEL_TRACES_SAMPLER\W+microsoft\.fixed_percentage\W", r"OTEL_TRACES_SAMPLER_ARG\W+1\.0\W"],
    ),
    Rule(
        "The host exports the app's log lines: no setting makes the worker say that it does so itself.",
        _worker_exports,
        tuple(_add_setting(name) for name in WORKER_EXPORTS),
    ),
)
