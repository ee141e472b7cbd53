"""What the app's settings say: host.json, and the settings that override it.

1. host.json is strict JSON here. The real host accepts comments, but the durable SDK reads the same file while it is
   imported and breaks on them, so an app with a comment in it does not start in Azure either.
2. Keys are found in any case, and an app setting ``AzureFunctionsJobHost__extensions__durableTask__hubName`` wins over
   the file (Functions host: both come from .NET configuration).
3. ``%NAME%`` in the hub's name is the setting NAME (Durable extension: name resolver).
4. A function is off when ``AzureWebJobs.NAME.Disabled`` says so (WebJobs SDK).
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from devhost.app.settings_files import fits_environment, strict_json
from devhost.durabletask.versions import Versions
from devhost.errors import BadSettings

DEFAULT_HUB: Final = "TestHubName"
DEFAULT_CONNECTION: Final = "Storage"
_OVERRIDE: Final = "azurefunctionsjobhost"
_TASK: Final = ("extensions", "durableTask")

_HUB_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{2,49}")
_PERCENT: Final = re.compile(r"%([^%]+)%")
_TIMESPAN: Final = re.compile(r"(-)?(?:(\d+)(?:\.|:(?=\d+:\d+:\d)))?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?")
_DAYS_FIRST: Final = re.compile(r"(-)?(\d+):(\d{1,2}):(\d{1,2})")
_MOST_DAYS: Final = 10_675_198
_LONGEST_SPAN: Final = 100  # characters
_LARGEST_COUNT: Final = 2**31 - 1
_DAYS: Final = re.compile(r"-?\d+")
_STATES: Final = {"nonrunningstates": "NonRunningStates", "anystate": "AnyState"}
_MATCHES: Final = {"none": "None", "strict": "Strict", "currentorolder": "CurrentOrOlder"}
_FAILURES: Final = {"reject": "Reject", "fail": "Fail"}


@dataclass(frozen=True, slots=True)
class HostJson:
    """What the host takes from host.json and the settings that override it.

    Attributes:
        hub_name: resolved; ``TestHubName`` by default.
        route_prefix: before every HTTP route, without slashes at its ends; may be empty.
        overridable: ``NonRunningStates`` or ``AnyState``: over which instances a start may go.
        connection: name of the storage connection, as written in the management URLs.
        versions: which versions of an orchestration this host runs, and which one it gives.
        max_queue_polling_interval: how long the real storage queue may sleep.
        max_activities: how many activities run at once.
        max_orchestrators: how many orchestrator episodes run at once.
        function_timeout: after which an invocation is given up; None: never.
        tracing: whether distributed tracing V2 is on.
        functions: names of the only functions that run; None: all do.
        custom_headers: that every answer gets, unless it has them.
        raw: the file with the overrides in it.
    """

    hub_name: str = DEFAULT_HUB
    route_prefix: str = "api"
    overridable: str = "NonRunningStates"
    connection: str = DEFAULT_CONNECTION
    versions: Versions = field(default_factory=Versions)
    max_queue_polling_interval: timedelta = timedelta(seconds=30)
    max_activities: int = 10
    max_orchestrators: int = 5
    function_timeout: timedelta | None = timedelta(minutes=30)
    tracing: bool = False
    functions: tuple[str, ...] | None = None
    custom_headers: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)


def read_host_json(folder: Path, environ: Mapping[str, str] | None = None) -> HostJson:
    """What host.json in this folder says, with the overrides of the environment.

    Args:
        folder: the app's folder.
        environ: the settings, those of local.settings.json included; none if left out.

    Raises:
        BadSettings: the file is missing, is not strict JSON, or holds a value that the real host refuses.
    """
    path = folder / "host.json"
    return host_json_of(path, strict_json(path), environ or {})


def host_json_of(path: Path, raw: dict[str, Any], environ: Mapping[str, str]) -> HostJson:
    """What the parsed file says, with the overrides of the environment.

    Args:
        path: of the file, for the sentence of a refusal.
        raw: its content; the overrides are put into it.
        environ: the settings.

    Raises:
        BadSettings: it holds a value that the real host refuses.
    """
    version = raw.get("version")
    if version is None:
        raise BadSettings(path, 'the property "version" is missing; write "version": "2.0".')
    if version != "2.0":
        raise BadSettings(path, f'"version" is {json.dumps(version)}, but the only one that Functions knows is "2.0".')
    _override(raw, environ)
    values = _Values(path, raw)
    storage = (*_TASK, "storageProvider")
    extended = (*_TASK, "extendedSessionsEnabled")
    if values.choice(extended, {"true": "true", "false": "false"}, "false") == "true":
        raise values.wrong(extended, "true", "false: the extension starts with extended sessions for .NET apps only")
    return HostJson(
        hub_name=_hub_name(path, values.text((*_TASK, "hubName")), environ),
        route_prefix=(values.text(("extensions", "http", "routePrefix"), "api") or "").strip("/"),
        overridable=values.choice((*_TASK, "overridableExistingInstanceStates"), _STATES, "NonRunningStates"),
        connection=values.text((*storage, "connectionName"))
        or values.text((*storage, "connectionStringName"))
        or DEFAULT_CONNECTION,
        versions=Versions(
            values.text((*_TASK, "defaultVersion")),
            values.choice((*_TASK, "versionMatchStrategy"), _MATCHES, "CurrentOrOlder"),
            values.choice((*_TASK, "versionFailureStrategy"), _FAILURES, "Reject") == "Fail",
        ),
        max_queue_polling_interval=values.span((*storage, "maxQueuePollingInterval"), timedelta(seconds=30)),
        max_activities=values.count((*_TASK, "maxConcurrentActivityFunctions"), 10),
        max_orchestrators=values.count((*_TASK, "maxConcurrentOrchestratorFunctions"), 5),
        function_timeout=_function_timeout(values),
        tracing=_tracing(values),
        functions=values.texts(("functions",)),
        custom_headers=values.names(("extensions", "http", "customHeaders")),
        raw=raw,
    )


def disabled(functions: Iterable[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Those functions that a setting turns off: ``AzureWebJobs.NAME.Disabled`` is ``true`` or ``1``, in any case.

    Where a variable's name cannot hold a dot, ``AzureWebJobs_NAME_Disabled`` does the same.
    """
    on = {name.lower() for name, value in environ.items() if value.strip().lower() in ("true", "1")}
    return tuple(
        one
        for one in functions
        if on & {f"azurewebjobs.{one}.disabled".lower(), f"azurewebjobs_{one}_disabled".lower()}
    )


