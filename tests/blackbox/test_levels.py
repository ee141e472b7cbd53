"""Cases under a policy file, from the proposal to the end: who is asked, whose act counts, and what the rest hear."""

from datetime import datetime

import pytest
from caller import APPROVED, REJECTED
from company import Attacker, at_once

CHEAP = {"kind": "scheme", "amount": "40000.00", "category": 0}
SCHEME = {"kind": "scheme", "amount": "60000.00", "category": 0}
STRUCTURE = {"kind": "structure", "amount": "20000.00", "category": 2}
LOW = {"risk": "low", "personal_data": False}


def steps(view, *names):
    """These members of each step of the path."""
    return [tuple(step[name] for name in names) for step in view["path"]]


def asked(view):
    """The ids of those who have the turn."""
    return [each["id"] for each in view["turn"]["with"]]


def notices(county, case):
    """What the notices so far have sent, by the number of the move; empty where mails go nowhere."""
    attacker = Attacker(county)
    ids = [each["instanceId"] for each in attacker.listed(f"notice-{case.id}")]
    return {int(each.rpartition("-")[2]): attacker.ends(each)["output"] for each in ids}


def test_60000_go_to_ruth_and_to_finance_and_a_later_yes_is_late(county):
    """Her limit covers it, and that of Eli does not. Sam's yes names Pat and the time."""
    body = {"title": "Mill Lane bridge", "fields": SCHEME}
    preview = county.ask("dana", "POST", "/api/proposals:preview", body)
    ahead = [[each["id"] for each in step["with"]] for step in preview.json["path"]]
    case = county.submitted("dana", SCHEME)
    first = case.asks(1)
    assert (preview.status, ahead, asked(first)) == (200, [["ruth"], ["pat", "sam"]], ["ruth"])
    assert "100,000 GBP" in first["turn"]["with"][0]["because"]
    assert [[each["id"] for each in step["with"]] for step in first["path"]] == ahead
    assert case.seen_by("ruth")["mine"]["may"] == ["approve", "reject"]
    assert case.seen_by("eli")["mine"]["may"] == []

    done = case.counts("ruth")
    assert (done["act"]["by"]["name"], done["act"]["level"]) == ("Ruth Pemberton", 1)
    assert asked(case.asks(2)) == ["pat", "sam"]
    case.counts("pat", level=2)
    late = case.acts("sam", level=2)
    assert (late.status, late.json["verdict"], late.json["decided"]["by"]) == (409, "late", "pat")
    assert "Pat Keane" in late.json["detail"]
    assert late.json["decided"]["at"] in late.json["detail"]
    over = case.is_over()
    assert (over["state"], over["decided"]["byName"]) == ("approved", "Pat Keane")
    assert steps(over, "outcome") == [("approved",), ("approved",)]
    assert case.status()["output"] == APPROVED


def test_40000_do_not_go_to_finance(county):
    """The level is skipped, and the record says why."""
    case = county.submitted("dana", CHEAP)
    assert steps(case.asks(1), "is") == [("here",), ("skipped",)]
    case.counts("ruth")
    assert case.is_over()["state"] == "approved"
    skipped = [entry for entry in case.record("ended") if entry["what"] == "skipped"]
    assert [(entry["name"], entry["why"]) for entry in skipped] == [("Finance", "amount is at most 50,000 GBP")]
    assert case.status()["output"] == APPROVED


def test_who_writes_a_proposal_is_left_out(county):
    """Noor would be asked; Ruth is alone, the record says why, and Noor's act is refused."""
    case = county.submitted("noor", STRUCTURE)
    assert asked(case.asks(1)) == ["ruth"]
    (opened,) = [entry for entry in case.record() if entry["what"] == "opened"]
    assert opened["opening"]["leftOut"] == [{"person": "noor", "name": "Noor Haddad", "why": "wrote it"}]
    refused = case.acts("noor")
    assert (refused.status, refused.json["verdict"]) == (403, "own case")
    assert "You wrote it" in refused.json["detail"]


def test_the_line_of_authority_begins_above_the_author(county):
    """Ruth's own limit would cover it; Amir is asked."""
    assert asked(county.submitted("ruth", SCHEME).asks(1)) == ["amir"]


def test_who_contributed_is_left_out_too(county):
    """At every level, whoever the author is."""
    case = county.submitted("dana", STRUCTURE, contributors=["noor"])
    assert asked(case.asks(1)) == ["ruth"]
    assert case.acts("noor").json["verdict"] == "own case"


