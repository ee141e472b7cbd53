"""W3C trace context, and the spans that the Durable extension makes with distributed tracing V2.

1. Every call of an HTTP function belongs to a trace: to that of the request's ``traceparent``, or to a new one.
2. Instances belong to traces if host.json turns distributed tracing on: to that of the start request, as the durable
   client or another caller sends it, or to a new one. It goes on to activities and children, through the store.
3. Spans are made only where the process has a tracer provider of the OpenTelemetry SDK; they go where it sends them.
   Nothing here is imported, built or kept for an instance without a trace.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from devhost.durabletask import history as h
from devhost.runtime.trace_context import is_trace, new_span, span_id, trace_id
from devhost.timekeeping.ticks import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from devhost.app.indexer import Function
    from devhost.durabletask.history import Row
    from devhost.durabletask.model import PendingActivity

_NANOSECONDS: Final = 100  # in a tick
_SDK: Final = "opentelemetry.sdk.trace"


class Span(NamedTuple):
    """A span that is over.

    Attributes:
        name: ``activity:Approval``, say.
        kind: ``SERVER``, ``CLIENT``, ``PRODUCER`` or ``INTERNAL``.
        own: its traceparent.
        parent: the traceparent of its parent; empty for none.
        began: in ticks.
        ended: in ticks.
        attributes: by name.
        failed: why it failed; None if it did not.
    """

    name: str
    kind: str
    own: str
    parent: str
    began: int
    ended: int
    attributes: Mapping[str, str | int]
    failed: str | None = None


# ---------------------------------------------------------------- spans


def provider() -> Any:
    """The process's tracer provider, if it is one of the OpenTelemetry SDK; else None."""
    if _SDK not in sys.modules:
        return None
    from opentelemetry import trace  # noqa: PLC0415 - only where the app or a test has it

    found = trace.get_tracer_provider()
    return found if isinstance(found, sys.modules[_SDK].TracerProvider) else None


def emit(spans: Sequence[Span]) -> None:
    """Passes finished spans to the provider."""
    if not spans or (to := provider()) is None:
        return
    from opentelemetry import trace  # noqa: PLC0415
    from opentelemetry.sdk.trace.id_generator import IdGenerator  # noqa: PLC0415

    class Given(IdGenerator):
        """The ids that a span has already."""

        def generate_trace_id(self) -> int:
            return int(trace_id(span.own), 16)

        def generate_span_id(self) -> int:
            return int(span_id(span.own), 16)

    tracer = to.get_tracer("DurableTask.Core")
    usual, tracer.id_generator = tracer.id_generator, Given()
    try:
        for span in spans:
            made = tracer.start_span(
                span.name,
                context=_remote(span.parent),
                kind=trace.SpanKind[span.kind],
                attributes=span.attributes,
                start_time=span.began * _NANOSECONDS,
            )
            if span.failed is not None:
                made.set_status(trace.StatusCode.ERROR, span.failed)
            made.end(span.ended * _NANOSECONDS)
    finally:
        tracer.id_generator = usual


def _remote(parent: str) -> Any:
    from opentelemetry import context, trace  # noqa: PLC0415

    if not parent:
        return context.Context()
    flags = trace.TraceFlags(int(parent[-2:], 16))
    of = trace.SpanContext(int(trace_id(parent), 16), int(span_id(parent), 16), is_remote=True, trace_flags=flags)
    return trace.set_span_in_context(trace.NonRecordingSpan(of), context.Context())


def named(kind: str, name: str, version: str | None) -> str:
    """A span's name, such as ``orchestration:OrchFunction`` or ``orchestration:OrchFunction@(2)``."""
    return f"{kind}:{name}@({version})" if version else f"{kind}:{name}"


def invocation(
    function: Function, method: str, own: str, parent: str, times: tuple[int, int], failed: str | None
) -> Span:
    """The span of a call of an HTTP function, as the host itself makes it."""
    route = function.http.route if function.http is not None else function.name
    attributes = {"faas.name": function.name, "faas.trigger": "http"}
    return Span(f"{method} {route}", "SERVER", own, parent if is_trace(parent) else "", *times, attributes, failed)


