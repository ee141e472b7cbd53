"""Whatever the webhook takes for an event: the open case lives, and the right decision completes it."""

import json
import sys
import types
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from approval.decision import Decision, read
from approval.payload import UnreadablePayload, parsed
from devhost.dotnet.charset import text_of
from devhost.dotnet.newtonsoft import first_token
from devhost.rehearsal.recorded import RecordedExecution, Verdict
from devhost.rehearsal.reports import rehearse
from devhost.testing.host import Refused

ROOT = Path(__file__).parents[2]
AN_HOUR = {"policy": {"timeout": "PT1H"}}
KIND = {"content-type": "application/json"}
APPROVED = ["Your project design proposal has been -  Approved!"]
REJECTED = ["Your project design proposal has been -  Rejected!"]
RESERVED = ("__class__", "__module__", "__data__")
# What the loose reader of the extension knows, and what the strict one behind it does not.
FRAGMENTS = (
    *'{}[](),:"\' \t\n\r\0', "//", "/*", "*/", "\\", "\\u", "\\ud83d", "\u2028", "\ufeff", "\ud83d", "undefined",
    "null", "true", "false", "NaN", "Infinity", "-Infinity", "new Date(", "0x1F", "017", "1e999", "-", "1.", ".5",
    *(f'"{name}"' for name in (*RESERVED, "decision", "approved", "by", "comment", "os", "approval.case", "Case")),
    "decision", "approve", '"approve"', "'reject'", "9" * 400,
)  # fmt: skip


def nested(inner):
    """Lists and objects of these, with the names that people and the SDK use."""
    names = st.sampled_from((*RESERVED, "decision", "Outcome", "approved", "by", "comment")) | st.text(max_size=3)
    return (
        st.lists(inner, max_size=3)
        | st.dictionaries(names, inner, max_size=5)
        | st.builds(lambda more, *three: more | dict(zip(RESERVED, three, strict=True)), st.just({}), *[inner] * 3)
        | inner.map(json.dumps)
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from(("approve", "no")),
    nested,
    max_leaves=12,
)
DEEP = st.integers(1, 70).map(lambda levels: b"[" * levels + b"]" * levels)
DEEP_TEXTS = st.integers(50, 6_000).map(
    lambda levels: json.dumps('{"decision":"approve","a":' + "[" * levels + "]" * levels + "}").encode()
)
BODIES = (
    st.binary(max_size=40)
    | VALUES.map(lambda value: json.dumps(value).encode())
    | st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(
        lambda parts: "".join(parts).encode("utf-8", "surrogatepass")
    )
    | DEEP
    | DEEP_TEXTS
)


@pytest.fixture(params=["as it serves", "the SDK as it is"])
def host(request, durable_host, monkeypatch):
    """The app on devhost; also without what devhost changes in the SDK."""
    if request.param == "the SDK as it is":
        monkeypatch.setattr("devhost.assembly.fast_replay", lambda: lambda: None)
    return durable_host(ROOT)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(BODIES, min_size=1, max_size=4))
@example(bodies=[b"undefined", b'/* by phone */ "Approved"'])
@example(bodies=[b'{"decision":"approve","__class__":"Decision","__module__":"crm.models","__data__":{}}'])
@example(bodies=[b'{"a":[{"__class__":"Path","__module__":"os","__data__":{}}]}', b"[undefined]", b"new Date(1)"])
def test_no_body_ends_a_case(host, bodies):
    """A case with an hour to decide takes them one after another; it is over only if one of them was a decision."""
    case = host.call("POST", "/api/orchestrators/OrchFunction", {"title": "T", "author": "A", **AN_HOUR}).json()["id"]
    meant = None
    for body in bodies:
        try:
            host.manage("POST", f"instances/{case}/raiseEvent/Approval", body, KIND)
        except Refused as refused:
            assert refused.status in ({400, 410} if meant else {400})  # noqa: PT017
        else:
            meant = meant or outcome(body)
        assert host.status(case).runtime_status == ("Completed" if meant else "Running")
    if meant is None:
        host.raise_event(case, "Approval", "Rejected")
    status = host.status(case)
    assert (status.runtime_status, status.output) == ("Completed", meant or REJECTED)
    assert replayed(host, case) == status.output


ENVELOPE = {"__class__": "Trap", "__module__": "trap", "__data__": {}}


@pytest.mark.parametrize("name", ["OrchFunction", "Monitor", "HumanInteraction", "DesignReview", "HistoryRetention"])
@pytest.mark.parametrize(
    "body",
    [
        json.dumps(ENVELOPE).encode(),
        json.dumps(json.dumps(ENVELOPE)).encode(),
        json.dumps({"schemaVersion": 1, "mode": ENVELOPE}).encode(),
        json.dumps("[" * 100_000).encode(),
        b"undefined",
        b"[1, undefined]",
        b"17",
    ],
    ids=lambda body: body.decode()[:40],
)
def test_a_hostile_input_ends_the_instance_that_it_starts_and_no_other(host, monkeypatch, name, body):
    """Started past our starter, it fails at once; no class that it names is built, and an open case goes on."""
    built = []
    trap = types.ModuleType("trap")
    trap.Trap = type("Trap", (), {"from_json": staticmethod(built.append)})
    monkeypatch.setitem(sys.modules, "trap", trap)
    case = host.start("HumanInteraction")
    started = host.start_raw(name, body)
    assert host.status(started).runtime_status == "Failed"
    assert built == []
    assert host.status(case).runtime_status == "Running"
    host.raise_event(case, "Approval", "Approved")
    assert host.status(case).output == APPROVED


def replayed(host, case):
    """What the present code makes of the history once more, as ``devhost replay`` does."""
    told = host.status(case)
    rows = host.rows(case)
    report = rehearse(
        RecordedExecution("test", case, told.name, told.runtime_status, told.output, rows), host._assembly.runner
    )
    assert report.verdict is Verdict.SAME, report
    return told.output


def outcome(body):
    """What the body decides, if it does."""
    try:
        heard = read(parsed(first_token(text_of(body))))
    except UnreadablePayload:
        return None
    if not isinstance(heard, Decision):
        return None
    return APPROVED if heard.outcome == "Approved" else REJECTED
