"""What can happen to a case with levels, and where it leads: the whole machine as one table.

A pair that is not in ``NEXT`` cannot happen: the review refuses it and stays as it was. An answer of ``OpenLevel`` that
is not in it is a fault of ours. The picture in docs/explanation/loop.md is drawn from the table.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class CaseStage(StrEnum):
    """How far a case has come.

    ``starting``: its first level is being opened; nobody has seen whether the input is ours. ``advancing``: a level was
    approved and the next one is being opened. ``escalating``: the time of a level is over, or its votes cannot come
    together, and ``OpenLevel`` looks for the next one who may decide.
    """

    STARTING = "starting"
    WITH_APPROVERS = "with approvers"
    ADVANCING = "advancing"
    ESCALATING = "escalating"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    FAULT = "fault"

    @property
    def is_open(self) -> bool:
        """Whether the case can still end in another way."""
        return self in OPEN

    @property
    def shown(self) -> str:
        """The state as the custom status shows it: an open case is with its approvers."""
        return str(CaseStage.WITH_APPROVERS if self.is_open else self)


OPEN = frozenset({CaseStage.STARTING, CaseStage.WITH_APPROVERS, CaseStage.ADVANCING, CaseStage.ESCALATING})


class CaseEvent(StrEnum):
    """What can happen to a case.

    From ``OpenLevel``: ``opened``, ``escalated``, ``over`` (no level is left), ``expired``, ``refused``, ``fault``,
    ``dropped`` (it answered after the end). From people: ``noted`` (an act that does not count), ``voted``,
    ``level approved``, ``approved``, ``rejected``, ``stuck`` (too few are left after abstentions), ``withdrawn``;
    ``again`` (an act for the second time) and ``unsealed`` (an event that is no act) change nothing. From timers:
    ``reminded``, ``time over``, ``retry``, ``hop``. From other activities: ``carried out``, ``failed``.
    """

    BEGUN = "begun"
    OPENED = "opened"
    ESCALATED = "escalated"
    OVER = "over"
    EXPIRED = "expired"
    REFUSED = "refused"
    FAULT = "fault"
    DROPPED = "dropped"
    NOTED = "noted"
    AGAIN = "again"
    UNSEALED = "unsealed"
    VOTED = "voted"
    LEVEL_APPROVED = "level approved"
    APPROVED = "approved"
    REJECTED = "rejected"
    STUCK = "stuck"
    WITHDRAWN = "withdrawn"
    REMINDED = "reminded"
    TIME_OVER = "time over"
    RETRY = "retry"
    HOP = "hop"
    CARRIED_OUT = "carried out"
    FAILED = "failed"


Table = Mapping[tuple[CaseStage, CaseEvent], CaseStage]


def _stays(states: Iterable[CaseStage], *events: CaseEvent) -> dict[tuple[CaseStage, CaseEvent], CaseStage]:
    return {(state, event): state for state in states for event in events}


_UNDER_WAY = OPEN - {CaseStage.STARTING}

NEXT: Table = {
    (CaseStage.STARTING, CaseEvent.OPENED): CaseStage.WITH_APPROVERS,
    (CaseStage.STARTING, CaseEvent.EXPIRED): CaseStage.EXPIRED,
    (CaseStage.STARTING, CaseEvent.REFUSED): CaseStage.REFUSED,
    (CaseStage.STARTING, CaseEvent.FAULT): CaseStage.FAULT,
    (CaseStage.WITH_APPROVERS, CaseEvent.LEVEL_APPROVED): CaseStage.ADVANCING,
    (CaseStage.WITH_APPROVERS, CaseEvent.TIME_OVER): CaseStage.ESCALATING,
    (CaseStage.WITH_APPROVERS, CaseEvent.STUCK): CaseStage.ESCALATING,
    (CaseStage.WITH_APPROVERS, CaseEvent.APPROVED): CaseStage.APPROVED,
    (CaseStage.WITH_APPROVERS, CaseEvent.REJECTED): CaseStage.REJECTED,
    (CaseStage.WITH_APPROVERS, CaseEvent.WITHDRAWN): CaseStage.WITHDRAWN,
    (CaseStage.ADVANCING, CaseEvent.OPENED): CaseStage.WITH_APPROVERS,
    (CaseStage.ADVANCING, CaseEvent.OVER): CaseStage.APPROVED,
    (CaseStage.ADVANCING, CaseEvent.EXPIRED): CaseStage.EXPIRED,
    (CaseStage.ADVANCING, CaseEvent.WITHDRAWN): CaseStage.WITHDRAWN,
    (CaseStage.ADVANCING, CaseEvent.FAULT): CaseStage.FAULT,
    (CaseStage.ESCALATING, CaseEvent.ESCALATED): CaseStage.WITH_APPROVERS,
    (CaseStage.ESCALATING, CaseEvent.EXPIRED): CaseStage.EXPIRED,
    (CaseStage.ESCALATING, CaseEvent.WITHDRAWN): CaseStage.WITHDRAWN,
    (CaseStage.ESCALATING, CaseEvent.FAULT): CaseStage.FAULT,
    **_stays({CaseStage.WITH_APPROVERS}, CaseEvent.VOTED, CaseEvent.REMINDED),
    **_stays(_UNDER_WAY, CaseEvent.NOTED, CaseEvent.AGAIN),
    **_stays(OPEN, CaseEvent.UNSEALED, CaseEvent.HOP),
    **_stays({CaseStage.WITHDRAWN}, CaseEvent.DROPPED),
    **_stays(set(CaseStage) - {CaseStage.STARTING}, CaseEvent.CARRIED_OUT),
    **_stays(CaseStage, CaseEvent.FAILED, CaseEvent.RETRY),
}


def diagram(table: Table = NEXT) -> str:
    """The table as a Mermaid state diagram; what leaves a state as it is, is left out."""
    arrows: dict[tuple[CaseStage, CaseStage], list[CaseEvent]] = {}
    for (before, event), after in table.items():
        if before is not after:
            arrows.setdefault((before, after), []).append(event)
    names = {state: state.value.replace(" ", "_") for state in CaseStage}
    lines = [
        f"    {names[before]} --> {names[after]}: {', '.join(events)}" for (before, after), events in arrows.items()
    ]
    ends = [f"    {names[state]} --> [*]" for state in CaseStage if not state.is_open]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {names[CaseStage.STARTING]}", *lines, *ends])
