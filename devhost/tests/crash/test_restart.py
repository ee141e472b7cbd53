"""What a start after a crash takes up: open cases, and timers that fell due while nobody was there."""

import time
from datetime import datetime

import pytest
from client import APPROVED, ESCALATED, REJECTED
from load import at_once

from devhost.testing.process import until

OPEN = 200
STARTERS = 8
AT_ONCE_S = 3.0  # fifty escalations on a busy machine
SHORT = "PT3S"


@pytest.fixture
def crashed(make_host, make_client):
    """A host that was killed with 200 open cases, fifty of which have fallen due since, and their ids in order."""
    host = make_host()
    host.start()
    ids = [None] * OPEN

    def start(number):
        client = make_client(host)
        for n in range(number, OPEN, STARTERS):
            ids[n] = client.start(f"open-{n}", SHORT if n % 4 == 0 else "PT1H")

    at_once(STARTERS, start)
    client = make_client(host)

    def all_wait():
        found = client.everything()
        return found if all(each["customStatus"] for each in found.values()) else None

    found = until(all_wait, "the first turn of all cases")
    host.kill()
    assert {each["runtimeStatus"] for each in found.values()} == {"Running"}
    due = max(datetime.fromisoformat(found[each]["customStatus"]["due"]) for each in ids[::4]).timestamp() + 1
    until(lambda: time.time() > due or None, "the due time of the short ones")
    return host, ids


def test_after_a_kill_all_two_hundred_cases_finish_rightly(crashed, make_client):
    """Overdue cases are escalated at once, the others wait on and are decided as somebody says."""
    host, ids = crashed
    host.start()
    began = time.monotonic()
    client = make_client(host)

    def escalated():
        found = client.everything()
        return all(found[each]["output"] == ESCALATED for each in ids[::4]) or None

    until(escalated, "fifty escalations")
    seconds = time.monotonic() - began
    assert {client.status(each)["runtimeStatus"] for n, each in enumerate(ids) if n % 4} == {"Running"}
    said = {each: "Approved" if n % 2 else "Rejected" for n, each in enumerate(ids) if n % 4}
    assert {client.raise_event(each, payload) for each, payload in said.items()} == {202}

    def over():
        found = client.everything()
        return found if all(each["runtimeStatus"] == "Completed" for each in found.values()) else None

    found = until(over, "the end of all cases")
    assert found.keys() == set(ids)
    assert all(found[each]["output"] == (APPROVED if said[each] == "Approved" else REJECTED) for each in said)
    assert seconds < AT_ONCE_S


def test_a_case_keeps_its_due_time_over_a_crash(make_host, make_client):
    """A crash neither shortens nor prolongs the time to decide."""
    host = make_host()
    host.start()
    first = make_client(host)
    case = first.start("due", "PT1H")
    before = until(lambda: first.status(case)["customStatus"], "the first turn")
    host.kill()
    host.start()
    assert make_client(host).status(case)["customStatus"] == before


def test_an_event_answered_202_in_the_last_moment_counts(make_host, make_client):
    """The kill comes directly after the 202, before anything can be made of the event."""
    host = make_host()
    host.start()
    for number in range(5):
        client = make_client(host)
        case = client.start(f"last-moment-{number}", "PT1H")
        assert client.raise_event(case, "Rejected") == 202
        host.kill()
        host.start()
        again = make_client(host)
        assert until(lambda id_=case, of=again: of.status(id_)["output"], "the outcome") == REJECTED
