"""Anyone who asks the management API for an instance names the very one, whatever its id looks like."""

import asyncio
from types import SimpleNamespace

import loaded
import pytest

from adapters.engine import Engine
from devhost.dotnet.paths import decoded, parts
from devhost.rehearsal.remote_host import RemoteHost


class Asked:
    """A durable client that notes which URLs it is asked for."""

    _orchestration_bindings = SimpleNamespace(rpc_base_url="http://localhost/b/")

    def __init__(self):
        self.urls = []

    async def _get_async_request(self, url):
        self.urls.append(url)
        return [404, None]

    _delete_async_request = _get_async_request


def restore():
    """The script that starts cases again."""
    return loaded.script("restore")


@pytest.mark.parametrize("case", ["plain-1", "a+b", "%41", "%2541", "a b", "\xfc", "\\", "?x=1&y", "#"])
def test_our_own_callers_ask_for_the_very_id(case, monkeypatch):
    """Retention, export and restore mean the instance that they name, whatever its id looks like."""
    client, urls = Asked(), []
    asyncio.run(Engine(client).status(case, history=True))
    asyncio.run(Engine(client).purge(case))
    urls += [url.removeprefix("http://localhost") for url in client.urls]
    api = RemoteHost("http://localhost:1", None)
    monkeypatch.setattr(
        api, "_get", lambda path, *_: urls.append(f"/b{path}") or SimpleNamespace(status=404, body=None)
    )
    api.with_history(case)
    host = restore().Host("http://localhost:1", None)
    monkeypatch.setattr(host, "_ask", lambda _, path, __=None: urls.append(f"/b{path}") or (404, None))
    host.state(case)
    assert [parts(decoded(url.partition("?")[0]), "/b") for url in urls] == [["instances", case]] * 4
