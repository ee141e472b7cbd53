"""The policy file that is in force, and the people there are."""

import hashlib
from zoneinfo import ZoneInfo

import pytest
from places import ROOT

from adapters import directory
from adapters.directory import WrongPolicyFile

COUNTY = ROOT / "examples/policies/county.toml"


@pytest.fixture(autouse=True)
def restart(monkeypatch):
    """Start the app with this policy file."""
    monkeypatch.setattr(directory, "_read", [])
    monkeypatch.delenv("APPROVAL_POLICIES", raising=False)

    def started(path):
        monkeypatch.setenv("APPROVAL_POLICIES", str(path))
        return directory.start()

    return started


def test_without_a_policy_file_there_are_three_people():
    """For the built-in policy."""
    assert directory.policy_file() is None
    assert directory.digest() == ""
    assert {person.id: person.name for person in directory.people().values()} == {
        "author": "Alex Author",
        "manager": "Morgan Manager",
        "head": "Harper Head",
    }


def test_the_path_counts_from_the_apps_folder(restart):
    """Wherever the process was started."""
    restart("examples/policies/county.toml")
    assert directory.policy_file().name == "Northshire highways"
    assert directory.digest() == f"sha256:{hashlib.sha256(COUNTY.read_bytes()).hexdigest()}"
    assert directory.people()["dana"].name == "Dana Okafor"


def test_what_was_read_at_the_start_is_in_force_until_the_next(restart, tmp_path):
    """A file that is changed, broken or taken away in between changes nothing."""
    path = tmp_path / "policies.toml"
    path.write_bytes(COUNTY.read_bytes())
    restart(path)
    before = directory.digest()
    path.write_text("schema = 1", encoding="utf-8")
    assert (directory.digest(), directory.policy_file().name) == (before, "Northshire highways")
    path.unlink()
    assert directory.digest() == before


def test_a_wrong_file_stops_the_app_with_every_mistake(restart, tmp_path):
    """File, line, key, what is wrong and what would be right."""
    path = tmp_path / "policies.toml"
    text = COUNTY.read_text(encoding="utf-8")
    place = text.index("within ")
    path.write_text(f'{text[:place]}within = "soon" # {text[place:]}', encoding="utf-8")
    line = text[:place].count("\n") + 1
    with pytest.raises(WrongPolicyFile) as stopped:
        restart(path)
    said = str(stopped.value)
    assert said.startswith("The app does not start, as the policy file that APPROVAL_POLICIES names has 1 mistake:\n")
    assert f"policies.toml:{line}: policy." in said
    assert '"soon"' in said
    assert "Write " in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: missing.toml: No such file or directory"),
        (b"\xff", "is no UTF-8"),
        (b"schema = 1\xc3", "is no UTF-8"),
        (("# " + "€" * 700_000).encode(), "has more than 500,000 characters"),
        (b"schema = ", "1 mistake:\n.*It is no TOML"),
        (b"", r"mistakes:\n.*schema: It is missing"),
    ],
)
def test_a_file_that_cannot_be_read_stops_the_app(restart, tmp_path, content, said, monkeypatch):
    """It says why, and where the path counts from."""
    monkeypatch.setattr(directory.settings, "APP_FOLDER", tmp_path)
    if content is not None:
        (tmp_path / "missing.toml").write_bytes(content)
    with pytest.raises(WrongPolicyFile, match=said.replace("missing.toml", ".*missing.toml")):
        restart("missing.toml")


def test_people_read_times_in_their_own_zone_or_in_that_of_the_file(restart):
    """UTC without a policy file."""
    assert str(directory.zone_of("author")) == "UTC"
    restart(COUNTY)
    assert directory.zone_of("dana") == ZoneInfo("Europe/London")
    assert directory.zone_of() == ZoneInfo("Europe/London")
