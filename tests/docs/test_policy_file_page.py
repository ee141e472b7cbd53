"""The reference of the policy file names what the reader knows, and its examples are read."""

import re

import pytest
from places import ROOT

from approval.policy import file, read_directory, read_fields, read_policies
from approval.policy.conditions import Condition, read_condition
from approval.policy.fields import FieldType
from approval.policy.model import MOST_ASKED, PolicyFile, Rejection, Visibility
from approval.policy.routing import MOST_CASES

PAGE = (ROOT / "docs/reference/policy-file.md").read_text(encoding="utf-8")
EXAMPLES = sorted((ROOT / "examples/policies").glob("*.toml"))
# The tables of keys, as the modules that read them have them.
KEYS = {
    *file._KEYS, *file._LATER, *read_directory._PERSON, *read_directory._PERSON_LATER, *read_fields._COMMON,
    *(key for keys in read_fields._KEYS.values() for key in keys), *read_policies._POLICY, *read_policies._POLICY_LATER,
    *read_policies._LEVEL, *read_policies._LEVEL_LATER, *read_policies._KINDS,
    "need", "of", "limits", "escalate_to", "then",
}  # fmt: skip
WORDS = {
    *FieldType,
    *Visibility,
    *Rejection,
    *read_policies._MANAGERS,
    *read_policies._COMMENTED,
    "next in line",
    "all",
}


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_of_the_reader_is_on_the_page(key):
    """In a table, a heading or a sentence, as code."""
    assert re.search(rf"`[^`\n]*\b{key}\b[^`\n]*`", PAGE)


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_of_the_reader_is_on_the_page(word):
    """Each value that is one of a few."""
    assert f"`{word}`" in PAGE


def test_the_small_example_is_a_policy_file():
    """It is read without a mistake."""
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert isinstance(file.read(example), PolicyFile)


def test_the_example_of_a_condition_is_one():
    """With the fields of the county."""
    condition = re.search(r"## Conditions\n\n```\n(.*?)\n```", PAGE)[1]
    county = file.read((ROOT / "examples/policies/county.toml").read_text(encoding="utf-8"))
    assert isinstance(read_condition(condition, county.fields), Condition)


def test_the_numbers_are_those_of_the_code():
    """How many people a level asks, and how many cases are walked."""
    assert f"At most {MOST_ASKED} people are asked at a level." in PAGE
    assert f"at most {MOST_CASES:,} for the routes" in PAGE


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_linked_and_right(path):
    """And read without a mistake."""
    assert f"examples/policies/{path.name}" in PAGE
    assert isinstance(file.read(path.read_text(encoding="utf-8")), PolicyFile)
