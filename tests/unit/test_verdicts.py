"""What a case makes of an act, in the order in which it is judged."""

import json
from dataclasses import replace

import pytest
from levels import CASE, KEYS, STRANGE, Led, answer, group, opening, sealed, signature

from approval.acts import MOST_TEXT as MOST_ACT
from approval.acts import Verdict
from approval.opening import OpenedAs
from approval.seals import Purpose

OTHER = "e" * 32


@pytest.fixture
def case():
    """Noor and Ruth are asked, Eli has contributed; a rejection wants a comment."""
    return Led(2, contributors=("eli",)).opened(comment=frozenset({"reject"}))


def test_a_vote_of_somebody_who_is_asked_counts(case):
    """The level is approved."""
    assert case.hear("noor") == "counts"


@pytest.mark.parametrize("person", ["dana", "eli"])
@pytest.mark.parametrize("kind", ["approve", "reject", "abstain"])
def test_own_case(case, person, kind):
    """The author and the contributors never vote, whatever else the act is."""
    assert case.hear(person, kind) == "own case"
    assert case.hear(person, kind, run=OTHER, opening=OTHER) == "own case"


def test_own_case_also_if_they_were_asked_by_mistake():
    """``OpenLevel`` leaves them out; the review does not rely on it."""
    case = Led(contributors=("eli",)).opened(1, group("dana", "eli"), target=None)
    assert (case.hear("dana"), case.hear("eli")) == ("own case", "own case")
    target = Led().opened(1, group("noor"), target="dana")
    assert target.hear("dana") == "own case"


def test_own_case_at_every_level(case):
    """Also at the second."""
    case.hear("noor")
    case.opened(2, group("dana", "eli", "pat"))
    assert (case.hear("dana"), case.hear("eli"), case.hear("pat")) == ("own case", "own case", "counts")


def test_late_is_an_act_for_a_closed_opening_of_this_run(case):
    """Also by somebody who was never asked."""
    for_first = [case.act("ruth"), case.act("kim")]
    case.hear("noor")
    case.opened(2, group("pat"))
    assert [case.hear_act(act) for act in for_first] == ["late", "late"]


def test_late_while_a_level_is_being_opened(case):
    """Nobody has the turn then."""
    assert (case.hear("noor"), case.hear("ruth")) == ("counts", "late")


def test_late_while_the_next_one_who_may_decide_is_looked_for(case):
    """The time of the level is over."""
    case.woke().woke()
    assert case.review.state == "escalating"
    assert case.hear("ruth") == "late"


def test_stale_while_a_level_is_being_opened_is_an_act_for_none_of_its_openings(case):
    """That nobody has the turn does not make it late."""
    case.hear("noor")
    assert case.hear("ruth", opening=OTHER) == "stale"


def test_late_for_who_is_only_in_finished_groups():
    """Also for the one who has voted there."""
    case = Led().opened(1, group("noor", "ruth"), group("ruth", "amir", "jo", need=3))
    assert case.hear("ruth") == "counts"
    assert (case.hear("noor"), case.hear("amir"), case.hear("ruth")) == ("late", "counts", "repeated")


def test_stale_is_an_act_of_another_run(case):
    """A seal of the case before its restart is genuine, and counts for nothing."""
    assert case.hear("noor", run=OTHER) == "stale"
    assert case.hear("dana", "withdraw", run=OTHER) == "stale"
    assert case.review.is_open


@pytest.mark.parametrize(
    "changed", [{"opening": OTHER}, {"opening": None}, {"level": 2}, {"level": None}, {"revision": 2}]
)
def test_stale_is_an_act_for_another_revision_level_or_opening(case, changed):
    """Level and opening have to agree."""
    assert case.hear("noor", **changed) == "stale"


@pytest.mark.parametrize("person", ["kim", "jo"])
def test_not_yours(case, person):
    """Who is not asked; the one it would go to is not asked yet."""
    assert case.hear(person) == "not yours"


def test_not_yours_for_the_others_after_an_escalation():
    """The target alone decides, also past those who have voted."""
    case = Led().opened(1, group("noor", "ruth", need=2))
    case.hear("ruth")
    case.woke().woke().escalated("jo")
    assert (case.hear("noor"), case.hear("ruth"), case.hear("jo")) == ("not yours", "not yours", "counts")


def test_repeated_is_another_act_of_who_has_voted_in_this_opening():
    """One person, one vote."""
    case = Led().opened(1, group("noor", "ruth", "amir", need=2), rejection="counts")
    assert (case.hear("noor"), case.hear("noor", "reject"), case.hear("noor")) == ("counts", "repeated", "repeated")


@pytest.mark.parametrize("comment", [None, "", " \n", "\u200b"])
def test_incomplete_without_a_comment_where_the_level_wants_one(case, comment):
    """What nobody can see is no comment."""
    assert case.hear("noor", "reject", comment=comment) == "incomplete"
    assert case.hear("noor", "reject", comment="No.") == "counts"


def test_no_comment_is_needed_where_the_level_wants_none(case):
    """Neither for another act, nor at a level that wants none at all."""
    assert case.hear("noor", comment=None) == "counts"
    assert Led().opened().hear("noor", "reject", comment=None) == "counts"


def test_incomplete_is_an_abstention_where_nobody_may_abstain(case):
    """Unless the level allows it."""
    assert case.hear("noor", "abstain") == "incomplete"
    assert Led().opened(abstain=True).hear("noor", "abstain") == "counts"


