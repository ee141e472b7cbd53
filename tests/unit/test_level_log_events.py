"""What the log says of a case with levels, move by move."""

from levels import DAY, HOUR, T0, Led, answer, group, opening, skipped

from adapters.logs import EVENTS
from approval.effects import RETRY_AFTER
from approval.opening import OpenedAs
from service.log_events import LogEvent, log_events


def told(case):
    """The latest move, as names with fields."""
    return [(one.name, dict(one.fields)) for one in log_events(case.review)]


def test_an_opened_level_waits_until_its_due_time():
    """With its number; before that nothing is worth a line."""
    case = Led(2, quiet=False)
    assert log_events(case.review) == []
    case.answered(answer(opening(2), OpenedAs.OPENED, skipped=[skipped(1)]))
    assert log_events(case.review) == [LogEvent("waiting", {"due": "2026-12-05T16:40:00Z"}, 2)]


def test_acts_are_logged_by_their_verdicts():
    """No name, no comment; a level that is approved, and the case that is decided."""
    case = Led(2, quiet=False).opened(1, group("noor", "ruth", need=2)).pass_time(HOUR)
    case.hear("kim")
    assert told(case) == [("judged", {"verdict": "not yours"})]
    case.hear("noor")
    assert told(case) == [("judged", {"verdict": "counts"})]
    case.hear("ruth")
    assert told(case) == [("judged", {"verdict": "counts"}), ("levelApproved", {"secondsWaited": 3600.0})]
    case.opened(2)
    case.hear("noor", "reject")
    assert told(case) == [
        ("judged", {"verdict": "counts"}), ("decided", {"outcome": "Rejected", "secondsToDecision": 3600.0}),
    ]  # fmt: skip


def test_a_case_whose_last_levels_are_skipped_is_decided_by_that():
    """The answer of ``OpenLevel`` approves it."""
    case = Led(2, quiet=False).opened()
    case.hear("noor")
    case.answered(answer(skipped=[skipped(2)]))
    assert told(case) == [("decided", {"outcome": "Approved", "secondsToDecision": 0.0})]


def test_reminders_escalations_and_expiry():
    """How many are reminded, how often a level was escalated, and that nobody decided."""
    case = Led(quiet=False).opened(reminders=(T0 + HOUR,), within=DAY).done("announce:1", {})
    assert told(case.woke()) == [("reminded", {"people": 2})]
    assert told(case.woke()) == []
    case.escalated("jo")
    assert told(case) == [("levelEscalated", {"times": 1}), ("waiting", {"due": "2026-12-06T16:40:00Z"})]
    while case.review.is_asking:
        case.woke()
    case.answered(answer(outcome=OpenedAs.EXPIRED))
    assert told(case) == [("escalated", {"secondsWaited": 11 * 86_400.0})]


def test_a_withdrawal_and_junk():
    """Junk is counted and not quoted; a case that nothing more is to do for is closed in the same move."""
    case = Led(quiet=False).opened().done("announce:1", {})
    assert told(case.raised("canary")) == [("eventIgnored", {"count": 1})]
    case.hear("dana", "withdraw")
    assert told(case) == [("judged", {"verdict": "counts"}), ("withdrawn", {"secondsWaited": 0.0})]
    assert told(case.done("announce:2", {})) == [("closed", {"outcome": "Withdrawn", "secondsOpen": 0.0})]
    refused = Led().answered(answer(outcome=OpenedAs.REFUSED))
    assert told(refused) == [("closed", {"outcome": "Refused", "secondsOpen": 0.0})]


def test_the_activity_that_failed_is_named_and_one_that_is_given_up_fails_the_case():
    """Also where another one failed before it."""
    case = Led(quiet=False).opened().failed("announce:1")
    case.hear("noor")
    case.failed("approval")
    failed = {"activity": "Approval", "failures": 1, "triesAgainAt": "2026-11-25T16:40:10Z"}
    assert told(case) == [("activityFailed", failed)]
    gone = Led(quiet=False).opened().done("announce:1", {})
    gone.hear("noor")
    gone.done("announce:2", {})
    for _ in RETRY_AFTER:
        gone.failed("approval").woke()
    gone.failed("approval")
    given_up = {"activity": "Approval", "failures": len(RETRY_AFTER) + 1, "triesAgainAt": None}
    assert told(gone) == [("activityFailed", given_up), ("failed", {"problem": "outcome-not-recorded"})]


def test_a_fault_fails_the_case():
    """By its code; once."""
    assert told(Led(quiet=False).answered(answer())) == [("failed", {"problem": "case-fault"})]


def test_every_log_event_is_in_the_logs_list_of_events():
    """With exactly the fields that are listed for it."""
    for name, fields in (
        ("judged", ("verdict",)), ("levelApproved", ("secondsWaited",)), ("levelEscalated", ("times",)),
        ("reminded", ("people",)), ("withdrawn", ("secondsWaited",)),
    ):  # fmt: skip
        assert EVENTS[name].fields == fields
