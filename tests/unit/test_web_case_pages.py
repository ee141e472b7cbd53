"""Pages of a case say what the API says, in the reader's words, and offer what ``mine.may`` names."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from seen_cases import COUNTY, DUE, FIRST, SINCE, closed, opened, opening, seen, voted

from approval.acts import Kind
from approval.forecast import LevelIs, LevelOnPath, path
from approval.opening import Opening
from service.case_view import case_view
from web import case_pages
from web.views import Frame
from web.words import Reader

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
READER = Reader(NOW, ZoneInfo("Europe/London"), ZoneInfo("Europe/London"))
NAMES = {person.id: person.name for person in COUNTY.people.values()}
FRAME = Frame("Northshire highways", "Noor Haddad", "t")


def view(case, reader="noor"):
    """What the API shows of it to this person."""
    return case_view(case, reader, NAMES, sentence="With Noor Haddad or Ruth Pemberton.")


def page(case, reader="noor", **more):
    """The page for this person."""
    levels = path(case.submission, COUNTY, NOW, case.record)
    rules = case.submission.policy.fields.values()
    return case_pages.case_page(
        view(case, reader),
        case.record,
        levels,
        rules,
        READER,
        FRAME,
        sentence="With Noor Haddad or Ruth Pemberton.",
        **more,
    )


def test_who_is_asked_has_the_form():
    """With revision, level and opening of what is on the page."""
    shown = page(seen())
    assert shown.state.code == "mine"
    assert [act.label for act in shown.decide.acts] == ["Approve", "Reject"]
    assert shown.decide.asks == {"revision": "1", "level": "1", "opening": FIRST}
    assert shown.decide.because == "Why you are asked: group technical-approval."
    assert shown.amount == "£80,000.00"
    assert shown.withdraw == ""


@pytest.mark.parametrize(
    ("reader", "says"),
    [("dana", "You wrote it, so others decide on it."), ("amir", "You are not asked: has voted before."),
     ("pat", "You are not asked at this level.")],
)  # fmt: skip
def test_who_is_not_asked_reads_why(reader, says):
    """And has no form."""
    shown = page(seen(), reader)
    assert shown.decide is None
    assert shown.mine == says
    assert shown.state.word == "With approvers"


def test_the_author_may_withdraw():
    """By a page of its own."""
    case = seen()
    assert page(case, "dana").withdraw == f"/proposals/{case.id}/withdraw"


def test_a_closed_case_quotes_the_act_that_ended_it():
    """So that an author need not look for the reason."""
    entry = voted("ruth", "reject")
    entry["act"]["comment"] = "The bearings are missing."
    record = [
        opened(),
        entry,
        {"n": 4, "move": 2, "at": SINCE, "what": "ended", "state": "rejected", "by": None, "why": None},
    ]
    decided = {"outcome": "Rejected", "by": "ruth", "byName": "Ruth Pemberton", "at": SINCE}
    shown = page(
        seen(
            record,
            "Completed",
            state="rejected",
            level=None,
            turn=None,
            closed=[closed(outcome="rejected")],
            decided=decided,
        ),
        "dana",
    )
    assert (shown.state.code, shown.quote, shown.mine) == ("rejected", "The bearings are missing.", "")
    assert page(seen()).quote == ""


def test_the_path_says_who_how_many_and_by_when():
    """Now, later, and what is left out."""
    steps = page(seen()).path
    assert (steps[0].name, steps[0].code, steps[0].word) == ("Technical approval", "here", "now")
    assert steps[0].lines == ("Noor Haddad or Ruth Pemberton (group technical-approval)", "by Sat 5 Dec 16:40")
    assert steps[1].code == "ahead"
    assert steps[1].lines[-1].endswith("at the latest")
    levels = path(seen().submission, COUNTY, NOW, seen().record)
    assert "Amir Shah is not asked: has voted before" in case_pages.left_out(levels)


def level(**changes):
    """A level on the path, with the usual opening."""
    return LevelOnPath(1, "Board", **({"is_at": LevelIs.AHEAD, "opening": Opening.from_json(opening())} | changes))


@pytest.mark.parametrize(
    ("groups", "says"),
    [
        ([("noor", "ruth", "amir"), 2], "2 of noor, ruth and amir"),
        ([("noor", "ruth"), "all"], "noor and ruth"),
        ([("noor",), 1], "noor"),
        ([("noor", "ruth"), 1], "noor or ruth"),
    ],
)
def test_how_many_are_needed_is_said(groups, says):
    """Of all, of several, of any one."""
    asked, need = groups
    made = Opening.from_json(opening(groups=[{"because": "x", "asked": list(asked), "need": need}], names={}))
    assert case_pages.people_in_words(made.groups[0], made) == says


def test_a_level_that_went_to_somebody_else_says_why():
    """And one that cannot open, or is skipped."""
    target = Opening.from_json(opening(escalation=1, target={"id": "jo", "name": "Jo Lindqvist"}))
    (here,) = case_pages.path_steps([level(is_at=LevelIs.HERE, opening=target, why="time is over")], READER)
    assert here.lines[0] == "Jo Lindqvist, as nobody decided in time"
    (skipped,) = case_pages.path_steps([level(is_at=LevelIs.SKIPPED, opening=None, why="amount is low")], READER)
    assert (skipped.code, skipped.lines) == ("skipped", ("Amount is low",))
    (stuck,) = case_pages.path_steps([level(opening=None, why="the group is gone")], READER)
    assert stuck.word == "cannot open"


def test_the_confirmation_names_all_that_counts():
    """Revision, title, amount, person; what happens then; whether a comment is needed."""
    case = seen()
    approve = case_pages.confirm_page(view(case), Kind.APPROVE, FRAME, {"token": "t", "idempotency": "i"})
    title = case.submission.title
    assert approve.sentence == f"You approve revision 1 of {title}, £80,000.00, as Noor Haddad."
    assert approve.comment.optional
    assert approve.hidden["opening"] == FIRST
    assert approve.follows == ("When Technical approval has all the approvals it needs, Line of authority comes next.",)
    reject = case_pages.confirm_page(view(case), Kind.REJECT, FRAME, {}, problem="Say why.", comment="x")
    assert not reject.comment.optional
    assert reject.follows == ("This ends the case as rejected.",)
    assert (reject.problems[0].field, reject.comment.value) == ("comment", "x")
    counts = case_pages.confirm_page(view(case), Kind.REJECT, FRAME, {}, rejection_ends=False)
    assert counts.follows == ("It counts against it at Technical approval.",)


def test_a_withdrawal_is_for_the_whole_case():
    """It names the revision, and no level."""
    confirm = case_pages.confirm_page(view(seen(), "dana"), Kind.WITHDRAW, FRAME, {})
    assert "level" not in confirm.hidden
    assert confirm.hidden["revision"] == "1"
    assert confirm.button == "Withdraw now"


def test_what_was_just_submitted_says_who_hears_of_it_and_by_when():
    """With the id on top."""
    shown = view(seen())
    banner = case_pages.submitted(shown, READER)
    assert banner.words == "Submitted as P-7K3M9QXV"
    assert banner.lines[0] == "Noor Haddad and Ruth Pemberton are being told now."
    assert READER.time(datetime.fromisoformat(DUE)).words in banner.lines[1]
    assert case_pages.submitted(shown | {"turn": None}, READER).lines == ("You will hear when it is decided.",)


def test_a_closed_case_that_was_just_submitted_promises_no_answer():
    """It is on the same page."""
    shown = view(seen()) | {"turn": None, "state": "rejected"}
    assert case_pages.submitted(shown, READER).lines == ()


@pytest.mark.parametrize(
    ("act", "line"), [("approve", "Your answer counts."), ("withdraw", "Nobody decides on it any more.")]
)
def test_what_was_just_done_says_what_it_does(act, line):
    """A withdrawal is no answer."""
    assert case_pages.did(act).lines == (line,)


def test_the_question_alone_comes_back_with_its_problem():
    """Where it was sent without an answer."""
    asked = case_pages.decide_page(view(seen()), FRAME, "Choose what you decide.")
    assert [problem.field for problem in asked.problems] == ["act"]
    assert [fact.label for fact in asked.facts] == ["Revision", "Author", "Amount"]
