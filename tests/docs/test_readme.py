"""The README's command lines run as written, and give what it says."""

import os
import pathlib
import re
import socket
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
READY_WITHIN_S = 30


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """The port of the app, run as ``make run`` does it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    state = tmp_path_factory.mktemp("devhost")
    command = [sys.executable, ROOT / "scripts/run_locally.py", "--port", str(port), "--state", state]
    host = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert any("devhost is ready" in line for line in host.stdout), "devhost did not start"
        yield port
    finally:
        host.kill()
        host.communicate()


def test_the_command_lines_give_what_the_readme_says(port, tmp_path):
    """Submit, look, approve, look again, start the original tutorial's runs: copied from the README into a shell."""
    blocks = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
    script = "set -e\n" + "\n".join(blocks).replace("localhost:7071", f"localhost:{port}")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    done = subprocess.run(
        ["bash", "-c", script.replace('&showInput=false"', '&showInput=false"; echo')],
        cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, timeout=READY_WITHIN_S, check=True,
    )  # fmt: skip
    first, second, *_ = done.stdout.splitlines()
    assert '"runtimeStatus":"Running"' in first
    assert "Head of structures is asked to approve or reject" in first
    assert second.count('"id":') == 0
    assert re.search(r'"runtimeStatus":"(Running|Completed)"', second)
    assert done.stdout.count('"statusQueryGetUri"') == len(("the original tutorial's run", "the chain"))


def test_the_outputs_are_the_contracts():
    """The three messages are in the README to the character."""
    assert '["Your project design proposal has been -  Approved!"]' in README
    assert '["Your project design proposal has been -  Rejected!"]' in README
    assert "reassigning to your Manager!  Head of department!" in README


def test_every_command_of_the_readme_is_a_target():
    """``make`` knows whatever the README tells people to make."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z-]+)$", README, re.MULTILINE)) <= targets


def test_its_pictures_are_there_and_small_and_have_words():
    """Three, which ``make screenshots`` takes; each has a text for those who do not see it."""
    pictures = re.findall(r'<img src="([^"]+)" width="\d+" alt="([^"]{40,})">', README)
    assert [path for path, _ in pictures] == [f"docs/images/{name}.png" for name in ("inbox", "case", "decide")]
    assert README.count("<img") == len(pictures)
    for path, _ in pictures:
        assert 10_000 < (ROOT / path).stat().st_size < 150_000
        assert pathlib.Path(path).stem in (ROOT / "scripts/screenshots.py").read_text(encoding="utf-8")


def test_the_browser_comes_first():
    """``make run``, the address, the pictures and ``make demo`` are before anything longer, within a screen or two."""
    places = [README.index(text) for text in ("make run\n", "http://localhost:7071:", "<img", "make demo\n", "mermaid")]
    assert places == sorted(places)
    assert README[: places[-2]].count("\n") < 50
