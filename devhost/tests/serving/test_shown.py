"""Texts that strangers choose, made fit for a terminal."""

import io
import json
import sys
import warnings

import pytest

from devhost import console
from devhost.console import Console
from devhost.shown import Shown, in_json, lines, one_line

ACTED_ON = {
    "line feed": "\n",
    "escape": "\x1b",
    "bell": "\x07",
    "DEL": "\x7f",
    "C1 control sequence": "\x9b",
    "next line": "\x85",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "byte order mark": "\ufeff",
    "lone surrogate": "\ud800",
    "tag": "\U000e0041",
}
HARMLESS = "Größe 漢字 עברית 🙂 a\\b"


@pytest.fixture(params=ACTED_ON.values(), ids=ACTED_ON)
def acted_on(request):
    """A character that a terminal would act on, or a reader be misled by."""
    return request.param


def test_a_line_holds_nothing_that_a_terminal_acts_on(acted_on):
    """The character is shown as its escape, in ASCII."""
    shown = one_line(f"a{acted_on}b")
    assert shown.isprintable()
    assert shown.isascii()
    assert shown.startswith("a\\")


def test_harmless_text_stays():
    """Letters of any script, and blanks, are not touched."""
    assert one_line(HARMLESS) == lines(HARMLESS) == in_json(HARMLESS) == HARMLESS


def test_lines_keep_what_makes_lines():
    """Line feeds and tabs stay in what has several lines; nothing else does."""
    assert lines("a\n\tb\r\x1b") == "a\n\tb\\r\\x1b"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_json_loses_nothing(acted_on, encoding):
    """The JSON text means the same, is printable, and fits the encoding."""
    value = {f"k{acted_on}": [f"{acted_on}é🙂", 1]}
    text = in_json(json.dumps(value, ensure_ascii=False), encoding)
    assert text.isprintable()
    text.encode(encoding)
    assert json.loads(text) == value


def test_a_guarded_stream_shows(acted_on):
    """What a program writes itself keeps its lines and loses its power."""
    beneath = io.StringIO()
    print(f"a{acted_on}b", file=Shown(beneath))
    assert lines(beneath.getvalue()) == beneath.getvalue()


def test_a_guarded_stream_is_no_terminal():
    """So that nobody sends colours to it."""
    assert not Shown(sys.stdout).isatty()


def test_the_console_writes_past_the_guard():
    """The console's own colours reach the terminal; its texts are shown all the same."""
    beneath = io.StringIO()
    made = Console(Shown(beneath), colour=True)
    console.warn(made, "\x1b[2J")
    assert "\x1b[33mWARNING: \\x1b[2J\x1b[0m" in beneath.getvalue()


@pytest.fixture
def warned():
    """A console that shows Python's warnings."""
    made = Console(io.StringIO(), colour=False)
    with warnings.catch_warnings():
        warnings.resetwarnings()
        detach = console.attach_warnings(made)
        yield made
        detach()


def test_a_python_warning_is_one_line(warned, acted_on):
    """A warning with a stranger's text in it, such as the SDK's with an event's name, is one harmless line."""
    warnings.warn(f"nobody waits for {acted_on}", stacklevel=1)
    said = warned.stream.getvalue()
    assert said.count("\n") == 1
    assert said.removesuffix("\n").isprintable()
    assert "WARNING: nobody waits for \\" in said
    assert "(UserWarning, test_shown.py, line " in said


def test_a_python_warning_is_said_once_and_little_is_remembered(warned, monkeypatch):
    """The same text is said once; of many texts only the latest are kept, and none in the module that warns."""
    monkeypatch.setattr(console, "_REMEMBERED", 3)
    for number in [0, 0, 1, 2, 3, 3, 0]:
        warnings.warn(f"event {number}", stacklevel=1)
    told = [line.partition("event ")[2][0] for line in warned.stream.getvalue().splitlines()]
    assert told == ["0", "1", "2", "3", "0"]
    assert not [key for key in globals().get("__warningregistry__", {}) if isinstance(key, tuple)]


def test_warnings_are_detached():
    """Afterwards Python warns as before."""
    before = warnings.showwarning, warnings.filters[:]
    console.attach_warnings(Console(io.StringIO()))()
    assert (warnings.showwarning, warnings.filters[:]) == before
