"""The command as people call it."""

import os
import subprocess
import sys
from dataclasses import dataclass

WITHIN_S = 60


@dataclass(frozen=True)
class Said:
    """What a command said and gave."""

    code: int
    out: str
    err: str


def devhost(*arguments, cwd=None, **settings):
    """Runs ``python -m devhost`` with these arguments."""
    done = subprocess.run(
        [sys.executable, "-m", "devhost", *map(str, arguments)],
        cwd=cwd, env={**os.environ, **settings}, capture_output=True, text=True,
        timeout=WITHIN_S, check=False,
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)
