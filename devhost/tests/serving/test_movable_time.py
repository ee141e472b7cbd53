"""``--movable-time``: time goes on as the machine's does, can be moved forward, and the app sees it."""

from datetime import UTC, datetime, timedelta

import pytest

from devhost.testing.process import HostProcess, until

APP = """
import datetime as module
import json
from datetime import UTC, date, datetime, timedelta
import azure.functions as func
import azure.durable_functions as df
app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route("now")
def now(req):
    import late
    moment = datetime.now(UTC)
    assert isinstance(moment, datetime) and type(moment) is module.datetime and issubclass(type(moment), datetime)
    assert datetime(2026, 1, 2).date() == datetime.fromisoformat("2026-01-02").date() == date(2026, 1, 2)
    assert abs(datetime.utcnow() - moment.replace(tzinfo=None)) < timedelta(seconds=5)
    return json.dumps({"now": moment.isoformat(), "today": date.today().isoformat(), "late": late.now().isoformat()})

@app.route("start/{name}")
@app.durable_client_input(client_name="client")
async def start(req, client):
    return client.create_check_status_response(req, await client.start_new(req.route_params["name"]))

@app.orchestration_trigger(context_name="context")
def waits(context):
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=2))
    return (yield context.call_activity("looks", ""))

@app.orchestration_trigger(context_name="context")
def blinks(context):
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=1))

@app.activity_trigger(input_name="x")
def looks(x: str) -> str:
    return datetime.now(UTC).isoformat()
"""
LATE = "from datetime import UTC, datetime\ndef now(): return datetime.now(UTC)\n"
HOUR_S = 3600


@pytest.fixture
def host(tmp_path):
    """A host of the app above."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app/function_app.py").write_text(APP)
    (tmp_path / "app/late.py").write_text(LATE)
    (tmp_path / "app/host.json").write_text('{"version": "2.0"}')
    process = HostProcess(tmp_path / "app", tmp_path / "state", "--movable-time")
    process.start()
    yield process
    process.close()


def ahead(text):
    """How many hours a moment is ahead of the machine's, rounded."""
    return round((datetime.fromisoformat(text) - datetime.now(UTC)) / timedelta(hours=1))


def status(host, case):
    """The status of an instance."""
    return host.ask("GET", case["statusQueryGetUri"].removeprefix(host.origin))


def output(host, case):
    """What came out of an instance, None before."""
    return status(host, case)["output"] if status(host, case)["runtimeStatus"] == "Completed" else None


def test_time_begins_with_the_machines_and_goes_on(host):
    """A timer of a second fires without being moved."""
    assert ahead(host.ask("GET", "/api/now")["now"]) == 0
    case = host.ask("POST", "/api/start/blinks")
    assert until(lambda: status(host, case)["runtimeStatus"] == "Completed" or None, "the timer fires")


def test_it_can_be_moved_and_the_app_sees_it(host):
    """Timers that are due fire on the way, and each module of the app has the new time, one that is loaded late too."""
    case = host.ask("POST", "/api/start/waits")
    host.ask("POST", "/devhost/clock", {"advance": 50 * HOUR_S})
    fired = until(lambda: output(host, case), "the timer fires")
    assert ahead(fired) == 2
    found = host.ask("GET", "/api/now")
    assert (ahead(found["now"]), found["today"]) == (50, found["now"][:10])
    assert until(lambda: ahead(host.ask("GET", "/api/now")["late"]) == 50 or None, "a late module sees it")


def test_it_does_not_go_back_at_the_next_start(host):
    """What was recorded is past."""
    case = host.ask("POST", "/api/start/waits")
    host.ask("POST", "/devhost/clock", {"advance": 50 * HOUR_S})
    until(lambda: output(host, case), "the timer fires")
    host.ask("POST", "/api/start/blinks")
    host.kill()
    host.start()
    assert ahead(host.ask("GET", "/api/now")["now"]) == 50
