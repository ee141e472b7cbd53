"""How many cases are in which state, counted from the status answers of their instances. Pure; the time is passed in.

1. Only instances of OrchFunction count: the other orchestrations are no cases.
2. The state of a case is in its custom status; one that cannot be read is counted by its runtime status alone.
3. Times to decide are kept as a count for each whole second, so that a million of them cost little.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from approval.case_id import ORCHESTRATION
from approval.instants import written

# Of completed cases: a case of one level is escalated, one under a policy file expires, is withdrawn, or was no case.
OUTCOMES = ("approved", "rejected", "escalated", "expired", "withdrawn", "refused")
_WAITING = (None, "waiting", "with approvers")
_UNDER_WAY = frozenset({"Pending", "Running", "Suspended", "ContinuedAsNew"})


@dataclass(slots=True)
class Tally:
    """A count under way: page after page goes in, figures come out.

    Attributes:
        now: the moment that overdue is judged by, aware UTC.
        complete: whether every instance was seen; the caller sets it at the end.
    """

    now: datetime
    complete: bool = False
    _found: Counter[str] = field(default_factory=Counter)
    _seconds: Counter[int] = field(default_factory=Counter)

    def add(self, answers: Iterable[Mapping[str, Any]]) -> None:
        """Count these status answers in."""
        now = written(self.now)
        for answer in answers:
            if answer.get("name") == ORCHESTRATION:
                custom = answer.get("customStatus")
                self._add(str(answer.get("runtimeStatus")), custom if isinstance(custom, Mapping) else {}, now)

    def _add(self, runtime: str, case: Mapping[str, Any], now: str) -> None:
        stage = case.get("stage") or case.get("state")
        if runtime in _UNDER_WAY:
            waits = stage in _WAITING or runtime == "Suspended"  # held: what it shows has not happened yet
            self._found["open" if waits else "recording"] += 1
            due = case.get("due")
            if waits and isinstance(due, str) and due < now:  # two texts of this form sort by time
                self._found["overdue"] += 1
        elif runtime == "Completed":
            self._found["completed"] += 1
            if isinstance(stage, str) and stage in OUTCOMES:
                self._found[stage] += 1
        else:
            self._found["failed" if runtime == "Failed" else "terminated"] += 1
        decided = case.get("decided")
        if isinstance(decided, Mapping):
            self._seconds.update(_seconds_between(case.get("askedAt"), decided.get("at")))

    def figures(self) -> dict[str, Any]:
        """The figures so far.

        Example::

            {"open": 120, "overdue": 3, "recording": 1, "completed": 890, "approved": 600, "rejected": 240,
             "escalated": 30, "expired": 12, "withdrawn": 8, "refused": 0, "failed": 2, "terminated": 0,
             "secondsToDecision": {"median": 5400, "p95": 172800, "of": 841}, "complete": true}
        """
        names = ("open", "overdue", "recording", "completed", *OUTCOMES, "failed")
        times = {"median": _percentile(self._seconds, 50), "p95": _percentile(self._seconds, 95)}
        return {name: self._found[name] for name in (*names, "terminated")} | {
            "secondsToDecision": times | {"of": self._seconds.total()},
            "complete": self.complete,
        }


def _seconds_between(since: object, until: object) -> Iterator[int]:
    """The whole seconds, or nothing where one of the two is no time."""
    if isinstance(since, str) and isinstance(until, str):
        try:
            yield max(0, int((datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()))
        except (ValueError, TypeError):
            return


def _percentile(counts: Counter[int], percent: int) -> int | None:
    """The smallest value that so many percent of all do not exceed; None where there is none."""
    wanted, seen = counts.total() * percent, 0
    for value in sorted(counts):
        seen += counts[value]
        if seen * 100 >= wanted:
            return value
    return None
