"""The pages and docstrings use plain words, one for each thing, and lead where they say."""

import ast
import re
import subprocess
import tokenize
from pathlib import Path

import pytest
from places import ROOT

FILES = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md", "*.py"],
    cwd=ROOT, capture_output=True, text=True, check=True,
).stdout.split()  # fmt: skip
PAGES = sorted(name for name in FILES if name.endswith(".md") and (ROOT / name).exists())
CODE = sorted(name for name in FILES if name.endswith(".py") and (ROOT / name).exists() and "/tests/" not in f"/{name}")
GLOSSARY = "docs/reference/glossary.md"
# What to write instead; each has misled a reader.
PLAIN = {
    r"anew": "again",
    r"hangs? on": "depends on",
    r"comes? to be": "is created",
    r"becom(?:e|es|ing) of": "happens to",
    r"made up for": "runs later",
    r"shall": "must",
    r"nevertheless": "anyway",
    r"onlookers?": "readers",
    r"lets? go of": "closes",
    r"stands?(?! still)": "is",
    r"stood": "was",
    r"told": "says, logs or records",
    r"rooms?": "package or space",
    r"doors?": "route or endpoint",
}
# In pages only.
PLAIN_IN_PAGES = {
    r"whatever(?! the pattern)": "any",
    r"customers?": "people",
}
# In docstrings and comments only.
PLAIN_IN_CODE = {
    r"hand(?:s|ed|ing)? (?:on|over)": "pass",
    r"whoever": "the one who",
    r"surely": "probably",
}
# An accepted decision is not edited. "stands" in the rest is the word itself.
EXCEPT = re.compile(r"/decisions/")
WORDS = {pattern: re.compile(rf"\b{pattern}\b", re.IGNORECASE) for pattern in PLAIN | PLAIN_IN_PAGES | PLAIN_IN_CODE}


def prose(text):
    """A page without its code, whose words are not ours to choose."""
    text = re.sub(r"^( *)```.*?^\1```", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`|\]\([^)]*\)", " ", text)


def found(text, patterns):
    """Each of the words in a text, with the word to write instead."""
    return [f"{hit[0]!r}: write {patterns[one]!r}" for one in patterns for hit in WORDS[one].finditer(text)]


@pytest.mark.parametrize("name", [name for name in PAGES if not EXCEPT.search(f"/{name}")])
def test_a_page_uses_plain_words(name):
    """None of the words that have misled readers, outside of code."""
    assert found(prose((ROOT / name).read_text(encoding="utf-8")), PLAIN | PLAIN_IN_PAGES) == []


def docstrings(name):
    """Each docstring of a file, with the name of what it describes."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
        if isinstance(node, kinds) and (text := ast.get_docstring(node)):
            yield getattr(node, "name", name), text


def comments(name):
    """Each comment of a file, with its line."""
    with (ROOT / name).open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                yield f"line {token.start[0]}", token.string


def test_docstrings_and_comments_use_plain_words():
    """None of the words that have misled readers, in app, devhost, scripts and bench."""
    assert [
        f"{name} {where}: {hit}"
        for name in CODE
        for where, text in (*docstrings(name), *comments(name))
        for hit in found(text, PLAIN | PLAIN_IN_CODE)
    ] == []


def anchors(path):
    """The anchors that GitHub gives a page's headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_a_page_leads_somewhere(name):
    """To a file or folder that is there, and to a heading that is on it."""
    text = re.sub(r"^( *)```.*?^\1```", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        there = (ROOT / name).parent / path if path else ROOT / name
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def test_the_glossary_is_in_order_and_its_words_are_used():
    """Each part by the alphabet, no word twice, and each on another page too."""
    text = (ROOT / GLOSSARY).read_text(encoding="utf-8")
    parts = [re.findall(r"^\| ([a-zA-Z ]+) \|", part, re.MULTILINE)[1:] for part in text.split("\n## ")[1:]]
    assert all(words == sorted(words, key=str.lower) for words in parts)
    words = [word for part in parts for word in part]
    assert len(words) == len(set(words))
    others = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in PAGES if name != GLOSSARY).lower()
    assert [word for word in words if not re.search(rf"\b{word.lower()}", others)] == []


def test_a_newcomer_gets_in_three_hops_to_what_a_rejected_proposal_answers():
    """README links to the module with the sentences, and one of its functions gives that of a rejection."""
    links = re.findall(r"\]\(([^)#]+\.py)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [
        link for link in links if "Your project design proposal has been" in (ROOT / link).read_text(encoding="utf-8")
    ]


def test_the_picture_shows_every_package_of_the_app():
    """The README's first picture has a box for each, beside the host that calls them."""
    (picture,) = re.findall(r"```mermaid\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    drawn = set(re.findall(r"\b(\w+)\[\1: ", picture))
    assert drawn == {path.parent.name for path in Path(ROOT).glob("*/__init__.py")}
