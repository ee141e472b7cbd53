"""One execution as it was recorded, and what a replay of it can come to: values only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from devhost.durabletask.history import Row
    from devhost.durabletask.orchestrator_result import OrchestratorResult


class Verdict(StrEnum):
    """What a replay of one history comes to."""

    DIVERGES = "diverges"
    DIFFERS = "differs"
    GOES_ON = "goes on"
    SAME = "same end"
    CANNOT_TELL = "cannot tell"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class RecordedExecution:
    """One execution's history.

    Attributes:
        source: where it was read, for people.
        instance_id: of the instance.
        name: of the orchestration.
        status: the recorded runtime status.
        output: the recorded output, parsed.
        rows: the history's rows, as the extension stores them.
        readings: other rows that the same source might mean, most likely first.
        version_known: whether the rows show the instance's version.
        slack: by how many ticks the times in ``rows`` may be wrong; 0 if they were recorded.
        recorded: the result that was recorded with the last turn, if one was.
        why: set if there is nothing to replay; then ``verdict`` says what that means.
        verdict: with ``why``.
        is_broken: the source holds something there that is no history, or a damaged one.
    """

    source: str
    instance_id: str
    name: str
    status: str = ""
    output: Any = None
    rows: Sequence[Row] = ()
    readings: Sequence[Sequence[Row]] = ()
    version_known: bool = True
    slack: int = 0
    recorded: OrchestratorResult | None = None
    why: str = ""
    verdict: Verdict = Verdict.SKIPPED
    is_broken: bool = False


def with_version(execution: RecordedExecution, version: str) -> RecordedExecution:
    """The execution read as an instance of that version, if the source does not name one."""
    if execution.version_known or not execution.rows:
        return execution

    def put(rows: Sequence[Row]) -> list[Row]:
        return [rows[0], {**rows[1], "Version": version}, *rows[2:]]

    return replace(
        execution, rows=put(execution.rows), readings=[put(rows) for rows in execution.readings], version_known=True
    )
