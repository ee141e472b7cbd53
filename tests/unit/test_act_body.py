"""The body of an act: what is read, and each reason why it is refused."""

import pytest

from approval.acts import Kind
from approval.errors import InvalidFields
from service.act_body import read_act_body
from service.problems import problem_of

VOTE = {"act": "approve", "revision": 1, "level": 2}


def refused(body):
    """Fields and codes of the entries."""
    with pytest.raises(InvalidFields) as caught:
        read_act_body(body)
    assert "Nothing was changed" in problem_of(caught.value).detail
    assert all(entry.detail.endswith((".", "?")) for entry in caught.value.entries)
    return {(entry.field, entry.code) for entry in caught.value.entries}


def test_a_vote_says_what_it_is_for():
    """Revision and level are needed; opening and comment may be left out."""
    read = read_act_body(VOTE)
    assert (read.kind, read.revision, read.level, read.opening, read.comment) == (Kind.APPROVE, 1, 2, None, None)
    full = read_act_body({**VOTE, "act": "reject", "opening": "9f2c", "comment": " The bearings.\nAre missing. "})
    assert (full.kind, full.opening, full.comment) == (Kind.REJECT, "9f2c", "The bearings.\nAre missing.")


def test_a_withdrawal_is_for_the_whole_case():
    """So it names no level."""
    assert read_act_body({"act": "withdraw", "revision": 1}).kind is Kind.WITHDRAW
    assert refused({"act": "withdraw", "revision": 1, "level": 1, "opening": "x"}) == {
        ("level", "not-allowed"), ("opening", "not-allowed"),
    }  # fmt: skip


@pytest.mark.parametrize("body", [None, [], "approve", 5])
def test_what_is_no_object_is_no_act(body):
    """Whatever JSON it is."""
    assert refused(body) == {("body", "not-an-object")}


@pytest.mark.parametrize(
    ("changes", "entries"),
    [
        ({"act": "aprove"}, {("act", "unknown")}),
        ({"act": None}, {("act", "not-text")}),
        ({"act": {}}, {("act", "not-text")}),
        ({"act": ["approve"]}, {("act", "not-text")}),
        ({"revision": "1"}, {("revision", "not-a-number")}),
        ({"revision": True}, {("revision", "not-a-number")}),
        ({"revision": 0}, {("revision", "not-a-number")}),
        ({"revision": 10**400}, {("revision", "not-a-number")}),
        ({"level": None}, {("level", "missing")}),
        ({"level": 1.5}, {("level", "not-a-number")}),
        ({"comment": "x" * 2_001}, {("comment", "too-long")}),
        ({"comment": "x" * 5_000}, {("comment", "too-long")}),
        ({"comment": "\u202eevil"}, {("comment", "not-plain")}),
        ({"by": "noor"}, {("by", "unknown")}),
        ({"opening": 7, "levle": 1}, {("opening", "not-text"), ("levle", "unknown")}),
    ],
)
def test_each_fault_is_named(changes, entries):
    """Once, with its field and a code."""
    assert refused({**VOTE, **changes}) == entries
