"""What the hub asks of the app's functions, and the texts that the extension makes of their failures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from devhost.dotnet.exceptions import ARGUMENT_HRESULT, SOCKET_HRESULT, rpc_exception, serialized
from devhost.dotnet.json_text import compact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


HTTP_ACTIVITY: Final = "BuiltIn::HttpActivity"
NON_DETERMINISTIC: Final = "DurableTask.Core.Exceptions.NonDeterministicOrchestrationException"
NO_FUNCTION: Final = "DurableTask.Core.Exceptions.OrchestrationFailureException"
_EXTENSION: Final = "Microsoft.Azure.WebJobs.Extensions.DurableTask"
FUNCTION_FAILED: Final = f"{_EXTENSION}.FunctionFailedException"
FUNCTION_FAILED_OF: Final = (
    f"{FUNCTION_FAILED}, {_EXTENSION}, Version=3.0.0.0, Culture=neutral, PublicKeyToken=014045d636e89289"
)
IO_HRESULT: Final = -2146232800
_THROW = "   at System.Threading.Tasks.Task.ThrowIfExceptional(Boolean includeTaskCanceledExceptions)"
_REPLAY = "   at DurableTask.Core.TaskOrchestrationExecutor.ProcessEvent(HistoryEvent historyEvent)"
_SHIM = (
    f"   at {_EXTENSION}.TaskOrchestrationShim.InvokeUserCodeAndHandleResults("
    "RegisteredFunctionInfo orchestratorInfo, OrchestrationContext innerContext) in TaskOrchestrationShim.cs:line 148"
)
_SHIM_THROW = _SHIM.replace("148", "143")
_NO_ORCHESTRATOR = (
    f"   at {_EXTENSION}.DurableTaskExtension.<>c__DisplayClass92_1.<OrchestrationMiddleware>b__1() "
    "in DurableTaskExtension.cs:line 877"
)
_NO_ENTITY = (
    f"   at {_EXTENSION}.DurableTaskExtension.<>c__DisplayClass94_1.<EntityMiddleware>b__1() "
    f"in DurableTaskExtension.cs:line 1302\n   at {_EXTENSION}.TaskEntityShim.ProcessOperationRequestAsync("
    "RequestMessage request) in TaskEntityShim.cs:line 468"
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A function's exception as the worker reports it.

    Attributes:
        message: ``ValueError: boom``.
        stack: the Python stack, lines as the traceback module writes them.
    """

    message: str
    stack: str

    @property
    def text(self) -> str:
        """The host's exception text, as the extension cuts it apart (contract 3.3, 4.5)."""
        return f"Result: Failure\nException: {self.message}\nStack: {self.stack}"


@dataclass(frozen=True, slots=True)
class HttpFailure(Failure):
    """A call over HTTP that got no answer: .NET's exception, not one of the app's.

    Attributes:
        details: that exception as the engine serializes it.
    """

    details: str


@dataclass(frozen=True, slots=True)
class HostFailure(Failure):
    """An activity that did not end by itself, or never ran: the host's exception, not one of the app's.

    Attributes:
        details: that exception as the engine serializes it.
    """

    details: str


def unknown_function(kind: str, name: str, spelled: Mapping[str, Sequence[str]]) -> str:
    """The extension's text about a name that the app does not have (contract 1.3)."""
    article = "an" if kind[0] in "aeo" else "a"
    known = ", ".join(f"'{one}'" for one in spelled.get(kind, ()))
    return (
        f"The function '{name}' doesn't exist, is disabled, or is not {article} {kind} function. "
        f"Additional info: The following are the known {kind} functions: {known}."
    )


def activity_reason(name: str, failure: Failure) -> str:
    """``Reason`` of a failed activity's row: two blanks before the exception (contract 4.5).

    A failed call over HTTP is no function of the app's: there the message is alone. What the host itself reports
    has one blank.

    """
    if name == HTTP_ACTIVITY:
        return failure.message
    if isinstance(failure, HostFailure):
        return f"Activity function '{name}' failed: {failure.message}"
    return f"Activity function '{name}' failed:  {failure.message}"


def activity_details(failure: Failure) -> str:
    """``Details`` of a failed activity's row: .NET's serialized exception (contract 4.5)."""
    if isinstance(failure, HttpFailure | HostFailure):
        return failure.details
    outer = serialized("System.Exception", f" {failure.message}", rpc_exception(failure.text))
    return compact(outer)


