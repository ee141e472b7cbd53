"""What fails in the host itself is said loudly, and nobody waits for ever because of it."""

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def fetches(context):
    """Calls an address."""
    return (yield context.call_http("GET", "http://127.0.0.1:1/"))


def test_a_call_that_the_host_cannot_even_make_fails(durable_host, monkeypatch):
    """A fault of the host's own in call_http fails the orchestration instead of letting it wait for ever."""

    async def broken(*_):
        raise TypeError("no such thing")

    monkeypatch.setattr("devhost.app.invoker.call_http", broken)
    host = durable_host(app)
    status = host.status(host.start("fetches"))
    assert status.runtime_status == "Failed"
    assert "TypeError" in status.output
    (complaint,) = host.complaints
    assert "failed in the host itself" in complaint
