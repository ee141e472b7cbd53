"""W3C trace contexts, and how they go from a start to activities, children and entities."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any, Final

from devhost.timekeeping.ticks import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping


_FORM: Final = re.compile("[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")


LONGEST_STATE: Final = 513  # the engine drops a longer one whole


def new_span(parent: str = "") -> str:
    """The traceparent of a new span: in its parent's trace, or in a new one where that is no traceparent."""
    found = _FORM.fullmatch(parent)
    if found is None:
        return f"00-{random.getrandbits(128) or 1:032x}-{random.getrandbits(64) or 1:016x}-01"
    return f"00-{found[1]}-{random.getrandbits(64) or 1:016x}-{found[3]}"


def is_trace(parent: str) -> bool:
    """Whether this is a traceparent."""
    return _FORM.fullmatch(parent) is not None


def trace_id(parent: str) -> str:
    """The trace's id, 32 hexadecimal digits; empty where there is none."""
    return parent[3:35]


def span_id(parent: str) -> str:
    """The span's id, 16 hexadecimal digits; empty where there is none."""
    return parent[36:52]


def for_instance(parent: str, state: str, at: int) -> dict[str, Any]:
    """``ParentTraceContext`` of an ExecutionStarted row: who started it, and the instance's own span."""
    own = new_span(parent)
    kept = state if state and len(state) <= LONGEST_STATE else None
    started = stamp(at, "+00:00")
    return {
        "TraceParent": parent, "TraceState": kept, "Id": own, "SpanId": span_id(own), "ActivityStartTime": started,
    }  # fmt: skip


def for_task(of: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """``ParentTraceContext`` of a TaskScheduled row, in the trace of the instance's; None where that has none."""
    if of is None:
        return None
    state = of["TraceState"]
    return {
        "TraceParent": new_span(of["Id"]), "TraceState": state, "Id": None, "SpanId": None, "ActivityStartTime": None,
    }  # fmt: skip


def for_entity(of: Mapping[str, Any], *, signal: bool) -> dict[str, Any]:
    """``parentTraceContext`` of a request to an entity: a signal has a span of its own, a call that of the caller."""
    return {
        "$type": "DurableTask.Core.Tracing.DistributedTraceContext, DurableTask.Core",
        "TraceParent": new_span(of["Id"]) if signal else of["Id"],
        "TraceState": of["TraceState"], "Id": None, "SpanId": None, "ActivityStartTime": None,
    }  # fmt: skip
