"""The review of a case with levels: what happened goes in, a new review comes out."""

from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest
from levels import CASE, DAY, HOUR, MINUTE, SECOND, T0, Led, answer, group, name, opening, sealed, sealed_input, skipped

from approval.effects import RETRY_AFTER
from approval.errors import CaseFault, MisplacedEffect, MisplacedEvent, NotRecorded
from approval.opening import OpenedAs, Request
from approval.record import joined
from approval.review.levels import LevelsReview
from approval.review.levels_state import HOP
from approval.review.one_level import Review
from approval.review.opened import opened


def started(case, activity):
    """The effects of this activity that were started, in order."""
    return [effect for effect in case.started if effect.activity == activity]


def requests(case):
    """What ``OpenLevel`` was asked, in order."""
    return [Request.from_json(effect.input) for effect in started(case, "OpenLevel")]


def announced(case):
    """The kinds of entries in each ``Announce``, batch by batch."""
    return [[entry["what"] for entry in effect.input["entries"]] for effect in started(case, "Announce")]


def test_the_input_says_which_review_a_case_gets():
    """Schema 2 has levels; schema 1 and no input at all have one question."""
    case = Led()
    read = opened(case.review.given, CASE, T0)
    assert isinstance(read, LevelsReview)
    assert (read.instance, read.given, read.asked_at) == (CASE, case.review.given, T0)
    assert isinstance(opened(None, CASE, T0), Review)


def test_a_new_case_asks_for_its_first_level():
    """One activity; there is a time to wake up; nobody has the turn."""
    case = Led(3)
    (request,) = requests(case)
    assert (request.instance, request.level, request.at, request.escalation, request.voted) == (CASE, 1, T0, 0, ())
    assert request.given == sealed_input(case.submission)
    assert (case.review.is_open, case.review.is_asking, case.review.is_over) == (True, False, False)
    assert case.review.wakes_at == T0 + HOP


def test_times_are_utc_and_never_go_back():
    """Whatever zone the clock speaks, and however early a timer fires."""
    east = timezone(timedelta(hours=9))
    case = Led().opened()
    assert case.review.heard("junk", T0.astimezone(east)).now == T0
    later = case.review.woke(T0 + HOP - SECOND)
    assert later.now == T0 + HOP
    assert later.heard("junk", T0 + HOP - SECOND).now == T0 + HOP
    first = LevelsReview.opened(case.submission, CASE, case.review.given, T0.astimezone(east))
    after = case.review.heard("junk", (T0 + HOUR).astimezone(east))
    assert [at for at in (first.now, first.asked_at, after.now, after.awake_at) if at.tzinfo is not UTC] == []


def test_while_a_case_is_open_there_is_always_a_time_to_wake_up():
    """The earliest of due, next reminder, retry and the five-day hop."""
    case = Led(quiet=False)
    assert case.review.wakes_at == T0 + HOP
    case.failed("open:1")
    assert case.review.wakes_at == T0 + RETRY_AFTER[0]
    case.woke().opened(within=20 * DAY, reminders=(T0 + 6 * DAY,))
    assert case.review.wakes_at == case.clock + HOP
    case.failed("announce:1")
    assert case.review.wakes_at == case.clock + RETRY_AFTER[0]
    case.woke().done("announce:1", {"entries": []})
    case.woke()
    assert case.review.wakes_at == T0 + 6 * DAY
    case.woke()
    assert case.review.wakes_at == T0 + 11 * DAY


def test_a_result_alone_does_not_move_the_hop():
    """So that a timer is made again only where something is due earlier."""
    case = Led(quiet=False).opened(within=20 * DAY)
    before = case.review.wakes_at
    case.pass_time(HOUR).done("announce:1", {"entries": []})
    assert case.review.wakes_at == before


def test_whatever_comes_moves_the_hop():
    """Junk, an act that does not count, the same one again, and a vote."""
    case = Led().opened(1, group("noor", "ruth", need=2), within=20 * DAY)
    act = case.act("kim")
    for event in ("junk", sealed(act), sealed(act), sealed(case.act("noor"))):
        case.pass_time(HOUR).raised(event)
        assert case.review.wakes_at == case.clock + HOP


