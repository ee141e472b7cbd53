"""The current trace inside the worker, and the OpenTelemetry API's view of it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


ENABLED_SETTING: Final = "PYTHON_ENABLE_OPENTELEMETRY"


_TRUE: Final = frozenset({"true", "1", "t", "y", "yes"})


# The traceparent of the activity that runs here; empty where there is no trace.
CURRENT: ContextVar[str] = ContextVar("devhost_traceparent", default="")


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Whether the worker is to make the invocation's trace the current one of the OpenTelemetry API."""
    return environ.get(ENABLED_SETTING, "").strip().lower() in _TRUE


def attach(parent: str, state: str) -> Callable[[], None]:
    """Makes this the current trace of the OpenTelemetry API, as the real worker does; answers what ends it."""
    from opentelemetry import context  # noqa: PLC0415 - comes with the SDK that asks for it
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    carrier = {"traceparent": parent, "tracestate": state}
    token = context.attach(TraceContextTextMapPropagator().extract(carrier))
    return lambda: context.detach(token)
