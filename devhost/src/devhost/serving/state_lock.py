"""One host for one state folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from devhost.errors import BadState
from devhost.private_files import make_file_private, make_private
from devhost.store.errors import unwritable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def lock_state(folder: Path) -> Callable[[], None]:
    """Makes the folder, for its owner alone, and locks it; the answer unlocks it.

    The lock ends with the process, however it ends.

    Raises:
        BadState: the folder cannot be used, or another host uses it.
    """
    try:
        make_private(folder)
        make_file_private(folder / "lock")
        lock = os.open(folder / "lock", os.O_RDWR)
    except OSError as error:
        raise unwritable(folder, "the state folder cannot be used", error) from error

    def unlock() -> None:
        os.close(lock)

    try:
        import fcntl  # noqa: PLC0415 - Windows has none; there sqlite's own lock does it
    except ImportError:
        return unlock
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        unlock()
        raise BadState(
            folder, "another devhost uses this state folder; stop it, or give this one another --state."
        ) from error
    return unlock
