"""What each pattern takes: from the starter a problem with the fields, past it a failure with one sentence."""

import json
import re

import pytest

from adapters import settings
from approval.errors import InvalidFields, UnreadableInput
from functions import patterns
from functions.patterns import shapes

EXAMPLE = re.compile(r"Example: ``(.*?)``", re.DOTALL)
BAD = [
    ("FunctionChaining", {"title": ""}, "title"),
    ("FunctionChaining", {"titel": "x"}, "titel"),
    ("FanOutFanIn", {"attachments": 201}, "attachments"),
    ("FanOutFanIn", {"attachments": -1}, "attachments"),
    ("FanOutFanIn", {"attachments": True}, "attachments"),
    ("FanOutFanIn", {"attachments": "5"}, "attachments"),
    ("FanOutFanIn", {"unreadable": ["2"]}, "unreadable[0]"),
    ("AsyncHttpApi", {"seconds": 61}, "seconds"),
    ("Monitor", {"every": 1}, "every"),
    ("Monitor", {"factor": 0.5}, "factor"),
    ("Monitor", {"every": 2, "factor": 1, "within": 86_400}, "body"),
    ("HumanInteraction", {"seconds": 432_001}, "seconds"),
    ("DelayReminders", {"frequency": "WEEKLY"}, "frequency"),
    ("DelayReminders", {"interval": 6}, "body"),
    ("DelayReminders", {"frequency": "SECONDLY"}, "body"),
    ("QuoteWithTimeout", {"timeout": 1}, "timeout"),
    ("DesignReview", {"disciplines": []}, "disciplines"),
    ("DesignReview", {"disciplines": ["x"] * 11}, "disciplines"),
    ("DesignReview", {"disciplines": [""]}, "disciplines[0]"),
    ("DisciplineReview", {"seconds": 1}, "seconds"),
    ("CountedReview", {"approver": "Head of bridges"}, "approver"),
    *[(name, body, "body") for name in shapes.INPUTS for body in ([], 5, "text", True)],
]


@pytest.fixture(autouse=True)
def setting(monkeypatch):
    """No setting of the machine reaches a test."""
    monkeypatch.delenv("PATTERNS", raising=False)


class Context:
    """Of an orchestration: it has an input, or the SDK cannot read it."""

    def __init__(self, given) -> None:
        self._given = given

    def get_input(self):
        """The input, or what the SDK raises."""
        if isinstance(self._given, Exception):
            raise self._given
        return self._given


@pytest.mark.parametrize("name", shapes.INPUTS)
def test_the_example_in_the_docstring_is_taken_as_it_is(name):
    """What the catalogue passes on is the body itself, so that its fingerprint stays."""
    example = json.loads(EXAMPLE.search(shapes.INPUTS[name].__doc__)[1])
    assert patterns.readers()[name](example) == example
    assert shapes.INPUTS[name].of(Context(example)).model_dump() == {
        **shapes.INPUTS[name]().model_dump(),
        **example,
    }


@pytest.mark.parametrize("name", shapes.INPUTS)
def test_every_field_may_be_left_out(name):
    """No body at all is the plain case."""
    assert patterns.readers()[name](None) is None
    assert shapes.INPUTS[name].of(Context(None)) == shapes.INPUTS[name]()


@pytest.mark.parametrize(("name", "body", "field"), BAD, ids=str)
def test_the_starter_names_the_field_at_fault_and_what_to_give(name, body, field):
    """One entry for it, with a sentence."""
    with pytest.raises(InvalidFields) as refused:
        patterns.readers()[name](body)
    (entry,) = refused.value.entries
    assert entry.field == field
    assert entry.detail.endswith(".")


@pytest.mark.parametrize(("name", "body", "field"), BAD, ids=str)
def test_past_the_starter_the_failure_says_the_same(name, body, field):
    """It is the failure text of the instance: what is wrong, and that nothing was done."""
    with pytest.raises(UnreadableInput) as failed:
        shapes.INPUTS[name].of(Context(body))
    assert str(failed.value).startswith("The input cannot be used, so nothing was done. ")
    assert f"{'input' if field == 'body' else field}: " in str(failed.value)


@pytest.mark.parametrize("error", [TypeError("list"), ValueError("char 0"), AttributeError("x")])
def test_an_input_that_the_sdk_cannot_read_is_no_object(error):
    """A bare list, number or text from the extension's own API."""
    with pytest.raises(UnreadableInput, match=r"input: Give an object\. Start it anew\."):
        shapes.INPUTS["Monitor"].of(Context(error))


@pytest.mark.parametrize("value", ["off", "OFF", " Off "])
def test_the_setting_takes_the_whole_gallery_out(monkeypatch, value):
    """Nothing is registered, nothing can be started."""
    monkeypatch.setenv("PATTERNS", value)
    assert (patterns.blueprints(), patterns.readers()) == ((), {})


@pytest.mark.parametrize("value", [None, "", "on"])
def test_without_the_setting_the_gallery_is_there(monkeypatch, value):
    """Nine patterns, ten orchestrations."""
    monkeypatch.delenv("PATTERNS", raising=False)
    if value is not None:
        monkeypatch.setenv("PATTERNS", value)
    assert settings.patterns_are_on()
    assert (len(patterns.blueprints()), len(patterns.readers())) == (9, 10)
