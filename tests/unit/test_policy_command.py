"""The command ``python -m approval.policy check FILE``, and what it shows."""

import io
import subprocess
import sys
from decimal import Decimal

import pytest
from places import ROOT

from approval.policy.__main__ import main
from approval.policy.conditions import Condition, read_condition
from approval.policy.file import read
from approval.policy.model import PolicyFile
from approval.policy.words import (
    condition_in_words,
    file_in_words,
    level_in_words,
    routes_in_words,
    why_not,
)

EXAMPLES = ROOT / "examples/policies"
LATER = """
[calendar.county]
days = ["mon"]
[policy.late]
title = "Late"
calendar = "county"
reassign = false
on_revision = { votes = "void" }
author = { within = "20 days", on_expiry = "withdraw" }
[[policy.late.level]]
name = "Only"
approvers = [{ people = ["amir"] }]
within = "5 working days"
outcomes = ["approve"]
on_expiry = "reject"
"""

UNROUTED = """
[policy.late]
title = "Late"
[[policy.late.level]]
name = "First"
approvers = [{ people = ["amir"] }]
within = "1 day"
on_expiry = "reject"
[[policy.late.level]]
name = "Second"
approvers = [APPROVERS]
within = "1 day"
on_expiry = "reject"
comment = ["reject", "approve", "abstain"]
abstain = true
"""


def example(name):
    """An example as a model."""
    file = read((EXAMPLES / name).read_text(encoding="utf-8"))
    assert isinstance(file, PolicyFile)
    return file


@pytest.mark.parametrize("name", ["county", "software"])
def test_a_right_file_is_shown_in_words(name, capsys):
    """Each policy as a table: who is asked, when, how long, and what happens then; to the letter."""
    assert main(["check", str(EXAMPLES / f"{name}.toml")]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out == (ROOT / f"tests/policies/words/{name}.txt").read_text(encoding="utf-8")
    assert max(map(len, shown.out.splitlines())) <= 100


HELP = """usage: python -m approval.policy [-h] check ...

Check a policy file.

positional arguments:
  check
    check     say what is wrong, or show each policy as a table in words

options:
  -h, --help  show this help message and exit
"""
CHECK = """usage: python -m approval.policy check [-h] FILE

positional arguments:
  FILE        the policy file, TOML in UTF-8

options:
  -h, --help  show this help message and exit
"""


@pytest.mark.parametrize(("arguments", "said"), [(["-h"], HELP), (["check", "-h"], CHECK)])
def test_the_command_says_how_it_is_called(arguments, said, capsys, monkeypatch):
    """In the usual form."""
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert (ended.value.code, capsys.readouterr().out) == (0, said)


@pytest.mark.parametrize("arguments", [[], ["check"]])
def test_the_command_needs_a_file(arguments, capsys):
    """Without one it says so, and ends as a command does that was called in a wrong way."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "the following arguments are required" in capsys.readouterr().err


def test_a_wrong_file_is_answered_with_every_mistake(tmp_path, capsys):
    """File, line, key, what is wrong and what would be right; keys of later versions by name."""
    file = tmp_path / "late.toml"
    county = (EXAMPLES / "county.toml").read_text(encoding="utf-8")
    file.write_text(county + LATER, encoding="utf-8")
    first = county.count("\n") + 2
    assert main(["check", str(file)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    *said, last = shown.err.splitlines()
    assert [line.removeprefix(f"{file}:").split(": ")[:2] for line in said] == [
        [f"{first}", "calendar"],
        [f"{first + 4}", "policy.late.calendar"],
        [f"{first + 5}", "policy.late.reassign"],
        [f"{first + 6}", "policy.late.on_revision"],
        [f"{first + 7}", "policy.late.author"],
        [f"{first + 11}", "policy.late.level[1].within"],
        [f"{first + 12}", "policy.late.level[1].outcomes"],
    ]
    assert all("later" in line for line in said)
    assert last == f"7 mistakes in {file}."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "{}: No such file or directory.\n"),
        (b"\xff\xfe", "{}: It is no UTF-8.\n"),
        (b"\xef\xbb", "{}: It is no UTF-8.\n"),
        (b"schema = 1 # caf\xc3", "{}: It is no UTF-8.\n"),
        (
            ("# " + "€" * 700_000).encode(),
            "{}:1: file: It has more than 500,000 characters. Make it shorter.\n1 mistake in {}.\n",
        ),
        (
            b"\xef\xbb\xbfschema = 2",
            "{}:1: schema: It is the number 2, which this version does not read. Write 1.\n1 mistake in {}.\n",
        ),
    ],
)
def test_what_cannot_be_read_is_answered_with_a_sentence(content, said, tmp_path, capsys):
    """A file that is not there or no text; a byte order mark is no reason."""
    file = tmp_path / "policies.toml"
    if content is not None:
        file.write_bytes(content)
    assert main(["check", str(file)]) == 1
    assert capsys.readouterr().err == said.replace("{}", str(file))


def test_a_name_that_no_file_can_have_is_answered_with_a_sentence(capsys):
    """Python's reason, since the system gives none."""
    assert main(["check", "a\0b"]) == 1
    assert capsys.readouterr().err == "a[U+0000]b: embedded null byte.\n"


def test_zones_that_this_machine_does_not_know_are_mistakes(tmp_path, capsys):
    """Though their form is right; the last line counts the mistakes."""
    file = tmp_path / "policies.toml"
    text = (EXAMPLES / "software.toml").read_text(encoding="utf-8")
    file.write_text(text.replace("Europe/", "Mars/"), encoding="utf-8")
    assert main(["check", str(file)]) == 1
    first, second, last = capsys.readouterr().err.splitlines()
    assert 'zone: It is "Mars/Berlin", and no time zone.' in first
    assert 'people.bo.zone: It is "Mars/Stockholm", and no time zone.' in second
    assert last == f"2 mistakes in {file}."


def test_texts_of_a_file_change_nothing_on_a_terminal(tmp_path, capsys):
    """Controls and marks that turn the reading direction are shown by their codes, in the file's name too."""
    file = tmp_path / "a\x1b[2Jb.toml"
    file.write_text('schema = 1\n"\\u001b[31m\\u202e" = 1\nzone = "\\u001b]0;x\\u0007"\n', encoding="utf-8")
    assert main(["check", str(file)]) == 1
    shown = capsys.readouterr().err
    assert "[U+001B][31m[U+202E]" in shown
    assert all(line.isprintable() for line in shown.splitlines())


@pytest.mark.parametrize(
    ("stream", "old", "new", "code", "said"),
    [
        ("stdout", "Northshire", "Nørthshire", 0, "N\\xf8rthshire highways"),
        ("stderr", "Europe/London", "Zürich", 1, 'zone: It is "Z\\xfcrich", and no time zone.'),
    ],
)
def test_letters_that_a_terminal_does_not_have_are_written_as_escapes(
    stream, old, new, code, said, tmp_path, monkeypatch
):
    """In what is shown and in what is refused, so that no letter ends the command."""
    file = tmp_path / "policies.toml"
    county = (EXAMPLES / "county.toml").read_text(encoding="utf-8")
    file.write_text(county.replace(old, new), encoding="utf-8")
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, stream, terminal)
    assert main(["check", str(file)]) == code
    terminal.flush()
    assert said in terminal.buffer.getvalue().decode("ascii")


