"""What waits for whom, from the engine's list."""

import pytest
from seen_cases import status

from approval.acts import Name
from service.inbox import Inbox
from service.one_level_case import OneLevelPeople

PEOPLE = OneLevelPeople(Name("manager", "Morgan Manager"), {"Alex Author": "author", "Morgan Manager": "manager"})
ONE_LEVEL = {
    "stage": "waiting",
    "title": None,
    "author": "dana",
    "asked": "Head of bridges",
    "askedAt": "2026-11-24T20:00:00Z",
    "due": "2026-11-24T20:00:20Z",
    "message": "Head of bridges is asked …",
    "then": "goes to Director",
    "decided": None,
    "escalated": None,
    "trouble": None,
}


def answer(own_id="P-7K3M9QXV", name="OrchFunction", runtime="Running", custom=None, **changes):
    """A status answer of the list."""
    shown = status(**changes) if custom is None else custom
    return {"instanceId": own_id, "name": name, "runtimeStatus": runtime, "customStatus": shown}


def rows(person, *answers, one_level=None):
    """The ids of the cases that wait for somebody."""
    inbox = Inbox(one_level)
    inbox.add(answers)
    return [case.id for case in inbox.rows(person)]


def test_a_case_waits_for_each_of_those_who_have_the_turn():
    """And for nobody else."""
    assert [rows(person, answer()) for person in ("noor", "ruth", "dana", "pat")] == [["P-7K3M9QXV"]] * 2 + [[], []]


@pytest.mark.parametrize(
    "other",
    [
        answer(runtime="Completed"), answer(runtime="Terminated"), answer(name="CountedReview"),
        answer("51aa51aa51aa51aa51aa51aa51aa51aa"), answer(run=None), answer(state="approved"), answer(turn=None),
        answer(custom="Running"), answer(custom={"state": "with approvers"}), answer(custom=[]), answer(author=None),
        {"name": "OrchFunction"},
    ],
)  # fmt: skip
def test_what_is_no_open_case_of_ours_waits_for_nobody(other):
    """Over, of another name or id, not opened by us, or not to be read."""
    assert rows("noor", other) == []


def test_what_is_due_first_comes_first():
    """Then by the id."""
    turn = status()["turn"]
    late, soon = answer("P-00000001", turn=turn | {"due": "2026-12-31T00:00:00Z"}), answer("P-00000003")
    assert rows("noor", late, soon, answer("P-00000002")) == ["P-00000002", "P-00000003", "P-00000001"]


def test_a_case_that_is_on_two_pages_is_there_once():
    """The list moves on while it is read."""
    assert rows("noor", answer(), answer()) == ["P-7K3M9QXV"]


def test_a_case_of_one_level_waits_for_the_one_who_decides_without_a_policy_file():
    """Whichever role it names; with a policy file in force it waits for nobody."""
    assert rows("manager", answer(custom=ONE_LEVEL), one_level=PEOPLE) == ["P-7K3M9QXV"]
    assert rows("manager", answer(custom=ONE_LEVEL | {"stage": "approved"}), one_level=PEOPLE) == []
    assert rows("manager", answer(custom=ONE_LEVEL)) == []


def test_the_author_finds_what_he_wrote():
    """While it is open."""
    inbox = Inbox(None)
    inbox.add([answer("P-00000002"), answer("P-00000001"), answer("P-00000003", author={"id": "eli", "name": "Eli"})])
    assert [case.id for case in inbox.written_by("dana")] == ["P-00000001", "P-00000002"]
    assert (len(inbox), len(list(inbox))) == (3, 3)
