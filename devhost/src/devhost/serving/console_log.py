"""What the hub and the endpoints report goes to the console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devhost import console as screen

if TYPE_CHECKING:
    from pathlib import Path

    from devhost.console import Console


class ConsoleLog:
    """Where the hub and the endpoints report what happens.

    Args:
        console: to write to.
        folder: of the app, whose lines a traceback shows.
    """

    def __init__(self, console: Console, folder: Path) -> None:
        self._console, self._folder = console, folder

    def step(self, instance_id: str, text: str) -> None:
        """One thing that happened."""
        if not self._console.quiet:
            screen.info(self._console, f"{instance_id}: {text}")

    def complain(self, instance_id: str, text: str) -> None:
        """One thing that will not happen, and why."""
        screen.warn(self._console, f"{instance_id}: {text}")

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """One request that was answered."""
        screen.request(self._console, method, path, status, seconds)

    def failed(self, function: str, error: BaseException) -> None:
        """A function raised."""
        screen.failed(self._console, function, error, self._folder)
