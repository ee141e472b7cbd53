"""Running functions as the Python worker does (contract 6.4).

1. ``async def`` is awaited on the one event loop; ``def`` runs in a thread pool as large as
   PYTHON_THREADPOOL_THREAD_COUNT says, or Python's default. Orchestrators and entities are ``def``.
2. A function gets keyword arguments by binding name, and ``context`` if it asks for it.
3. A value returned by a function that has no place for one is an error.
4. What an activity takes and gives goes through the converters of azure-functions (contract 5.1).
"""

import asyncio
import os
import random
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from azure.functions.durable_functions import ActivityTriggerConverter
from azure.functions.meta import Datum
from azure.functions.timer import TimerRequest

from devhost.app import telemetry
from devhost.app.bindings import blobs as stored
from devhost.app.bindings.durable_client import client_binding
from devhost.app.bindings.http import EMPTY, FAILED, HttpAnswer, http_answer, http_request
from devhost.app.function_timeout import Limit, TimedOut
from devhost.app.indexer import App, Function
from devhost.app.uncarried import Uncarried, advice, carried, is_ours, own_exception
from devhost.dotnet.json_text import whole
from devhost.dotnet.redaction import hide_secrets
from devhost.durabletask.failures import Failure

__all__ = [
    "EMPTY",
    "FAILED",
    "RUNNING",
    "Context",
    "Failure",
    "HttpAnswer",
    "RetryContext",
    "TraceContext",
    "Worker",
    "activity_argument",
    "activity_result",
    "client_binding",
    "failure",
    "http_answer",
    "http_request",
    "timer_request",
]

THREADS_SETTING: Final = "PYTHON_THREADPOOL_THREAD_COUNT"
_DEFAULT_THREADS: Final = min(32, (os.cpu_count() or 1) + 4)  # as ThreadPoolExecutor has it


@dataclass(frozen=True, slots=True)
class TraceContext:
    """What ``context.trace_context`` offers: the call's place in its trace, empty texts where it has none."""

    trace_parent: str = ""
    trace_state: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RetryContext:
    """What ``context.retry_context`` offers; retry policies of functions are not played, so it says 0 of 0."""

    retry_count: int = 0
    max_retry_count: int = 0
    exception: Any = None


_LOCAL: Final = threading.local()


@dataclass(frozen=True, slots=True)
class Context:
    """The ``func.Context`` of one invocation, which the real worker does not derive from that class either."""

    invocation_id: str
    function_name: str
    function_directory: str
    trace_context: TraceContext = TraceContext()
    retry_context: RetryContext = RetryContext()

    @property
    def thread_local_storage(self) -> threading.local:
        """Where the worker keeps the invocation's id for threads of the app's own."""
        return _LOCAL


# Which invocation a line of the app's log belongs to.
RUNNING: ContextVar[Context | None] = ContextVar("devhost_running", default=None)


class _Out:
    """What a parameter with an output binding gets."""

    def __init__(self) -> None:
        self._value: Any = None

    def set(self, value: Any) -> None:
        self._value = value

    def get(self) -> Any:
        return self._value


