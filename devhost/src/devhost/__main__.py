"""``python -m devhost``: the same commands as the console script ``devhost``."""

import sys
from pathlib import Path

# ``python -m`` puts the current folder on the path, the console script does not. An app that lies elsewhere must not
# find packages there: one of its own without __init__.py would lose to one of the same name.
sys.path[:] = [entry for entry in sys.path if entry and Path(entry) != Path.cwd()]

from devhost.cli import run  # noqa: E402 - the path comes first

if __name__ == "__main__":
    sys.exit(run())
