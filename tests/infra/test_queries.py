"""The queries say what they answer, ask for fields that the app logs, and are all in use."""

import json
import re

import infra_template as template
import pytest

from adapters.logs import EVENTS

FOLDER = template.INFRA / "queries"
SHOWN = sorted(FOLDER.glob("*.kql"))
ALERTS = sorted((FOLDER / "alerts").glob("*.kql"))
FIRST_FIELDS = {"event", "instance", "orchestration", "level"}
WORKBOOK = json.loads((template.INFRA / "workbook.json").read_text(encoding="utf-8"))


def _read(path):
    return path.read_text(encoding="utf-8")


def _name(path):
    return str(path.relative_to(FOLDER))


@pytest.mark.parametrize("path", SHOWN + ALERTS, ids=_name)
def test_a_query_says_which_question_it_answers(path):
    """Its first line is a question."""
    first = _read(path).splitlines()[0]
    assert re.fullmatch(r"// [A-Z].+\?", first)


@pytest.mark.parametrize("path", SHOWN + ALERTS, ids=_name)
def test_a_query_asks_for_events_and_fields_that_are_logged(path):
    """Each event is in the app's list, and each field is one that an event of the query has."""
    text = _read(path)
    events = set(
        re.findall(r'"([a-z]+[A-Za-z]*)"', " ".join(re.findall(r"event\)? (?:==|in) (\(.*?\)|\"\w+\")", text)))
    )
    assert events <= EVENTS.keys()
    fields = set(re.findall(r"\bline\.(\w+)", text))
    assert bool(fields) == bool(events)
    assert fields <= FIRST_FIELDS.union(*(EVENTS[event].fields for event in events))


@pytest.mark.parametrize("path", SHOWN + ALERTS, ids=_name)
def test_the_fields_of_a_query_are_in_the_reference(path):
    """Anyone who reads the query finds each field explained."""
    page = _read(template.ROOT / "docs" / "reference" / "logs.md")
    assert [field for field in re.findall(r"\bline\.(\w+)", _read(path)) if f"| `{field}` |" not in page] == []


@pytest.mark.parametrize("path", SHOWN + ALERTS, ids=_name)
def test_a_query_is_balanced(path):
    """Brackets and quotes close: the little that can be seen without the service."""
    code = re.sub(r"^//.*$", "", _read(path), flags=re.MULTILINE)
    bare = re.sub(r'"[^"\n]*"', "", code)
    assert '"' not in bare
    assert [bare.count(pair[0]) - bare.count(pair[1]) for pair in ("()", "[]", "{}")] == [0, 0, 0]
    assert not re.search(r"\|\s*\||\|\s*$", bare)


def test_the_workbook_shows_every_query():
    """Each query of the folder has its item, and each query item has its file."""
    items = [item["name"] for item in WORKBOOK["items"] if item["type"] == 3]
    assert sorted(items) == [path.stem for path in SHOWN]
    assert all(item["content"]["query"] == "" for item in WORKBOOK["items"] if item["type"] == 3), (
        "the text is in the file"
    )
    module = _read(template.INFRA / "modules" / "workbook.bicep")
    assert [path.stem for path in SHOWN if f"../queries/{path.name}'" not in module] == []


def test_every_alert_has_its_query():
    """The rules and the folder are the same six."""
    module = _read(template.INFRA / "modules" / "alerts.bicep")
    assert sorted(re.findall(r"queries/alerts/([\w-]+)\.kql", module)) == [path.stem for path in ALERTS]
