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


STARTER = "Start it through POST /api/orchestrators/OrchFunction, which stamps the input."
DEPLOY = "Deploy the version of the app that started the instance, or start it again with this one."


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([1], f"The input is a list, not an object. {STARTER}"),
        ("x", f"The input is a text, not an object. {STARTER}"),
        (1.5, f"The input is a number, not an object. {STARTER}"),
        (True, f"The input is true, not an object. {STARTER}"),
        (999_999, f"The input is 999999, not an object. {STARTER}"),
        (1_000_000, f"The input is a number, not an object. {STARTER}"),
        ({}, f"The input has no schemaVersion. {STARTER}"),
        (PROPOSAL, f"The input has no schemaVersion. {STARTER}"),
        ({"schemaVersion": 2}, f"The input has schemaVersion 2, and this version of the app reads only 1. {DEPLOY}"),
        ({"schemaVersion": 7}, f"The input has schemaVersion 7, and this version of the app reads only 1. {DEPLOY}"),
        (
            {"schemaVersion": True},
            f"The input has schemaVersion true, and this version of the app reads only 1. {DEPLOY}",
        ),
        (
            {"schemaVersion": "1"},
            f"The input has schemaVersion a text, and this version of the app reads only 1. {DEPLOY}",
        ),
        (
            {"schemaVersion": {}},
            f"The input has schemaVersion an object, and this version of the app reads only 1. {DEPLOY}",
        ),
        ({"schemaVersion": 1, "proposal": "x"}, f"The input's proposal is not an object. {STARTER}"),
        ({"schemaVersion": 1, "proposal": None}, f"The input's policy is not an object. {STARTER}"),
    ],
)
def test_another_input_is_refused_with_a_text_for_the_operator(given, told):
    """The text becomes the output of the failed instance; a newer input says which app to deploy."""
    with pytest.raises(UnreadableInput) as refused:
        Case.from_input(given)
    assert refused.value.detail == told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"schemaVersion": 2}, f"The input has no sealed text. {STARTER}"),
        ({"schemaVersion": 7}, f"The input has schemaVersion 7, and this version of the app reads only 1, 2. {DEPLOY}"),
        (
            {"schemaVersion": 2.0},
            f"The input has schemaVersion a number, and this version of the app reads only 1, 2. {DEPLOY}",
        ),
        ([], f"The input is a list, not an object. {STARTER}"),
    ],
)
def test_an_input_of_either_kind_is_refused_in_the_same_words(given, told):
    """The versions of both are listed."""
    with pytest.raises(UnreadableInput) as refused:
        case.read_input(given)
    assert refused.value.detail == told


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
