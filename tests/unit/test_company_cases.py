"""Whole cases of the example companies and of random ones: sealed input, OpenLevel, sealed acts, and the review."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from companies import company
from hypothesis import given, settings
from hypothesis import strategies as st
from random_policies import IDS, VALUES, policy_files
from real_cases import ACTS, Real, play

from approval.forecast import path
from approval.level_status import MOST_JSON, describe_levels
from approval.opening import Opening
from approval.record import joined
from approval.review.transitions import CaseStage

COUNTY, SOFTWARE = company("county"), company("software")
SCHEME = {"kind": "scheme", "amount": Decimal(60_000), "category": 1, "departure": False}
STRUCTURE = {**SCHEME, "kind": "structure"}
DESIGN = {"risk": "low", "personal_data": False}
APPROVED = "Approval: Approved"
REJECTED = "Approval: Rejected"


def test_dana_s_60000_is_approved_by_ruth_and_pat():
    """Ruth by her limit, then Finance; Sam's later yes is late."""
    case = Real(COUNTY, "dana", SCHEME)
    assert case.turn == ["ruth"]
    assert case.hear("eli") == "not yours"
    assert case.hear("dana") == "own case"
    assert case.hear("ruth") == "counts"
    assert case.turn == ["pat", "sam"]
    late = case.act("sam")
    assert case.hear("pat") == "counts"
    assert case.output == [APPROVED]
    assert late.opening in case.review.course.closed_openings


def test_dana_s_40000_needs_no_finance():
    """One approval, and the record says what was skipped."""
    case = Real(COUNTY, "dana", {**SCHEME, "amount": Decimal(40_000)})
    assert case.hear("ruth") == "counts"
    assert case.output == [APPROVED]
    assert case.entries("skipped")[0]["why"] == "amount is at most 50,000 GBP"


def test_noor_s_own_structure_is_ruth_s():
    """Noor is left out; her act is on her own case, and the record says why she is not asked."""
    case = Real(COUNTY, "noor", STRUCTURE)
    assert case.turn == ["ruth"]
    assert case.hear("noor") == "own case"
    assert case.entries("opened")[0]["opening"]["leftOut"] == [
        {"person": "noor", "name": "Noor Haddad", "why": "wrote it"}
    ]


def test_ruth_s_scheme_goes_to_amir():
    """The line begins above her; and a rejection ends it."""
    case = Real(COUNTY, "ruth", SCHEME)
    assert case.turn == ["amir"]
    assert case.hear("amir", "reject") == "counts"
    assert case.output == [REJECTED]


def test_two_of_three_architects_decide():
    """One rejection does not end it, the second does."""
    case = Real(SOFTWARE, "dev", DESIGN)
    assert case.turn == ["ana", "bo", "chi"]
    assert case.hear("ana", "reject") == "counts"
    assert (case.review.state, case.turn) == (CaseStage.WITH_APPROVERS, ["bo", "chi"])
    assert case.hear("ana") == "repeated"
    assert case.hear("bo", "reject") == "counts"
    assert case.output == [REJECTED]


def test_an_architect_who_is_the_author_leaves_two_who_both_approve():
    """Two of two."""
    case = Real(SOFTWARE, "ana", DESIGN)
    assert case.turn == ["bo", "chi"]
    assert case.hear("bo") == "counts"
    assert case.review.is_open
    assert case.hear("chi") == "counts"
    assert case.output == [APPROVED]


def test_two_abstentions_send_the_review_to_tom():
    """He decides alone; who has abstained stays without a second vote."""
    case = Real(SOFTWARE, "dev", DESIGN)
    assert (case.hear("ana", "abstain"), case.hear("bo", "abstain")) == ("counts", "counts")
    assert case.turn == ["tom"]
    assert case.entries("escalated")[0]["why"] == "abstentions"
    assert case.hear("chi") == "not yours"
    assert case.hear("tom") == "counts"
    assert case.output == ["Escalation: Tom Albrecht", APPROVED]


def test_who_has_decided_on_the_review_is_not_asked_for_security():
    """different_people: Ines alone is in security; if she were an architect too, Uma would decide."""
    both = replace(SOFTWARE, groups={**SOFTWARE.groups, "security": ("ana",)})
    case = Real(both, "dev", {**DESIGN, "risk": "high"})
    case.hear("ana")
    case.hear("bo")
    assert case.turn == ["uma"]
    assert case.entries("escalated")[0]["why"] == "Nobody is left to ask (group security)."
    assert case.review.course.opening.left_out[0].why == "decided at Review"


def test_nobody_decides_and_the_case_expires():
    """A reminder, Jo, another reminder, the end; in the times of the policy."""
    case = Real(COUNTY, "dana", STRUCTURE)
    while case.review.is_open:
        case.woke()
    assert [kind for kind in case.kinds if kind != "submitted"] == [
        "opened", "reminded", "escalated", "reminded", "levelClosed", "ended",
    ]  # fmt: skip
    assert case.review.ended_at - case.review.asked_at == timedelta(days=20)
    assert case.output == ["Escalation: Jo Lindqvist", REJECTED]


@settings(max_examples=100)
@given(policy_files(), VALUES, st.sampled_from(IDS), st.lists(st.sampled_from(IDS), max_size=1), ACTS)
def test_every_case_of_every_policy_ends_by_its_rules(file, values, author, contributors, acts):
    """No vote of one who is left out or not asked, no two votes of one person at a level, and an end in any case."""
    contributors = [one for one in contributors if one != author]
    case, sent = Real(file, author, values, contributors), []
    barred = {author, *contributors}
    for kind, person in acts:
        if case.review.is_open:
            play(case, sent, kind, person)
    for _ in range(300):
        if case.review.is_open:
            case.woke()
    assert not case.review.is_open
    assert joined(case.announced) == list(case.review.record)
    assert len(json.dumps(describe_levels(case.review))) <= MOST_JSON
    if case.review.state is CaseStage.FAULT:
        assert set(case.kinds) <= {"submitted", "skipped", "fault"}
    votes = [entry["act"] for entry in case.entries("act") if entry["verdict"] == "counts" and entry["act"]["level"]]
    once = [(vote["opening"], vote["by"]["id"]) for vote in votes]
    assert len(once) == len(set(once))
    assert not barred & {person for _, person in once}
    if file.policies["only"].different_people:
        deciders = [vote["by"]["id"] for vote in votes if vote["act"] != "abstain"]
        assert len(deciders) == len(set(deciders))
    for entry in case.entries("opened", "escalated"):
        opening = Opening.from_json(entry["opening"])
        assert not barred & {person for group in opening.groups for person in group.asked}
        assert opening.target is None or opening.target.id not in barred
    said = [each.is_at for each in path(case.submission, file, case.clock, case.review.record)]
    assert set(said) <= {"done", "skipped"}


@pytest.mark.parametrize("name", ["scheme", "structures"])
def test_a_path_of_a_running_case_follows_its_record(name):
    """Done, here and ahead, as the case goes through its levels."""
    case = Real(COUNTY, "dana", SCHEME if name == "scheme" else STRUCTURE)
    seen = []
    for person in ("ruth", "ruth", "pat")[0 if name == "structures" else 1 :]:
        seen.append([str(each.is_at) for each in path(case.submission, COUNTY, case.clock, case.review.record)])
        assert case.hear(person) == "counts"
    levels = len(seen)
    assert seen == [["done"] * n + ["here"] + ["ahead"] * (levels - n - 1) for n in range(levels)]
    assert case.output == [APPROVED]