def test_a_vote_that_was_refused_may_be_cast_again(case):
    """An incomplete act is no vote."""
    case.hear("noor", "reject", comment=None)
    assert case.hear("noor") == "counts"


def test_a_withdrawal_is_for_the_author(case):
    """Nobody else's, not even a contributor's."""
    assert (case.hear("eli", "withdraw"), case.hear("noor", "withdraw")) == ("not yours", "not yours")
    assert case.hear("dana", "withdraw") == "counts"
    assert case.review.state == "withdrawn"


def test_the_first_that_is_true_is_the_verdict():
    """Own case before late, late before stale, stale before not yours, not yours before repeated and incomplete."""
    case = Led(2).opened(1, group("noor", "ruth", need=2), comment=frozenset({"approve"}))
    first = case.act("kim")
    assert case.hear("kim", run=OTHER) == "stale"
    assert case.hear("kim", comment=None) == "not yours"
    case.hear("noor")
    assert case.hear("noor", comment=None) == "repeated"
    case.hear("ruth")
    assert case.hear_act(replace(first, revision=2)) == "late"
    assert case.hear_act(replace(case.act("dana"), opening=first.opening)) == "own case"


@pytest.mark.parametrize(
    "payload",
    [
        "Approved", None, True, 5, [], {}, {"decision": "approve"}, {"act": "approve", "by": "noor"},
        {"act": {"act": "approve"}, "key": "2026-11", "seal": "x"}, {"act": "", "key": "2026-11", "seal": ""},
        '{"seal": ', "seal" * 100_000, {"act": "x" * 20_000, "key": "2026-11", "seal": "A" * 88},
    ],
    ids=lambda payload: str(payload)[:40],
)  # fmt: skip
def test_an_event_that_is_no_sealed_act_changes_nothing(case, payload):
    """It is counted; state, votes, verdicts, effects and record stay as they were."""
    before = case.review
    case.raised(payload)
    after = case.review
    assert after.journal.unsealed == before.journal.unsealed + 1
    assert (after.state, after.course, after.acts, after.effects, after.record) == (
        before.state, before.course, before.acts, before.effects.started(), before.record,
    )  # fmt: skip


def test_a_seal_counts_only_with_the_keys_and_for_the_case_and_to_the_letter(case):
    """A strange key, an unknown name, a changed text, another case: no act."""
    act = case.act("noor")
    changed = sealed(act)
    changed["act"] = changed["act"].replace("approve", "reject")
    for payload in (
        sealed(act, STRANGE), sealed(act, key_name="2025-11"), changed, sealed(replace(act, case="P-00000000")),
        sealed(replace(act, comment=f"see {CASE}", case="P-00000000")), sealed(replace(act, id="X" * 32)),
    ):  # fmt: skip
        case.raised(payload)
    assert (case.review.acts.latest, case.review.journal.unsealed) == (None, 6)
    assert case.hear_act(act) == "counts"


def test_the_keys_are_those_of_the_latest_answer():
    """A key that has retired counts no more from the next opening on."""
    case = Led(2).opened()
    case.hear("noor")
    other = sealed(case.act("noor"))
    case.answered(answer(opening(2, group("pat"), at=case.clock), OpenedAs.OPENED, keys={"2027-01": KEYS["2026-11"]}))
    case.raised(other)
    case.raised(sealed(case.act("pat")))
    assert case.review.journal.unsealed == 2
    case.raised(sealed(case.act("pat"), key_name="2027-01"))
    assert case.review.acts.latest is Verdict.COUNTS


@pytest.mark.parametrize("times", [1, 2])
def test_an_act_may_come_as_text_that_holds_its_json(case, times):
    """The SDK's client encodes what it raises once more."""
    import json  # noqa: PLC0415

    payload = sealed(case.act("noor"))
    for _ in range(times):
        payload = json.dumps(payload)
    case.raised(payload)
    assert case.review.acts.latest is Verdict.COUNTS


def test_an_act_of_the_greatest_length_counts():
    """Of its text, and of the event that holds it; one character more is no act."""
    for length, unsealed in ((MOST_ACT, 0), (MOST_ACT + 1, 1)):
        case = Led().opened()
        text = case.act("noor").to_text().ljust(length)
        case.raised({"act": text, "key": "2026-11", "seal": signature(text, Purpose.ACT)})
        assert case.review.journal.unsealed == unsealed
        case = Led().opened()
        case.raised(json.dumps(sealed(case.act("noor"))).ljust(8 * length))
        assert case.review.journal.unsealed == unsealed


def test_a_second_delivery_gets_no_verdict_of_its_own():
    """Not in the ring, not in the record, also after many other acts."""
    case = Led().opened(1, group("noor", "ruth", need=2))
    act = case.act("noor")
    assert case.hear_act(act) == "counts"
    for _ in range(100):
        case.hear("kim")
    before = case.review
    case.raised(sealed(act))
    assert (case.review.acts, case.review.record, case.review.course) == (before.acts, before.record, before.course)
    assert len(case.review.acts.ids) == 101


def test_the_ring_has_the_latest_64_verdicts():
    """Six digits of the act's id, a colon, a letter: at most 575 characters."""
    case = Led().opened(1, group("noor", "ruth", need=2))
    ids = [case.act("kim").id[:6] for _ in range(80)]
    case.acts = 0
    for _ in range(80):
        case.hear("kim")
    assert case.review.acts.verdicts.split() == [f"{one}:n" for one in ids[-64:]]
    assert len(case.review.acts.verdicts) == 575
