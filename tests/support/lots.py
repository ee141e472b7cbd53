"""Thousands of random cases, in four lots that run side by side; a tenth of each is played at every run of the tests.

The rest is ``long``: ``make test-long`` plays it, and so does CI.
"""

import pytest

LOTS, PARTS = 4, 10
every_part = pytest.mark.parametrize(
    "part", [0, *(pytest.param(part, marks=pytest.mark.long) for part in range(1, PARTS))]
)


def seeds(lot, part, cases):
    """The seeds of a part of a lot, whose numbers begin at one; the lots together have ``cases``."""
    return range((lot - 1) * PARTS + part, cases, LOTS * PARTS)