def resolve(text: str, environ: Mapping[str, str]) -> str:
    """The text with each ``%NAME%`` replaced by the setting of that name.

    Raises:
        BadSettings: there is no such setting.
    """

    def setting(match: re.Match[str]) -> str:
        name = match[1]
        value = environ.get(name) if fits_environment(name) else None
        if value is None:
            raise BadSettings(text, f"'%{name}%' does not resolve to a value: there is no setting {name}.")
        return value

    return _PERCENT.sub(setting, text)


class _Values:
    """Typed reading of nested settings, keys in any case; says which key is wrong."""

    def __init__(self, path: Path, raw: Mapping[str, Any]) -> None:
        self._path = path
        self._raw = raw

    def _find(self, keys: tuple[str, ...]) -> Any:
        node: Any = self._raw
        for key in keys:
            if not isinstance(node, dict):
                return None
            node = next((value for name, value in node.items() if name.lower() == key.lower()), None)
        return node

    def wrong(self, keys: tuple[str, ...], value: object, wanted: str) -> BadSettings:
        return BadSettings(self._path, f'"{".".join(keys)}" is {json.dumps(value)}, but must be {wanted}.')

    def text(self, keys: tuple[str, ...], default: str | None = None) -> str | None:
        value = self._find(keys)
        if value is None:
            return default
        if isinstance(value, (dict, list)):
            raise self.wrong(keys, value, "a text")
        return value if isinstance(value, str) else json.dumps(value)

    def texts(self, keys: tuple[str, ...]) -> tuple[str, ...] | None:
        """A list of texts; settings that override one make an object of its numbers."""
        value = self._find(keys)
        if value is None:
            return None
        found = list(value.values()) if isinstance(value, dict) else value
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise self.wrong(keys, value, "a list of texts")
        return tuple(found)

    def names(self, keys: tuple[str, ...]) -> dict[str, str]:
        """An object of texts, by name."""
        value = self._find(keys) or {}
        if not isinstance(value, dict) or any(isinstance(one, (dict, list)) for one in value.values()):
            raise self.wrong(keys, value, "an object of names and texts")
        return {name: one if isinstance(one, str) else json.dumps(one) for name, one in value.items()}

    def choice(self, keys: tuple[str, ...], choices: Mapping[str, str], default: str) -> str:
        value = self.text(keys, default)
        chosen = choices.get(str(value).lower())
        if chosen is None:
            raise self.wrong(keys, value, " or ".join(f'"{name}"' for name in choices.values()))
        return chosen

    def count(self, keys: tuple[str, ...], default: int) -> int:
        value = self.text(keys)
        if value is None:
            return default
        if not re.fullmatch(r"\s*\+?\d{1,10}\s*", value) or not 0 < int(value) <= _LARGEST_COUNT:
            raise self.wrong(keys, self._find(keys), f"a whole number above 0, at most {_LARGEST_COUNT}")
        return int(value)

    def span(self, keys: tuple[str, ...], default: timedelta) -> timedelta:
        value = self.text(keys)
        if value is None:
            return default
        span = timespan(value)
        if span is None or span <= timedelta():
            raise self.wrong(keys, value, 'a time span above 0 such as "00:00:01"')
        return span


