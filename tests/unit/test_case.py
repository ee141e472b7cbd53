"""The input of an instance, from the starter to the orchestrator."""

import pytest

from approval import case
from approval.case import Case, new_input
from approval.errors import UnreadableInput
from approval.policy.one_level import OneLevelPolicy
from approval.proposal import read_proposal
from service.idempotency import digest

PROPOSAL = {"title": "Refurbish the Mill Lane bridge", "author": "dana@example.com"}


def test_a_new_input_looks_as_documented():
    """The example in the docstring, to the character."""
    assert new_input(read_proposal(PROPOSAL), OneLevelPolicy(), digest(None)) == {
        "schemaVersion": 1,
        "proposal": {"title": "Refurbish the Mill Lane bridge", "author": "dana@example.com"},
        "policy": {"timeout": "PT20S", "approver": "Manager", "escalateTo": "Head of department"},
        "digest": "sha256:74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b",
    }


def test_a_new_input_is_read_back():
    """Policy, title and author are all that the review needs."""
    given = new_input(read_proposal(PROPOSAL), OneLevelPolicy("P3D"), "sha256:0")
    assert Case.from_input(given) == Case(OneLevelPolicy("P3D"), PROPOSAL["title"], PROPOSAL["author"])


def test_no_input_is_the_original_tutorials_run():
    """Started through the engine's own API without a body: twenty seconds, Head of department."""
    assert Case.from_input(None) == Case(OneLevelPolicy())


def test_a_stored_proposal_is_read_leniently():
    """A rule that becomes stricter tomorrow does not break a case of today."""
    given = {**new_input(None, OneLevelPolicy(), ""), "proposal": {"title": 5, "later": True}, "more": 1}
    assert Case.from_input(given) == Case(OneLevelPolicy())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([1], "is a list, not an object"),
        ("x", "is a str, not an object"),
        ({}, "no schemaVersion"),
        (PROPOSAL, "no schemaVersion"),
        ({"schemaVersion": 2}, "schemaVersion 2, and this version of the app reads only 1"),
        ({"schemaVersion": True}, "schemaVersion true"),
        ({"schemaVersion": "1"}, "schemaVersion a str"),
        ({"schemaVersion": 1, "proposal": "x"}, "proposal is not an object"),
        ({"schemaVersion": 1, "proposal": None}, "policy is not an object"),
    ],
)
def test_another_input_is_refused_with_a_text_for_the_operator(given, told):
    """The text becomes the output of the failed instance."""
    with pytest.raises(UnreadableInput, match=told):
        Case.from_input(given)


def test_a_newer_input_says_which_app_to_deploy():
    """Rolling back under running cases is an operator's mistake, and can be mended."""
    with pytest.raises(UnreadableInput, match="Deploy the version of the app that started the instance"):
        Case.from_input({"schemaVersion": 7})


def test_an_input_is_read_by_the_reader_of_its_version(monkeypatch):
    """A new version gets a reader beside the old one, whose cases may still be open; a refusal lists both."""
    monkeypatch.setattr(case, "READERS", {**case.READERS, 2: lambda given: (OneLevelPolicy(given["wait"]), "t", None)})
    assert Case.from_input({"schemaVersion": 2, "wait": "P3D"}) == Case(OneLevelPolicy("P3D"), "t")
    assert Case.from_input(new_input(None, OneLevelPolicy("P2D"), "")) == Case(OneLevelPolicy("P2D"))
    with pytest.raises(UnreadableInput, match="reads only 1, 2"):
        Case.from_input({"schemaVersion": 3})


def test_version_1_is_read_for_ever():
    """And so is what the starter writes today."""
    assert {1, case.SCHEMA_VERSION} <= set(case.READERS)