def test_what_is_due_together_happens_together():
    """A step is tried again in the move in which a level is reminded or its time is over, too."""
    for more, events in (
        ({"reminders": (T0 + RETRY_AFTER[0],)}, ["announce:1"]),
        ({"within": RETRY_AFTER[0]}, ["announce:1", "open:2"]),
    ):
        case = Led(quiet=False).opened(**more).failed("announce:1").woke()
        assert case.review.now == T0 + RETRY_AFTER[0]
        assert [effect.key for effect in case.review.to_start] == events


def test_an_approved_level_opens_the_next_one():
    """With the votes so far; the level counts on from the one that is closed."""
    case = Led(3).opened()
    case.hear("ruth")
    request = requests(case)[-1]
    assert (request.level, request.escalation, request.opening, request.asked) == (2, 0, None, ())
    assert [(one.level, one.person, str(one.act)) for one in request.voted] == [(1, "ruth", "approve")]


def test_the_last_level_of_the_policy_approves_the_case_at_once():
    """Nothing is asked once more; the message starts in the same move as its news."""
    case = Led(1).opened()
    case.hear("ruth")
    assert (str(case.review.state), len(requests(case))) == ("approved", 1)
    assert (case.review.is_over, case.review.verdict()) == (True, ["Approval: Approved"])
    last = Led(1, quiet=False).opened().done("announce:1", {"entries": []})
    last.hear("ruth")
    assert [effect.key for effect in last.review.to_start] == ["approval", "announce:2"]


def test_a_case_whose_later_levels_are_all_skipped_is_approved():
    """By the one who closed the last level that opened."""
    case = Led(3).opened()
    case.hear("ruth")
    case.answered(answer(skipped=[skipped(2), skipped(3)]))
    assert case.kinds[-4:] == ["levelClosed", "skipped", "skipped", "ended"]
    assert case.entries("ended")[0]["by"] == {"id": "ruth", "name": "Ruth Pemberton"}
    assert case.review.verdict() == ["Approval: Approved"]


def test_a_case_whose_levels_were_all_skipped_is_never_approved():
    """A fault of ours: announced as such, then raised."""
    case = Led(2).answered(answer(skipped=[skipped(1), skipped(2)]))
    assert (str(case.review.state), case.review.is_over) == ("fault", True)
    assert announced(case) == [["submitted", "skipped", "skipped", "fault"]]
    with pytest.raises(CaseFault, match="every level of its policy was skipped"):
        case.review.verdict()


def test_an_input_that_is_not_ours_ends_with_nothing_and_announces_nothing():
    """Whoever started it: nobody hears of it."""
    case = Led().answered(answer(outcome=OpenedAs.REFUSED, why="The seal is wrong."))
    assert (str(case.review.state), case.review.is_over, case.review.verdict()) == ("refused", True, [])
    assert started(case, "Announce") == []


def test_an_input_that_is_not_ours_announces_nothing_while_nobody_can_look_either():
    """The first news wait for an answer, not for a failure."""
    case = Led().failed("open:1").woke().failed("open:1").woke()
    assert started(case, "Announce") == []
    case.answered(answer(outcome=OpenedAs.REFUSED))
    assert (started(case, "Announce"), case.review.is_over) == ([], True)


def test_a_rejection_ends_the_case():
    """Whatever level comes after it."""
    case = Led(3).opened()
    case.hear("ruth", "reject")
    assert (str(case.review.state), case.review.verdict()) == ("rejected", ["Approval: Rejected"])
    assert case.kinds[-3:] == ["act", "levelClosed", "ended"]


def test_a_withdrawal_ends_the_case_without_a_message():
    """Also after an escalation, whose message was sent."""
    case = Led().opened().woke().woke().escalated("jo")
    assert case.review.messages == (("escalation:1", "Escalation: Jo Lindqvist"),)
    case.hear("dana", "withdraw")
    assert (str(case.review.state), case.review.is_over, case.review.verdict()) == ("withdrawn", True, [])


def test_a_withdrawal_while_a_level_is_being_opened_drops_the_answer():
    """The instance waits for it, and nobody is asked."""
    case = Led(2).opened()
    case.hear("noor")
    case.hear("dana", "withdraw")
    assert (str(case.review.state), case.review.is_over) == ("withdrawn", False)
    before = case.review.record
    case.pass_time(MINUTE).answered(answer(opening(2, group("pat"))))
    assert (case.review.is_over, case.review.record, case.review.verdict()) == (True, before, [])
    assert case.review.now == T0 + MINUTE


