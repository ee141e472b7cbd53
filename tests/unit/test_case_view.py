"""A case as one JSON object, for each reader."""

import json

import pytest
from seen_cases import COUNTY, DUE, FIRST, SINCE, closed, just_submitted, opened, seen, status, voted

from service.case_view import case_view, summary

NAMES = {person.id: person.name for person in COUNTY.people.values()}


def view(case, reader="noor", **more):
    """The case for somebody."""
    made = case_view(case, reader, NAMES, **more)
    assert json.loads(json.dumps(made)) == made
    return made


def test_the_case_says_what_it_is_about():
    """The fields to the digit, and the policy that counts for it."""
    made = view(seen())
    assert (made["id"], made["title"], made["author"]["name"]) == ("P-7K3M9QXV", "Mill Lane bridge", "Dana Okafor")
    assert made["fields"] == {"kind": "structure", "amount": "80000.00", "category": 2, "departure": False}
    assert made["policy"] == {"name": "structures", "title": "Structure, category 1 to 3", "digest": "sha256:f"}
    assert (made["revision"], made["state"], made["acts"]) == (1, "with approvers", 1)


def test_whose_turn_it_is_has_names_and_reasons():
    """Since when, until when, what comes next, and what happens then."""
    turn = view(seen())["turn"]
    assert turn["with"] == [
        {"id": "noor", "name": "Noor Haddad", "since": SINCE, "because": "group technical-approval"},
        {"id": "ruth", "name": "Ruth Pemberton", "since": SINCE, "because": "group technical-approval"},
    ]
    assert (turn["due"], turn["then"]) == (DUE, "goes to Jo Lindqvist")
    assert turn["sentence"].startswith("With Noor Haddad")
    assert view(seen(), sentence="Ganz anders.")["turn"]["sentence"] == "Ganz anders."


def test_who_is_asked_may_vote_and_knows_on_what():
    """The level, its opening, why, and which acts want a comment."""
    assert view(seen())["mine"] == {
        "may": ["approve", "reject"], "opening": FIRST, "level": 1, "because": "group technical-approval",
        "comment": ["reject"], "why": None,
    }  # fmt: skip


def test_before_the_record_has_the_opening_the_frozen_policy_says_the_rules():
    """The record is a moment behind."""
    mine = view(seen(record=()))["mine"]
    assert (mine["may"], mine["comment"], mine["because"]) == (
        ["approve", "reject"],
        ["reject"],
        "group technical-approval",
    )


def test_the_author_may_withdraw():
    """And nothing else."""
    assert view(seen(), "dana")["mine"]["may"] == ["withdraw"]


@pytest.mark.parametrize(
    ("reader", "case", "why"),
    [
        ("eli", seen(), "you are not asked at this level"),
        ("amir", seen(), "you are not asked: has voted before"),
        ("eli", seen(contributors=["eli"]), "you contributed to it"),
        (
            "ruth",
            seen([opened(), voted("ruth")], turn=status()["turn"] | {"with": ["noor"], "voted": ["ruth"]}),
            "you have decided",
        ),
        ("noor", just_submitted(), "a level is being opened"),
        ("dana", seen(level=None, turn=None), "a level is being opened"),
        ("noor", seen(state="approved", level=None, turn=None), "it is over"),
        ("noor", seen(runtime="Terminated"), "it is over"),
    ],
)
def test_who_has_nothing_to_do_sees_why(reader, case, why):
    """In words that complete "not you: ..."."""
    assert (view(case, reader)["mine"]["may"], view(case, reader)["mine"]["why"]) == ([], why)


def test_a_machine_has_no_turn():
    """It never votes, so it is not said what it may."""
    assert "mine" not in view(seen(), None)


def test_right_after_the_start_it_is_with_approvers_and_nobody_has_the_turn():
    """Read from the input alone."""
    made = view(just_submitted(), "dana")
    assert (made["state"], made["turn"]["with"], made["mine"]["may"]) == ("with approvers", [], [])
    assert "being opened" in made["turn"]["sentence"]
    assert [step["is"] for step in made["path"]] == ["ahead"] * 3


