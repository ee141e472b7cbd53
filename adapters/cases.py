"""Cases under a policy file, read from the engine: what was submitted, what the status says, and the record.

1. An instance is a case only if our own functions sealed its input for its own id. All else is none,
   no matter who started it: pages, routes and notices read cases here and nowhere else.
2. The record is in the history: the results of ``Announce``, joined. The keys by which acts count are in those of
   ``OpenLevel``.

Source: docs/explanation/security.md
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters import sealing
from adapters.engine import Engine
from approval.case_id import ORCHESTRATION
from approval.record import Entry, joined
from approval.submission import Submission, genuine

ANNOUNCE = "Announce"
OPEN_LEVEL = "OpenLevel"
_COMPLETED = "TaskCompleted"


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case as the engine has it.

    Attributes:
        id: of the case and of its instance.
        submission: what was submitted, with the policy as it was that day.
        runtime_status: of the instance: ``Running``, ``Completed``, ``Terminated`` and so on.
        status: the custom status; empty before the first turn.
        record: the entries of the record so far, in order; empty if it was not asked for.
        given: the input as the instance has it, with its seal.
        created_at: when the instance was started, as the engine writes it.
        act_keys: the public keys by which it takes acts now, by name; empty if the record was not asked for.
    """

    id: str
    submission: Submission
    runtime_status: str
    status: Mapping[str, Any]
    record: tuple[Entry, ...]
    given: Mapping[str, Any]
    created_at: str
    act_keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def run(self) -> str | None:
        """The first opening of this run; None while no level has opened."""
        run = self.status.get("run")
        return run if isinstance(run, str) else None


async def read_case(engine: Engine, case_id: str, *, with_record: bool = True) -> StoredCase | None:
    """The case of this id; None if there is none that our functions have started.

    Args:
        engine: the instances of this app.
        case_id: as ``approval.case_id`` has it.
        with_record: the whole history is read for it.

    Raises:
        EngineFailed: the engine did not answer as it should.
        UnreadableInput: a newer version of the app has started it.
        InvalidSetting: a key is not usable, so nothing can be verified.
    """
    answer = await engine.status(case_id, history=with_record)
    return None if answer is None else case_of(answer)


def case_of(answer: Mapping[str, Any]) -> StoredCase | None:
    """The case that a status answer with its input describes; None if it is none.

    Raises:
        UnreadableInput, InvalidSetting: as for ``read_case``.
    """
    if answer.get("name") != ORCHESTRATION:
        return None
    given, case_id = decoded(answer.get("input")), str(answer.get("instanceId"))
    submission = genuine(given, case_id, sealing.input_keys())
    if submission is None:
        return None
    status = answer.get("customStatus")
    return StoredCase(
        id=case_id,
        submission=submission,
        runtime_status=str(answer.get("runtimeStatus")),
        status=status if isinstance(status, Mapping) else {},
        record=tuple(joined(_results_of(ANNOUNCE, answer.get("historyEvents")))),
        given=given,
        created_at=str(answer.get("createdTime")),
        act_keys=_act_keys(_results_of(OPEN_LEVEL, answer.get("historyEvents"))),
    )


def _act_keys(opened: Iterable[object]) -> Mapping[str, str]:
    """The keys that the latest result of ``OpenLevel`` names; the case takes acts by them until the next one."""
    named = [result["keys"] for result in opened if isinstance(result, Mapping) and result.get("keys")]
    return dict(named[-1]) if named else {}


def _results_of(activity: str, rows: object) -> list[object]:
    """The results of this activity, in the order of the history."""
    return [
        decoded(row.get("Result"))
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, Mapping) and row.get("EventType") == _COMPLETED and row.get("FunctionName") == activity
    ]


def decoded(stored: Any) -> Any:
    """The value of an input or a result: the durable client stores JSON text, other starters the value itself."""
    if not isinstance(stored, str):
        return stored
    try:
        return json.loads(stored)
    except (ValueError, RecursionError):
        return stored
