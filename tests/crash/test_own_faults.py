"""What fails in the host itself is said loudly, and nobody waits for ever because of it."""

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def fetches(context):
    """Calls what is no address."""
    return (yield context.call_http("GET", {"no": "address"}))


def test_a_call_that_the_host_cannot_even_make_fails(durable_host):
    """An orchestrator that gives call_http an address that is no text fails instead of waiting for ever."""
    host = durable_host(app)
    status = host.status(host.start("fetches"))
    assert status.runtime_status == "Failed"
    assert "TypeError" in status.output
    (complaint,) = host.complaints
    assert "failed in the host itself" in complaint
