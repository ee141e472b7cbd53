"""What the hub asks of the app's functions, and the texts that the extension makes of their failures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from devhost.history import compact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from devhost.answer import Answer
    from devhost.engine import Functions


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


class Runner(Protocol):
    """The app's durable functions, called by name. Names are compared without case."""

    @property
    def functions(self) -> Functions:
        """What there is."""
        ...

    @property
    def spelled(self) -> Mapping[str, Sequence[str]]:
        """The names as the app spells them, under ``orchestrator``, ``activity`` and ``entity``."""
        ...

    def orchestrate(self, name: str, payload: str) -> Answer:
        """One run of an orchestrator over its trigger payload."""
        ...

    async def act(self, name: str, argument: str | None) -> str | Failure | None:
        """One run of an activity: JSON text in, JSON text out."""
        ...

    async def operate(self, name: str, payload: str) -> str | Failure:
        """One run of an entity over a batch."""
        ...

    async def fetch(self, request: Mapping[str, Any]) -> str | Failure:
        """One call of the built-in HTTP activity: its result's JSON text."""
        ...


def unknown_function(kind: str, name: str, spelled: Mapping[str, Sequence[str]]) -> str:
    """The extension's text about a name that the app does not have (contract 1.3)."""
    article = "an" if kind[0] in "aeo" else "a"
    known = ", ".join(f"'{one}'" for one in spelled[kind])
    return (
        f"The function '{name}' doesn't exist, is disabled, or is not {article} {kind} function. "
        f"Additional info: The following are the known {kind} functions: {known}."
    )


def activity_reason(name: str, failure: Failure) -> str:
    """``Reason`` of a failed activity's row: two blanks before the exception (contract 4.5)."""
    return f"Activity function '{name}' failed:  {failure.message}"


def activity_details(failure: Failure) -> str:
    """``Details`` of a failed activity's row: .NET's serialized exception (contract 4.5)."""
    inner: dict[str, Any] = {
        "$type": "Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script",
        "Message": failure.text,
        "Data": {},
        "InnerException": None,
        "HelpLink": None,
        "Source": None,
        "HResult": -2146233088,
        "StackTrace": None,
    }
    outer = {
        "$type": "System.Exception, System.Private.CoreLib",
        "ClassName": "System.Exception",
        "Message": f" {failure.message}",
        "Data": None,
        "InnerException": inner,
        "HelpURL": None,
        "StackTraceString": None,
        "RemoteStackTraceString": None,
        "RemoteStackIndex": 0,
        "ExceptionMethod": None,
        "HResult": -2146233088,
        "Source": None,
        "WatsonBuckets": None,
    }
    return compact(outer)


def child_details(error: str | None) -> str | None:
    """``Details`` of a failed sub-orchestration's row; None for a terminated one (contract 4.9)."""
    if error is None:
        return None
    trace = "   at System.Threading.Tasks.Task.ThrowIfExceptional(Boolean includeTaskCanceledExceptions)"
    shim = (
        "   at Microsoft.Azure.WebJobs.Extensions.DurableTask.TaskOrchestrationShim.InvokeUserCodeAndHandleResults("
        "RegisteredFunctionInfo orchestratorInfo, OrchestrationContext innerContext) "
        "in TaskOrchestrationShim.cs:line 148"
    )
    return f"Message: {error}, StackTrace: {trace}\n{shim}"
