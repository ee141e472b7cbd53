"""A trace runs from the starter over the orchestration to each activity; who wants no trace pays nothing."""

import json
import sys
from datetime import timedelta

import pytest
from checkout import REVIEWS
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from devhost.app import telemetry
from devhost.app.host_json import read_host_json
from devhost.runtime import spans as durable_spans
from devhost.runtime import trace_context
from devhost.testing.host import HostDied

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GIVEN = f"00-{TRACE}-00f067aa0ba902b7-01"
START = "/api/orchestrators/OrchFunction"
FAMILY = """
import json

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="begin", methods=["POST"])
@app.durable_client_input(client_name="client")
async def Begin(req: func.HttpRequest, client) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(await client.start_new("Parent")))

@app.orchestration_trigger(context_name="context")
def Parent(context):
    return (yield context.call_sub_orchestrator("Child"))

@app.orchestration_trigger(context_name="context")
def Child(context):
    try:
        yield context.call_activity("Break", 1)
    except Exception:
        pass
    first = yield context.call_activity("Told", 1)
    yield context.create_timer(context.current_utc_datetime.replace(microsecond=0))
    return first

@app.orchestration_trigger(context_name="context")
def Again(context):
    if context.get_input()["left"]:
        context.continue_as_new({"left": 0})
        return None
    return (yield context.call_activity("Told", 1))

@app.orchestration_trigger(context_name="context")
def Counts(context):
    counter = df.EntityId("Counter", "one")
    context.signal_entity(counter, "add")
    return (yield context.call_entity(counter, "get"))

@app.entity_trigger(context_name="context")
def Counter(context):
    count = context.get_state(lambda: 0) + (context.operation_name == "add")
    context.set_state(count)
    context.set_result(count)

@app.activity_trigger(input_name="value")
def Told(value: int, context: func.Context) -> str:
    return context.trace_context.trace_parent

@app.activity_trigger(input_name="value")
def Break(value: int) -> str:
    raise ValueError("broken")
"""


@pytest.fixture
def spans(monkeypatch):
    """Gives the spans that the process has exported so far, by name; the last of each."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(durable_spans, "provider", lambda: provider)
    return lambda: {f"{one.kind.name} {one.name}": one for one in exporter.get_finished_spans()}


@pytest.fixture
def host(durable_host, monkeypatch):
    """An app that hands its trace on, without the setting that would take its log lines from Application Insights."""
    monkeypatch.delenv(telemetry.ENABLED_SETTING, raising=False)
    return durable_host(REVIEWS)


@pytest.fixture
def made(durable_host, tmp_path):
    """Makes the host of an app with a parent and a child, and this for ``tracing`` in host.json."""

    def make(said):
        (tmp_path / "function_app.py").write_text(FAMILY, encoding="utf-8")
        settings = {"version": "2.0", "extensions": {"durableTask": {"tracing": said}}}
        (tmp_path / "host.json").write_text(json.dumps(settings), encoding="utf-8")
        return durable_host(tmp_path)

    return make


@pytest.fixture
def family(made):
    """That host, with tracing on."""
    return made(json.loads(ON))


ON = '{"distributedTracingEnabled": true, "version": "V2"}'


def start(host, name, body=b"", parent=GIVEN):
    """An instance that another caller starts at the management API."""
    headers = {"traceparent": parent, "tracestate": "vendor=1"}
    return host.manage("POST", f"orchestrators/{name}", body, headers).json()["id"]


def context_of(host, case):
    """``ParentTraceContext`` of the instance's first row."""
    return host.rows(case)[1]["ParentTraceContext"]


def hexes(span):
    """Trace, own id and parent's id of a span, as they are written."""
    own, parent = span.context, span.parent
    return f"{own.trace_id:032x}", f"{own.span_id:016x}", f"{parent.span_id:016x}" if parent else None


