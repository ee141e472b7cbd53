"""YourCase from its start to its end, in virtual time."""

from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_a_decision_ends_the_case(durable_host):
    """The output is a list with one message."""
    host = durable_host(ROOT)
    case = host.start("YourCase")
    host.raise_event(case, "Approval", "Approved")
    assert len(host.status(case).output) == 1


def test_a_case_that_nobody_decides_ends_too(durable_host):
    """After twenty seconds, if no policy says otherwise."""
    host = durable_host(ROOT)
    case = host.start("YourCase")
    host.advance(timedelta(seconds=20))
    assert host.status(case).output[0].startswith("ESCALATION")
