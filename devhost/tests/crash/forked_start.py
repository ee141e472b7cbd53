"""Starts that must fail, many in a second: each is a fork of one process that has imported everything."""

import multiprocessing
import os
import sys
from pathlib import Path

from devhost.cli.serve import main

WITHIN_S = 30
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["devhost.serving.host", "devhost.cli.serve", "azure.durable_functions"])


def failed_start(command: list[str], folder: Path) -> tuple[int | None, str, str]:
    """The exit code of a host, and what it wrote to stdout and stderr, which this folder keeps.

    Args:
        command: of ``devhost.testing.process.command``; the fork takes the options from it.
        folder: for the two files.
    """
    out, err = folder / "stdout.txt", folder / "stderr.txt"
    process = CONTEXT.Process(target=_start, args=(command[command.index("--app") :], out, err))
    process.start()
    process.join(WITHIN_S)
    code = process.exitcode
    process.kill()
    process.join()
    return code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")


def _start(options: list[str], out: Path, err: Path) -> None:
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    sys.exit(main(options))
