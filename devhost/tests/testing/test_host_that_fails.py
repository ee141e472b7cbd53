"""A test host that does not come up leaves nothing behind."""

from importlib import import_module

import azure.durable_functions as df
import azure.functions as func
import pytest

from devhost.errors import HostError

MODELS, PATCHED = "azure.durable_functions.models", ("DurableOrchestrationClient", "TaskOrchestrationExecutor")
app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="a/{x:nope}")
def refused(req: func.HttpRequest) -> str:
    """No host knows this constraint."""
    return req.url


def patched():
    """What a host changes in the SDK."""
    client, executor = (import_module(f"{MODELS}.{name}") for name in PATCHED)
    return [client.get_async_request, executor.namedtuple]


def test_the_sdk_is_as_it_was(durable_host):
    """The next test finds no change of a host that was refused."""
    before = patched()
    with pytest.raises(HostError):
        durable_host(app)
    assert patched() == before
