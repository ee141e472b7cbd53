"""What a form of a page sends."""

import pytest

from service.errors import BodyTooLarge, UnreadableForm
from service.forms import read_form

FORM = "application/x-www-form-urlencoded"


def test_a_form_is_names_and_texts():
    """Percent signs and plus signs are read, empty texts are kept, line ends are one character."""
    raw = b"person=noor&next=%2Finbox&comment=Zo%C3%AB+says%0D%0Ayes%0Dand%0Ano&empty=&&flag"
    assert read_form(raw, f"{FORM}; charset=UTF-8") == {
        "person": "noor",
        "next": "/inbox",
        "comment": "Zoë says\nyes\nand\nno",
        "empty": "",
        "flag": "",
    }


def test_of_a_name_that_comes_twice_the_first_counts():
    """Nobody can add a second answer behind the first."""
    assert read_form(b"a=1&a=2", FORM) == {"a": "1"}


@pytest.mark.parametrize(
    "content_type", [None, "", "application/json", "multipart/form-data; boundary=x", "text/plain"]
)
def test_another_type_is_refused(content_type):
    """A browser sends a form of ours as one type."""
    with pytest.raises(UnreadableForm):
        read_form(b"a=1", content_type)


@pytest.mark.parametrize("raw", [b"a=%FF", b"a=\xc3\xab", "&".join(f"a{number}=" for number in range(201)).encode()])
def test_a_form_that_cannot_be_read_is_refused(raw):
    """Not UTF-8, not ASCII outside of percent signs, or more fields than a page of ours has."""
    with pytest.raises(UnreadableForm):
        read_form(raw, FORM)


def test_a_form_has_at_most_64_kilobytes():
    """As any body."""
    with pytest.raises(BodyTooLarge):
        read_form(b"a=" + b"x" * 65_535, FORM)
