"""``python -m approval.policy check FILE``: whether a policy file is right, and its rules in plain words.

Ends with 0 and each policy as a table, or with 1 and every mistake. It is the only module of ``approval`` that touches
the disk: it reads the file that it is called with, and the names of the time zones. No other module imports it.
"""

import argparse
import sys
import zoneinfo
from collections.abc import Sequence
from pathlib import Path

from approval.policy.file import MOST_BYTES, read, text_of
from approval.policy.model import PolicyFile
from approval.policy.words import file_in_words
from approval.text import one_line


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the file that the arguments name, and print what is to say about it."""
    parser = argparse.ArgumentParser(prog="python -m approval.policy", description="Check a policy file.")
    commands = parser.add_subparsers(required=True, metavar="check")
    check = commands.add_parser("check", help="say what is wrong, or show each policy as a table in words")
    check.add_argument("file", metavar="FILE", help="the policy file, TOML in UTF-8")
    name = parser.parse_args(arguments).file
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        with Path(name).open("rb") as file:
            text = text_of(file.read(MOST_BYTES))
    except (OSError, ValueError) as error:
        reason = (
            "It is no UTF-8"
            if isinstance(error, UnicodeDecodeError)
            else getattr(error, "strerror", None) or str(error)
        )
        return _refuse(f"{one_line(name)}: {one_line(reason)}.")
    found = read(text, zoneinfo.available_timezones())
    if isinstance(found, PolicyFile):
        sys.stdout.write(f"{file_in_words(found)}\n")
        return 0
    count = len(found)
    said = [mistake.in_words(name) for mistake in found]
    return _refuse("\n".join([*said, f"{count} mistake{'s' if count > 1 else ''} in {one_line(name)}."]))


def _refuse(said: str) -> int:
    sys.stderr.write(f"{said}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