def test_the_path_shows_what_was_what_is_and_what_comes():
    """With who decided and who has the turn, as far as the status shows it."""
    two = {"number": 2, "name": "…", "opening": "9f" * 16, "escalation": 0}
    made = view(seen(level=two, turn=status()["turn"] | {"with": ["ruth"]}, closed=[closed(1, by="noor", name="Noor")]))
    assert [(step["number"], step["is"], step["outcome"]) for step in made["path"]] == [
        (1, "done", "approved"), (2, "here", None), (3, "ahead", None),
    ]  # fmt: skip
    assert made["path"][0]["by"] == {"id": "noor", "name": "Noor"}
    assert made["path"][1]["with"] == [{"id": "ruth", "name": "Ruth Pemberton"}]


def test_a_path_that_was_foreseen_is_shown_as_it_is():
    """``approval.forecast`` has more to say of it."""
    assert view(seen(), path=[{"level": "Finance"}])["path"] == [{"level": "Finance"}]


def test_levels_after_a_rejection_are_left_out():
    """The case is over."""
    made = view(seen(state="rejected", level=None, turn=None, closed=[closed(1, "rejected")]))
    assert [step["outcome"] for step in made["path"]] == ["rejected"]


def test_a_list_shows_a_case_by_its_status_alone():
    """Nothing else is read for it."""
    assert summary("P-7K3M9QXV", status(), NAMES) == {
        "id": "P-7K3M9QXV", "title": "Mill Lane bridge", "author": {"id": "dana", "name": "Dana Okafor"},
        "amount": "80000.00 GBP", "policy": "structures", "state": "with approvers",
        "turn": {"with": [{"id": "noor", "name": "Noor Haddad"}, {"id": "ruth", "name": "Ruth Pemberton"}],
                 "since": SINCE, "due": DUE},
        "decided": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("runtime", "state"), [("Terminated", "stopped"), ("Canceled", "stopped"), ("Failed", "fault")]
)
def test_a_case_whose_instance_was_cut_off_is_with_nobody(runtime, state):
    """Its status was left as it was; neither the sentence nor the path says that somebody has the turn."""
    made = view(seen([opened()], runtime), sentence="With Noor Haddad.", path=[{"is": "here"}])
    assert (made["state"], made["turn"]["with"], made["path"]) == (state, [], [])
    assert "before it was decided" in made["turn"]["sentence"]
    assert "Noor" not in made["turn"]["sentence"]


def test_a_case_that_was_decided_before_its_instance_was_ended_stays_decided():
    """The engine's key takes no decision back."""
    made = view(seen(runtime="Terminated", state="approved", level=None, turn=None), sentence="Approved by Pat Keane.")
    assert (made["state"], made["turn"]["sentence"]) == ("approved", "Approved by Pat Keane.")


def test_who_has_decided_for_a_whole_group_is_not_told_that_others_have():
    """Nobody of that group is needed any more; who has voted in it has decided, the others have not."""
    turn = status()["turn"] | {"with": ["amir"], "notNeeded": ["noor", "ruth"]}
    case = seen([opened(), voted("noor")], turn=turn)
    assert view(case, "noor")["mine"]["why"] == "you have decided"
    assert view(case, "ruth")["mine"]["why"] == "enough others have decided"


def test_the_author_may_withdraw_while_a_level_cannot_be_opened():
    """Its activity fails and is tried again, maybe for days; nobody else can do anything."""
    trouble = {"activity": "OpenLevel", "failures": 3, "triesAgainAt": DUE}
    case = seen([opened()], level=None, turn=None, trouble=trouble, closed=[closed()])
    assert view(case, "dana")["mine"]["may"] == ["withdraw"]
    assert view(case, "noor")["mine"]["may"] == []
