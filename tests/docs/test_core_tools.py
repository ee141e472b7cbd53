"""The page on Core Tools, held against the files that it speaks of."""

import json
import pathlib
import re
import tomllib

import loaded
import pytest

from functions import retention

ROOT = pathlib.Path(__file__).parents[2]
run_locally = loaded.script("run_locally")
PAGE = (ROOT / "docs/how-to/core-tools.md").read_text(encoding="utf-8")
EXAMPLE = json.loads((ROOT / "local.settings.json.example").read_text(encoding="utf-8"))
HOST = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
BLOCKS = re.findall(r"^ *```(\w*)\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [line.strip() for language, block in BLOCKS if not language for line in block.splitlines()]


def test_the_settings_are_those_of_the_example():
    """Each name with its value, in the file's order, and no other."""
    rows = re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", PAGE, re.MULTILINE)
    assert rows == list(EXAMPLE["Values"].items())


def test_the_commands_lead_from_a_clone_to_a_running_app():
    """Exactly these, in this order."""
    assert COMMANDS == [
        "npm install -g azurite",
        "azurite",
        "cp local.settings.json.example local.settings.json",
        "python3 -m venv .venv",
        ". .venv/bin/activate",
        "pip install -r requirements.txt",
        "func start",
        "python scripts/new_keys.py",
        "python -m pytest tests/blackbox --base-url http://localhost:7071",
    ]


@pytest.mark.parametrize(
    "name", ["local.settings.json.example", "requirements.txt", "requirements-dev.txt", "tests/blackbox"]
)
def test_what_the_commands_name_is_there(name):
    """A renamed file turns this red before it puzzles a reader."""
    assert name in PAGE
    assert (ROOT / name).exists()


def test_the_pages_settings_are_those_of_the_local_run(tmp_path):
    """What ``make run`` sets by itself is on the page, no more and no less, and the policy file."""
    keys = dict.fromkeys(re.findall(r'`"([A-Z_]+)": "\.\.\."`', PAGE), "...")
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    given = json.loads(f"{{{block}}}")
    assert (ROOT / given.pop("APPROVAL_POLICIES")).exists()
    local = run_locally.local_settings(keys, tmp_path, 7071)
    assert (given | keys) == local | {"OUTBOX": "outbox"}
    assert set(keys) == set(run_locally.new_keys("2026-11"))


def test_the_pythons_are_those_that_the_project_takes():
    """No more and no less."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "Python 3.11,\n3.12 or 3.13" in PAGE
    workflows = "".join(path.read_text(encoding="utf-8") for path in (ROOT / ".github/workflows").glob("*.yml"))
    assert "3.11" in workflows
    assert "3.13" in workflows


def test_bundle_hub_and_poll_are_those_of_the_host_file():
    """The page names them."""
    durable = HOST["extensions"]["durableTask"]
    assert f"`{HOST['extensionBundle']['version']}`" in PAGE
    assert f"`{durable['hubName']}`" in PAGE
    assert durable["storageProvider"]["maxQueuePollingInterval"] == "00:00:02"
    assert "within 2 seconds" in PAGE


def test_the_settings_file_is_ignored_by_git_and_by_the_package():
    """As the page promises."""
    ignored, packed = ((ROOT / name).read_text(encoding="utf-8").splitlines() for name in (".gitignore", ".funcignore"))
    assert "local.settings.json" in ignored
    assert "*" in packed
    assert not [line for line in packed if "settings" in line]


def test_the_container_of_exported_cases_is_named_as_in_the_code():
    """Where people look for them."""
    assert f"`{retention.CONTAINER}`" in PAGE
    assert f"`{retention.CONTAINER}`" in (ROOT / "docs/operate/retention.md").read_text(encoding="utf-8")
