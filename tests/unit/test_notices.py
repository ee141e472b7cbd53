"""Who hears of what: the rules of notices, over records of whole cases."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from companies import company, submission
from hypothesis import given, settings
from hypothesis import strategies as st
from random_policies import IDS, VALUES, policy_files
from real_cases import ACTS, Real, play
from records import CASE, START, Story, closed, ended

from approval.notices import NoticeKind, message_id, moment, moves_to_tell, notice_id, notices, still_holds, text_of
from approval.turns import turn_of

MILL_LANE = submission(
    company("county"), "dana", {"kind": "structure", "amount": Decimal(80000), "category": 2, "departure": False}
)
LONDON = ZoneInfo("Europe/London")
DUE = "Sat 5 Dec 2026, 16:40 (Europe/London)"
WHAT = "“Mill Lane bridge” by Dana Okafor, 80,000 GBP,"


def of(story, move=None):
    """The notices of a move, the last one if none is named, by person."""
    found = notices(story.record, story.move if move is None else move, MILL_LANE, lambda _: LONDON)
    assert len({notice.to for notice in found}) == len(found)
    return {notice.to: notice for notice in found}


def kinds(story, move=None):
    """The kinds of the notices of a move, by person."""
    return {person: notice.kind for person, notice in of(story, move).items()}


def test_whoever_has_the_turn_is_asked_with_the_due_time_in_their_zone():
    """One sentence, and the page of the case."""
    asked = of(Story().opened())
    assert {person: notice.kind for person, notice in asked.items()} == {
        "noor": NoticeKind.ASKED,
        "ruth": NoticeKind.ASKED,
    }
    assert asked["noor"].sentence == f"{WHAT} waits for your decision (Level 1) until {DUE}."
    assert (asked["noor"].subject, asked["noor"].path) == ("Your decision: Mill Lane bridge", f"/proposals/{CASE}")


def rejected_by_noor():
    """She is the first of two."""
    return Story().opened().acted("noor", "reject", closed("noor", "rejected"), ended("rejected", "noor"))


PAST = "has gone to Jo Lindqvist, as {}: you need not decide."
FREE = "Your decision on {} is not needed any more: {}."
TITLE = "Mill Lane bridge"
EACH = [
    ("machine", lambda: Story("machine"), "dana", "submitted for you", "Submitted in your name",
     "“Mill Lane bridge” was submitted in your name by another system; you may withdraw it."),
    ("asked", lambda: Story().opened(), "ruth", "asked", "Your decision",
     f"{WHAT} waits for your decision (Level 1) until {DUE}."),
    ("reminded", lambda: Story().opened().reminded("noor"), "noor", "reminded", "Reminder",
     f"{WHAT} still waits for your decision; if nobody decides by {DUE}, it goes to Jo Lindqvist."),
    ("reminded for the last time", lambda: Story().opened(then=None).reminded("noor"), "noor", "reminded", "Reminder",
     f"{WHAT} still waits for your decision; if nobody decides by {DUE}, it is rejected."),
    ("escalated to", lambda: Story().opened().escalated("jo"), "jo", "escalated to you", "Now yours to decide",
     f"{WHAT} is yours to decide by {DUE}, as nobody decided in time."),
    ("escalated past", lambda: Story().opened().escalated("jo"), "noor", "escalated past you", "Gone on",
     f"{WHAT} {PAST.format('nobody decided in time')}"),
    ("abstained to", lambda: Story().opened().escalated("jo", "abstentions"), "jo", "escalated to you",
     "Now yours to decide", f"{WHAT} is yours to decide by {DUE}, as too many have abstained."),
    ("abstained past", lambda: Story().opened().escalated("jo", "abstentions"), "ruth", "escalated past you", "Gone on",
     f"{WHAT} {PAST.format('too many have abstained')}"),
    ("too few people", lambda: Story().opened(target="jo", escalation=1), "jo", "escalated to you",
     "Now yours to decide", f"{WHAT} is yours to decide by {DUE}, as there are too few people to decide."),
    ("approved by another", lambda: Story().opened().acted("noor", "approve", closed("noor")), "ruth",
     "not needed any more", "Not needed any more", FREE.format(WHAT, "Noor Haddad has approved it")),
    ("rejected by another", rejected_by_noor, "ruth", "not needed any more", "Not needed any more",
     FREE.format(WHAT, "Noor Haddad has rejected it")),
    ("rejected", rejected_by_noor, "dana", "decided", "Rejected",
     "Your proposal “Mill Lane bridge” is rejected by Noor Haddad."),
    ("its group is complete", lambda: Story().opened(groups=((("noor", "ruth"), 1), (("pat",), 1))).acted("noor"),
     "ruth", "not needed any more", "Not needed any more", FREE.format(WHAT, "Noor Haddad has approved it")),
    ("expired", lambda: Story().opened(then=None).moved(closed(None, "expired"), ended("expired")), "dana", "decided",
     "Rejected", "Your proposal “Mill Lane bridge” is rejected, as nobody decided in time."),
    ("expired in their turn", lambda: Story().opened(then=None).moved(closed(None, "expired"), ended("expired")),
     "noor", "not needed any more", "Not needed any more",
     FREE.format(WHAT, "the time to decide is over, and it is rejected")),
    ("withdrawn", lambda: Story().opened().acted("dana", "withdraw", ended("withdrawn", "dana"), level=None), "noor",
     "not needed any more", "Not needed any more", FREE.format(WHAT, "Dana Okafor has withdrawn it")),
    ("overridden", lambda: Story().opened().moved(ended("overridden", "pat")), "dana", "decided", "Decided",
     "Your proposal “Mill Lane bridge” is decided by Pat Quinn."),
    ("overridden in their turn", lambda: Story().opened().moved(ended("overridden", "pat")), "ruth",
     "not needed any more", "Not needed any more", FREE.format(WHAT, "it is decided")),
    ("ended as a later version ends it", lambda: Story().opened().moved(ended("lapsed")), "dana", "decided", "Over",
     "Your proposal “Mill Lane bridge” is over."),
    ("closed by nobody", lambda: Story().opened().moved(closed(None, "approved")), "ruth", "not needed any more",
     "Not needed any more", FREE.format(WHAT, "it is approved")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("story", "person", "kind", "subject", "sentence"), [each[1:] for each in EACH], ids=[each[0] for each in EACH]
)
def test_each_notice_is_held_to_the_letter(story, person, kind, subject, sentence):
    """Its kind, its subject with the title, its sentence, and the page of the case."""
    notice = of(story())[person]
    assert (str(notice.kind), notice.subject, notice.sentence) == (kind, f"{subject}: {TITLE}", sentence)
    assert (notice.label, notice.path) == ("Open the proposal", f"/proposals/{CASE}")


def test_a_proposal_without_an_amount_is_named_without_one():
    """No comma is left over."""
    plain = submission(company("software"), "dev", {"risk": "low", "personal_data": False})
    (notice, *_) = notices(Story().opened().record, 2, plain, lambda _: UTC)
    assert notice.sentence.startswith(f"“Mill Lane bridge” by {plain.author.name} waits for your decision")


def test_each_person_reads_the_time_in_their_own_zone():
    """Whoever asks for the zone is asked by the id of the reader."""
    zones = {"noor": LONDON, "ruth": ZoneInfo("Asia/Tokyo"), "jo": ZoneInfo("Asia/Tokyo")}
    for story in (Story().opened(), Story().opened().reminded("ruth"), Story().opened().escalated("jo")):
        for notice in notices(story.record, story.move, MILL_LANE, zones.__getitem__):
            if notice.turn:
                assert str(zones[notice.to]) in notice.sentence


def test_submitting_concerns_nobody_else():
    """The author has just done it."""
    assert kinds(Story()) == {}


def test_the_author_hears_what_a_machine_has_submitted_for_them():
    """They may withdraw it."""
    told = of(Story("machine"))
    assert {person: notice.kind for person, notice in told.items()} == {"dana": NoticeKind.SUBMITTED}
    assert "in your name" in told["dana"].sentence


def test_a_reminder_goes_to_those_who_still_have_the_turn():
    """It says what happens then."""
    story = Story().opened().acted("noor", "abstain").reminded("noor", "ruth")
    assert of(story)["ruth"].sentence == (
        f"{WHAT} still waits for your decision; if nobody decides by {DUE}, it goes to Jo Lindqvist."
    )
    assert kinds(story) == {"ruth": NoticeKind.REMINDED}
    assert of(Story().opened(then=None).reminded("noor"))["noor"].sentence.endswith("it is rejected.")


def test_an_escalation_is_known_to_the_new_one_and_to_those_it_went_past():
    """And not to who has voted."""
    groups = ((("noor", "ruth", "pat"), 2),)
    story = Story().opened(groups=groups).acted("pat").escalated("jo", groups=groups)
    told = of(story)
    assert {person: notice.kind for person, notice in told.items()} == {
        "jo": NoticeKind.ESCALATED_TO,
        "noor": NoticeKind.ESCALATED_PAST,
        "ruth": NoticeKind.ESCALATED_PAST,
    }
    assert told["jo"].sentence == f"{WHAT} is yours to decide by {DUE}, as nobody decided in time."
    assert told["noor"].sentence == (
        f"{WHAT} has gone to Jo Lindqvist, as nobody decided in time: you need not decide."
    )


@pytest.mark.parametrize(("why", "said"), [("too few people", "too few people"), ("abstentions", "have abstained")])
def test_an_escalation_says_why(why, said):
    """Not always because of the time."""
    assert said in of(Story().opened().escalated("jo", why))["jo"].sentence


def test_a_level_that_goes_to_somebody_as_it_opens_is_theirs():
    """Nobody else was asked."""
    story = Story().opened(target="jo", escalation=1)
    assert kinds(story) == {"jo": NoticeKind.ESCALATED_TO}
    assert "too few people" in of(story)["jo"].sentence


def test_one_of_those_asked_may_be_the_one_it_goes_to():
    """They hear that it is theirs alone now."""
    story = Story().opened().escalated("ruth")
    assert kinds(story) == {"ruth": NoticeKind.ESCALATED_TO, "noor": NoticeKind.ESCALATED_PAST}


def test_a_decision_frees_the_others_of_the_level():
    """Who has voted is not among them, and the author hears of the end only."""
    story = Story().opened().acted("noor", "approve", closed("noor"))
    assert of(story)["ruth"].sentence == f"Your decision on {WHAT} is not needed any more: Noor Haddad has approved it."
    assert kinds(story) == {"ruth": NoticeKind.NOT_NEEDED}


def test_a_vote_that_does_not_close_the_level_concerns_nobody():
    """Everybody else still has the turn."""
    story = Story().opened(groups=((("noor", "ruth", "pat"), 2),)).acted("noor")
    assert kinds(story) == {}


def test_a_group_with_all_its_approvals_frees_its_others():
    """Although the level goes on with another group."""
    story = Story().opened(groups=((("noor", "ruth"), 1), (("pat",), 1))).acted("noor")
    assert kinds(story) == {"ruth": NoticeKind.NOT_NEEDED}
    assert turn_of(story.record).who == ("pat",)


def test_an_abstention_that_leaves_too_few_asks_the_others_for_nothing_more():
    """They hear where the level has gone, and not that it is decided."""
    story = Story().opened(groups=((("noor", "ruth", "pat"), 2),)).acted("noor", "abstain").acted("ruth", "abstain")
    assert kinds(story) == {}
    story.escalated("jo", "abstentions", groups=((("noor", "ruth", "pat"), 2),))
    assert kinds(story) == {"jo": NoticeKind.ESCALATED_TO, "pat": NoticeKind.ESCALATED_PAST}


def test_the_next_level_asks_again():
    """Also a person who was asked at the level before."""
    story = Story().opened().acted("noor", "approve", closed("noor"))
    story.opened(level=2, groups=((("ruth",), 1),))
    assert kinds(story) == {"ruth": NoticeKind.ASKED}


def test_the_end_is_known_to_the_author_and_to_those_who_decided_before():
    """Who has just ended it knows, and those who had the turn are free."""
    story = Story().opened().acted("noor", "approve", closed("noor")).opened(level=2, groups=((("pat", "sam"), 1),))
    story.acted("pat", "reject", closed("pat", "rejected", 2), ended("rejected", "pat"), level=2)
    told = of(story)
    assert {person: notice.kind for person, notice in told.items()} == {
        "dana": NoticeKind.DECIDED,
        "noor": NoticeKind.DECIDED,
        "sam": NoticeKind.NOT_NEEDED,
    }
    assert told["dana"].sentence == "Your proposal “Mill Lane bridge” is rejected by Pat Quinn."
    assert told["dana"].subject == "Rejected: Mill Lane bridge"
    assert told["noor"].sentence == f"{WHAT} is rejected by Pat Quinn."


def test_an_approval_is_known_to_the_author_once():
    """In the move that ends the case, and in no other."""
    story = Story().opened().acted("noor", "approve", closed("noor"))
    story.moved(("skipped", {"level": 2, "name": "Finance", "why": "amount"}), ended("approved", "noor"))
    told = [of(story, move).get("dana") for move in range(1, story.move + 1)]
    assert [notice.sentence for notice in told if notice] == [
        "Your proposal “Mill Lane bridge” is approved by Noor Haddad."
    ]


def test_nobody_is_to_blame_for_a_case_that_ran_out_of_time():
    """It says so, to the author and to those who had the turn."""
    story = Story().opened(then=None).moved(closed(None, "expired"), ended("expired"))
    told = of(story)
    assert told["dana"].sentence == "Your proposal “Mill Lane bridge” is rejected, as nobody decided in time."
    assert {person: notice.kind for person, notice in told.items()} == {
        "dana": NoticeKind.DECIDED,
        "noor": NoticeKind.NOT_NEEDED,
        "ruth": NoticeKind.NOT_NEEDED,
    }
    assert "the time to decide is over" in told["noor"].sentence


def test_a_withdrawal_frees_those_who_had_the_turn():
    """The author has done it, and hears nothing."""
    story = Story().opened().acted("dana", "withdraw", ended("withdrawn", "dana"), level=None)
    assert kinds(story) == {"noor": NoticeKind.NOT_NEEDED, "ruth": NoticeKind.NOT_NEEDED}
    assert of(story)["noor"].sentence.endswith("Dana Okafor has withdrawn it.")
    story = Story().opened().acted("noor", "approve", closed("noor")).opened(level=2, groups=((("pat",), 1),))
    assert kinds(story.acted("dana", "withdraw", ended("withdrawn", "dana"), level=None)) == {
        "pat": NoticeKind.NOT_NEEDED
    }


@pytest.mark.parametrize("verdict", ["late", "stale", "not yours", "own case", "incomplete", "repeated"])
def test_an_act_that_does_not_count_concerns_nobody(verdict):
    """Its sender sees the verdict."""
    story = Story().opened().acted("ruth", verdict=verdict)
    assert kinds(story) == {}
    assert moves_to_tell(story.record[-1:]) == ()
    assert turn_of(story.record).who == ("noor", "ruth")


def test_a_move_that_the_record_does_not_hold_has_no_notices():
    """So nobody can have one made up."""
    assert kinds(Story().opened(), 3) == kinds(Story().opened(), 0) == {}


def test_nobody_is_asked_about_a_case_that_is_decided_meanwhile():
    """Those whose turn is over are not asked, reminded or handed a case any more."""
    story = Story().opened()
    asked = of(story)
    assert all(still_holds(notice, story.record) for notice in asked.values())
    story.acted("noor", "approve", closed("noor"))
    assert not any(still_holds(notice, story.record) for notice in asked.values())
    assert still_holds(of(story)["ruth"], story.record)


def test_an_earlier_turn_of_the_same_person_does_not_hold():
    """A level that was escalated, or another level, is another turn."""
    story = Story().opened()
    asked = of(story)["ruth"]
    story.escalated("ruth")
    assert not still_holds(asked, story.record)
    assert still_holds(of(story)["ruth"], story.record)


def test_who_is_asked_again_meanwhile_is_not_set_free():
    """One message, that they are asked, says it all."""
    story = Story().opened().acted("noor", "approve", closed("noor"))
    free = of(story)["ruth"]
    story.opened(level=2, groups=((("ruth",), 1),))
    assert not still_holds(free, story.record)


def test_the_end_always_holds():
    """And what a machine has submitted is of interest until then."""
    story = Story("machine").opened()
    submitted = of(story, 1)["dana"]
    assert still_holds(submitted, story.record)
    story.acted("noor", "reject", closed("noor", "rejected"), ended("rejected", "noor"))
    assert not still_holds(submitted, story.record)
    assert still_holds(of(story)["dana"], story.record)


def test_every_move_with_notices_is_one_that_announce_starts():
    """From the entries of the move alone."""
    story = Story("machine").opened(groups=((("noor", "ruth"), 1), (("pat",), 1))).acted("noor").reminded("pat")
    story.escalated("jo", groups=((("noor", "ruth"), 1), (("pat",), 1)))
    story.acted("jo", "reject", closed("jo", "rejected"), ended("rejected", "jo"))
    for move in range(1, story.move + 1):
        entries = [entry for entry in story.record if entry["move"] == move]
        assert moves_to_tell(entries) == ((move,) if of(story, move) else ())
    assert moves_to_tell(story.record) == (1, 2, 3, 4, 5, 6)


PEOPLE = ("noor", "ruth", "pat", "jo")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(PEOPLE), st.sampled_from(["approve", "reject", "abstain", "escalate", "remind", "end"])
        ),
        max_size=12,
    ),
    st.integers(1, 3),
)
def test_whatever_happens_a_person_hears_of_a_move_once_and_voters_are_not_set_free(steps, need):
    """A notice that asks for something goes to who has the turn, and nobody hears of their own act."""
    groups = (((*PEOPLE[:3],), need), (("pat",), 1))
    story, times = Story().opened(groups=groups), 0
    for person, step in steps:
        turn = turn_of(story.record)
        if step == "end":
            story.moved(ended("expired"))
            break
        if step == "escalate":
            times += 1
            story.escalated(person, groups=groups, escalation=times)
        elif step == "remind":
            story.reminded(*turn.who)
        elif person in turn.who:
            story.acted(person, step)
    for move in range(1, story.move + 1):
        entries = [entry for entry in story.record if entry["move"] == move]
        then = [entry for entry in story.record if entry["move"] <= move]
        actors = {entry["act"]["by"]["id"] for entry in entries if entry["what"] == "act"}
        voters = {vote.by.id for vote in turn_of(then).votes}
        for person, notice in of(story, move).items():
            assert person not in actors
            assert still_holds(notice, then)
            if notice.turn:
                assert person in turn_of(then).who
            if notice.kind is NoticeKind.NOT_NEEDED:
                assert person not in voters
            assert notice.sentence.endswith(".")
            assert "\n" not in notice.sentence + notice.subject


def test_a_message_is_a_sentence_a_link_and_where_it_is_from():
    """Plain text."""
    text = text_of(of(Story().opened())["noor"], "https://approval.example", "Northshire\nhighways")
    assert text == (
        f"{WHAT} waits for your decision (Level 1) until {DUE}.\n\n"
        f"Open the proposal:\nhttps://approval.example/proposals/{CASE}\n\n"
        "-- \nSent by the approval service of Northshire highways. Nobody reads answers to this mail.\n"
    )


def test_texts_of_people_cannot_add_lines():
    """Nor turn the reading direction: a title is one line, and what cannot be shown is named by its code."""
    odd = replace(MILL_LANE, title="Mill\r\nBcc: x@y.example\u202e lane")
    (notice, _) = notices(Story().opened().record, 2, odd, lambda _: UTC)
    assert notice.subject == "Your decision: Mill Bcc: x@y.example[U+202E] lane"


def test_ids_of_notices_and_mails_follow_from_case_run_move_and_person():
    """The same each time, and another one for anything else."""
    assert notice_id(CASE, "51aa", 3) == f"notice-{CASE}-51aa-3"
    assert notice_id(CASE, None, 3) == f"notice-{CASE}-none-3"
    given = (CASE, "51aa", 3, "noor", "approval.example")
    first = message_id(*given)
    assert first == message_id(*given)
    assert first == "<59625a2efdc8daf9357ed268971fd88cc6f8a274@approval.example>"
    assert message_id(CASE, None, 3, "noor", "x.example") == "<bdea12954dfe60636c6a07179f254058c100bb74@x.example>"
    others = {
        message_id(*given[:place], other, *given[place + 1 :]) for place, other in ((0, "P-0"), (1, None), (3, "x"))
    }
    assert len({first, *others, message_id(CASE, "51aa", 4, "noor", "approval.example")}) == 5


def test_a_time_is_in_the_readers_zone():
    """With its name; a day may be another one there."""
    assert moment(START, UTC) == "Wed 25 Nov 2026, 16:40 (UTC)"
    assert moment(START, ZoneInfo("Asia/Tokyo")) == "Thu 26 Nov 2026, 01:40 (Asia/Tokyo)"


@settings(max_examples=100)
@given(policy_files(), VALUES, st.sampled_from(IDS), ACTS)
def test_in_every_case_people_hear_of_their_turns_and_of_their_end(file, values, author, acts):
    """Whoever is asked has the turn; whoever loses it without a vote hears why, or is asked again; each once a move."""
    case, sent = Real(file, author, values), []
    for kind, person in acts:
        if case.review.is_open:
            play(case, sent, kind, person)
            if case.review.is_asking:
                assert list(turn_of(case.review.record).who) == case.turn
    for _ in range(300):
        if case.review.is_open:
            case.woke()
    follows_from(case.review.record, case.submission)


def follows_from(record, submission):
    """The rules of notices, for each move of a record."""
    asked = set()
    for move in sorted({entry["move"] for entry in record}):
        entries = [entry for entry in record if entry["move"] == move]
        then = [entry for entry in record if entry["move"] <= move]
        voted = {
            entry["act"]["by"]["id"] for entry in entries if entry["what"] == "act" and entry["verdict"] == "counts"
        }
        found = {notice.to: notice for notice in notices(record, move, submission, lambda _: UTC)}
        assert not found or moves_to_tell(entries) == (move,)
        assert not voted & found.keys()
        has_turn = set(turn_of(then).who)
        for person, notice in found.items():
            assert still_holds(notice, then)
            assert (person in has_turn) is (notice.turn is not None)
        if any(entry["what"] in ("opened", "escalated") for entry in entries):
            assert has_turn == {person for person, notice in found.items() if notice.turn}
        if entries[-1]["what"] != "fault":
            assert asked - has_turn - voted <= found.keys()
        asked = has_turn
    if record[-1]["what"] == "fault":
        return
    ends = [entry for entry in record if entry["what"] == "ended"]
    decided = [
        n.to
        for move in range(1, len(record) + 1)
        for n in notices(record, move, submission, lambda _: UTC)
        if n.kind is NoticeKind.DECIDED
    ]
    assert len(decided) == len(set(decided))
    assert (submission.author.id in decided) is bool(ends and ends[0]["state"] in ("approved", "rejected", "expired"))
