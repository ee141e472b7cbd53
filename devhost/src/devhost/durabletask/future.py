"""What the walk waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Future:
    """It is done once.

    Args:
        what: what one waits for, for a sentence; empty where nothing waits.
        done: from the start.

    Attributes:
        failed: a call's, once it is done: with an error. A retry asks; to all others done is done.
    """

    __slots__ = ("_then", "done", "failed", "what")

    def __init__(self, what: str = "", *, done: bool = False) -> None:
        self.what = what
        self.done = done
        self.failed = False
        self._then: list[Callable[[], None]] = []

    def finish(self, *, failed: bool = False) -> None:
        """It is done now; a second time changes nothing."""
        if not self.done:
            self.done, self.failed = True, failed
            waiting, self._then = self._then, []
            for call in waiting:
                call()

    def then(self, call: Callable[[], None]) -> None:
        """Runs ``call`` as soon as this is done: now, if it is."""
        if self.done:
            call()
        else:
            self._then.append(call)


def any_of(children: Sequence[Future]) -> Future:
    """Done when one of them is; without any it is done at once."""
    whole = Future(" or ".join(child.what for child in children if child.what))
    for child in children:
        child.then(whole.finish)
    if not children:
        whole.finish()
    return whole


def all_of(children: Sequence[Future]) -> Future:
    """Done when all of them are, without an error or with one."""
    whole = Future(" and ".join(child.what for child in children if child.what))

    def check() -> None:
        if all(child.done for child in children):
            whole.finish()

    for child in children:
        child.then(check)
    if not children:
        whole.finish()
    return whole
