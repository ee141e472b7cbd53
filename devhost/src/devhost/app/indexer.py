"""Loading an app from a folder as Azure does: the worker indexes it, then the host checks what the worker found.

1. The folder becomes the current directory and the first entry of ``sys.path``; ``function_app`` is imported under its
   own name, because the durable codec finds an app's classes by that name (Python worker: loader).
2. Exactly one app object may be visible in the module; its ``get_functions()`` is called once (Python worker: loader).
3. Anything that the worker refuses leaves Azure without any function, so the whole app is refused: ``AppRefused``.
4. What the host refuses costs one function only: it is "in error" and the others run. It is in ``App.errors``
   (Functions host: function errors).
5. Functions are kept in the host's order: by name, as if in upper case (contract 6.1).
6. One app at a time is current in a process: see ``modules.py``.
"""

import inspect
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import azure.functions as func

from devhost.app.host_json import resolve
from devhost.app.modules import import_script, unload
from devhost.app.schedule import NotASchedule, read_schedule
from devhost.app.signatures import Signature, read_signature
from devhost.errors import AppRefused, BadSettings

SCRIPT_SETTING: Final = "PYTHON_SCRIPT_FILE_NAME"
_SCRIPT_NAME: Final = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_\-]*\.py")
_FUNCTION_NAME: Final = re.compile(r"[a-z][a-z0-9_\-]{0,127}", re.IGNORECASE | re.ASCII)
_BINDING_NAME: Final = re.compile(r"(?!.*__)[a-zA-Z_][a-zA-Z0-9_]{0,127}|\$return")


class Kind(StrEnum):
    """What starts a function."""

    HTTP = "http"
    ORCHESTRATION = "orchestration"
    ACTIVITY = "activity"
    ENTITY = "entity"
    TIMER = "timer"
    OTHER = "other"


_KINDS: Final = {
    "httptrigger": Kind.HTTP,
    "orchestrationtrigger": Kind.ORCHESTRATION,
    "activitytrigger": Kind.ACTIVITY,
    "entitytrigger": Kind.ENTITY,
    "timertrigger": Kind.TIMER,
}
# The property of the trigger under which the extension knows the function, if it is set (contract 4.5).
_DURABLE_NAMES: Final = {
    Kind.ORCHESTRATION: "orchestration",
    Kind.ACTIVITY: "activity",
    Kind.ENTITY: "entityName",
}


@dataclass(frozen=True, slots=True)
class Http:
    """The HTTP side of a function.

    Attributes:
        route: the template without the host's prefix.
        methods: upper case; empty means all.
        auth_level: ``anonymous``, ``function`` or ``admin``.
    """

    route: str
    methods: tuple[str, ...]
    auth_level: str


@dataclass(frozen=True, slots=True)
class ClientBinding:
    """A durable client that a function asks for: the parameter, and what its decorator names, None for the default."""

    parameter: str
    task_hub: str | None = None
    connection_name: str | None = None


@dataclass(frozen=True, slots=True)
class TimerBinding:
    """When a timer function runs: an NCRONTAB expression or a time span, settings resolved.

    Attributes:
        run_on_startup: also at each start of the host.
        use_monitor: a run missed while the host was down runs once at the next start.
    """

    expression: str
    run_on_startup: bool = False
    use_monitor: bool = True


@dataclass(frozen=True, slots=True)
class Function:
    """One function as it runs.

    Attributes:
        name: as the app spells it.
        kind: what starts it; a trigger that this host does not play is ``other``.
        trigger: the trigger's binding, as the worker reports it to the host.
        bindings: all bindings, the trigger among them.
        handler: what the worker calls, with keyword arguments by binding name.
        is_async: awaited on the loop; otherwise the thread pool runs it.
        durable_name: the name the engine knows it by.
        parameter: the parameter that takes what triggered it.
        http: set for HTTP functions.
        clients: durable clients to pass in.
        wants_context: whether ``context`` is to be passed.
        output: whether it may return a value; if not, returning one is an error (contract 6.4).
        outputs: parameters that take an ``Out``.
        schedule: set for timers.
        directory: what ``context.function_directory`` says.
        retry: the function's own retry policy, None if it has none.
    """

    name: str
    kind: Kind
    trigger: Mapping[str, Any]
    bindings: tuple[Mapping[str, Any], ...]
    handler: Callable[..., Any]
    is_async: bool
    durable_name: str
    parameter: str
    http: Http | None
    clients: tuple[ClientBinding, ...]
    wants_context: bool
    output: bool
    outputs: tuple[str, ...]
    schedule: TimerBinding | None
    directory: str
    retry: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class App:
    """An app that was indexed.

    Attributes:
        folder: absolute.
        functions: in the host's order.
        errors: functions that the host refuses, by name, each with the host's reason.
        warnings: full sentences on what behaves the same in Azure but is probably a mistake.
    """

    folder: Path
    functions: tuple[Function, ...]
    errors: Mapping[str, str]
    warnings: tuple[str, ...]

    def function(self, name: str) -> Function | None:
        """The function of this name, in any case."""
        return next((one for one in self.functions if one.name.lower() == name.lower()), None)

    def durable(self, kind: Kind) -> dict[str, Function]:
        """Functions of a durable kind by durable name in lower case; of two with one name the later stays."""
        return {one.durable_name.lower(): one for one in self.functions if one.kind is kind}