def _tracing(values: _Values) -> bool:
    """Version V1 is of another protocol, which nothing here speaks."""
    is_on = values.choice((*_TASK, "tracing", "distributedTracingEnabled"), {"true": "true", "false": "false"}, "false")
    version = values.choice((*_TASK, "tracing", "version"), {"none": "None", "v1": "V1", "v2": "V2"}, "V1")
    return is_on == "true" and version == "V2"


def timespan(text: str) -> timedelta | None:
    """A .NET time span: ``d``, ``hh:mm``, ``hh:mm:ss`` or ``d.hh:mm:ss.fff``; None if it is none of these.

    Three numbers that cannot be hours, minutes and seconds are days, hours and minutes: ``24:00:00`` is 24 days.
    """
    text = text.strip()
    if len(text) > _LONGEST_SPAN:
        return None
    if _DAYS.fullmatch(text):
        return _at_most(int(text))
    in_days = _DAYS_FIRST.fullmatch(text)
    if in_days is not None and int(in_days[2]) > 23:  # noqa: PLR2004 -- a clock's own number
        text = f"{in_days[1] or ''}{in_days[2]}.{in_days[3]}:{in_days[4]}"
    match = _TIMESPAN.fullmatch(text)
    if match is None:
        return None
    sign, days, hours, minutes, seconds, fraction = match.groups()
    if int(hours) > 23 or int(minutes) > 59 or int(seconds or 0) > 59:  # noqa: PLR2004 -- a clock's own numbers
        return None
    if _at_most(int(days or 0)) is None:
        return None
    span = timedelta(
        days=int(days or 0),
        hours=int(hours),
        minutes=int(minutes),
        seconds=int(seconds or 0),
        microseconds=int((fraction or "").ljust(7, "0")) // 10,
    )
    return -span if sign else span


def _at_most(days: int) -> timedelta | None:
    """So many days, if .NET's time span can hold them: its ticks are 64 bits."""
    return timedelta(days=days) if abs(days) <= _MOST_DAYS else None


def _function_timeout(values: _Values) -> timedelta | None:
    """30 minutes by default; ``-1``, for .NET minus one day, means never (Functions host: plans but Consumption)."""
    text = values.text(("functionTimeout",))
    if text is not None and timespan(text) == timedelta(days=-1):
        return None
    span = values.span(("functionTimeout",), timedelta(minutes=30))
    if span < timedelta(seconds=1):
        raise values.wrong(("functionTimeout",), text, "at least 00:00:01")
    return span


def _hub_name(path: Path, name: str | None, environ: Mapping[str, str]) -> str:
    """The hub's name, resolved; the rule is that of the storage tables it names, the words are the extension's.

    Without one it is the site's name, made fit, or ``TestHubName`` (contract 1.10).
    """
    if name is None:
        site = re.sub(r"[^A-Za-z0-9]", "", environ.get("WEBSITE_SITE_NAME", ""))[:45]
        return (f"t{site}"[:45] if site[0].isdigit() else site).ljust(3, "x") if site else DEFAULT_HUB
    name = resolve(name, environ)
    if not name:
        raise BadSettings(path, "a non-empty hubName is required; leave the key out to get the default.")
    if not _HUB_NAME.fullmatch(name):
        raise BadSettings(
            path,
            f"Task hub name '{name}' should contain only alphanumeric characters, start with a letter, "
            "and have length between 3 and 45.",
        )
    return name


def _override(raw: dict[str, Any], environ: Mapping[str, str]) -> None:
    """Lay the settings AzureFunctionsJobHost__a__b over the file's a.b, in the spelling that the file uses."""
    for name, value in environ.items():
        first, *keys = re.split(r"__|:", name)
        if first.lower() != _OVERRIDE or not keys:
            continue
        node = raw
        for position, key in enumerate(keys):
            known = next((present for present in node if present.lower() == key.lower()), key)
            if position == len(keys) - 1:
                node[known] = value
                break
            below = node.get(known)
            if not isinstance(below, dict):
                below = node[known] = {}
            node = below
