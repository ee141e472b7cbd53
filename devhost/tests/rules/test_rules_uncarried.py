"""What a function may raise and asyncio cannot carry: nobody waits for ever, and the console says what to do."""

import asyncio
import concurrent.futures
from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func
import pytest

from devhost.app.uncarried import STOPPED
from devhost.testing.process import HostProcess

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


class Odd(BaseException):
    """No Exception."""


# KeyboardInterrupt is tried in a host of its own only: in the process of a test it is the tester's.
RAISED = {
    "StopIteration": StopIteration,
    "StopAsyncIteration": StopAsyncIteration,
    "GeneratorExit": GeneratorExit,
    "SystemExit": SystemExit,
    "asyncio.CancelledError": asyncio.CancelledError,
    "concurrent.futures.CancelledError": concurrent.futures.CancelledError,
    "Odd": Odd,
    "BaseExceptionGroup": lambda: BaseExceptionGroup("several", [Odd("one")]),
    "ExceptionGroup": lambda: ExceptionGroup("several", [ValueError("one")]),
}


def error_of(name):
    """What is to be raised."""
    return RAISED[name]()


# Which of them the worker hands on as they are, out of a function that is not async, and out of one that is.
PLAIN = {
    "def": {"StopAsyncIteration", "ExceptionGroup"},
    "async": {"StopIteration", "StopAsyncIteration", "ExceptionGroup", "concurrent.futures.CancelledError"},
}


@app.activity_trigger(input_name="name")
def raises(name: str):
    """Raises what the input says."""
    raise error_of(name)


@app.activity_trigger(input_name="name")
async def raises_async(name: str):
    """The same, awaited."""
    raise error_of(name)


@app.route("def/{name}")
def page(req: func.HttpRequest) -> func.HttpResponse:
    """The same for a caller over HTTP."""
    raise error_of(req.route_params["name"])


@app.route("async/{name}")
async def page_async(req: func.HttpRequest) -> func.HttpResponse:
    """The same, awaited."""
    raise error_of(req.route_params["name"])


@app.orchestration_trigger(context_name="context")
def calls(context):
    """Calls the activity of the input, and says what it sees of its failure."""
    activity, name = context.get_input()
    try:
        yield context.call_activity(activity, name)
    except Exception as error:  # noqa: BLE001 - the SDK raises plain Exception
        return str(error)


@app.orchestration_trigger(context_name="context")
def orchestrates(context):
    """An orchestrator without a yield that raises."""
    raise error_of(context.get_input())


@app.orchestration_trigger(context_name="context")
def orchestrates_on(context):
    """An orchestrator with a yield that raises."""
    yield context.call_activity("fine", 1)
    raise error_of(context.get_input())


@app.activity_trigger(input_name="value")
def fine(value):
    """Gives its input back."""
    return value


@app.entity_trigger(context_name="context")
def holder(context):
    """An entity whose operation raises what its input says."""
    raise error_of(context.get_input())


@app.timer_trigger(arg_name="timer", schedule="0 0 * * * *")
def hourly(timer: func.TimerRequest) -> None:
    """Ends the process, if it could."""
    raise SystemExit(timer.past_due)


def said_of(host, function):
    """What the console says about this function that asks for something to be done."""
    return [one for one in host.complaints if one.startswith(f"function {function} raised ")]


@pytest.mark.parametrize("threads", [False, True])
@pytest.mark.parametrize("name", RAISED)
@pytest.mark.parametrize(("activity", "how"), [("raises", "def"), ("raises_async", "async")])
def test_an_activity_fails(durable_host, activity, how, name, threads):
    """Its caller learns of it at once; what the worker would lose is named on the console."""
    host = durable_host(app, threads=threads)
    output = host.status(host.start("calls", [activity, name])).output
    shown = name.rpartition(".")[2]
    if name == "StopIteration":
        shown = f"RuntimeError: {STOPPED if how == 'def' else 'coroutine raised StopIteration'}"
    assert f"Activity function '{activity}' failed:  {shown}" in output
    assert len(said_of(host, activity)) == (name not in PLAIN[how])


@pytest.mark.parametrize("name", RAISED)
@pytest.mark.parametrize("how", ["def", "async"])
def test_an_http_function_is_answered(durable_host, how, name):
    """The caller gets a 500."""
    host = durable_host(app)
    assert host.call("GET", f"/api/{how}/{name}").status == 500
    function = "page" if how == "def" else "page_async"
    assert len(said_of(host, function)) == (name not in PLAIN[how])
    shown = "RuntimeError" if name == "StopIteration" else name.rpartition(".")[2]
    assert [one for one in host.complaints if one.startswith(f"{function}: {shown}: ")]


@pytest.mark.parametrize("name", RAISED)
@pytest.mark.parametrize("orchestrator", ["orchestrates", "orchestrates_on"])
def test_an_orchestrator_fails(durable_host, orchestrator, name):
    """The instance ends as Failed."""
    host = durable_host(app)
    case = host.start(orchestrator, name)
    assert host.status(case).runtime_status == "Failed"
    lost = name not in {"StopAsyncIteration", "ExceptionGroup", "concurrent.futures.CancelledError"}
    lost = lost and not (name == "StopIteration" and orchestrator == "orchestrates_on")  # Python's own RuntimeError
    lost = lost or (name == "concurrent.futures.CancelledError" and orchestrator == "orchestrates")
    assert bool(said_of(host, orchestrator)) == lost


def test_a_timer_function_does_not_end_the_host(durable_host):
    """Its failure is reported, and what it would do in Azure."""
    host = durable_host(app)
    host.advance(timedelta(hours=1))
    assert "ends the worker process" in said_of(host, "hourly")[0]


def test_an_entity_that_raises_what_the_sdk_does_not_catch_is_told(durable_host):
    """It is dropped like any entity function that fails as a whole."""
    host = durable_host(app)
    host.signal("holder", "k", "op", "SystemExit")
    assert "ends the worker process" in said_of(host, "holder")[0]
    assert any("the entity function 'holder' failed: SystemExit" in one for one in host.complaints)


def test_the_served_host_lives_on(tmp_path):
    """Every caller is answered, in a host whose event loop is its own."""
    (tmp_path / "function_app.py").write_text(
        "import asyncio, concurrent.futures\n"
        "import azure.functions as func\n"
        "app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)\n"
        "names = dict(stop=StopIteration, exit=SystemExit, key=KeyboardInterrupt, gen=GeneratorExit,\n"
        "             gone=asyncio.CancelledError, other=concurrent.futures.CancelledError)\n"
        "@app.route('def/{name}')\n"
        "def plain(req): raise names[req.route_params['name']]()\n"
        "@app.route('async/{name}')\n"
        "async def awaited(req): raise names[req.route_params['name']]()\n"
    )
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    host = HostProcess(tmp_path, tmp_path / "state")
    host.start()
    try:
        for how in ("def", "async"):
            for name in ("stop", "exit", "key", "gen", "gone", "other"):
                with pytest.raises(OSError, match="HTTP Error 500"):
                    host.ask("GET", f"/api/{how}/{name}")
        assert not host.has_died()
        assert "function plain raised StopIteration" in host.text
        for name in ("StopIteration interacts", "SystemExit", "GeneratorExit"):  # and where it happened
            (line,) = [
                one
                for one in host.lines
                if f"plain failed: {name}" in one or f"plain failed: RuntimeError: {name}" in one
            ]
            assert line.rstrip().endswith("(function_app.py, line 7)")
    finally:
        host.close()
