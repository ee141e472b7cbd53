"""The contract's text, held against the code and tests that cite it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/devhost"
TESTS = ROOT / "tests"
PAGE = (ROOT / "docs/contract.md").read_text(encoding="utf-8")
SUFFIXES = {".md", ".py", ".toml"}
CITATION = re.compile(r"\bcontract\s+(\d(?:\.\d+)?(?:,\s+\d\.\d+)*)", re.IGNORECASE)
SECTION = re.compile(r"^(?:##|###) (\d(?:\.\d+)?) [^\n]*\n(.*?)(?=^###? |\Z)", re.MULTILINE | re.DOTALL)
OBEYED = re.compile(r"\A\nObeyed in: (.*)\.\n")
LINK = re.compile(r"\[`([\w/.]+)`\]\(\.\./src/devhost/([\w/.]+)\)")
MARK = re.compile(r"(recorded|seen|source|docs): (.+)")
SCENARIOS = {path.stem for path in (TESTS / "conformance/recordings/answers").glob("*.jsonl")}
TEST_MODULES = {path.stem: path for path in TESTS.rglob("test_*.py")}


def _sections():
    found = dict(SECTION.findall(PAGE))
    assert len(found) == len(SECTION.findall(PAGE)), "two sections have one number"
    return found


def _cited(text):
    """The numbers that a text cites."""
    return {number for found in CITATION.findall(text) for number in re.split(r",\s+", found)}


def _citations():
    """Each number that a file of the project cites, with the files."""
    found = {}
    for path in sorted(ROOT.rglob("*")):
        if path.suffix in SUFFIXES and path.name != "contract.md" and not re.search(r"/\.|/build/", str(path)):
            for number in _cited(path.read_text(encoding="utf-8")):
                found.setdefault(number, []).append(path)
    return found


def _named(number):
    """The modules or packages that a section names."""
    found = OBEYED.match(SECTIONS[number])
    assert found, f"the line below the heading {number} does not begin with 'Obeyed in: '"
    links = LINK.findall(found[1])
    assert ", ".join(f"[`{name}`](../src/devhost/{name})" for name, _ in links) == found[1]
    return [name for name, _ in links]


def _rows(text, header=r"[^|\n]+(?:\|[^|\n]+)*"):
    """The rows of a section's tables, each a list of its cells."""
    for table in re.findall(rf"^\| {header}\|\n\|[-|]+\|\n((?:\|.*\|\n)+)", text, re.MULTILINE):
        for line in table.splitlines():
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


SECTIONS = _sections()
CITATIONS = dict(sorted(_citations().items()))
CHAPTERS = [number for number in SECTIONS if "." not in number]
NUMBERED = [number for number in SECTIONS if "." in number]


def test_there_are_citations_and_sections():
    """The lists that the other tests go through are not empty."""
    assert len(CHAPTERS) == 6
    assert len(NUMBERED) > 30
    assert len(CITATIONS) > 30


@pytest.mark.parametrize("number", CITATIONS)
def test_every_citation_has_a_heading(number):
    """A section that code, a test or a page cites is there."""
    assert number in SECTIONS, f"cited in {', '.join(str(path.relative_to(ROOT)) for path in CITATIONS[number])}"


@pytest.mark.parametrize("number", CITATIONS)
def test_every_module_that_cites_a_section_is_named_there(number):
    """From the heading to the code is one step."""
    citing = [str(path.relative_to(SOURCE)) for path in CITATIONS[number] if path.is_relative_to(SOURCE)]
    if "." in number:
        assert set(citing) <= set(_named(number))
    else:
        assert {name.split("/")[0] for name in citing} <= set(_named(number))


@pytest.mark.parametrize("number", NUMBERED)
def test_every_named_module_exists_and_one_of_them_cites_the_section(number):
    """A module that was split or renamed turns this red, and so does a heading that nothing obeys."""
    modules = [SOURCE / name for name in _named(number)]
    assert [str(module) for module in modules if not module.is_file()] == []
    assert any(number in _cited(module.read_text(encoding="utf-8")) for module in modules)


@pytest.mark.parametrize("number", CHAPTERS)
def test_a_chapter_names_the_packages_of_its_sections(number):
    """All of them, each once."""
    modules = [name for section in NUMBERED if section.startswith(f"{number}.") for name in _named(section)]
    assert set(_named(number)) == {name.split("/")[0] for name in modules}
    assert len(_named(number)) == len(set(_named(number)))


@pytest.mark.parametrize("number", NUMBERED)
def test_every_statement_says_how_it_is_known(number):
    """Recorded scenarios are recorded; a test that saw something is there, and cites the section."""
    rows = list(_rows(SECTIONS[number]))
    assert rows
    for row in rows:
        marks = [MARK.fullmatch(part) for part in row[-1].split("; ")]
        assert all(marks), f"{number}: {row[-1]}"
        for kind, names in (mark.groups() for mark in marks):
            if kind == "recorded":
                assert set(names.split(", ")) <= SCENARIOS, f"{number}: {names}"
            elif kind == "seen":
                for name in names.split(", "):
                    assert name in TEST_MODULES, f"{number}: {name}"
                    assert number in _cited(TEST_MODULES[name].read_text(encoding="utf-8")), f"{name} cites no {number}"


@pytest.mark.parametrize("number", NUMBERED)
def test_statements_are_counted(number):
    """From 1 on, so that "3.5, statement 7" is found."""
    for header in ("# .*", "rule .*"):
        counted = [row[0] for row in _rows(SECTIONS[number], header)]
        assert counted == [str(n + 1) for n in range(len(counted))]


def test_statements_and_rules_that_are_referred_to_exist():
    """Within the page, and ordering rules in the code."""
    for section, statement in re.findall(r"(\d\.\d+), statement (\d+)", PAGE):
        assert statement in [row[0] for row in _rows(SECTIONS[section], "# .*")], f"{section}, statement {statement}"
    rules = [row[0] for row in _rows(SECTIONS["3.2"], "rule .*")]
    for path in SOURCE.rglob("*.py"):
        for rule in re.findall(r"ordering rule (\d)", path.read_text(encoding="utf-8")):
            assert rule in rules


def test_sections_that_are_referred_to_exist():
    """A number in brackets within the page leads to a heading."""
    for found in re.findall(r"\((\d\.\d+(?:, \d\.\d+)*)\)", PAGE):
        assert set(found.split(", ")) <= set(SECTIONS)
