"""The trace of an invocation, and what the durable client sends of it."""

import asyncio
from types import SimpleNamespace

import pytest
from azure.durable_functions import DurableOrchestrationClient
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from adapters.tracing import of_invocation
from functions import retention

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OTHER = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01"


def invocation(parent, state=""):
    """What the worker passes to a function as its context."""
    return SimpleNamespace(trace_context=SimpleNamespace(trace_parent=parent, trace_state=state))


def sent():
    """The headers that the durable client would send with a start now."""
    return DurableOrchestrationClient._get_current_activity_context()


def test_the_client_sends_the_trace_of_the_invocation():
    """Parent and state, and nothing any more when the block is over."""
    with of_invocation(invocation(PARENT, "vendor=1")):
        assert sent() == (PARENT, "vendor=1")
    assert sent() == (None, None)
    assert not trace.get_current_span().get_span_context().is_valid


@pytest.mark.parametrize("parent", ["", None, "00-zz", "no trace"])
def test_without_a_usable_trace_what_was_current_stays(parent):
    """The worker may have made a trace current itself; an invocation that brings none does not take it away."""
    with of_invocation(invocation(OTHER)), of_invocation(invocation(parent, None)):
        assert sent() == (OTHER, None)
    with of_invocation(SimpleNamespace()):
        assert sent() == (None, None)


def test_two_invocations_at_once_keep_their_traces_apart():
    """One waits while the other starts; each client sends its own."""

    async def started(parent):
        with of_invocation(invocation(parent)):
            await asyncio.sleep(0)
            return sent()[0]

    async def both():
        return await asyncio.gather(started(PARENT), started(OTHER))

    assert asyncio.run(both()) == [PARENT, OTHER]


def test_a_retention_run_is_in_the_trace_of_its_timer(monkeypatch, mocker):
    """The host makes a trace for each tick; the run that it starts belongs to it."""
    monkeypatch.setenv("RETENTION_MODE", "dry")
    seen = []

    async def start_new(*_given):
        seen.append(sent()[0])

    mocker.patch.object(retention.Engine, "status", mocker.AsyncMock(return_value=None))
    handler = retention.PurgeHistory.build().get_user_function().client_function
    asyncio.run(handler(timer=None, client=SimpleNamespace(start_new=start_new), context=invocation(PARENT)))
    assert seen == [PARENT]


def test_the_client_reads_the_trace_where_we_put_it():
    """The durable SDK injects the OpenTelemetry API's current context; if it no longer did, a start would lose it."""
    with of_invocation(invocation(PARENT)):
        carrier = {}
        TraceContextTextMapPropagator().inject(carrier)
    assert carrier["traceparent"] == PARENT
