"""``make demo`` comes up with the cases that it lists, in the states that it says, and time can be moved."""

import queue
import re
import socket
import subprocess
import sys
import threading
import urllib.request

import pytest
from loaded import script
from places import ROOT

from devhost.testing.process import quiet_port

WITHIN_S = 90
demo = script("demo")
TITLES = [case.title for case in demo.CASES]


class Running:
    """The command, and what it has said so far."""

    def __init__(self, state):
        self.state = state
        self.base = f"http://localhost:{quiet_port()}"
        command = [sys.executable, ROOT / "scripts/demo.py", "--port", self.base.rpartition(":")[2], "--state", state]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines, self.said = queue.Queue(), []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def until(self, text):
        """Wait for a line that begins so."""
        while not (self.said and self.said[-1].startswith(text)):
            line = self.lines.get(timeout=WITHIN_S)
            assert line is not None, "".join(self.said)
            self.said.append(line)

    def close(self):
        """As Ctrl-C does; the exit code."""
        self.process.terminate()
        code = self.process.wait(timeout=30)
        self._reader.join()
        self.process.stdout.close()
        return code

    def get(self, path):
        """A page as text."""
        with urllib.request.urlopen(self.base + path, timeout=30) as answer:
            return answer.read().decode()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The demonstration, ready."""
    one = Running(tmp_path_factory.mktemp("demo"))
    try:
        one.until("Time moves")
        yield one
    finally:
        one.close()


def cases(running):
    """All that Ruth may see, by title."""
    ruth, found = demo.Caller(running.base, "ruth"), {}
    states = {case.state for case in demo.CASES}
    for state in states:
        for item in ruth.ask("GET", "/api/proposals?state=" + state.replace(" ", "%20"))["items"]:
            found[item["title"]] = ruth.ask("GET", f"/api/proposals/{item['id']}")
    return found


def test_it_lists_eight_cases_of_different_kinds():
    """Five states, by two authors; those that are open wait for four people."""
    assert len(set(TITLES)) == 8
    assert {case.state for case in demo.CASES} == {"approved", "rejected", "withdrawn", "expired", "with approvers"}
    assert frozenset().union(*(case.turn for case in demo.CASES)) == {"amir", "noor", "ruth"}


def test_the_cases_are_in_the_states_that_it_says(running):
    """And with whom it says."""
    found = cases(running)
    assert sorted(found) == sorted(TITLES)
    for case in demo.CASES:
        is_now = found[case.title]
        turn = {one["id"] for one in (is_now["turn"] or {}).get("with", ())}
        assert (is_now["state"], turn) == (case.state, set(case.turn)), case.title


def test_it_says_where_to_look_and_whose_turn_it_is(running):
    """In its last lines; the people are those of the county, and who is asked has a mail."""
    said = "".join(running.said[-3:])
    assert all(f"{running.base}{path}" in said for path in (" ", "/devhost", "/outbox"))
    assert all(name in said for name in ("Ruth Pemberton", "Amir Shah", "Noor Haddad", "Pat Keane", "Dana Okafor"))
    mails = " ".join(path.read_text(encoding="utf-8") for path in (running.state / "outbox").iterdir())
    assert all(f"{person}@county.example" in mails for person in ("ruth", "amir", "noor", "dana"))


def test_time_is_moved_by_the_buttons(running):
    """Ten days on, the bridge that nobody has decided has gone to the director."""
    page = running.get("/devhost")
    assert all(f'<button name="step" value="{step}" formnovalidate>' in page for step in ("1 hours", "1 days"))
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    for _ in range(11):
        form = urllib.request.Request(f"{running.base}/devhost/advance", f"token={token}&step=1+days".encode())
        with urllib.request.urlopen(form, timeout=60) as answer:
            assert "Time was moved" in answer.read().decode()
    bridge = cases(running)["Mill Lane bridge, refurbishment"]
    assert [one["id"] for one in bridge["turn"]["with"]] == ["jo"]


def test_somebody_elses_folder_is_left_alone(tmp_path):
    """The state is fresh each time, so a folder is emptied only if the script has made it."""
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(demo.Failed, match="holds something else"):
        demo.fresh(tmp_path)
    assert (tmp_path / "mine").read_text() == "mine"
    demo.fresh(tmp_path / "demo")
    (tmp_path / "demo/state").touch()
    demo.fresh(tmp_path / "demo")
    assert [one.name for one in (tmp_path / "demo").iterdir()] == [demo.MADE_BY_US]


def test_another_host_on_the_port_is_left_alone(tmp_path):
    """Its cases and its time are its own; no folder is made."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        command = [sys.executable, ROOT / "scripts/demo.py", "--port", port, "--state", tmp_path / "state"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)
        other.settimeout(5)
        with other.accept()[0] as asked:
            assert asked.recv(1) == b""
    assert done.returncode == 1
    assert f"port {port} is in use" in done.stdout
    assert not (tmp_path / "state").exists()


def test_it_ends_with_a_sentence_where_it_cannot_come_up(tmp_path):
    """A port that is taken, for one."""
    (tmp_path / "mine").touch()
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/demo.py", "--state", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.startswith("The demonstration did not come up: ")