@pytest.mark.parametrize(("name", "code"), [("county.toml", 0), ("absent.toml", 1)])
def test_the_command_ends_with_0_only_for_a_right_file(name, code):
    """On a terminal without letters beyond ASCII as well."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-m", "approval.policy", "check", str(EXAMPLES / name)],
        cwd=ROOT, capture_output=True, check=False, env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}, timeout=60,
    )  # fmt: skip
    assert (done.returncode, bool(done.stdout), bool(done.stderr)) == (code, not code, bool(code))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('kind in ["scheme"]', 'kind is "scheme"'),
        ("not departure", "departure is false"),
        ("not (departure or amount > 5)", "not (departure is true or amount is above 5 GBP)"),
        ("departure and (amount <= 0.5 or category != 2)",
         "departure is true and (amount is at most 0.5 GBP or category is not 2)"),
        ("category in [1, 2, 3]", "category is 1, 2 or 3"),
        ("amount < 5_000_000 or amount == 0.0000000", "amount is below 5,000,000 GBP or amount is 0.0000000 GBP"),
    ],
)  # fmt: skip
def test_a_condition_is_said_in_words(text, words):
    """Signs as words, numbers with separators, money with its currency, inner parts in brackets."""
    fields = example("county.toml").fields
    condition = read_condition(text, fields)
    assert isinstance(condition, Condition)
    assert condition_in_words(condition, fields) == words


VALUES = {"kind": "structure", "amount": Decimal(50_000), "category": 2, "departure": True}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not departure", "departure is true"),
        ("departure and amount > 50_000", "amount is at most 50,000 GBP"),
        ("amount < 5 or category >= 3", "amount is at least 5 GBP and category is below 3"),
        ('kind == "scheme"', 'kind is not "scheme"'),
        ("category != 2", "category is 2"),
        ("category in [0, 1]", "category is not 0 or 1"),
        ("not category in [1, 2]", "category is 1 or 2"),
        ("not (departure and amount > 5)", "departure is true and amount is above 5 GBP"),
        ("not (departure and category == 2 or amount < 5)", "departure is true and category is 2"),
        ("amount <= 5 and amount <= 5", "amount is above 5 GBP"),
    ],
)
def test_why_a_condition_is_false_is_said_in_words(text, words):
    """Only the parts that make it so, as they are in the proposal, each once."""
    fields = example("county.toml").fields
    condition = read_condition(text, fields)
    assert isinstance(condition, Condition)
    assert not condition.holds(VALUES)
    assert why_not(condition, VALUES, fields) == words


def unrouted(approvers):
    """The county with a policy that no route names, whose second level asks these."""
    county = (EXAMPLES / "county.toml").read_text(encoding="utf-8")
    file = read(county + UNROUTED.replace("APPROVERS", approvers))
    assert isinstance(file, PolicyFile), file
    return file


@pytest.mark.parametrize(
    ("approvers", "words"),
    [
        ('{ people = ["amir"] }', "Amir Shah"),
        ('{ people = ["amir"], need = "all" }', "Amir Shah"),
        ('{ people = ["amir", "jo"] }', "any 1 of Amir Shah and Jo Lindqvist"),
        ('{ people = ["amir", "jo", "pat"], need = 2 }', "any 2 of Amir Shah, Jo Lindqvist and Pat Keane"),
        ('{ people = ["amir", "jo"], need = "all" }', "all of Amir Shah and Jo Lindqvist"),
        ('{ group = "finance", need = "all" }', "all of finance (Pat Keane and Sam Osei)"),
        ('{ manager = "author" }', "the manager of the author"),
        ('{ manager = "last approver" }', "the manager of the person who approved last"),
        ('{ people = ["jo"], when = "amount > 5" }', "Jo Lindqvist, if amount is above 5 GBP"),
    ],
)
def test_who_is_asked_is_said_in_words(approvers, words):
    """Of several people, how many are needed; of one, nothing."""
    file = unrouted(approvers)
    second = file.policies["late"].levels[1]
    assert dict(level_in_words(file, second))["Asks"] == words


def test_what_else_a_level_says_is_said_in_words():
    """A line for each thing, in this order."""
    file = unrouted('{ people = ["amir"] }')
    first, second = file.policies["late"].levels
    assert list(level_in_words(file, first)) == [
        ("Asks", "Amir Shah"),
        ("Time", "1 day from when the level opens"),
        ("If nobody acts", "the case ends as expired"),
        ("One rejection", "ends the case as rejected"),
    ]
    assert list(level_in_words(file, second))[-2:] == [
        ("Abstaining", "is allowed"),
        ("Comment", "needed to abstain, approve or reject"),
    ]


@pytest.mark.parametrize(
    ("name", "between", "said"),
    [
        ("software", "", [("architecture", "every proposal")]),
        (
            "county",
            'when = "departure"\npolicy = "structures"\n[[route]]\n',
            [
                ("structures", 'if kind is "structure" and category is at least 1'),
                ("structures", "otherwise if departure is true"),
                ("scheme", "every other proposal"),
            ],
        ),
    ],
)
def test_routes_are_said_in_words(name, between, said):
    """In their order; a later one takes what those before it have left."""
    text = (EXAMPLES / f"{name}.toml").read_text(encoding="utf-8")
    file = read(text.replace('policy = "scheme"\n', f'{between}policy = "scheme"\n', 1))
    assert isinstance(file, PolicyFile), file
    assert [(policy.name, when) for policy, when in routes_in_words(file)] == said


def test_every_policy_and_level_has_its_place():
    """None is left out, also one that no route names."""
    text = (EXAMPLES / "county.toml").read_text(encoding="utf-8") + LATER.replace("working ", "")
    kept = [
        line for line in text.splitlines() if not line.startswith(("calendar", "reassign", "on_rev", "author", "outc"))
    ]
    file = read("\n".join(kept).replace('[calendar.county]\ndays = ["mon"]\n', ""))
    assert isinstance(file, PolicyFile)
    words = file_in_words(file)
    for policy in file.policies.values():
        assert f"{policy.title} ({policy.name})" in words
        assert all(level.name in words for level in policy.levels)
    assert "Taken by          no proposal; no route names it" in words.splitlines()
