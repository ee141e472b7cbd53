"""The command that makes the keys."""

import base64
import io
import os
import subprocess
import sys

import loaded
import pytest
from places import ROOT

from adapters import sealing, settings

SCRIPT = ROOT / "scripts/new_keys.py"
new_keys = loaded.script("new_keys")


def test_the_app_takes_the_keys(monkeypatch, capsys):
    """Each line is a setting that is usable."""
    assert new_keys.main(["--name", "2026-12"]) == 0
    for line in capsys.readouterr().out.splitlines():
        name, _, value = line.partition("=")
        monkeypatch.setenv(name, value)
    assert settings.seal_key().name == "2026-12"
    assert min(len(settings.id_key()), len(settings.session_key())) >= 32


def test_keys_are_new_each_time():
    """No two have anything in common but the name."""
    first, second = new_keys.new_keys("a"), new_keys.new_keys("a")
    assert not set(first.values()) & set(second.values())


def test_a_file_of_keys_is_made_once_and_for_its_owner(tmp_path):
    """The command can be run before each start."""
    path = tmp_path / "state/keys.env"
    assert new_keys.main(["--file", str(path)]) == 0
    first = path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    assert new_keys.main(["--file", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == first
    assert [found.name for found in path.parent.iterdir()] == ["keys.env"]


@pytest.mark.parametrize("prefix", ["", "SEAL_KEY="])
def test_the_public_key_is_what_the_app_takes(monkeypatch, capsys, prefix):
    """As a line of the file, or as the setting's value."""
    given = new_keys.new_keys("2026-12")["SEAL_KEY"]
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{prefix}{given}\n"))
    assert new_keys.main(["--public"]) == 0
    expected = sealing.public_key_of(base64.b64decode(given.partition(":")[2]))
    assert capsys.readouterr().out == f"2026-12:{expected}\n"


def test_what_is_no_key_is_refused_and_not_repeated():
    """In one sentence, as a command."""
    done = subprocess.run(
        [sys.executable, SCRIPT, "--public"],
        input="canary",
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert (done.returncode, done.stderr + done.stdout) == (
        1,
        "This is no SEAL_KEY: it must be a name, a colon and 32 bytes in Base64.\n",
    )
