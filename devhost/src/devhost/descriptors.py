"""File descriptors: each connection needs one, and many systems grant 1,024 only.

1. At the start the soft limit is raised, as the .NET runtime does for the real host.
2. To be out of them is one warning. The event loop would log it with each attempt to accept a connection.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

WANTED: Final = 65_536  # more than a caller has ports
LASTS_S: Final = 60.0  # so long after the last attempt it is another shortage
_SCARCE: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_UNLIMITED: Final = -1


def raise_limit() -> None:
    """Raises the soft limit of this process as far as it goes; where that cannot be done it stays as it is."""
    try:
        import resource  # noqa: PLC0415 - not on Windows, where there is no such limit
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = to_be_set(soft, hard)
    while wanted is not None and wanted > soft:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):  # macOS grants less than it reports
            wanted //= 2
        else:
            return


def to_be_set(soft: int, hard: int) -> int | None:
    """What the soft limit is to be, or None if it is fine."""
    most = WANTED if hard == _UNLIMITED else min(hard, WANTED)
    return None if soft == _UNLIMITED or soft >= most else most


def log_scarcity(loop: asyncio.AbstractEventLoop, log: Callable[[str], object]) -> None:
    """Has the event loop log once, through ``log``, that it can accept no connection; nothing else changes."""
    last = -LASTS_S

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal last
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _SCARCE or "accept" not in context["message"]:
            loop.default_exception_handler(context)
            return
        now = loop.time()
        if now - last >= LASTS_S:
            log(f"{_what(error)}: new connections wait until others are closed. This is logged once while it lasts.")
        last = now

    loop.set_exception_handler(handle)


def _what(error: OSError) -> str:
    if error.errno != errno.EMFILE:
        return f"this machine cannot take another connection ({error.strerror})"
    try:
        import resource  # noqa: PLC0415 - see above
    except ImportError:
        return "no file descriptor is free"
    return f"no file descriptor is free (the limit is {resource.getrlimit(resource.RLIMIT_NOFILE)[0]}, see ulimit -n)"
