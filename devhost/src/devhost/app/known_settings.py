"""What host.json, the app settings and bindings may say: what is done here, and what a setting would do in Azure. Pure.

Rules of this module:

1. A setting of which the Functions host or the Durable extension 3.19 knows is in one of three states: devhost does it;
   it is about something that devhost does not have, which ``docs/devhost/differences.md`` lists; or it changes what an
   app sees, and then one sentence at the start says what it would do.
2. What neither of them knows is named too, since they drop it without a word.
3. A value that is the default changes nothing, so there is no warning.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Without:
    """A setting that does nothing here, and is no matter of taste.

    Attributes:
        effect: what it does in Azure; continues "in Azure it".
        default: the value with which it does nothing there either.
    """

    effect: str
    default: Any = None


DONE: Final = "done"
ELSEWHERE: Final = "differences.md"  # about what devhost does not have; documented there
Known = str | Without

_V1: Final = (
    "{0} is of host.json's version 1, and Functions 4 does not read it: settings of that kind are under extensions"
)
_LIMIT: Final = "answers 429 where more than that many requests are under way or wait"

# Dotted names as the documentation spells them; `.*` matches every name below.
HOST_JSON: Final[Mapping[str, Known]] = {
    "$schema": ELSEWHERE,
    "version": DONE,
    "functions": DONE,
    "functionTimeout": DONE,
    "aggregator.*": ELSEWHERE,
    "concurrency.dynamicConcurrencyEnabled": Without("sets by load how many calls run at once", default=False),
    "concurrency.snapshotPersistenceEnabled": ELSEWHERE,
    "customHandler.*": Without("runs a program of its own instead of the Python worker"),
    "extensionBundle.*": ELSEWHERE,
    "healthMonitor.*": ELSEWHERE,
    "logging.applicationInsights.*": ELSEWHERE,
    "logging.console.*": ELSEWHERE,
    "logging.fileLoggingMode": ELSEWHERE,
    "logging.logLevel.*": ELSEWHERE,
    "managedDependency.*": Without("fetches modules for a PowerShell app"),
    "metadataProviderTimeout": ELSEWHERE,
    "retry.*": Without("runs a function that failed again, where its trigger allows it"),
    "sendCanceledInvocationsToWorker": ELSEWHERE,
    "singleton.*": ELSEWHERE,
    "telemetryMode": ELSEWHERE,
    "watchDirectories": ELSEWHERE,
    "watchFiles": ELSEWHERE,
    "extensions.http.routePrefix": DONE,
    "extensions.http.customHeaders.*": DONE,
    "extensions.http.dynamicThrottlesEnabled": Without("answers 429 while the machine is busy", default=False),
    "extensions.http.hsts.*": ELSEWHERE,
    "extensions.http.maxConcurrentRequests": Without(_LIMIT, default=-1),
    "extensions.http.maxOutstandingRequests": Without(_LIMIT, default=-1),
    "extensions.durableTask.hubName": DONE,
    "extensions.durableTask.defaultVersion": DONE,
    "extensions.durableTask.versionMatchStrategy": DONE,
    "extensions.durableTask.versionFailureStrategy": DONE,
    "extensions.durableTask.overridableExistingInstanceStates": DONE,
    "extensions.durableTask.extendedSessionsEnabled": DONE,
    "extensions.durableTask.extendedSessionIdleTimeoutInSeconds": ELSEWHERE,
    "extensions.durableTask.maxConcurrentActivityFunctions": DONE,
    "extensions.durableTask.maxConcurrentOrchestratorFunctions": ELSEWHERE,
    "extensions.durableTask.maxConcurrentEntityFunctions": ELSEWHERE,
    "extensions.durableTask.localRpcEndpointEnabled": ELSEWHERE,
    "extensions.durableTask.maxEntityOperationBatchSize": Without(
        "sets how many operations an entity gets in one call; here it is 50", default=50
    ),
    "extensions.durableTask.maxOrchestrationActions": Without(
        "fails an orchestrator that schedules more actions than that in one episode", default=100_000
    ),
    "extensions.durableTask.entityMessageReorderWindowInMinutes": Without(
        "sets how long an entity waits for an earlier message; here messages come in order", default=30
    ),
    "extensions.durableTask.useGracefulShutdown": ELSEWHERE,
    "extensions.durableTask.rollbackEntityOperationsOnExceptions": ELSEWHERE,
    "extensions.durableTask.throwStatusExceptionsOnRaiseEvent": Without(
        "sets whether an event for an instance that is not there is an error"
    ),
    "extensions.durableTask.useAppLease": ELSEWHERE,
    "extensions.durableTask.appLeaseOptions.*": ELSEWHERE,
    "extensions.durableTask.storeInputsInOrchestrationHistory": Without(
        "shows the inputs of activities and sub-orchestrations in histories", default=False
    ),
    "extensions.durableTask.tracing.distributedTracingEnabled": DONE,
    "extensions.durableTask.tracing.version": DONE,
    "extensions.durableTask.tracing.distributedTracingProtocol": ELSEWHERE,
    "extensions.durableTask.tracing.traceInputsAndOutputs": ELSEWHERE,
    "extensions.durableTask.tracing.traceReplayEvents": ELSEWHERE,
    "extensions.durableTask.tracing.allowVerboseLinuxTelemetry": ELSEWHERE,
    "extensions.durableTask.notifications.eventGrid.*": Without("publishes status changes to Event Grid"),
    "extensions.durableTask.httpSettings.useForwardedHost": Without(
        "puts the host that a proxy names into management URLs", default=False
    ),
    "extensions.durableTask.grpcHttpClientTimeout": ELSEWHERE,
    "extensions.durableTask.maxGrpcMessageSizeInBytes": ELSEWHERE,
    "extensions.durableTask.httpSettings.defaultAsyncRequestSleepTimeMilliseconds": ELSEWHERE,
    "extensions.durableTask.storageProvider.type": Without(
        "keeps the task hub in another kind of storage, which behaves otherwise in places", default="azureStorage"
    ),
    "extensions.durableTask.storageProvider.connectionName": DONE,
    "extensions.durableTask.storageProvider.connectionStringName": DONE,
    "extensions.durableTask.storageProvider.maxQueuePollingInterval": ELSEWHERE,
    **{
        f"extensions.durableTask.storageProvider.{name}": ELSEWHERE
        for name in (
            "allowReplayingTerminalInstances", "controlQueueBatchSize", "controlQueueBufferThreshold",
            "controlQueueVisibilityTimeout", "fetchLargeMessagesAutomatically", "partitionCount",
            "queueClientMessageEncoding", "trackingStoreConnectionName", "trackingStoreConnectionStringName",
            "trackingStoreNamePrefix", "useLegacyPartitionManagement", "useTablePartitionManagement",
            "workItemQueueVisibilityTimeout",
        )
    },
    **{
        f"extensions.{name}.*": Without("is for triggers and bindings that are not played here")
        for name in (
            "blobs", "cosmosDB", "dapr", "eventGrid", "eventHubs", "kafka", "mcp", "mySql", "openAI", "queues",
            "rabbitMQ", "sendGrid", "serviceBus", "signalR", "sql", "tables", "warmup", "webPubSub",
        )
    },
}  # fmt: skip
_OF_VERSION_1: Final = ("http", "queues", "eventHub", "serviceBus", "sendGrid", "applicationInsights", "tracing", "id")
_STORAGE: Final = "extensions.durabletask.storageprovider"

LOCAL_SETTINGS: Final = ("IsEncrypted", "Values", "ConnectionStrings", "Host", "$schema")

APP_SETTINGS: Final[Mapping[str, Without]] = {
    "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": Without("limits request bodies; here the limit is 100 MB"),
    "FUNCTIONS_WORKER_PROCESS_COUNT": Without("runs the app in several processes at once; here it is one", default="1"),
    "FUNCTIONS_WORKER_RUNTIME": Without("runs the app in another language; here it is Python", default="python"),
    "PYTHON_ENABLE_WORKER_EXTENSIONS": Without("loads worker extensions, which wrap every call", default="0"),
}

# What the bindings that are played may say; a name beside these changes nothing, here or in Azure.
BINDINGS: Final[Mapping[str, frozenset[str]]] = {
    "httptrigger": frozenset({"route", "methods", "authlevel", "webhooktype"}),
    "http": frozenset(),
    "timertrigger": frozenset({"schedule", "runonstartup", "usemonitor"}),
    "orchestrationtrigger": frozenset({"orchestration"}),
    "activitytrigger": frozenset({"activity"}),
    "entitytrigger": frozenset({"entityname"}),
    "durableclient": frozenset({"taskhub", "connectionname"}),
    "blob": frozenset({"path", "connection", "source"}),
}
_EVERY_BINDING: Final = frozenset({"name", "type", "direction", "datatype"})


def of_host_json(raw: Mapping[str, Any]) -> list[str]:
    """The warnings about host.json with the settings ``AzureFunctionsJobHost__...`` in it, one sentence each."""
    return [text for path, value in _leaves(raw, ()) if (text := _of_path(path, value, raw)) is not None]


def of_local_settings(content: Mapping[str, Any], host_keys: tuple[str, ...]) -> list[str]:
    """The warnings about the parts of local.settings.json; Core Tools finds those by their exact names."""
    found = [_unknown("local.settings.json", key, LOCAL_SETTINGS) for key in content if key not in LOCAL_SETTINGS]
    host = content.get("Host")
    names = {key.lower() for key in host_keys}
    known = [f"Host.{one}" for one in host_keys]
    given = host if isinstance(host, dict) else {}
    return found + [_unknown("local.settings.json", f"Host.{key}", known) for key in given if key.lower() not in names]


def of_app_settings(environ: Mapping[str, str], functions: list[str]) -> list[str]:
    """The warnings about the app's settings: those of the host that are not followed, and functions that are not.

    Args:
        environ: local.settings.json included.
        functions: the names of the app's functions.
    """
    found = []
    for name, known in APP_SETTINGS.items():
        value = environ.get(name)
        if value and value.lower() != known.default:
            found.append(f"the setting {name} has no effect here: in Azure it {known.effect}")
    names = {one.lower() for one in functions}
    for name in environ:
        lower = name.lower()
        for before, after in (("azurewebjobs.", ".disabled"), ("azurewebjobs_", "_disabled")):
            is_one = lower.startswith(before) and lower.endswith(after)
            function = name[len(before) : len(name) - len(after)] if is_one else ""
            if function and function.lower() not in names:
                found.append(f"the setting {name} names no function of this app{_instead(function, functions)}")
    return found


def of_bindings(function: str, bindings: tuple[Mapping[str, Any], ...], trigger: str, retry: object) -> list[str]:
    """The warnings about a function's decorators.

    Args:
        function: its name.
        bindings: as the worker reports them, the trigger among them.
        trigger: the trigger's parameter.
        retry: its retry policy, if it has one.
    """
    found = []
    for binding in bindings:
        kind, name = str(binding["type"]), binding["name"]
        known = BINDINGS.get(kind.lower())
        if known is not None:
            found += [
                f"function {function}: {key!r} of its {kind} is no property that is known{_instead(key, sorted(known))}"
                for key in binding
                if key.lower() not in known | _EVERY_BINDING
            ]
        elif name == trigger:
            continue  # the host warns of each such trigger
        elif str(binding.get("direction", "")).lower() in ("out", "1"):
            found.append(f"function {function}: what it puts into its {kind} binding {name!r} goes nowhere here")
        else:
            found.append(
                f"function {function}: its {kind} binding {name!r} gives nothing here, so its calls fail: an argument "
                "is missing"
            )
    if retry:
        found.append(
            f"function {function}: its retry policy has no effect here: in Azure a failed run is repeated by it"
        )
    return found


def _leaves(node: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each value with its path; an object without values counts as one."""
    for key, value in node.items():
        if isinstance(value, dict) and value and not _is_whole((*above, key)):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _is_whole(path: tuple[str, ...]) -> bool:
    """Whether this object is known as a whole, or not at all: then there is one warning about it."""
    dotted = ".".join(path).lower()
    if f"{dotted}.*" in _KNOWN:
        return True
    return not any(known.startswith(f"{dotted}.") for known in _KNOWN)


