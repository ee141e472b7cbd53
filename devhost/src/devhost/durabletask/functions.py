"""The functions of an app, as far as the engine has to know them (contract 4.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Functions:
    """The names that the app has, in lower case: the engine compares names without case.

    Attributes:
        spelled: the same as the app spells them, by kind, for texts; may be left out.
        off: those that a setting turns off, by kind and in lower case: the extension knows them as it knows the
            others, but nothing listens for them.
    """

    activities: Collection[str]
    orchestrations: Collection[str]
    entities: Collection[str]
    spelled: Mapping[str, Sequence[str]] = field(default_factory=dict)
    off: Mapping[str, Collection[str]] = field(default_factory=dict)

    def is_off(self, kind: str, name: str) -> bool:
        """Whether a setting turns this function off; ``kind`` is ``orchestrator``, ``activity`` or ``entity``."""
        return name.lower() in self.off.get(kind, ())