def test_an_openings_failure_is_not_tried_again_after_a_withdrawal():
    """Neither one that comes later, nor one that waits for its next try."""
    case = Led(2).opened()
    case.hear("noor")
    case.hear("dana", "withdraw")
    assert case.pass_time(MINUTE).failed("open:2").review.is_over
    assert case.review.now == T0 + MINUTE
    waiting = Led(2).opened()
    waiting.hear("noor")
    waiting.failed("open:2")
    waiting.hear("dana", "withdraw")
    assert (waiting.review.is_over, waiting.review.wakes_at) == (True, None)


def test_before_the_first_opening_every_event_is_junk():
    """There is no key yet, and no run that an act could name."""
    case = Led()
    case.raised(sealed(case.act("dana", "withdraw"))).raised("Approved")
    assert (case.review.journal.unsealed, case.review.acts.latest, case.review.is_open) == (2, None, True)


def test_a_vote_that_reaches_the_orchestrator_before_the_timers_own_event_counts():
    """Also past the due time."""
    case = Led().opened().pass_time(11 * DAY)
    assert case.hear("noor") == "counts"


def test_a_timer_that_fired_is_due_however_early_it_fired():
    """The review works on with the due time."""
    case = Led().opened(within=DAY)
    over = case.review.woke(T0 + DAY - SECOND)
    assert (str(over.state), over.now) == ("escalating", T0 + DAY)


def test_reminders_come_at_their_times_and_go_to_those_who_have_the_turn():
    """Not to who has voted; each once."""
    times = (T0 + HOUR, T0 + 2 * HOUR)
    case = Led().opened(1, group("noor", "ruth", need=2), reminders=times, within=DAY)
    assert case.review.wakes_at == times[0]
    case.woke()
    case.hear("ruth")
    case.woke()
    assert [(entry["at"][11:16], entry["to"]) for entry in case.entries("reminded")] == [
        ("17:40", ["noor", "ruth"]), ("18:40", ["noor"]),
    ]  # fmt: skip
    assert case.review.wakes_at == T0 + DAY


def test_reminders_that_are_over_together_are_one():
    """After a host that was down; and none if the due time is over as well."""
    times = (T0 + HOUR, T0 + 2 * HOUR)
    case = Led().opened(reminders=times, within=DAY).pass_time(3 * HOUR).woke()
    assert len(case.entries("reminded")) == 1
    late = Led().opened(reminders=times, within=DAY).pass_time(2 * DAY).woke()
    assert (late.entries("reminded"), str(late.review.state)) == ([], "escalating")


def test_escalation():
    """The time is over: the target alone decides, ``within`` starts again, the opening stays, one message is sent."""
    case = Led().opened(1, group("noor", "ruth", need=2))
    first = case.review.course.opening
    case.hear("ruth")
    case.woke().woke()
    request = requests(case)[-1]
    assert (request.level, request.escalation, request.opening, request.asked, request.present) == (
        1, 1, first.opening, ("noor",), first,
    )  # fmt: skip
    case.escalated("jo")
    assert case.review.course.opening.due == T0 + 20 * DAY
    assert (case.run, case.review.course.turn, len(case.review.course.votes)) == (first.opening, ("jo",), 1)
    assert case.entries("escalated")[0]["why"] == "time is over"
    assert case.hear("jo") == "counts"
    assert case.review.verdict() == ["Escalation: Jo Lindqvist", "Approval: Approved"]


def test_the_next_in_line_is_asked_again_at_each_expiry():
    """One message of Escalation for each, in order."""
    case = Led().opened(1, group("ruth"))
    for target in ("amir", "jo"):
        case.woke().woke().escalated(target)
    case.woke().woke().answered(answer(outcome=OpenedAs.EXPIRED))
    assert case.review.verdict() == ["Escalation: Amir Shah", "Escalation: Jo Lindqvist", "Approval: Rejected"]
    assert [request.escalation for request in requests(case)] == [0, 1, 2, 3]


def test_a_case_that_goes_to_nobody_expires():
    """The message says Rejected; there is none of Escalation."""
    case = Led().opened(then=None).woke().woke().answered(answer(outcome=OpenedAs.EXPIRED))
    assert (str(case.review.state), case.review.verdict()) == ("expired", ["Approval: Rejected"])
    closed, ended = case.review.record[-2:]
    assert (closed["is"], closed["by"], ended["state"], ended["why"]) == ("expired", None, "expired", "time is over")


