"""The ids of cases: short, unlike each other, the same for the same request."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval import case_id

ID_KEY = "k" * 32


def test_an_id_is_p_and_eight_letters_without_those_that_are_mistaken():
    """No I, L, O and U: they are taken for digits, or make words."""
    ids = [case_id.of_request(ID_KEY, "dana", f"key-{number}", 1) for number in range(500)]
    assert all(re.fullmatch("P-[0-9A-HJKMNP-TV-Z]{8}", one) for one in ids)
    assert len(set(ids)) == 500
    assert set("".join(ids)) == {*case_id.LETTERS, "-"}


def test_the_same_request_has_the_same_id_in_every_release():
    """A key finds its case after a deployment too."""
    assert case_id.of_request(ID_KEY, "dana", "key-1", 1) == "P-SSW6SG6R"
    assert case_id.of_key("k-1") == "P-FGTWB8BRBMG70KJ4TQF4QTW1R7"


@pytest.mark.parametrize(
    "other", [("x" * 32, "dana", "k", 1), (ID_KEY, "eli", "k", 1), (ID_KEY, "dana", "l", 1), (ID_KEY, "dana", "k", 2)]
)
def test_another_person_key_try_or_secret_is_another_id(other):
    """Nobody meets somebody else's case by an equal key."""
    assert case_id.of_request(*other) != case_id.of_request(ID_KEY, "dana", "k", 1)


def test_an_id_of_a_case_of_one_level_needs_no_secret():
    """Twenty-six letters, 130 bits of the hash of its key."""
    assert re.fullmatch("P-[0-9A-HJKMNP-TV-Z]{26}", case_id.of_key("k-1"))
    assert case_id.of_key("k-1") != case_id.of_key("k-2")


@given(st.binary(min_size=5, max_size=5))
def test_each_five_random_bytes_are_an_id_of_their_own(raw):
    """Nothing is lost between bytes and letters."""
    own_id = case_id.of_random(raw)
    number = 0
    for letter in own_id.removeprefix("P-"):
        number = number * 32 + case_id.LETTERS.index(letter)
    assert number.to_bytes(5, "big") == raw
    assert case_id.read_id(own_id) == own_id


@pytest.mark.parametrize("text", ["P-7K3M9QX0", "p-7k3m9qx0", " P-7K3M9QXo ", "P-7K3M9QXO"])
def test_an_id_is_read_as_people_write_it(text):
    """In small letters, with O for 0, with blanks around it."""
    assert case_id.read_id(text) == "P-7K3M9QX0"


@pytest.mark.parametrize(
    "text", ["", "P-", "P-7K3M9QX", "P-7K3M9QXVV", "Q-7K3M9QXV", "P-7K3M9QXU", "P-7K3M9QX\u0660", "@p@x", "7K3M9QXV"]
)
def test_what_is_no_id_is_none(text):
    """So it need not be looked up."""
    assert case_id.read_id(text) is None


def test_i_and_l_are_read_as_one():
    """They look alike on paper."""
    assert case_id.read_id("P-7K3M9QLI") == "P-7K3M9Q11"
