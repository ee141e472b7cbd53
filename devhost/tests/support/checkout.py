"""Where things lie in this checkout of devhost."""

from pathlib import Path

DEVHOST = Path(__file__).parents[2]
TESTS = DEVHOST / "tests"
REVIEWS = TESTS / "apps/reviews"