def test_a_level_without_people_goes_where_its_expiry_says_at_once():
    """Opened and escalated in one move, with the reason."""
    result = answer(opening(1, group("noor", need=2), target="jo"), OpenedAs.OPENED, why="Only 1 is left.")
    case = Led().answered(result)
    assert case.kinds == ["submitted", "opened", "escalated"]
    assert case.entries("escalated")[0]["why"] == "Only 1 is left."
    assert {entry["move"] for entry in case.review.record} == {1, 2}
    assert (case.hear("noor"), case.hear("jo")) == ("not yours", "counts")
    assert case.review.verdict() == ["Escalation: Jo Lindqvist", "Approval: Approved"]


def test_a_level_without_people_that_goes_to_nobody_ends_the_case():
    """As expired; the record has the opening, so the case is somebody's."""
    result = answer(opening(1, group(), then=None), OpenedAs.EXPIRED, why="Nobody is left to ask.")
    case = Led().answered(result)
    assert case.kinds == ["submitted", "opened", "levelClosed", "ended"]
    assert (case.entries("ended")[0]["why"], case.run) == ("Nobody is left to ask.", opening(1).opening)
    assert case.review.verdict() == ["Approval: Rejected"]


def test_unreachable_by_abstentions_goes_where_expiry_says():
    """At once, before the time is over."""
    case = Led().opened(1, group("noor", "ruth"), abstain=True)
    case.hear("noor", "abstain")
    assert case.review.is_asking
    case.hear("ruth", "abstain")
    assert (str(case.review.state), requests(case)[-1].escalation) == ("escalating", 1)
    case.escalated("jo")
    assert case.entries("escalated")[0]["why"] == "abstentions"
    case.hear("jo", "abstain")
    assert requests(case)[-1].escalation == 2
    case.answered(answer(outcome=OpenedAs.EXPIRED))
    assert case.entries("ended")[0]["why"] == "abstentions"


def test_messages_come_in_the_order_in_which_they_began():
    """Whichever result comes first."""
    case = Led(quiet=False).opened(within=DAY).done("announce:1", {"entries": []})
    case.woke().escalated("jo")
    case.hear("jo")
    case.done("approval", "second").done("escalation:1", "first")
    assert not case.review.is_over
    case.done("announce:2", {"entries": []}).done("announce:3", {"entries": []})
    assert case.review.verdict() == ["first", "second"]


def test_the_first_announcement_has_all_that_led_to_the_first_opening():
    """Submitted, skipped and opened: one batch."""
    case = Led(2).answered(answer(opening(2), OpenedAs.OPENED, skipped=[skipped(1)]))
    assert announced(case) == [["submitted", "skipped", "opened"]]
    (effect,) = started(case, "Announce")
    assert (effect.key, effect.input["instance"], effect.input["run"]) == ("announce:1", CASE, opening(2).opening)
    assert [entry["n"] for entry in effect.input["entries"]] == [1, 2, 3]


def test_at_most_one_announcement_runs_and_what_comes_meanwhile_is_batched():
    """Also while it waits for its next try."""
    case = Led(quiet=False).opened()
    case.hear("kim")
    case.failed("announce:1")
    case.hear("kim")
    case.woke()
    assert [effect.key for effect in started(case, "Announce")] == ["announce:1", "announce:1"]
    case.done("announce:1", {"entries": []})
    assert announced(case)[-1] == ["act", "act"]


def test_news_that_lead_to_an_opening_wait_for_its_answer():
    """So that a level that closes and the next that opens are one batch."""
    case = Led(2).opened()
    case.hear("ruth")
    case.hear("kim")
    assert len(started(case, "Announce")) == 1
    case.opened(2)
    assert announced(case)[1:] == [["act", "levelClosed", "act", "opened"]]


def test_news_that_lead_to_an_opening_wait_for_its_first_failure_at_most():
    """After that people hear of it, and of what comes later too."""
    case = Led(2).opened()
    case.hear("ruth")
    case.failed("open:2")
    assert announced(case)[1:] == [["act", "levelClosed"]]
    case.hear("kim")
    assert announced(case)[2:] == [["act"]]
    case.woke().opened(2)
    assert announced(case)[3:] == [["opened"]]


