"""The table of a case with levels: every event in every state."""

import itertools

import pytest
from levels import DAY, HOUR, Led, answer, group, skipped

from approval.errors import MisplacedEvent
from approval.opening import OpenedAs
from approval.review.transitions import NEXT, OPEN, CaseEvent, CaseStage, diagram

PAIRS = list(itertools.product(CaseStage, CaseEvent))


def at(stage):
    """A case that has come to this state; its messages and its ``Announce`` are still to be answered."""
    case = Led(2, quiet=False)
    if stage is CaseStage.STARTING:
        return case
    if stage is CaseStage.REFUSED:
        return case.answered(answer(outcome=OpenedAs.REFUSED))
    if stage is CaseStage.FAULT:
        return case.answered(answer(outcome=OpenedAs.OVER))
    case.opened(
        1, group("noor", "ruth", need=2), within=20 * DAY, reminders=(case.clock + HOUR,), abstain=True, then="jo"
    )
    match stage:
        case CaseStage.ADVANCING:
            case.hear("noor")
            case.hear("ruth")
        case CaseStage.ESCALATING:
            case.hear("noor", "abstain")
        case CaseStage.REJECTED:
            case.hear("noor", "reject")
        case CaseStage.WITHDRAWN:
            case.hear("noor", "abstain")
            case.hear("dana", "withdraw")
        case CaseStage.APPROVED:
            at_last(case)
        case CaseStage.EXPIRED:
            case.hear("noor", "abstain")
            case.answered(answer(outcome=OpenedAs.EXPIRED))
    return case


def at_last(case):
    """Both have approved, and no level is left."""
    case.hear("noor")
    case.hear("ruth")
    return case.answered(answer(skipped=[skipped(2)]))


def tell(case, event):  # noqa: C901, PLR0912 - one branch for each event
    """The case after the event, by the method that takes it; None where no call could be it."""
    review, state = case.review, case.review.state
    open_key = review.open_key
    match event:
        case CaseEvent.OPENED if review.effects.find(open_key) and review.is_open:
            case.opened(2)
        case CaseEvent.ESCALATED if review.course.opening and review.effects.find(open_key):
            case.escalated("jo")
        case CaseEvent.OVER | CaseEvent.EXPIRED | CaseEvent.REFUSED if review.effects.find(open_key):
            case.answered(answer(outcome=OpenedAs(event)))
        case CaseEvent.FAULT if review.effects.find(open_key):
            case.answered({"what": 5})
        case CaseEvent.DROPPED if review.effects.find(open_key):
            case.opened(2)
        case CaseEvent.NOTED if review.is_open:
            case.hear("kim")
        case CaseEvent.AGAIN if review.course.run and review.is_open:
            act = case.act("kim")
            case.hear_act(act)
            case.hear_act(act)
        case CaseEvent.VOTED | CaseEvent.LEVEL_APPROVED | CaseEvent.APPROVED if review.is_asking:
            voted(case, event)
        case CaseEvent.REJECTED if review.is_asking:
            case.hear("noor", "reject")
        case CaseEvent.STUCK if review.is_asking:
            case.hear("noor", "abstain")
        case CaseEvent.WITHDRAWN if review.is_open and state is not CaseStage.STARTING:
            case.hear("dana", "withdraw")
        case CaseEvent.UNSEALED:
            case.raised("junk")
        case CaseEvent.REMINDED | CaseEvent.TIME_OVER | CaseEvent.HOP if review.is_open:
            woken(case, event)
        case CaseEvent.RETRY | CaseEvent.FAILED if list(review.effects):
            case.failed(next(iter(review.effects)).effect.key)
            if event is CaseEvent.RETRY and case.review.wakes_at:
                case.woke()
        case CaseEvent.CARRIED_OUT if any(one.effect.key != open_key for one in review.effects):
            key = next(one.effect.key for one in review.effects if one.effect.key != open_key)
            case.done(key, "said")
        case _:
            review.moved(event, review.now)
    return case


def voted(case, event):
    """A vote that leaves the level open, closes it, or closes the last one."""
    if event is CaseEvent.APPROVED:
        case.hear("noor")
        case.hear("ruth")
        case.opened(2)
    case.hear("noor")
    if event is CaseEvent.LEVEL_APPROVED:
        case.hear("ruth")


def woken(case, event):
    """The timer fires: for a reminder, for nothing but the hop, for the due time."""
    if event is CaseEvent.HOP and not case.review.is_asking:
        case.woke()
        return
    case.woke()
    while event is not CaseEvent.REMINDED and case.review.is_asking and event not in case.review.news:
        case.woke()


@pytest.mark.parametrize(("stage", "event"), PAIRS, ids=str)
def test_every_event_in_every_state_does_what_the_table_says(stage, event):
    """A pair in the table leads to its state; any other is refused or is a fault, and the case is as it was."""
    case = at(stage)
    assert case.review.state is stage
    before = case.review
    if (stage, event) in NEXT and event is not CaseEvent.BEGUN:
        if stage in (CaseStage.REFUSED, CaseStage.FAULT) and not before.effects.pending:
            assert before.moved(event, before.now).state is NEXT[stage, event]
            return
        assert tell(case, event).review.state is NEXT[stage, event]
        assert event in case.review.news or event in (CaseEvent.RETRY, CaseEvent.FAILED)
        return
    with pytest.raises(MisplacedEvent):
        before.moved(event, before.now)
    assert case.review == before


def test_an_end_is_never_left():
    """No event leads from one end to another."""
    assert all(after is before for (before, _), after in NEXT.items() if before not in OPEN)


def test_every_state_can_be_reached_and_every_open_one_left():
    """Nothing in the table is idle."""
    reached = {CaseStage.STARTING} | {after for (before, _), after in NEXT.items() if before is not after}
    assert reached == set(CaseStage)
    assert {before for (before, _), after in NEXT.items() if before is not after} == OPEN


@pytest.mark.parametrize("stage", list(CaseStage))
def test_what_the_custom_status_shows_of_a_state(stage):
    """While the case is open it is with its approvers, also while a level is being opened."""
    assert stage.shown == ("with approvers" if stage in OPEN else stage.value)


def test_the_picture_has_an_arrow_for_every_change():
    """And none for what leaves a state as it is."""
    lines = diagram().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> starting"]
    assert "    with_approvers --> escalating: time over, stuck" in lines
    arrows = {(before, after) for (before, _), after in NEXT.items() if before is not after}
    assert len(lines) == 2 + len(arrows) + len(set(CaseStage) - OPEN)
