"""What the status answer shows of an instance and of its history (contract 1.4, 1.5)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from devhost.dotnet.newtonsoft import LooseJsonError, first_value
from devhost.durabletask import history as h
from devhost.timekeeping.ticks import brief, parse, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from devhost.durabletask.history import Row
    from devhost.durabletask.model import Instance

STATUS_NAMES = {number: name for name, number in h.STATUS_NUMBERS.items()}
SCHEDULED_BY = {h.TASK_COMPLETED: h.TASK_SCHEDULED, h.TASK_FAILED: h.TASK_SCHEDULED}
SCHEDULED_BY |= {h.SUB_COMPLETED: h.SUB_CREATED, h.SUB_FAILED: h.SUB_CREATED}
BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))  # .NET's
HIDDEN = (h.ORCHESTRATOR_STARTED, h.ORCHESTRATOR_COMPLETED)
NEVER_SHOWN = ("EventType", "EventId", "IsPlayed", "Timestamp")
NOT_SHOWN = {
    h.EXECUTION_STARTED: ("OrchestrationInstance", "ParentInstance", "Name", "Version", "Tags"),
    h.TASK_SCHEDULED: ("Version",),
    h.SUB_CREATED: ("Version",),
    h.TIMER_FIRED: ("TimerId",),
}
WITH_RESULT = (h.TASK_COMPLETED, h.SUB_COMPLETED, h.EXECUTION_COMPLETED)


class DuplicateRowError(Exception):
    """Two scheduled rows of one id, after non-determinism: the extension's own answer breaks on them (contract 1.5)."""

    def __init__(self, key: str) -> None:
        super().__init__(f"An item with the same key has already been added. Key: {key}")


def shown(text: str | None) -> Any:
    """A stored text as the status shows it: its first JSON token; what is none as text, without blanks around it."""
    if text is None:
        return None
    if not text.strip(BLANKS):
        return ""
    try:
        return first_value(text)
    except LooseJsonError:
        return text.strip(BLANKS)


def status_body(
    instance: Instance,
    *,
    show_input: bool = True,
    history: Iterable[Row] | None = None,
    show_output: bool = False,
) -> dict[str, Any]:
    """The answer's body, keys in the extension's order; with ``history`` also its rows.

    Raises:
        DuplicateRowError: the history cannot be shown.
    """
    body: dict[str, Any] = {"name": instance.name}
    if instance.version:
        body["version"] = instance.version
    body["instanceId"] = instance.id
    if instance.parent_id is not None:
        body["parentInstanceId"] = instance.parent_id
    body |= {
        "runtimeStatus": instance.status,
        "input": shown(instance.input) if show_input else None,
        "customStatus": shown(instance.custom_status),
        "output": shown(instance.output),
        "createdTime": brief(instance.created),
        "lastUpdatedTime": brief(instance.updated),
    }
    if history is not None:
        body["historyEvents"] = history_body(history, show_input=show_input, show_output=show_output)
    return body


def history_body(rows: Iterable[Row], *, show_input: bool, show_output: bool) -> list[dict[str, Any]]:
    """The rows as they are shown: scheduled rows are folded into what completed them.

    Raises:
        DuplicateRowError: two scheduled rows have one id.
    """
    scheduled: dict[tuple[int, int], Row] = {}
    result: list[dict[str, Any]] = []
    places: dict[tuple[int, int], dict[str, Any]] = {}
    for row in rows:
        kind = row["EventType"]
        if kind in HIDDEN:
            continue
        line = _line(row, show_input=show_input, show_output=show_output)
        if kind in (h.TASK_SCHEDULED, h.SUB_CREATED):
            key = (kind, row["EventId"])
            if key in scheduled:
                raise DuplicateRowError(f"{h.NAMES[kind]}_{row['EventId']}")
            scheduled[key], places[key] = row, line
        elif kind in SCHEDULED_BY:
            key = (SCHEDULED_BY[kind], row["TaskScheduledId"])
            cause = scheduled.get(key)
            if cause is not None:
                _fold(line, cause, show_input=show_input)
                result = [one for one in result if one is not places[key]]
        result.append(line)
    return result


def _line(row: Row, *, show_input: bool, show_output: bool) -> dict[str, Any]:
    kind = row["EventType"]
    name = h.NAMES[kind]
    line: dict[str, Any] = {"Data": row["Data"], "EventType": name} if kind == h.GENERIC else {"EventType": name}
    for key, value in row.items():
        if key in NEVER_SHOWN or key in NOT_SHOWN.get(kind, ()) or key in line:
            continue
        if (key == "TaskScheduledId") or (key == "Input" and not show_input):
            continue
        if key == "Result" and kind in WITH_RESULT:
            if show_output:
                line[key] = shown(value)
        elif key == "OrchestrationStatus":
            line[key] = STATUS_NAMES[value]
        else:
            line[key] = value
    line["Timestamp"] = row["Timestamp"]
    if kind == h.EXECUTION_STARTED:
        line["FunctionName"] = row["Name"]
    return line


def _fold(line: dict[str, Any], cause: Row, *, show_input: bool) -> None:
    line["ScheduledTime"] = stamp(parse(cause["Timestamp"]), "+00:00")
    line["FunctionName"] = cause["Name"]
    if cause["EventType"] == h.SUB_CREATED:
        line["InstanceId"] = cause["InstanceId"]
    if show_input:
        line["Input"] = None


def entity_history(instance: Instance, *, show_input: bool) -> list[dict[str, Any]]:
    """What the extension shows as the history of an entity: one row, made when it last ran (contract 1.9)."""
    row = h.execution_started(
        instance_id=instance.id,
        execution_id=instance.execution_id,
        name=instance.name,
        version=None,
        input_text=instance.input,
        at=instance.updated,
        generation=None,
    )
    return [_line(row, show_input=show_input, show_output=False)]


def rows_of(episodes: Iterable[str]) -> list[Row]:
    """The rows of stored episodes."""
    rows: list[Row] = json.loads(f"[{','.join(episodes)}]")
    return rows
