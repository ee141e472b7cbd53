"""What the case has to announce: its entries of the record, those that ``Announce`` was given, those it has repeated.

1. At most one ``Announce`` runs at a time. What comes meanwhile goes to the next one, all of it together.
2. Events without a genuine seal are counted. They never cause an ``Announce``; the next one carries one entry for all.
3. One that was given up is no end of the record: the next one begins with its entries.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from approval.instants import written
from approval.record import Entry, What


@dataclass(frozen=True, slots=True)
class Journal:
    """The record of a running case.

    Attributes:
        entries: all of them, in order.
        moves: how many moves have left entries.
        batches: how many ``Announce`` have begun.
        given: how many entries the latest ``Announce`` was given, with those before it.
        repeated: how many entries are in the results of ``Announce``.
        unsealed: how many events without a genuine seal came, all together.
        unsealed_noted: how many of them are in entries.
    """

    entries: tuple[Entry, ...] = ()
    moves: int = 0
    batches: int = 0
    given: int = 0
    repeated: int = 0
    unsealed: int = 0
    unsealed_noted: int = 0

    @property
    def has_news(self) -> bool:
        """Whether there are entries that no ``Announce`` was given."""
        return len(self.entries) > self.given

    @property
    def unannounced(self) -> tuple[Entry, ...]:
        """The entries that no result repeats."""
        return self.entries[self.repeated :]

    def noted(self, at: datetime, *news: Mapping[str, Any]) -> Self:
        """With the entries of one move, each with its kind and the members of its kind."""
        if not news:
            return self
        move, first = self.moves + 1, len(self.entries) + 1
        numbered = tuple({"n": n, "move": move, "at": written(at), **entry} for n, entry in enumerate(news, first))
        return replace(self, entries=self.entries + numbered, moves=move)

    def with_unsealed(self) -> Self:
        """After one more event without a genuine seal."""
        return replace(self, unsealed=self.unsealed + 1)

    def begun(self, at: datetime) -> Self:
        """When an ``Announce`` begins with ``unannounced``."""
        entries, count = self.entries, self.unsealed - self.unsealed_noted
        if count:  # in the move of the entry before it, so that no move is in two batches
            entry = {"n": len(entries) + 1, "move": self.moves, "at": written(at), "what": What.UNSEALED.value}
            entries = (*entries, {**entry, "count": count})
        return replace(
            self, entries=entries, batches=self.batches + 1, given=len(entries), unsealed_noted=self.unsealed
        )

    def done(self) -> Self:
        """When that ``Announce`` has repeated its entries."""
        return replace(self, repeated=self.given)