def load(folder: Path) -> App:
    """Index the app in this folder; it becomes the current one of this process.

    Changes the current directory, ``sys.path`` and ``sys.modules``. The environment must be complete before.

    Raises:
        AppRefused: Azure would have no function of this app; nothing of it stays loaded.
    """
    folder = folder.resolve()
    script = os.environ.get(SCRIPT_SETTING, "function_app.py")
    if not _SCRIPT_NAME.fullmatch(script):
        raise AppRefused(folder, f"{SCRIPT_SETTING} is {script!r}, which is not a file name that the worker takes.")
    if not (folder / script).is_file():
        raise AppRefused(folder, f"there is no {script}, so it is not an app of the Python v2 model.")
    try:
        built = _registered(folder, import_script(folder, script), script)
        return _checked(folder, [_index(folder, function) for function in built])
    except AppRefused:
        unload()
        raise


def index(app: Any, folder: Path) -> App:
    """Index an app object that is already there, such as one that a test has made; once for each object.

    Raises:
        AppRefused: Azure would have no function of this app.
    """
    return _checked(folder, [_index(folder, function) for function in _built(folder, app, "the app object")])


def _registered(folder: Path, module: ModuleType, script: str) -> list[Any]:
    """What the one app object of the module holds, built."""
    apps = {name: value for name, value in vars(module).items() if isinstance(value, func.FunctionRegister)}
    if not apps:
        raise AppRefused(folder, f"Could not find top level function app instances in {script}.")
    if len(apps) > 1:
        names = " and ".join(apps)
        same = "one app under two names" if len({id(app) for app in apps.values()}) == 1 else "two apps"
        first = type(next(iter(apps.values()))).__name__
        raise AppRefused(
            folder, f"More than one {first} or other top level function app instances are defined: {names} ({same})."
        )
    return _built(folder, next(iter(apps.values())), script)


def _built(folder: Path, app: Any, place: str) -> list[Any]:
    """The functions of one app object; the object gives them once only."""
    try:
        functions: list[Any] = app.get_functions()
    except Exception as error:
        raise AppRefused(folder, str(error)) from error
    if not functions:
        raise AppRefused(folder, f"No functions were found in {place}: the app object has none registered.")
    seen: dict[str, str] = {}
    for function in functions:
        name = function.get_function_name()
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise AppRefused(
                folder, f"the names {other} and {name} differ in case only, which the host cannot tell apart."
            )
    return functions


def _index(folder: Path, built: Any) -> Function:
    """One function as the worker reports it."""
    name: str = built.get_function_name()
    handler: Callable[..., Any] = built.get_user_function()
    bindings = tuple(json.loads(raw) for raw in built.get_raw_bindings())
    try:
        signature: Signature = read_signature(handler, built.get_bindings())
    except (TypeError, ValueError, NameError, AttributeError) as error:
        raise AppRefused(folder, f"cannot load the {name} function: {error}", name) from error
    trigger = next(binding for binding in bindings if binding["name"] == built.get_trigger().name)
    kind = _KINDS.get(str(trigger["type"]).lower(), Kind.OTHER)
    return Function(
        name=name,
        kind=kind,
        trigger=trigger,
        bindings=bindings,
        handler=handler,
        is_async=inspect.iscoroutinefunction(handler),
        durable_name=trigger.get(_DURABLE_NAMES.get(kind, "")) or name,
        parameter=trigger["name"],
        http=_http(name, trigger) if kind is Kind.HTTP else None,
        clients=tuple(
            ClientBinding(binding["name"], binding.get("taskHub"), binding.get("connectionName"))
            for binding in bindings
            if str(binding["type"]).lower() == "durableclient"
        ),
        wants_context=signature.wants_context,
        output=signature.returns,
        outputs=signature.outputs,
        schedule=_schedule(trigger) if kind is Kind.TIMER else None,
        directory=str(Path(inspect.getfile(handler)).parent),
        retry=built.get_settings_dict("retry_policy"),
    )