def created(row: Row, parent: str, ended: int) -> Span:
    """The span of a start, from the ExecutionStarted row that came of it."""
    of = row["OrchestrationInstance"]
    attributes = {
        "durabletask.type": "orchestration",
        "durabletask.task.name": row["Name"],
        "durabletask.task.instance_id": of["InstanceId"],
        "durabletask.task.execution_id": of["ExecutionId"],
    }
    name, own = named("create_orchestration", row["Name"], row["Version"]), row["ParentTraceContext"]["TraceParent"]
    return Span(name, "PRODUCER", own, parent if is_trace(parent) else "", parse(row["Timestamp"]), ended, attributes)


def activity(task: PendingActivity, own: str, times: tuple[int, int], failed: str | None) -> Span:
    """The span of an activity's run."""
    attributes = _task("activity", task.name, task.instance_id, task.task_id)
    return Span(f"activity:{task.name}", "SERVER", own, task.trace or "", *times, attributes, failed)


def orchestration(started: Row, status: str, failed: str | None, ended: int) -> Span:
    """The span of an instance that is over, from its start on."""
    of = started["ParentTraceContext"]
    attributes = _task("orchestration", started["Name"], started["OrchestrationInstance"]["InstanceId"])
    attributes |= {"durabletask.task.status": status}
    name, began = named("orchestration", started["Name"], started["Version"]), parse(of["ActivityStartTime"])
    return Span(name, "SERVER", of["Id"], of["TraceParent"], began, ended, attributes, failed)


def awaited(history: Sequence[Row], arrived: Sequence[Row], started: Row) -> list[Span]:
    """The spans of what an instance has waited for and got in this episode: activities, children, timers."""
    rows = {(row["EventType"], row["EventId"]): row for row in history}
    own, instance_id = started["ParentTraceContext"]["Id"], started["OrchestrationInstance"]["InstanceId"]
    found = []
    for row in arrived:
        kind, ended = row["EventType"], parse(row["Timestamp"])
        failed = row["Reason"] if kind in (h.TASK_FAILED, h.SUB_FAILED) else None
        if kind in (h.TASK_COMPLETED, h.TASK_FAILED):
            cause = rows.get((h.TASK_SCHEDULED, row["TaskScheduledId"]))
            if cause is not None and cause["ParentTraceContext"] is not None:
                span = cause["ParentTraceContext"]["TraceParent"]
                attributes = _task("activity", cause["Name"], instance_id, cause["EventId"])
                name = f"activity:{cause['Name']}"
                found.append(Span(name, "CLIENT", span, own, parse(cause["Timestamp"]), ended, attributes, failed))
        elif kind in (h.SUB_COMPLETED, h.SUB_FAILED):
            cause = rows.get((h.SUB_CREATED, row["TaskScheduledId"]))
            if cause is not None and cause["ClientSpanId"] is not None:
                span = f"{own[:36]}{cause['ClientSpanId']}{own[52:]}"
                attributes = _task("orchestration", cause["Name"], instance_id)
                name = named("orchestration", cause["Name"], cause["Version"])
                found.append(Span(name, "CLIENT", span, own, parse(cause["Timestamp"]), ended, attributes, failed))
        elif kind == h.TIMER_FIRED:
            cause = rows.get((h.TIMER_CREATED, row["TimerId"]))
            if cause is not None:
                attributes = _task("timer", started["Name"], instance_id, row["TimerId"])
                attributes |= {"durabletask.fire_at": row["FireAt"]}
                name = f"orchestration:{started['Name']}:timer"
                found.append(Span(name, "INTERNAL", new_span(own), own, parse(cause["Timestamp"]), ended, attributes))
    return found


def _task(kind: str, name: str, instance_id: str, task_id: int | None = None) -> dict[str, str | int]:
    attributes: dict[str, str | int] = {
        "durabletask.type": kind, "durabletask.task.name": name, "durabletask.task.instance_id": instance_id,
    }  # fmt: skip
    return attributes if task_id is None else attributes | {"durabletask.task.task_id": task_id}
