"""Activities that sleep in virtual time take no thread from the orchestrators, however few threads there are."""

from devhost.testing.process import HostProcess

APP = """
import time
import azure.durable_functions as df
import azure.functions as func
app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route("start")
@app.durable_client_input(client_name="client")
async def start(req, client):
    return client.create_check_status_response(req, await client.start_new("beside"))

@app.orchestration_trigger(context_name="context")
def beside(context):
    naps = [context.call_activity("naps", n) for n in range(3)]
    said = yield context.wait_for_external_event("Approval")
    return [said, (yield context.task_all(naps))]

@app.activity_trigger(input_name="n")
def naps(n: int) -> int:
    time.sleep(600)
    return n
"""


def test_an_event_is_heard_while_every_activity_sleeps(tmp_path):
    """With one thread; then time is moved, and all of them wake."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app/function_app.py").write_text(APP)
    (tmp_path / "app/host.json").write_text('{"version": "2.0"}')
    host = HostProcess(tmp_path / "app", tmp_path / "state", "--virtual-time", PYTHON_THREADPOOL_THREAD_COUNT="1")
    try:
        host.start()
        links = host.ask("POST", "/api/start")
        path = links["sendEventPostUri"].replace("{eventName}", "Approval").removeprefix(host.origin)
        host.ask("POST", path, "yes")
        host.ask("POST", "/devhost/clock", {"advance": 601})
        status = host.ask("GET", links["statusQueryGetUri"].removeprefix(host.origin))
        assert (status["runtimeStatus"], status["output"]) == ("Completed", ["yes", [0, 1, 2]])
    finally:
        host.close()
