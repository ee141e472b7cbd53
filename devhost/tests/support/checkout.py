"""Where things lie in this checkout."""

from pathlib import Path

DEVHOST = Path(__file__).parents[2]
ROOT = DEVHOST.parent
TESTS = DEVHOST / "tests"