def test_one_trace_runs_from_the_starter_to_the_activity(host, spans):
    """Under the request's trace id, each span the parent of the next; a host that ends on the way changes nothing."""
    case = host.call("POST", START, headers={"traceparent": GIVEN}).json()["id"]
    host.restart_host()
    host.advance(timedelta(seconds=5))
    host.die(after_commit=2)  # the event is stored, and the episode that asks for the activity
    with pytest.raises(HostDied):
        host.raise_event(case, "Approval", "Approved")
    host.restart_host()
    host.run_until_idle()
    assert host.status(case).runtime_status == "Completed"
    found = spans()
    chain = [
        "SERVER POST orchestrators/{functionName}",
        "PRODUCER create_orchestration:OrchFunction",
        "SERVER orchestration:OrchFunction",
        "CLIENT activity:Approval",
        "SERVER activity:Approval",
    ]
    assert set(found) == set(chain)
    told = [hexes(found[name]) for name in chain]
    assert {trace_id for trace_id, _, _ in told} == {TRACE}
    assert [parent for _, _, parent in told] == [GIVEN[36:52], *[own for _, own, _ in told[:-1]]]
    whole = found["SERVER orchestration:OrchFunction"]
    assert round((whole.end_time - whole.start_time) / 1e9, 3) == 5.0
    assert whole.attributes["durabletask.task.status"] == "Completed"
    assert whole.attributes["durabletask.task.instance_id"] == case


def test_a_request_without_a_trace_begins_one(host, spans):
    """The starter, the orchestration and the activity are under the same new id."""
    host.call("POST", START)
    host.run_until_idle()
    found = spans()
    assert "CLIENT activity:Escalation" in found
    assert "INTERNAL orchestration:OrchFunction:timer" in found
    assert len({hexes(span)[0] for span in found.values()}) == 1
    assert TRACE not in {hexes(span)[0] for span in found.values()}
    assert hexes(found["SERVER POST orchestrators/{functionName}"])[2] is None


def test_the_console_says_the_trace_id(host):
    """At the start, at the activity and at the end, also where nobody collects spans."""
    case = host.call("POST", START, headers={"traceparent": GIVEN}).json()["id"]
    host.run_until_idle()
    assert host.steps[case] == [
        f"OrchFunction started, trace {TRACE}",
        f"Escalation ran, trace {TRACE}",
        f"OrchFunction completed, trace {TRACE}",
    ]


@pytest.mark.parametrize(("setting", "is_handed_on"), [(None, False), ("true", True)])
def test_a_worker_hands_the_trace_on_only_with_the_setting(family, monkeypatch, setting, is_handed_on):
    """As on Azure: an app that does nothing for it itself has instances in traces of their own without it."""
    monkeypatch.delenv(telemetry.ENABLED_SETTING, raising=False)
    if setting:
        monkeypatch.setenv(telemetry.ENABLED_SETTING, setting)
    case = family.call("POST", "/api/begin", headers={"traceparent": GIVEN}).json()
    assert trace_context.is_trace(context_of(family, case)["TraceParent"])
    assert (TRACE in context_of(family, case)["TraceParent"]) is is_handed_on


def test_an_app_that_turns_no_tracing_on_has_none(made, spans):
    """No row, no console line and no span tells of a trace."""
    host = made({})
    case = start(host, "Parent")
    host.run_until_idle()
    assert host.status(case).output == ""
    assert {row.get("ParentTraceContext") for row in host.rows(case)} == {None}
    assert host.steps[case][0] == "Parent started"
    assert spans() == {}


@pytest.mark.parametrize("parent", ["", "junk", "00-" + 32 * "0" + "-00f067aa0ba902b7-01", GIVEN[:-1], GIVEN.upper()])
def test_what_is_no_traceparent_begins_a_trace(family, spans, parent):
    """The start goes on in a new one."""
    case = start(family, "Parent", parent=parent)
    assert trace_context.is_trace(context_of(family, case)["Id"])
    made = spans()["PRODUCER create_orchestration:Parent"]
    assert hexes(made)[0] != TRACE
    assert hexes(made)[2] is None


def test_the_first_row_tells_the_orchestrator_of_its_trace(family):
    """In the extension's form, and it reaches the orchestrator with the payload."""
    case = start(family, "Parent")
    told = context_of(family, case)
    assert list(told) == ["TraceParent", "TraceState", "Id", "SpanId", "ActivityStartTime"]
    assert told["TraceParent"].startswith(f"00-{TRACE}-")
    assert told["TraceState"] == "vendor=1"
    assert told["Id"] == f"00-{TRACE}-{told['SpanId']}-01"
    assert json.loads(family.payloads[0])["history"][1]["ParentTraceContext"] == told