def _http(name: str, trigger: Mapping[str, Any]) -> Http:
    route = trigger.get("route")
    return Http(
        # A blank route is no way to the root: the host puts the function's name there (Functions host: HTTP functions).
        route=route if isinstance(route, str) and route.strip() else name,
        methods=tuple(str(method).upper() for method in trigger.get("methods") or ()),
        auth_level=str(trigger.get("authLevel") or "function").lower(),
    )


def _schedule(trigger: Mapping[str, Any]) -> TimerBinding:
    monitor = trigger.get("useMonitor")
    return TimerBinding(
        str(trigger.get("schedule", "")),
        run_on_startup=_is_true(trigger.get("runOnStartup")),
        use_monitor=monitor is None or _is_true(monitor),
    )


def _is_true(value: Any) -> bool:
    """A property that the host reads as a boolean may also be the text of one."""
    return value is True or str(value).lower() == "true"


def _checked(folder: Path, functions: list[Function]) -> App:
    """What the host makes of the worker's report: functions in order, errors, warnings."""
    errors: dict[str, str] = {}
    kept: list[Function] = []
    for function in sorted(functions, key=lambda one: one.name.upper()):
        try:
            kept.append(_resolved(_valid(function, kept)))
        except (ValueError, BadSettings) as error:
            errors[function.name] = str(getattr(error, "reason", error))
    if not kept:
        first = next(iter(errors))
        raise AppRefused(folder, f"no function is left, since each is in error; {first}: {errors[first]}")
    return App(folder, tuple(kept), errors, tuple(_warnings(kept)))


def _valid(function: Function, others: list[Function]) -> Function:
    """Pass a function on if the host takes it beside those before it; ValueError with the host's words if not."""
    if not _FUNCTION_NAME.fullmatch(function.name) or function.name.lower() == "host":
        raise ValueError(f"'{function.name}' is not a valid function name.")
    names: set[str] = set()
    for binding in function.bindings:
        name = binding["name"]
        if not _BINDING_NAME.fullmatch(name):
            raise ValueError(f"The binding name {name} is invalid. Please assign a valid name to the binding.")
        if name.lower() in names:
            raise ValueError(f"Multiple bindings with name '{name}' discovered. Binding names must be unique.")
        names.add(name.lower())
    if function.http is not None:
        route = function.http.route.strip("/").lower()
        if route.startswith(("admin", "runtime")):
            raise ValueError("The specified route conflicts with one or more built in routes.")
        for other in others:
            if other.http is not None and _conflict(function.http, other.http):
                raise ValueError(f"The route specified conflicts with the route defined by function '{other.name}'.")
    return function


def _conflict(one: Http, other: Http) -> bool:
    if one.route.strip("/").lower() != other.route.strip("/").lower():
        return False
    return not one.methods or not other.methods or bool(set(one.methods) & set(other.methods))


def _resolved(function: Function) -> Function:
    """The function with ``%SETTING%`` replaced in its schedule and hubs (WebJobs SDK: auto-resolve)."""
    clients = tuple(
        replace(client, task_hub=client.task_hub and resolve(client.task_hub, os.environ))
        for client in function.clients
    )
    schedule = function.schedule
    if schedule is not None:
        schedule = replace(schedule, expression=resolve(schedule.expression, os.environ))
        try:
            read_schedule(schedule.expression)
        except NotASchedule as error:
            raise ValueError(
                f"Microsoft.Azure.WebJobs.Host: Error indexing method 'Functions.{function.name}'. "
                f"Microsoft.Azure.WebJobs.Extensions: {error}"
            ) from error
    return replace(function, clients=clients, schedule=schedule)


def _warnings(functions: list[Function]) -> list[str]:
    found: list[str] = []
    registered: dict[tuple[Kind, str], Function] = {}
    for function in functions:
        if function.kind in _DURABLE_NAMES:
            key = (function.kind, function.durable_name.lower())
            other = registered.get(key)
            if other is not None:
                found.append(
                    f"{other.name} and {function.name} are both registered as {function.kind} {function.durable_name}: "
                    f"every call goes to {function.name}."
                )
            registered[key] = function
        user_code = getattr(function.handler, "client_function", None)
        if user_code is not None and not inspect.iscoroutinefunction(user_code):
            found.append(
                f"{function.name} has a durable client but is not async: each call runs it and then fails with a "
                "TypeError, since the SDK awaits what it returns. Write async def."
            )
    return found
