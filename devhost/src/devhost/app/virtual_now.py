"""With a clock that can be moved, the app's own ``datetime.now()`` and ``date.today()`` go with it.

1. Only the modules of the app's folder see it, and only where they have the name ``datetime`` or ``date`` itself, as
   ``from datetime import datetime`` gives it. ``time.time()`` and what libraries ask for is the machine's time.
2. What is made is a ``datetime`` of the standard library; checks by ``isinstance`` hold as before.
"""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

from devhost.app.modules import is_of_app
from devhost.timekeeping.ticks import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from devhost.timekeeping.clock import VirtualClock


def see_virtual_time(clock: VirtualClock, folder: Path) -> Callable[[], None]:
    """A call that shows this clock to all modules of the app that are loaded by then; it is cheap to call again."""
    replaced = {dt.datetime: _moved_datetime(clock), dt.date: _moved_date(clock)}
    known = 0

    def show() -> None:
        nonlocal known
        if len(sys.modules) == known:
            return
        modules = dict(sys.modules)
        known = len(modules)
        for module in modules.values():
            if not is_of_app(module, folder):
                continue
            for name, value in list(vars(module).items()):
                if isinstance(value, type) and value in replaced:
                    setattr(module, name, replaced[value])

    return show


def _moved_datetime(clock: VirtualClock) -> type:
    def now(tz: dt.tzinfo | None = None) -> dt.datetime:
        return dt.datetime.fromtimestamp(clock.peek() / SECOND, tz)

    def utcnow() -> dt.datetime:
        return now(dt.UTC).replace(tzinfo=None)

    return _facade(dt.datetime, now=now, today=now, utcnow=utcnow)


def _moved_date(clock: VirtualClock) -> type:
    return _facade(dt.date, today=lambda: dt.datetime.fromtimestamp(clock.peek() / SECOND).date())  # noqa: DTZ006 - local, as there


def _facade(real: type, **methods: Callable[..., Any]) -> type:
    """A class that is the real one in all respects but these methods."""

    class Facade(type):
        def __call__(cls, *given: Any, **named: Any) -> Any:
            return real(*given, **named)

        def __getattr__(cls, name: str) -> Any:
            return getattr(real, name)

        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, real)

        def __subclasscheck__(cls, kind: type) -> bool:
            return issubclass(kind, real)

    return Facade(real.__name__, (), {name: staticmethod(method) for name, method in methods.items()})
