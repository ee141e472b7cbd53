"""What OpenLevel is asked and answers, and the record, survive their way through JSON."""

import json
from datetime import UTC, datetime

import pytest

from approval.acts import Kind, Name
from approval.opening import Group, LeftOut, Opened, OpenedAs, Opening, Request, Skipped, Voted
from approval.policy.model import ALL, Rejection
from approval.record import announcement, joined

AT = datetime(2026, 11, 25, 16, 40, tzinfo=UTC)
OPENING = Opening(
    2, "Line of authority", "9f2c" * 8, 1, AT, AT.replace(day=30), (Group("group finance", ("pat", "sam"), ALL),),
    {"pat": "Pat Keane", "sam": "Sam Osei"}, (AT.replace(day=28),), (LeftOut(Name("noor", "Noor Haddad"), "wrote it"),),
    Name("jo", "Jo Lindqvist"), Rejection.COUNTS, abstain=True, comment=frozenset({"reject", "abstain"}),
    then=Name("kim", "Kim Adeyemi"),
)  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        Opened(OpenedAs.OPENED, OPENING, (Skipped(1, "First", "too low"),), "too few", {"k": "v"}, "sha256:1"),
        Opened(OpenedAs.OVER),
    ],
)
def test_an_answer_is_read_back(answer):
    """The history holds JSON; the review reads the same value out of it."""
    assert Opened.from_json(json.loads(json.dumps(answer.to_json()))) == answer


def test_a_request_is_read_back():
    """The activity is asked what the review asked."""
    request = Request(
        "P-7K3M9QXV", {"schemaVersion": 2}, 2, AT, 1, "9f2c" * 8, ("pat",), (Voted(1, "ruth", Kind.APPROVE),), OPENING
    )
    assert Request.from_json(json.loads(json.dumps(request.to_json()))) == request


def test_the_record_is_joined_from_results_in_order():
    """A result that came twice, or is none, changes nothing."""
    first, second = {"n": 1, "what": "submitted"}, {"n": 2, "what": "opened"}
    results = [{"entries": [first]}, None, "x", {"entries": "no"}, {"entries": [first, second, {"what": "x"}]}]
    assert joined(results) == [first, second]
    assert announcement("P-1", None, [first]) == {"instance": "P-1", "run": None, "entries": [first]}
