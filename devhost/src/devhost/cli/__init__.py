"""The commands: ``serve`` (the one without a name), ``replay`` and ``export``."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

from devhost.shown import command

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {"replay": "devhost.cli.replay", "export": "devhost.cli.export"}


def run() -> int:
    """The command as a process: untrusted text cannot control the terminal; answers the exit code."""
    return command(main)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command that the first argument names, or serves the app; answers the exit code."""
    asked = list(sys.argv[1:] if arguments is None else arguments)
    name = COMMANDS.get(asked[0]) if asked else None
    if name is not None:
        del asked[0]
    module = importlib.import_module(name or "devhost.cli.serve")  # each needs what the others do not
    code: int = module.main(asked)
    return code
