"""The policies in force, and a look ahead at a proposal."""

import json

import pytest
from places import ROOT

from adapters import directory
from adapters.identity import Signed
from approval.errors import InvalidFields
from approval.instants import read
from approval.policy.one_level import OneLevelPolicy
from functions.policy_answers import preview
from service.policy_view import built_in_policies_view, built_in_policy_view, policies_view, policy_view

DANA = Signed("dana", "local", read("2026-11-25T16:00:00Z"), "s")
BODY = {"title": "Mill Lane bridge", "fields": {"kind": "scheme", "amount": "60000.00"}}


@pytest.fixture
def county(monkeypatch):
    """The county's policy file is in force."""
    monkeypatch.setenv("APPROVAL_POLICIES", str(ROOT / "examples/policies/county.toml"))
    yield directory.start().file
    monkeypatch.undo()
    directory.start()


@pytest.fixture
def no_file(monkeypatch):
    """No policy file is in force."""
    monkeypatch.setenv("APPROVAL_POLICIES", "")
    monkeypatch.setenv("APPROVAL_TIMEOUT", "PT1H")
    directory.start()
    yield
    monkeypatch.undo()
    directory.start()


def test_each_policy_says_what_takes_it_and_what_its_levels_do(county):
    """In words, with the digest of the file."""
    listed = policies_view(county, "sha256:f")
    assert [each["name"] for each in listed["policies"]] == list(county.policies)
    assert (listed["file"], listed["digest"]) == ("Northshire highways", "sha256:f")
    scheme = policy_view(county, county.policies["scheme"], "sha256:f")
    assert scheme["taken"] == ["every other proposal"]
    assert [level["name"] for level in scheme["levels"]] == ["Line of authority", "Finance"]
    assert {"what": "Only if", "how": "amount is above 50,000 GBP"} in scheme["levels"][1]["words"]
    assert [field["name"] for field in scheme["fields"]] == list(county.fields)
    assert json.loads(json.dumps(scheme)) == scheme


@pytest.mark.usefixtures("county")
def test_a_preview_names_who_decides_and_by_when():
    """Ruth, whose limit covers it, not Eli; Finance because of the amount. Defaults are filled in."""
    made = preview(BODY, DANA)
    assert (made["policy"]["name"], made["policy"]["digest"]) == ("scheme", directory.digest())
    assert made["fields"] == {"kind": "scheme", "amount": "60000.00", "category": 1, "departure": False}
    assert [[person["id"] for person in step["with"]] for step in made["path"]] == [["ruth"], ["pat", "sam"]]
    assert all(step["due"] for step in made["path"])
    cheap = preview({**BODY, "fields": {"kind": "scheme", "amount": "20000"}}, DANA)
    assert [step["is"] for step in cheap["path"]] == ["ahead", "skipped"]


@pytest.mark.usefixtures("county")
def test_a_preview_refuses_what_a_submission_would():
    """In the same words."""
    with pytest.raises(InvalidFields):
        preview({**BODY, "policy": "scheme"}, DANA)


@pytest.mark.usefixtures("no_file")
def test_without_a_policy_file_there_is_the_built_in_policy():
    """It asks one role, for the time that the setting says."""
    by = Signed("author", "local", read("2026-11-25T16:00:00Z"), "s")
    made = preview({"title": "Mill Lane bridge", "amount": 5, "currency": "EUR"}, by)
    assert (made["policy"]["name"], made["amount"]) == ("built-in", "5 EUR")
    assert [step["level"] for step in made["path"]] == ["Manager"]
    assert [each["name"] for each in built_in_policies_view()["policies"]] == ["built-in"]
    assert built_in_policy_view(OneLevelPolicy())["levels"][0]["name"] == "Manager"
    with pytest.raises(InvalidFields):
        preview({"title": "Mill Lane bridge", "author": "x"}, by)
