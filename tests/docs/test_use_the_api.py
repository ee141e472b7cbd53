"""The commands of the page for users of the API run as written, and give what it says."""

import os
import re
import subprocess

import pytest
from places import ROOT

from devhost.testing.process import HostProcess

PAGE = (ROOT / "docs/how-to/use-the-api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(bash)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WITHIN_S = 60


@pytest.fixture
def host(tmp_path):
    """A devhost with the county's policy file."""
    host = HostProcess(
        ROOT, tmp_path / "state", APPROVAL_POLICIES=str(ROOT / "examples/policies/county.toml"), IDENTITY="local",
        OUTBOX=str(tmp_path / "outbox"), SEAL_KEY=f"2026-11:{'A' * 43}=", ID_KEY="i" * 32, SESSION_KEY="s" * 32,
    )  # fmt: skip
    host.environment["PUBLIC_BASE_URL"] = host.origin
    try:
        host.start()
        yield host
    finally:
        host.close()


def without_times(text):
    """The words of a text: line breaks, days and times differ."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>", text)
    return " ".join(re.sub(r"\w{3} \d{1,2} \w{3} \d\d:\d\d", "<day>", text).split())


def test_the_commands_give_what_the_page_says(host, tmp_path):
    """Copied into a shell one after the other; what stands below a command is in its output."""
    blocks = BLOCK.findall(PAGE)
    script = "\n".join(content for kind, content in blocks if kind == "bash")
    said = [content for kind, content in blocks if not kind][1:]  # the first one starts the host
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script.replace("http://localhost:7071", host.origin)],
        cwd=tmp_path, env=dict(os.environ, KEY=""), capture_output=True, text=True, timeout=WITHIN_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    output = without_times(done.stdout)
    for each in said:
        assert without_times(each) in output
    assert '"Line of authority"' in done.stdout
    assert re.search(r"P-[0-9A-Z]{8}$", done.stdout, re.MULTILINE)