def test_junk_never_triggers_an_announcement_and_the_next_carries_one_line_for_all_of_it():
    """With how many there were since the line before."""
    case = Led().opened(1, group("noor", "ruth", need=2))
    for number in range(20):
        case.raised(number)
    assert len(started(case, "Announce")) == 1
    case.hear("noor")
    case.raised("more")
    case.hear("ruth")
    assert [entry["count"] for entry in case.entries("unsealed")] == [20, 1]
    assert announced(case)[1:] == [["act", "unsealed"], ["act", "levelClosed", "ended", "unsealed"]]


def test_junk_before_an_announcement_that_waits_is_in_it():
    """The line is written when it begins."""
    case = Led(2).opened()
    case.hear("ruth")
    case.raised("junk").opened(2)
    assert announced(case)[1:] == [["act", "levelClosed", "opened", "unsealed"]]


def test_the_entries_of_a_move_are_in_one_batch():
    """A notice is told of a move, so no move may be cut in two."""
    case = Led(2).opened()
    for _ in range(3):
        case.raised("junk")
        case.hear("kim")
    case.hear("ruth")
    case.opened(2, group("pat"))
    case.hear("pat")
    moves = [{entry["move"] for entry in batch["entries"]} for batch in case.announced]
    assert sum(map(len, moves)) == len(set().union(*moves))


def test_the_last_announcement_is_done_before_the_case_is_over():
    """All of the record is in the history then, and it is the running review's."""
    case = Led(quiet=False).opened()
    case.hear("noor")
    case.done("approval", "message")
    assert not case.review.is_over
    case.done("announce:1", {"entries": started(case, "Announce")[0].input["entries"]})
    assert not case.review.is_over
    last = started(case, "Announce")[-1]
    case.done("announce:2", {"entries": last.input["entries"]})
    assert case.review.is_over
    results = [{"entries": effect.input["entries"]} for effect in started(case, "Announce")]
    assert joined(results) == list(case.review.record)


def give_up(case, key):
    """The effect fails until it is not tried again."""
    for _ in RETRY_AFTER:
        case.failed(key).woke()
        while not case.review.effects.find(key).runs:
            case.woke()
    return case.failed(key)


def test_an_opening_that_is_given_up_is_a_fault():
    """Announced, then raised: the case never hangs."""
    case = give_up(Led(), "open:1")
    assert (str(case.review.state), case.review.is_over, announced(case)) == ("fault", True, [["submitted", "fault"]])
    assert started(case, "Announce")[0].input["run"] is None
    assert case.review.trouble is None
    with pytest.raises(CaseFault, match="the activity OpenLevel failed 36 times"):
        case.review.verdict()


def test_an_opening_that_is_tried_again_asks_with_the_time_of_the_try():
    """Else a level would open with its time half over."""
    case = Led(2).opened()
    case.hear("ruth")
    case.failed("open:2").woke().failed("open:2").woke()
    pauses = (timedelta(), RETRY_AFTER[0], sum(RETRY_AFTER[:2], timedelta()))
    assert [request.at - T0 for request in requests(case)[1:]] == list(pauses)


def test_a_message_that_is_given_up_fails_the_case_after_the_rest_is_done():
    """The outcome stands; the record is whole."""
    case = Led(quiet=False).opened().done("announce:1", {"entries": []})
    case.hear("ruth", "reject")
    give_up(case, "approval")
    assert not case.review.is_over
    case.done("announce:2", {"entries": []})
    assert case.review.is_over
    with pytest.raises(NotRecorded, match="was rejected, and that stands, but the activity Approval failed 36 times"):
        case.review.verdict()


def test_an_announcement_that_is_given_up_is_taken_up_by_the_next_one():
    """It begins with the entries that no result has repeated; if none comes, the case fails at its end."""
    case = Led(quiet=False).opened(within=400 * DAY)
    give_up(case, "announce:1")
    case.hear("kim")
    assert announced(case)[-1] == ["submitted", "opened", "act"]
    case.done("announce:2", {"entries": []})
    assert case.review.trouble is None
    case.hear("noor")
    case.done("approval", "message")
    give_up(case, "announce:3")
    assert case.review.is_over
    with pytest.raises(NotRecorded, match="the activity Announce failed"):
        case.review.verdict()


UNREADABLE = "OpenLevel gave an answer that cannot be read"


