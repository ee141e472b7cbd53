"""The trace that an invocation belongs to, made current, so that the durable client sends it with a start.

The durable client sends the OpenTelemetry API's current trace as ``traceparent``. The Python worker makes the
invocation's trace current only with ``PYTHON_ENABLE_OPENTELEMETRY``, and then the Functions host drops the app's log
lines: docs/decisions/0013-logs-by-the-host.md. So the starters do it themselves.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import context as current
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_W3C = TraceContextTextMapPropagator()


@contextmanager
def of_invocation(invocation: Any) -> Iterator[None]:
    """Within the block the trace of the invocation is the current one.

    Args:
        invocation: what the worker passes to a function as its ``context``. One without a trace, or with what is no
            ``traceparent`` (W3C Trace Context), leaves current what was.
    """
    token = current.attach(_W3C.extract(_carrier(invocation), current.get_current()))
    try:
        yield
    finally:
        current.detach(token)


def _carrier(invocation: Any) -> Mapping[str, str]:
    of = getattr(invocation, "trace_context", None)
    headers = {"traceparent": getattr(of, "trace_parent", None), "tracestate": getattr(of, "trace_state", None)}
    return {name: text for name, text in headers.items() if text}
