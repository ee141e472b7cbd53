"""The command of ``make rehearse``, as a Makefile runs it."""

import re
import subprocess
import sys

from places import ROOT

from devhost.rehearsal.sources import files

WITHIN_S = 120


def test_make_rehearse_replays_every_recorded_history():
    """The command of ``make rehearse``: each recorded history of this repository agrees with the present code."""
    recipe = re.search(r"^rehearse:.*\n\t@(.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe
    words = recipe[1].replace("$(BIN)/python -m devhost", "").split()
    said = subprocess.run(
        [sys.executable, "-m", "devhost", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert said.returncode == 0, said.stdout
    histories = [path for folder in ("tests/replay", "tests/patterns") for path in files([ROOT / folder / "histories"])]
    lines = said.stdout.splitlines()
    for path in histories:
        assert any(f"{path.relative_to(ROOT)}: " in line for line in lines), path
    assert lines[-1].startswith(f"{len(lines) - 1} histories: ")
    assert not any(line.startswith(("diverges", "differs", "cannot tell")) for line in lines)
