"""The folder that a host keeps its state in, and the files in it: for their owner's eyes only.

1. A folder that is made here is 0700, and each file in it 0600, whatever the umask.
2. A folder that was there loses the rights of others if it holds nothing but what a host keeps. Any other one stays as
   it is: it may be one that others use, such as ``/tmp``.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
_OTHERS: Final = 0o077
_OURS: Final = re.compile(r"lock|(?:keys|timers)\.(?:json|new)|blobs|.+\.db(?:-wal|-shm|-journal)?")


def make_private(folder: Path) -> None:
    """Makes the folder, or removes the rights of others from one that is a host's alone.

    Raises:
        OSError: it cannot be made, or is no folder.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=FOLDER_MODE)
    except FileExistsError:
        if not folder.is_dir():
            raise
        mode = folder.stat().st_mode
        is_shared = mode & stat.S_ISVTX or not all(_OURS.fullmatch(one.name) for one in folder.iterdir())
        if mode & _OTHERS and not is_shared and _is_own(folder):
            folder.chmod(stat.S_IMODE(mode) & ~_OTHERS)


def make_file_private(path: Path) -> None:
    """Makes an empty file, or removes the rights of others from the one that is there.

    One that is there is not opened: to close it again would drop the locks that sqlite has on it in this process
    (sqlite.org/howtocorrupt.html, 2.2), and another process could take its log away.

    Raises:
        OSError: it cannot be made.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))
    mode = path.stat().st_mode
    if mode & _OTHERS and _is_own(path):
        path.chmod(stat.S_IMODE(mode) & ~_OTHERS)


def write_private(path: Path, text: str) -> None:
    """Puts a file in place in one step, so that a host that is killed here leaves the old one.

    Raises:
        OSError: it could not be written; the old file is as it was.
    """
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def _is_own(path: Path) -> bool:
    """Whether it may be changed by this account; Windows has no such owners, and no such rights."""
    return not hasattr(os, "getuid") or path.stat().st_uid == os.getuid()
