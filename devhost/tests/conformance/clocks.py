"""How a scenario waits: in real time, or by moving the clock of a host that lets itself be moved."""

import json
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The time of the host under test."""

    def now(self) -> datetime:
        """Aware UTC."""

    def pause(self, seconds: float) -> None:
        """Lets so much time pass on the host."""


class RealTime:
    """The machine's own time."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)

    def pause(self, seconds: float) -> None:
        """Sleeps."""
        time.sleep(seconds)


class VirtualTime:
    """The time of a host whose clock only moves when asked.

    Args:
        advance: lets the time given pass on the host, and returns when the host has done all that was due by then.
        now: the host's clock, aware UTC.
    """

    def __init__(self, advance: Callable[[timedelta], object], now: Callable[[], datetime]) -> None:
        self._advance = advance
        self._now = now

    def now(self) -> datetime:
        """Aware UTC."""
        return self._now()

    def pause(self, seconds: float) -> None:
        """Returns at once, so many seconds later."""
        self._advance(timedelta(seconds=seconds))


def devhost_time(base_url: str) -> VirtualTime:
    """The clock of a devhost that runs with `--virtual-time`."""
    shown = [""]

    def advance(by: timedelta) -> None:
        body = json.dumps({"advance": by.total_seconds()}).encode()
        with urllib.request.urlopen(f"{base_url}/devhost/clock", body, timeout=20) as answer:
            shown[0] = json.load(answer)["now"]

    def now() -> datetime:
        if not shown[0]:
            advance(timedelta())
        return datetime.fromisoformat(shown[0])

    return VirtualTime(advance, now)
