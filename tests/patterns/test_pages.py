"""The pages: their drawings are those of the recordings, their commands give what they say."""

import json
import re
import shlex
from pathlib import Path

import generate_diagrams
import pytest

from functions.patterns import shapes

ROOT = Path(__file__).parents[2]
ORIGINAL = "../reference/original-tutorial.md"
PAGES = sorted((ROOT / "docs/patterns").glob("*.md"))
COMMANDS = re.compile(r"```sh\n(.*?)```\n(.*?)```json\n(.*?)```", re.DOTALL)


def test_no_drawing_and_no_table_is_stale():
    """If this is red, run ``python docs/generate_diagrams.py``."""
    assert generate_diagrams.stale() == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_its_drawing_its_cost_its_pitfalls_and_the_original_tutorial(page):
    """A reader finds the same parts on each."""
    text = page.read_text(encoding="utf-8")
    assert "```mermaid\nsequenceDiagram\n" in text
    assert all(
        f"**{part}.**" in text for part in ("Cost", "Pitfalls", f"Compared with the [original tutorial]({ORIGINAL})")
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_give_the_output_on_it(page, lab):
    """Each line is sent as written, in virtual time."""
    commands, _, output = COMMANDS.search(page.read_text(encoding="utf-8")).groups()
    started = None
    for line in commands.strip().splitlines():
        words = shlex.split(line.removeprefix("ID=$(").replace("$ID", started or ""))
        url = next(word for word in words if word.startswith("http://localhost:7071/"))
        body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
        code, answer = lab.ask(url.replace("http://localhost:7071", lab.base_url), body)
        lab.advance(0)
        assert code in (200, 202), answer
        started = started or answer["id"]
    assert lab.output(started, within_s=60) == json.loads(output)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_chooser_leads_to_every_page(page):
    """By a link."""
    assert f"(patterns/{page.name})" in (ROOT / "docs/patterns.md").read_text(encoding="utf-8")


def test_every_field_of_every_input_is_on_a_page():
    """With what it is when it is left out."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    fields = {name for given in shapes.INPUTS.values() for name in given.model_fields} - {"discipline"}
    assert all(f"\n| `{name}` |" in text for name in fields)
