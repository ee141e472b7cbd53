"""How many random cases a test plays: all, or one in ``FEWER``, where the same rules run again on a second Python."""

import os


def fewer(count):
    """So many of the cases; the setting is a whole number from 1."""
    return count // int(os.environ.get("FEWER", "1"))
