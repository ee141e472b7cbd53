"""A policy file with every key, and what it is answered with if one of its lines has another value, or is left out.

``PYTHONPATH=. python tests/support/wrong_values.py`` prints the answers as ``tests/policies/every_key_wrong.txt`` keeps
them. Read each line that has changed before you keep it.
"""

import sys
from collections.abc import Iterator

from places import ROOT

from approval.policy.file import read
from approval.policy.model import PolicyFile

EVERY_KEY, ANSWERS = ROOT / "tests/policies/every_key.toml", ROOT / "tests/policies/every_key_wrong.txt"
VALUES = ("-7", "1e2", "true", "2026-05-01", '""', '"a"', "[]", '["a", "a"]')


def answers() -> Iterator[str]:
    """For each line with a key: the line as it is then, and under it the mistakes, or that there are none."""
    lines = EVERY_KEY.read_text(encoding="utf-8").split("\n")
    for place, line in enumerate(lines):
        key, sign, _ = line.partition(" = ")
        if not sign:
            continue
        for value in (None, *VALUES):
            changed = [] if value is None else [f"{key} = {value}"]
            found = read("\n".join(lines[:place] + changed + lines[place + 1 :]))
            yield f"line {place + 1}: {changed[0] if changed else f'without {key}'}"
            if isinstance(found, PolicyFile):
                yield "    no mistake"
            else:
                yield from (f"    {mistake.in_words('file')}" for mistake in found)


if __name__ == "__main__":
    sys.stdout.write("\n".join(answers()) + "\n")