@pytest.mark.parametrize("acts", [("approve", "reject"), ("reject", "approve")])
def test_of_fifty_acts_at_once_one_counts(county, acts):
    """The others hear who was first, and when; mails go once, to the author or to those who decide next."""
    case = county.submitted("dana", STRUCTURE)
    works = [
        lambda person=person, act=act, key=f"{case.id}-{number}": case.acts(person, act, 1, key, comment="So it is.")
        for number, (person, act) in enumerate(list(zip(("noor", "ruth"), acts, strict=True)) * 25)
    ]
    answers = at_once(*works)
    winner = next(answer.json for answer in answers if answer.status == 200)
    assert sorted(answer.status for answer in answers) == [200] + [409] * 49
    first = winner["act"]["by"]["id"]
    for answer in answers:
        if answer.status == 409:
            assert (answer.json["verdict"], answer.json["decided"]["by"]) == ("late", first)
            assert datetime.fromisoformat(answer.json["decided"]["at"])
    if winner["act"]["act"] == "reject":
        assert (case.is_over()["state"], case.status()["output"]) == ("rejected", REJECTED)
    else:
        assert steps(case.asks(2), "is")[:2] == [("done",), ("here",)]
    counted = [entry for entry in case.record("levelClosed") if entry["what"] == "act" and entry["verdict"] == "counts"]
    assert [entry["act"]["id"] for entry in counted] == [winner["act"]["id"]]
    record = case.record("ended" if winner["act"]["act"] == "reject" else "levelClosed")
    told = notices(county, case)
    if not told:
        return  # this host has nowhere to send mails to
    if winner["act"]["act"] == "reject":
        assert [each["dana"] for each in told.values() if "dana" in each] == ["sent"]
    else:
        (move,) = [e["move"] for e in record if e["what"] == "opened" and e["opening"]["level"] == 2]
        assert told[move] == dict.fromkeys(asked(case.seen_by("dana")), "sent")
        assert [each for each in told.values() if "dana" in each] == []


def test_the_same_request_is_one_act_with_one_answer(county):
    """Also when the case is long over; another person's equal key is another act."""
    case = county.submitted("dana", CHEAP)
    first, again = (case.acts("ruth", key="k") for _ in range(2))
    assert (first.status, first.json["act"]) == (again.status, again.json["act"]) == (200, first.json["act"])
    case.is_over()
    assert case.acts("ruth", key="k").json["act"] == first.json["act"]
    assert case.acts("eli", key="k").status == 409
    assert case.acts("ruth", key="k", comment="And more.").json["verdict"] == "late"


def test_the_author_withdraws(county):
    """And nobody else; the output is empty."""
    case = county.submitted("dana", SCHEME)
    assert case.acts("ruth", "withdraw", None).json["verdict"] == "not yours"
    case.counts("dana", "withdraw", None)
    assert (case.is_over()["state"], case.status()["output"]) == ("withdrawn", [])
    late = case.acts("ruth")
    assert (late.json["verdict"], late.json["decided"]["name"]) == ("late", "Dana Okafor")


@pytest.mark.parametrize(
    ("person", "body", "verdict", "status"),
    [
        ("eli", {"level": 1}, "not yours", 403),
        ("ruth", {"level": 1, "act": "reject"}, "incomplete", 422),
        ("ruth", {"level": 1, "act": "abstain"}, "incomplete", 422),
        ("ruth", {"level": 1, "opening": "0" * 32}, "stale", 409),
        ("ruth", {"level": 1, "revision": 2}, "stale", 409),
        ("ruth", {"level": 2}, "early", 409),
    ],
)
def test_an_act_that_does_not_count_says_why(county, person, body, verdict, status):
    """Each with its verdict; the case goes on waiting."""
    case = county.submitted("dana", SCHEME)
    given = {"act": "approve", "revision": 1} | body
    answer = county.ask(person, "POST", f"/api/proposals/{case.id}/acts", given)
    assert (answer.status, answer.json["verdict"]) == (status, verdict)
    assert answer.headers["content-type"] == "application/problem+json"
    assert asked(case.seen_by("dana")) == ["ruth"]


def test_two_of_three_decide_and_one_rejection_does_not_end_it(software):
    """The second does, since two can no longer approve."""
    case = software.submitted("dev", LOW)
    case.counts("ana", "reject")
    assert asked(case.seen_by("dev")) == ["bo", "chi"]
    case.counts("bo", "approve")
    case.counts("chi", "reject")
    assert (case.is_over()["state"], case.status()["output"]) == ("rejected", REJECTED)


def test_two_of_three_are_enough(software):
    """The third is late."""
    case = software.submitted("dev", LOW)
    case.counts("ana")
    case.counts("chi")
    assert case.is_over()["state"] == "approved"
    assert case.acts("bo").json["verdict"] == "late"


def test_of_two_that_are_left_both_decide(software):
    """Ana is one of the three, and the author."""
    case = software.submitted("ana", LOW)
    assert asked(case.asks(1)) == ["bo", "chi"]
    case.counts("bo")
    assert case.seen_by("ana")["state"] == "with approvers"
    case.counts("chi")
    assert case.is_over()["state"] == "approved"


def test_somebody_may_abstain_where_the_level_allows_it(software):
    """Then two are left of three, and both are needed."""
    case = software.submitted("dev", LOW)
    case.counts("ana", "abstain")
    case.counts("bo")
    assert asked(case.seen_by("dev")) == ["chi"]
    assert case.acts("bo").json["verdict"] == "repeated"
    case.counts("chi")
    assert case.is_over()["state"] == "approved"


def test_one_notice_follows_from_what_was_decided(county):
    """Of many rejections at once: the author hears of the end once."""
    case = county.submitted("dana", STRUCTURE)
    acts = [lambda person=person: case.acts(person, "reject", comment="No.") for person in ("noor", "ruth") * 5]
    assert sorted(answer.status for answer in at_once(*acts)) == [200] + [409] * 9
    case.is_over()
    case.record("ended")
    attacker = Attacker(county)
    if not attacker.listed(f"notice-{case.id}"):
        pytest.skip("this host has nowhere to send mails to")
    outputs = [attacker.ends(notice["instanceId"])["output"] for notice in attacker.listed(f"notice-{case.id}")]
    assert [each["dana"] for each in outputs if each and "dana" in each] == ["sent"]
