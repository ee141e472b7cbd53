"""Runs devhost and ends it at one of its commits as kill -9 does: ``DIE=before:3`` or ``DIE=after:3`` says at which.

Before means that the statements are carried out and the commit is not; after, that no caller has its answer.
"""

import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from devhost.cli import main
from devhost.serving import host
from devhost.store.changes import Change
from devhost.store.database import Store


class DyingStore(Store):
    """A store that counts its commits, in groups as they come."""

    left = int(os.environ["DIE"].partition(":")[2])
    before = os.environ["DIE"].startswith("before")

    def _write(self, changes: Sequence[Change]) -> None:
        self.left -= 1
        last = [End()] if self.left == 0 and self.before else []
        super()._write([*changes, *last])
        if self.left == 0:
            end()


class End:
    """In the place of a change: one that does not come to its end."""

    @property
    def statements(self) -> Sequence[tuple[str, Sequence[object]]]:
        """There are none: all others are carried out by now."""
        return end()


def end() -> NoReturn:
    """As a power cut would end this process."""
    while True:
        os.kill(os.getpid(), signal.SIGKILL)


host.Store = DyingStore
sys.exit(main())
