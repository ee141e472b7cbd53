"""The page on the original tutorial states what the app does, and no text confuses it with our own lesson."""

import pathlib
import re

import loaded
import pytest

from approval import messages
from approval.policy.one_level import OneLevelPolicy

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/original-tutorial.md"
LESSON = ROOT / "docs/tutorial.md"
TEXT = PAGE.read_text(encoding="utf-8")
FUNCTIONS = loaded.functions()
MENTION = re.compile(r"\boriginal\s+tutorial\b", re.IGNORECASE)
LESSON_MENTION = re.compile(r"\[[^\]]*tutorial[^\]]*\]\([^)]*\)|\S*tutorial\.md", re.IGNORECASE)


FOLDERS = ("approval", "adapters", "docs", "functions", "tests", "devhost/docs", "devhost/src", "devhost/tests")
READ = [path for name in FOLDERS for path in (ROOT / name).rglob("*") if path.suffix in (".md", ".py")]
FILES = sorted({*READ, *ROOT.glob("*.md"), *ROOT.glob("*.py")} - {PAGE, LESSON, pathlib.Path(__file__)})
NAMING = [path for path in FILES if path.suffix == ".md" and MENTION.search(path.read_text(encoding="utf-8"))]


def _relative(path):
    return str(path.relative_to(ROOT))


def test_the_messages_are_those_of_the_code():
    """To the character, on lines of their own."""
    said = [messages.decided(messages.APPROVED), messages.decided(messages.REJECTED)]
    said.append(messages.escalated(messages.HEAD_OF_DEPARTMENT))
    assert "```\n" + "\n".join(said) + "\n```" in TEXT


def test_time_and_next_person_are_those_of_the_default_policy():
    """Twenty seconds, then the head of department."""
    policy = OneLevelPolicy()
    assert (policy.timeout, policy.escalate_to) == ("PT20S", "Head of department")
    assert "| time to decide | 20 seconds |" in TEXT
    assert f"| goes to | `{policy.escalate_to}` |" in TEXT


@pytest.mark.parametrize("name", ["HttpStart", "OrchFunction", "Approval", "Escalation", "OrchFunctionChain"])
def test_the_functions_that_it_names_are_there(name):
    """Under exactly these names."""
    assert name in FUNCTIONS
    assert f"`{name}`" in TEXT


def test_there_are_pages_that_name_it():
    """The README among them."""
    assert ROOT / "README.md" in NAMING
    assert len(NAMING) > 10


@pytest.mark.parametrize("page", [page for page in NAMING if page.name != "CHANGELOG.md"], ids=_relative)
def test_a_page_that_names_it_links_to_it_there(page):
    """At the first mention."""
    text = page.read_text(encoding="utf-8")
    first = MENTION.search(text)
    link = re.match(r"\]\(([^)]*original-tutorial\.md)\)", text[first.end() :])
    assert link, f"{_relative(page)}: {text[first.start() : first.end() + 40]!r}"
    assert (page.parent / link[1]).resolve() == PAGE


def _unclear(path):
    """The lines of a file that say "tutorial" of neither."""
    text = LESSON_MENTION.sub("", MENTION.sub("", path.read_text(encoding="utf-8")))
    return re.findall(r".*tutorial.*", re.sub(r"original_tutorials?", "", text), re.IGNORECASE)


def test_a_tutorial_is_the_original_one_or_a_link_to_ours():
    """No bare "tutorial" that could be either."""
    assert len(FILES) > 500
    assert {_relative(path): lines for path in FILES if (lines := _unclear(path))} == {}