def _of_path(path: tuple[str, ...], value: Any, raw: Mapping[str, Any]) -> str | None:
    dotted = ".".join(path)
    lower = dotted.lower()
    known = _KNOWN.get(lower) or _KNOWN.get(f"{lower}.*")
    if known is None and lower in {one.lower() for one in _OF_VERSION_1}:
        return f"host.json: {_V1.format(dotted)}"
    if known is None and lower.startswith(_STORAGE) and _other_storage(raw):
        return None  # of that other storage, which has its own warning
    if known is None:
        if isinstance(value, dict) and any(one.startswith(f"{lower}.") for one in _KNOWN):
            return None  # an object without values
        return _unknown("host.json", dotted, [one.removesuffix(".*") for one in HOST_JSON])
    if not isinstance(known, Without) or value == {} or _same(value, known.default):
        return None
    return f"host.json: {dotted} has no effect here: in Azure it {known.effect}"


def _other_storage(raw: Mapping[str, Any]) -> bool:
    kind = next((value for path, value in _leaves(raw, ()) if ".".join(path).lower() == f"{_STORAGE}.type"), None)
    return kind is not None and not _same(kind, "azureStorage")


def _same(value: Any, default: Any) -> bool:
    """As .NET's configuration compares: by the text, in any case."""
    return default is not None and str(value).lower() == str(default).lower()


def _unknown(file: str, key: str, known: Any) -> str:
    return f"{file}: {key} is no setting that is known, and does nothing{_instead(key, list(known))}"


def _instead(name: str, known: list[str]) -> str:
    by_lower = {one.lower(): one for one in known}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.75)
    return f". Is {by_lower[close[0]]} meant?" if close else ""


_KNOWN: Final = {name.lower(): known for name, known in HOST_JSON.items()}
