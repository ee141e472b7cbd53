"""The pages about rehearsal, followed to the letter: commands run, edits are made, outputs are as written."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from places import ROOT

from devhost.testing.process import HostProcess, until

RUNTIME = ("function_app.py", "host.json", "adapters", "approval", "functions", "service", "web")
BLOCK = re.compile(r"^```(bash|text|diff)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARYING = (
    (re.compile(r"\b(?:[0-9a-f]{32}|P-[0-9A-Z]{8})\b"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<time>"),
)
INSTANCES = "/runtime/webhooks/durabletask/instances"
WITHIN_S = 60


def plain(text):
    """Lines without ids and times, sorted: instances come in the order of their ids, which nobody knows before."""
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return sorted(re.sub(r"(\.jsonl):\d+:", r"\1:<line>:", line) for line in text.splitlines())


class Reader:
    """Somebody who does what a page says, in a copy of the app."""

    def __init__(self, folder):
        self.folder = folder
        for name in RUNTIME:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, folder / name)
        for tests in ("replay", "patterns"):
            shutil.copytree(ROOT / "tests" / tests / "histories", folder / "tests" / tests / "histories")
        (folder / "examples").symlink_to(ROOT / "examples")
        (folder / "exports").mkdir()
        self._host = HostProcess(folder, folder / ".devhost", PATTERNS=None)
        self._before = {}

    def start_host(self):
        """As ``make run`` does."""
        self._host.start()

    def stop_host(self):
        """As Ctrl-C does."""
        self._host.interrupt()

    def close(self):
        """Leaves no host behind."""
        self._host.close()

    def edit(self, diff, *, undo_others):
        """Makes the edit; with ``undo_others`` on files as they were."""
        name, *lines = diff.splitlines()
        path = self.folder / name
        original = self._before.setdefault(path, path.read_text(encoding="utf-8"))
        text = original if undo_others else path.read_text(encoding="utf-8")
        old = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
        new = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
        assert text.count(old) == 1, f"{name} does not hold this exactly once any more:\n{old}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, script):
        """Runs the commands; answers what they print."""
        settings = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        done = subprocess.run(
            ["bash", "-c", script.replace("http://localhost:7071", self._host.origin)],
            cwd=self.folder, env={**os.environ, **settings}, text=True, timeout=WITHIN_S, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.stdout

    def until_there(self, what):
        """Comes back when the host has this many instances, and no others: ``1 Completed, 1 Running``."""

        def look():
            found = Counter(each["runtimeStatus"] for each in self._host.ask("GET", INSTANCES))
            return True if ", ".join(f"{number} {state}" for state, number in sorted(found.items())) == what else None

        until(look, f"the host has {what}")


@pytest.fixture
def reader(tmp_path):
    """A reader with a copy of the app."""
    one = Reader(tmp_path)
    yield one
    one.close()


def follow(reader, page, between, *, undo_others):
    """Runs the page's blocks one after the other; a text block is what the commands before it have printed.

    Args:
        reader: who does it.
        page: under ``docs``.
        between: what people do, or wait for, after the block of that number.
        undo_others: whether an edit is made to files as they were before the last one.

    Returns:
        How many outputs were compared.
    """
    printed, compared = "", 0
    blocks = BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    for number, (kind, content) in enumerate(blocks, 1):
        if kind == "diff":
            reader.edit(content, undo_others=undo_others)
        elif kind == "bash":
            printed = reader.run(content)
        else:
            assert plain(printed) == plain(content)
            compared += 1
        for step in between.get(number, ()):
            step()
    return compared


def test_how_to_rehearse_an_upgrade(reader):
    """Two orchestrators are broken, and reported as the page says."""
    reader.start_host()
    between = {1: [lambda: reader.until_there("1 Completed, 1 Running")]}
    assert follow(reader, "how-to/rehearse-an-upgrade.md", between, undo_others=True) == 5


def test_release_with_open_cases(reader):
    """The worked example: an old case goes on by its steps, a new one has the new step."""
    reader.start_host()
    between = {
        1: [lambda: reader.until_there("1 Running"), reader.stop_host],
        5: [reader.start_host],
        6: [lambda: reader.until_there("1 Completed, 1 Running")],
    }
    assert follow(reader, "operate/release-with-open-cases.md", between, undo_others=False) == 3