def test_children_and_activities_are_in_the_trace(family, spans):
    """A failed activity too; the activity's code sees its own place in the trace."""
    case = start(family, "Parent")
    family.run_until_idle()
    found = spans()
    assert {hexes(span)[0] for span in found.values()} == {TRACE}
    asked, child = found["CLIENT orchestration:Child"], found["SERVER orchestration:Child"]
    assert hexes(asked)[2] == hexes(found["SERVER orchestration:Parent"])[1]
    assert hexes(child)[2] == hexes(asked)[1]
    assert hexes(found["CLIENT activity:Told"])[2] == hexes(child)[1]
    assert hexes(found["INTERNAL orchestration:Child:timer"])[2] == hexes(child)[1]
    assert family.status(case).output == f"00-{TRACE}-{hexes(found['SERVER activity:Told'])[1]}-01"
    for name in ("CLIENT activity:Break", "SERVER activity:Break"):
        assert found[name].status.status_code is trace.StatusCode.ERROR
        assert "broken" in found[name].status.description


def test_a_failed_orchestration_is_a_failed_span(host, spans):
    """With the reason that its status shows."""
    case = start(host, "OrchFunction", b'"text"')
    assert host.status(case).runtime_status == "Failed"
    whole = spans()["SERVER orchestration:OrchFunction"]
    assert whole.status.status_code is trace.StatusCode.ERROR


def test_a_terminated_orchestration_is_a_failed_span(host, spans):
    """It says by what."""
    case = start(host, "OrchFunction")
    host.terminate(case, "not needed")
    whole = spans()["SERVER orchestration:OrchFunction"]
    assert (whole.status.status_code, whole.status.description) == (trace.StatusCode.ERROR, "Terminated")
    assert whole.attributes["durabletask.task.status"] == "Terminated"


def test_an_instance_that_continues_as_new_stays_in_its_trace(family, spans):
    """It is one span from the first start on."""
    case = start(family, "Again", b'{"left": 1}')
    family.run_until_idle()
    assert family.status(case).runtime_status == "Completed"
    found = spans()
    assert hexes(found["CLIENT activity:Told"])[2] == hexes(found["SERVER orchestration:Again"])[1]


def test_requests_to_entities_carry_the_trace(family):
    """A signal with a span of its own, a call with the caller's; the field's place is the extension's."""
    case = start(family, "Counts")
    family.run_until_idle()
    own = context_of(family, case)
    signal, call = [json.loads(row["Input"]) for row in family.rows(case) if row["EventType"] == 14]
    assert list(signal)[-2:] == list(call)[-2:] == ["parentTraceContext", "requestTime"]
    assert call["parentTraceContext"]["TraceParent"] == own["Id"]
    assert trace_context.trace_id(signal["parentTraceContext"]["TraceParent"]) == TRACE
    assert trace_context.span_id(signal["parentTraceContext"]["TraceParent"]) != own["SpanId"]
    assert family.status(case).output == 1


@pytest.mark.parametrize(
    ("said", "is_on"),
    [
        (None, False),
        (ON, True),
        ('{"distributedTracingEnabled": true}', False),
        ('{"distributedTracingEnabled": false, "version": "V2"}', False),
        ('{"DistributedTracingEnabled": "True", "Version": "v2"}', True),
    ],
)
def test_tracing_is_on_where_host_json_says_v2(tmp_path, said, is_on):
    """The extension's own default is V1, of another protocol."""
    settings = {"version": "2.0", "extensions": {"durableTask": {"tracing": json.loads(said)} if said else {}}}
    (tmp_path / "host.json").write_text(json.dumps(settings), encoding="utf-8")
    assert read_host_json(tmp_path).tracing is is_on


def test_the_provider_is_that_of_the_process(monkeypatch):
    """One of the OpenTelemetry SDK; the API's own, which collects nothing, is none."""
    monkeypatch.setattr(trace, "get_tracer_provider", trace.ProxyTracerProvider)
    assert durable_spans.provider() is None
    mine = TracerProvider(shutdown_on_exit=False)
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: mine)
    assert durable_spans.provider() is mine
    monkeypatch.delitem(sys.modules, "opentelemetry.sdk.trace")
    assert durable_spans.provider() is None