def child_details(error: str | None, thrown: str) -> str | None:
    """``Details`` of a failed sub-orchestration's row; None for a terminated one (contract 4.9).

    Args:
        error: its failure without the engine's prefix.
        thrown: the .NET exception behind it; empty for what the orchestrator itself raised.

    """
    if error is None:
        return None
    if thrown == "System.AggregateException":
        text = error.removeprefix("One or more errors occurred. (").removesuffix(")")
        inner = rpc_exception(text)
        outer = serialized(
            thrown, "One or more errors occurred.", inner, f"{_THROW}\n{_SHIM}", "System.Private.CoreLib"
        )
        return compact({**outer, "InnerExceptions": [inner]})
    if thrown == NON_DETERMINISTIC:
        return f"Unhandled exception while executing orchestration: {thrown}: {error}\n{_REPLAY}"
    if thrown == NO_FUNCTION:
        outer = serialized(thrown, error, None, f"{_NO_ORCHESTRATOR}\n{_SHIM_THROW}", _EXTENSION)
        return compact(outer | {"$type": f"{thrown}, DurableTask.Core", "Details": None})
    if thrown:
        outer = serialized(thrown, error, None, _SHIM, _EXTENSION)
        return compact({**outer, "HResult": ARGUMENT_HRESULT, "ParamName": None})
    return f"Message: {error}, StackTrace: {_THROW}\n{_SHIM}"


def http_failure(message: str, error: int, inner: str | None, native: int | None = None) -> HttpFailure:
    """A call over HTTP whose connection could not be made (contract 3.4).

    Args:
        message: ``Connection refused (localhost:1)``.
        error: .NET's ``HttpRequestError``: 1 for an unknown name, 2 for a connection.
        inner: the socket's own text, if it was a socket.
        native: and its number.
    """
    socket = None
    if inner is not None:
        name = "System.Net.Sockets.SocketException"
        socket = serialized(name, inner, None, None, "System.Net.Sockets")
        socket |= {"$type": f"{name}, System.Net.Primitives", "HResult": SOCKET_HRESULT, "NativeErrorCode": native}
    outer = {
        "$type": "System.Net.Http.HttpRequestException, System.Net.Http",
        "HttpRequestError": error,
        "StatusCode": None,
        "Message": message,
        "Data": {"$type": "System.Collections.ListDictionaryInternal, System.Private.CoreLib"},
        "InnerException": socket,
        "HelpLink": None,
        "Source": "System.Net.Http",
        "HResult": SOCKET_HRESULT,
        "StackTrace": None,
    }
    return HttpFailure(message, "", compact(outer))


def http_io_failure(message: str, error: int, inner: str) -> HttpFailure:
    """A call over HTTP whose answer broke off.

    Args:
        message: of .NET's ``HttpRequestException``.
        error: its ``HttpRequestError``.
        inner: the message of the ``HttpIOException`` behind it.
    """
    outer: dict[str, Any] = json.loads(http_failure(message, error, None).details)
    cause = {"$type": "System.Net.Http.HttpIOException, System.Net.Http"} | {
        key: value for key, value in outer.items() if key not in ("$type", "StatusCode")
    }
    cause |= {"Message": inner, "HResult": IO_HRESULT}
    return HttpFailure(message, "", compact(outer | {"InnerException": cause, "HResult": IO_HRESULT}))


def lost_activity(name: str) -> HostFailure:
    """An activity that was scheduled by a release that had it, and is run by one that has not (contract 4.5)."""
    message = f"Activity function '{name}' does not exist."
    return HostFailure(message, "", compact(_function_failed(message)))


def timeout_failure(message: str, invocation_id: str, method: str, time: str) -> HostFailure:
    """An activity that ran longer than host.json allows (contract 4.5)."""
    name = "Microsoft.Azure.WebJobs.Host.FunctionTimeoutException"
    outer = serialized(name, message, None) | {"$type": f"{name}, Microsoft.Azure.WebJobs.Host"}
    outer |= {"Handled": False, "InstanceId": invocation_id, "MethodName": method, "Timeout": time}
    return HostFailure(message, "", compact(outer))


def disabled_activity(name: str) -> HostFailure:
    """A call of an activity that a setting turns off (seen on the extension 3.19.0)."""
    message = f"Activity function '{name}' is disabled."
    return HostFailure(message, "", compact(_function_failed(message)))


def disabled_entity(name: str, spelled: Mapping[str, Sequence[str]]) -> str:
    """What an operation of an entity that a setting turns off gives its caller: the exception, as JSON text."""
    return compact(_function_failed(unknown_function("entity", name, spelled), _NO_ENTITY, _EXTENSION))


def _function_failed(message: str, stack: str | None = None, source: str | None = None) -> dict[str, Any]:
    return serialized(FUNCTION_FAILED, message, None, stack, source) | {"$type": f"{FUNCTION_FAILED}, {_EXTENSION}"}
