"""What devhost says if it cannot start: the address that it is asked to listen on, or an app that refuses."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["é..x", "\u202e", "é" * 70, "nowhere.invalid"], ids=ascii)
def test_a_host_that_is_none_is_one_sentence(tmp_path, name):
    """Also where Python itself cannot read the name."""
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    (tmp_path / "function_app.py").write_text("import azure.functions as func\napp = func.FunctionApp()\n")
    command = [sys.executable, "-m", "devhost", "--app", tmp_path, "--state", tmp_path / "state", "--host", name]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 2
    *_, line = done.stderr.splitlines()
    assert line.isprintable()
    assert "Traceback" not in done.stderr


def test_an_app_that_says_in_lines_why_it_cannot_start_is_shown_in_lines(tmp_path):
    """Each is safe for a terminal on its own; nothing is on one long line with signs for line ends."""
    lines = "raise ValueError('2 mistakes:\\npolicies.toml:1: zone: It is missing.\\npolicies.toml:2: \\x1b[2J')\n"
    (tmp_path / "function_app.py").write_text(lines, encoding="utf-8")
    (tmp_path / "host.json").write_text('{"version": "2.0"}', encoding="utf-8")
    command = [sys.executable, "-m", "devhost", "--app", tmp_path, "--state", tmp_path / "state", "--port", "0"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 2
    assert [line.partition(" (")[0] for line in done.stderr.splitlines()[-3:]] == [
        f"The app in {tmp_path} is refused: function_app.py cannot be imported: ValueError: 2 mistakes:",
        "policies.toml:1: zone: It is missing.",
        "policies.toml:2: \\x1b[2J",
    ]
