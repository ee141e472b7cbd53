"""The fields of a form, as a page needs them."""

from service.forms import read_pairs
from web.forms import Form

FORM = Form(read_pairs(b"title=Mill+Lane&note=&who=noor&who=ruth", "application/x-www-form-urlencoded"))


def test_a_form_gives_its_fields():
    """The first of a name by itself, all of them on request; empty ones are there."""
    assert FORM.one("title") == "Mill Lane"
    assert FORM.one("who") == "noor"
    assert FORM.all("who") == ("noor", "ruth")
    assert FORM.one("absent") == ""
    assert ("note", "") in FORM.pairs


def test_a_form_can_be_passed_on_without_some_of_its_fields():
    """Everything else in its order."""
    assert tuple(FORM.but("who", "note")) == (("title", "Mill Lane"),)
