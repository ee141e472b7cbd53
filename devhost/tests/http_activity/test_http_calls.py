"""What ``call_http`` sends, refuses and gives back is what was recorded from the real extension."""

import json
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "http_calls"
sys.path.insert(0, str(HERE))

from play import Answers, masked, read, same, sent, told  # noqa: E402 - after its folder is known

from devhost.testing.host import DurableHost  # noqa: E402

CALLS = {call["name"]: call for call in read()}
# What cannot be the same: the HTTP library of devhost reads or writes it otherwise (docs/devhost/differences.md).
DIFFERENT = {
    "header X-A 25": "a control character in a header is not sent",
    "path 25": "an empty query is left out",
    "path 26": "an empty query is left out",
    "uri 51": "a dot after an IPv4 address",
    "junk": "what is no HTTP fails in general words",
    "bad header": "what is no HTTP fails in general words",
    "no colon": "what is no HTTP fails in general words",
    "bad length": "a length that is no number is refused",
    "two lengths": "two lengths are refused",
    "folded": "blanks of a folded line",
}


@pytest.fixture(scope="module")
def played():
    """What came of all calls, played one after the other on one host: cookies are kept from call to call."""
    server, results = Answers(), {}
    host = DurableHost(HERE / "app")
    for name, call in CALLS.items():
        server.answers, server.seen = call["answers"], []
        status = host.status(host.start("calls", json.loads(server.filled(json.dumps(call["request"])))))
        results[name] = masked(server, {"status": status.runtime_status, "output": status.output, "seen": server.seen})
    host.close()
    server.close()
    return results


SORTS = sorted({name.split()[0] for name in CALLS})  # header, cookie, redirect ...


@pytest.mark.parametrize("sort", SORTS)
def test_a_call_is_what_the_real_extension_makes_of_it(played, sort):
    """Status, output and the requests that were sent are the recorded ones (contract 3.4)."""
    for name in (name for name in CALLS if name.split()[0] == sort and name not in DIFFERENT):
        real, ours = CALLS[name]["real"], played[name]
        assert (name, ours["status"]) == (name, real["status"])
        assert (name, told(ours["output"])) == (name, told(real["output"]))
        assert same(CALLS[name], ours), (name, sent(ours["seen"]))


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_cannot_be_the_same_differs(played, name):
    """A difference that is gone is taken off the list."""
    assert not same(CALLS[name], played[name])