@pytest.mark.parametrize(
    ("stage", "result", "why"),
    [
        ("advancing", None, UNREADABLE), ("advancing", {"outcome": "opened"}, UNREADABLE),
        ("advancing", "opened", UNREADABLE),
        ("advancing", answer(outcome=OpenedAs.OPENED), "OpenLevel answered opened while the case was advancing"),
        ("advancing", answer(opening(1), OpenedAs.ESCALATED),
         "OpenLevel answered escalated while the case was advancing"),
        ("advancing", answer(outcome=OpenedAs.REFUSED), "the seal of its input is not valid any more"),
        ("starting", answer(opening(1), OpenedAs.ESCALATED),
         "OpenLevel answered escalated while the case was starting"),
        ("starting", answer(), "every level of its policy was skipped"),
        ("escalating", answer(), "OpenLevel answered over while the case was escalating"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_is_a_fault(stage, result, why):
    """It is announced, and the case ends with a text that says so."""
    case = Led(2)
    if stage != "starting":
        case.opened()
    if stage == "advancing":
        case.hear("noor")
    elif stage == "escalating":
        case.woke().woke()
    assert str(case.review.state) == stage
    case.answered(result)
    assert (str(case.review.state), case.review.is_over) == ("fault", True)
    assert [members(entry) for entry in case.entries("fault")] == [{"what": "fault", "why": why}]
    with pytest.raises(CaseFault, match=f"without an outcome: {why}\\. Put that right"):
        case.review.verdict()


def test_a_closed_case_hears_nothing_and_waits_for_no_time():
    """The loop waits for no event then; a result of what does not run is refused, too."""
    case = Led().opened()
    case.hear("noor")
    for call in (
        lambda: case.review.heard("junk", T0), lambda: case.review.heard(sealed(case.act("kim")), T0),
        lambda: case.review.woke(T0),
    ):  # fmt: skip
        with pytest.raises(MisplacedEvent, match=r"^A review that is approved cannot take the event [a-z]+\.$"):
            call()
    with pytest.raises(MisplacedEffect):
        case.review.done("approval", "again", T0)


def members(entry):
    """What an entry says beside its place and time, without the whole act or opening."""
    return {name: value for name, value in entry.items() if name not in {"n", "move", "at", "act", "opening"}}


def test_the_record_says_what_happened():
    """Each entry has the members of its kind, and its number."""
    case = Led(2).opened(reminders=(T0 + HOUR,), within=DAY).woke().woke().escalated("jo")
    case.hear("jo")
    case.opened(2, group("pat"))
    case.hear("kim")
    case.hear("dana", "withdraw")
    dana, jo = ({"id": one.id, "name": one.name} for one in map(name, ("dana", "jo")))
    assert [members(entry) for entry in case.review.record] == [
        {"what": "submitted", "by": dana, "how": "local"},
        {"what": "opened"},
        {"what": "reminded", "level": 1, "to": ["noor", "ruth"]},
        {"what": "escalated", "level": 1, "why": "time is over"},
        {"what": "act", "verdict": "counts"},
        {"what": "levelClosed", "level": 1, "name": "Level 1", "is": "approved", "by": jo},
        {"what": "opened"},
        {"what": "act", "verdict": "not yours"},
        {"what": "act", "verdict": "counts"},
        {"what": "ended", "state": "withdrawn", "by": dana, "why": None},
    ]
    assert [entry["n"] for entry in case.review.record] == list(range(1, 11))
    assert [entry["move"] for entry in case.review.record] == [1, 2, 3, 4, 5, 5, 6, 7, 8, 8]
    assert [entry["act"]["by"]["id"] for entry in case.entries("act")] == ["jo", "kim", "dana"]


def test_the_record_of_an_expired_level():
    """Nobody has closed it."""
    case = Led().opened(then=None).woke().woke().answered(answer(outcome=OpenedAs.EXPIRED))
    assert [members(entry) for entry in case.review.record[-2:]] == [
        {"what": "levelClosed", "level": 1, "name": "Level 1", "is": "expired", "by": None},
        {"what": "ended", "state": "expired", "by": None, "why": "time is over"},
    ]


def test_an_entry_has_the_time_of_its_move():
    """Whole seconds of the case's own clock."""
    case = Led().opened().pass_time(MINUTE)
    case.hear("noor")
    assert [entry["at"][11:] for entry in case.review.record] == ["16:40:00Z"] * 2 + ["16:41:00Z"] * 3
    assert replace(case.review) == case.review