class Worker:
    """Calls the functions of one app.

    Args:
        app: indexed.
        threads: how many ``def`` functions run at once; None: the setting, else Python's own default.
        warn: called with one sentence if the setting cannot be used.
        blobs: for blob bindings; in memory if left out.
        limit: after which a call is given up; None: never.
        asleep: how many calls may sleep in virtual time; they take no thread from the others.
    """

    def __init__(
        self,
        app: App,
        threads: int | None = None,
        warn: Callable[[str], None] = lambda _: None,
        blobs: stored.Blobs | None = None,
        limit: Limit | None = None,
        asleep: int = 0,
    ) -> None:
        self.app, self.blobs = app, blobs or stored.Blobs()
        self._warn, self._limit = warn, limit
        threads = (_thread_count(warn) if threads is None else threads) or _DEFAULT_THREADS
        self._pool = ThreadPoolExecutor(threads + asleep, thread_name_prefix="devhost-function")

    async def call(
        self,
        function: Function,
        arguments: Mapping[str, Any],
        invocation_id: str | None = None,
        trace: TraceContext | None = None,
    ) -> Any:
        """Run a function and give what it returned; what it raised is raised.

        Args:
            function: one of the app's.
            arguments: by binding name, without ``context`` and outputs.
            invocation_id: the host's id for this call; a new one if left out.
            trace: its place in a trace; that of the running activity if left out.

        Raises:
            RuntimeError: the function returned a value that has no place to go.
            TimedOut: it ran longer than host.json allows.
        """
        context, keywords = self._prepare(function, arguments, invocation_id, trace)
        try:
            if self._limit is None:
                return await self._run(function, context, keywords)
            with self._limit.on(context):
                return await self._run(function, context, keywords)
        except TimedOut as error:
            self._warn(
                f"{error}. Azure restarts the worker then, which ends everything else in it; here only this call is "
                "given up, and a thread of it that goes on running is not stopped"
            )
            raise
        except Exception as error:
            self._advise(function, error)
            raise

    async def _run(self, function: Function, context: Context, keywords: dict[str, Any]) -> Any:
        if function.is_async:
            value = await _run_async(function, context, keywords)
        else:
            loop = asyncio.get_running_loop()
            value = _handed_over(await loop.run_in_executor(self._pool, _run_apart, function, context, keywords))
        stored.write_outputs(self.blobs, function, keywords)
        return value

    def call_here(self, function: Function, arguments: Mapping[str, Any], invocation_id: str | None = None) -> Any:
        """Run a ``def`` function in this very thread: for callers that have a thread of their own."""
        context, keywords = self._prepare(function, arguments, invocation_id, None)
        try:
            value = _run(function, context, keywords)
        except BaseException as error:  # as a thread would report it
            if is_ours(error):
                raise
            raised = carried(error)
            self._advise(function, raised)
            raise raised from raised.__cause__
        stored.write_outputs(self.blobs, function, keywords)
        return value

    async def answer(
        self,
        function: Function,
        arguments: Mapping[str, Any],
        invocation_id: str | None = None,
        trace: TraceContext | None = None,
    ) -> HttpAnswer:
        """Run an HTTP function and give what the caller sees.

        Raises:
            Exception: what the function raised, or a TypeError for a value that is no HTTP answer; both are answered
                with ``FAILED``.
        """
        outputs = {name: _Out() for name in function.outputs}
        result = await self.call(function, {**arguments, **outputs}, invocation_id, trace)
        if function.output:
            return http_answer(result)
        http = next((one["name"] for one in function.bindings if one["type"] == "http"), "")
        value = outputs[http].get() if http in outputs else None
        return EMPTY if value is None else http_answer(value)

    def _advise(self, function: Function, error: Exception) -> None:
        text = advice(function.name, error)
        if text is not None:
            self._warn(text)

    def close(self) -> None:
        """Start no further call; calls that run in threads go on until they end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _prepare(
        self, function: Function, arguments: Mapping[str, Any], invocation_id: str | None, trace: TraceContext | None
    ) -> tuple[Context, dict[str, Any]]:
        context = Context(
            invocation_id or _invocation_id(),
            function.name,
            function.directory,
            trace or TraceContext(telemetry.CURRENT.get()),
            RetryContext(),
        )
        keywords = dict(arguments)
        if function.wants_context:
            keywords["context"] = context
        for name in function.outputs:
            keywords.setdefault(name, _Out())
        keywords |= stored.inputs(self.blobs, function, arguments)
        return context, keywords


def _invocation_id() -> str:
    """A GUID; it may be guessable, so the system's entropy is not used each time."""
    return str(UUID(int=random.getrandbits(128), version=4))


async def _run_async(function: Function, context: Context, keywords: dict[str, Any]) -> Any:
    token = RUNNING.set(context)
    _LOCAL.invocation_id = context.invocation_id
    detach = _attach(context)
    try:
        return _returned(function, await function.handler(**keywords))
    except Exception:
        raise
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # by the host, not by the function
            raise
        raise Uncarried(error) from error
    except BaseException as error:
        if is_ours(error):
            raise
        raise Uncarried(error) from error
    finally:
        detach()
        RUNNING.reset(token)


