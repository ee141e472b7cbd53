"""The one thing that devhost changes in the SDK that it runs, and only inside its own process.

Two thirds of a replay's time go into parsing the timestamps of a history, with a parser that understands any text at
all. ``datetime.fromisoformat`` gives the same value for what the engine writes. A text that it does not know still goes
to the old parser.
"""

from __future__ import annotations

import importlib
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_MODULE = "azure.durable_functions.models.history.HistoryEvent"


def fast_timestamps() -> None:
    """Replaces the parser; where this SDK has no such place, everything stays as it is. Twice is once."""
    try:
        module = importlib.import_module(_MODULE)
        slow = module.dt_parse
    except (ImportError, AttributeError):
        return
    if not hasattr(slow, "replaced"):
        module.dt_parse = _quick(slow)  # type: ignore[attr-defined]


def _quick(slow: Callable[[str], datetime]) -> Any:
    @lru_cache(maxsize=4096)
    def parse(text: str) -> datetime:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return slow(text)

    parse.replaced = slow  # type: ignore[attr-defined]
    return parse
