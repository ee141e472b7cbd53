"""The address that devhost is asked to listen on."""

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