def _run(function: Function, context: Context, keywords: dict[str, Any]) -> Any:
    token = RUNNING.set(context)
    _LOCAL.invocation_id = context.invocation_id
    detach = _attach(context)
    try:
        return _returned(function, function.handler(**keywords))
    finally:
        detach()
        _LOCAL.invocation_id = None
        RUNNING.reset(token)


def _run_apart(function: Function, context: Context, keywords: dict[str, Any]) -> tuple[Any, Exception | None]:
    """What a call on a thread of the pool returned, or what the host learns of what it raised."""
    try:
        return _run(function, context, keywords), None
    except BaseException as error:  # noqa: BLE001 -- a future carries not all of them
        return None, carried(error)


def _handed_over(outcome: tuple[Any, Exception | None]) -> Any:
    value, error = outcome
    if error is not None:
        raise error
    return value


def _attach(context: Context) -> Callable[[], None]:
    """Makes the call's trace the current one, if a setting asks for it; answers what ends it."""
    of = context.trace_context
    if not of.trace_parent or not telemetry.is_wanted(os.environ):
        return _nothing
    return telemetry.attach(of.trace_parent, of.trace_state)


def _nothing() -> None:
    pass


def _returned(function: Function, value: Any) -> Any:
    if value is not None and not function.output:
        raise RuntimeError(f"function {function.name!r} without a $return binding returned a non-None value")
    return value


def _thread_count(warn: Callable[[str], None]) -> int | None:
    said = os.environ.get(THREADS_SETTING)
    if said is None:
        return None
    try:
        count = int(said)
    except ValueError:
        warn(f"{THREADS_SETTING} must be an integer; {said!r} is not accepted.")
        return None
    if count < 1:
        warn(f"{THREADS_SETTING} must be 1 or more; {said!r} is not accepted.")
        return None
    return count


def failure(error: BaseException) -> Failure:
    """What the worker reports of this exception, as the host passes it on: without what looks like a secret.

    Up to Python 3.12 the stack is the bare frames; from 3.13 on the worker sends the whole traceback, causes included.
    """
    error = own_exception(error)
    try:
        message = f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 -- an exception whose own text fails
        message = "Unhandled exception in function. Could not serialize original exception message."
    try:
        if sys.version_info >= (3, 13):
            stack = "".join(traceback.format_exception(error))
        else:
            stack = "".join(traceback.format_tb(error.__traceback__))
    except Exception:  # noqa: BLE001 -- the same, for the text within the traceback
        stack = ""
    return Failure(whole(hide_secrets(message)), whole(stack))


def activity_argument(text: str) -> Any:
    """What an activity gets for the text that the engine sends: the JSON value, or the text itself if it is no JSON.

    Raises:
        ValueError: it is JSON that the durable codec cannot turn into an object.
    """
    return ActivityTriggerConverter.decode(Datum(text, "string"), trigger_metadata={})


def activity_result(value: Any) -> str | None:
    """The JSON text of what an activity returned; None for null.

    Raises:
        ValueError: ``activity trigger output must be json serializable (...)``, which fails the activity.
    """
    text: str = ActivityTriggerConverter.encode(value, expected_type=None).value
    return None if text == "null" else text


def timer_request(
    *,
    past_due: bool = False,
    last: str | None = None,
    next_: str | None = None,
    updated: str | None = None,
    adjust_for_dst: bool = True,
) -> Any:
    """The ``func.TimerRequest`` that a timer function gets; the times are ISO 8601 texts."""
    status = {"Last": last, "Next": next_, "LastUpdated": updated} if last or next_ or updated else {}
    return TimerRequest(past_due=past_due, schedule_status=status, schedule={"AdjustForDST": adjust_for_dst})


def _spend_notice() -> None:
    """Have azure-functions 1.26 give its one warning about df_loads without expected_type now, unseen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        activity_argument("null")


_spend_notice()
