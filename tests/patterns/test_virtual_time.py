"""Long waits as they are, in virtual time: nothing is scaled down, and nothing really waits."""

import time
from datetime import datetime

import pytest

DAY_S = 86_400
EARLY_S = 1


def test_ten_daily_reminders_take_ten_days_and_less_than_a_second(lab):
    """One a day for ten days from the plain start, 21 turns, and no real waiting."""
    began = time.monotonic()
    instance_id = lab.start("DelayReminders", {})
    lab.advance(9 * DAY_S)
    assert lab.look(instance_id)["runtimeStatus"] == "Running"
    sent = lab.output(instance_id, within_s=DAY_S + 5)
    assert time.monotonic() - began < 1
    assert len(sent) == 10
    assert sent[9] == "Reminder 10 of 10: Manager, a project design proposal waits for your decision."
    turns = lab.turns(instance_id)
    stamps = [datetime.fromisoformat(turn[0]["Timestamp"][:19]) for turn in turns]
    assert len(turns) == 21
    for number, stamp in enumerate(stamps[1::2], 1):
        assert abs((stamp - stamps[0]).total_seconds() - number * DAY_S) <= EARLY_S


def test_the_quote_has_thirty_seconds_from_the_plain_start(lab):
    """At 31 s it is too late: the custom status says so, and the instance runs on until the quote is there."""
    instance_id = lab.start("QuoteWithTimeout", {"takes": 45})
    lab.advance(28)
    assert lab.look(instance_id)["customStatus"] is None
    lab.advance(3)
    status = lab.look(instance_id)
    assert (status["runtimeStatus"], status["customStatus"], status["output"]) == ("Running", {"inTime": False}, None)
    assert lab.output(instance_id, within_s=15) is False


def test_a_quote_in_time_ends_the_instance_at_once(lab):
    """Its timer is cancelled, or it would stay open for the rest of the 30 s."""
    instance_id = lab.start("QuoteWithTimeout", {"takes": 1})
    assert lab.output(instance_id, within_s=2) is True


def test_a_monitor_looks_less_and_less_often(lab):
    """From the plain start: at once, after a minute, after two more."""
    instance_id = lab.start("Monitor", {})
    assert lab.look(instance_id)["customStatus"]["looks"] == 1
    lab.advance(60)
    assert lab.look(instance_id)["customStatus"]["looks"] == 2
    assert lab.output(instance_id, within_s=120) == {"granted": True, "looks": 3}


def test_a_monitor_ends_at_its_deadline(lab):
    """Weeks of hourly looks would be too many; daily ones are not."""
    day = {"every": DAY_S, "factor": 1, "most": DAY_S, "within": 30 * DAY_S, "grantedAt": 0}
    instance_id = lab.start("Monitor", day)
    assert lab.output(instance_id, within_s=30 * DAY_S + 60) == {"granted": False, "looks": 31}


def test_nobody_decides_for_five_days(lab):
    """The longest wait that the bare pattern takes."""
    instance_id = lab.start("HumanInteraction", {"seconds": 5 * DAY_S})
    lab.advance(5 * DAY_S - 5)
    assert lab.look(instance_id)["runtimeStatus"] == "Running"
    assert lab.output(instance_id, within_s=10)[0].endswith("reassigning to your Manager!  Head of department!")


@pytest.mark.parametrize(("payload", "word"), [("Rejected", "Rejected"), ("later", "Rejected"), (True, "Approved")])
def test_what_is_no_clear_yes_is_a_no(payload, word, lab):
    """The bare pattern ends with the first event, whatever it brings."""
    instance_id = lab.start("HumanInteraction", {})
    lab.hears(instance_id, payload)
    assert lab.output(instance_id) == [f"Your project design proposal has been -  {word}!"]


def test_a_review_that_is_terminated_is_told_in_the_joint_result(lab):
    """The other one is not lost, and the whole stays open."""
    parent = lab.start("DesignReview", {"disciplines": ["Structure", "Cost"], "seconds": 60})
    lab.ask(f"/runtime/webhooks/durabletask/instances/{parent}-1/terminate?reason=gone", "")
    lab.hears(f"{parent}-2", "Approved")
    assert lab.output(parent) == {"outcome": "Open", "disciplines": [["Structure", "Failed"], ["Cost", "Approved"]]}


def test_cases_are_counted_for_each_approver_while_they_are_open(lab):
    """Two open, one of them decided, the other over by time; another approver's do not count."""
    cases = [lab.start("CountedReview", {"approver": "head-of-bridges", "seconds": 60}) for _ in range(2)]
    lab.start("CountedReview", {"approver": "head-of-roads", "seconds": 60})
    assert lab.ask("/api/patterns/OpenCases/head-of-bridges") == (200, {"approver": "head-of-bridges", "open": 2})
    lab.hears(cases[0], "reject")
    assert lab.output(cases[0]) == {"outcome": "Rejected", "stillOpen": 1}
    assert lab.output(cases[1], within_s=61) == {"outcome": "Escalated", "stillOpen": 0}


@pytest.mark.parametrize("body", [7, {"a": 1}, "x", [], "3"])
def test_a_signal_counts_whatever_body_it_has(body, lab):
    """Operations take no input, so none can break them; an unknown one changes nothing."""
    approver = f"signals-{type(body).__name__}-{body == '3'}"
    url = f"/runtime/webhooks/durabletask/entities/OpenCases/{approver}"
    for operation in ("opened", "opened", "reset", "opened", "unknown"):
        assert lab.ask(f"{url}?op={operation}", body)[0] == 202
        lab.advance(0)
    assert lab.ask(f"/api/patterns/OpenCases/{approver}")[1]["open"] == 1
