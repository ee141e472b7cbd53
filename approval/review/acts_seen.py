"""The acts that a case has judged: every id, so that a second delivery changes nothing, and the latest verdicts."""

from dataclasses import dataclass, replace
from typing import Self

from approval.acts import Act, Verdict

RING = 64
SHOWN_DIGITS = 6


@dataclass(frozen=True, slots=True)
class ActsSeen:
    """The acts of a case at one moment.

    Attributes:
        ids: of all of them.
        ring: the verdicts on the latest, oldest first, as the custom status shows them: ``b7c1aa:c``.
        latest: the verdict on the latest act; None before the first.
    """

    ids: frozenset[str] = frozenset()
    ring: tuple[str, ...] = ()
    latest: Verdict | None = None

    @property
    def verdicts(self) -> str:
        """The ring as one text: ``b7c1aa:c f00bad:l``."""
        return " ".join(self.ring)

    def judged(self, act: Act, verdict: Verdict) -> Self:
        """With one act more."""
        ring = (*self.ring, f"{act.id[:SHOWN_DIGITS]}:{verdict.letter}")[-RING:]
        return replace(self, ids=self.ids | {act.id}, ring=ring, latest=verdict)
