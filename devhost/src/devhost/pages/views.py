"""The values that the templates show, made from rows of the store. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from devhost.dotnet.json_text import compact
from devhost.durabletask import history as h
from devhost.durabletask.status import HIDDEN, STATUS_NAMES
from devhost.pages.format import ShownText, age, clock_time, exact_time, machine_time, one_line, shown, since
from devhost.pages.picture import draw
from devhost.pages.timeline import intervals_of
from devhost.timekeeping.ticks import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from devhost.durabletask.history import Row
    from devhost.durabletask.model import Instance, PendingActivity
    from devhost.pages.picture import Picture
    from devhost.store.read_only import Listed

BASE = "/devhost"
STATUSES = ("Pending", "Running", "Suspended", "Completed", "Failed", "Terminated", "Canceled")
MOST_ROWS = 100
SHORT_CELL = 160
# The fields of a row that hold the app's data, and their names on the page.
DATA = (("Input", "input"), ("Result", "result"), ("Reason", "reason"), ("Details", "details"), ("Data", "data"))


@dataclass(frozen=True, slots=True)
class Moment:
    """A time: for people, for programs, and how long ago."""

    text: str
    machine: str
    age: str


def moment(ticks: int, now: int) -> Moment:
    """A time as the pages show it."""
    return Moment(clock_time(ticks), machine_time(ticks), age(ticks, now))


@dataclass(frozen=True, slots=True)
class Line:
    """An instance in the list."""

    id: str
    url: str
    name: str
    status: str
    created: Moment
    updated: Moment
    says: str
    complaint: str | None
    is_child: bool


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A row of the history table."""

    number: int
    time: str
    machine: str
    since: str
    name: str
    about: str
    child_url: str
    data: Sequence[tuple[str, ShownText]]
    is_bad: bool


@dataclass(frozen=True, slots=True)
class InstanceDetail:
    """One instance with everything that its page shows."""

    id: str
    url: str
    name: str
    status: str
    is_entity: bool
    is_over: bool
    created: Moment
    updated: Moment
    execution_id: str
    parent_id: str | None
    parent_url: str
    version: str | None
    input: ShownText | None
    output: ShownText | None
    custom_status: ShownText | None
    complaint: str | None
    waits: Sequence[str]
    event_names: Sequence[str]
    pending: Sequence[tuple[str, ShownText | None]]
    picture: Picture | None
    events: Sequence[HistoryEntry]
    events_left_out: int
    event_count: int
    offers: Sequence[str]


def url_of(instance_id: str) -> str:
    """The page of an instance."""
    return f"{BASE}/instances/{quote(instance_id, safe='')}"


def line(listed: Listed, now: int, complaint: str | None) -> Line:
    """An instance in the list."""
    return Line(
        id=listed.id,
        url=url_of(listed.id),
        name="entity" if listed.id.startswith("@") else listed.name,
        status=listed.status,
        created=moment(listed.created, now),
        updated=moment(listed.updated, now),
        says=one_line(listed.custom_status),
        complaint=complaint,
        is_child=listed.parent_id is not None,
    )


def detail(
    instance: Instance,
    rows: Sequence[Row],
    tasks: Sequence[PendingActivity],
    now: int,
    *,
    waits: Sequence[str] = (),
    complaint: str | None = None,
    all_rows: bool = False,
) -> InstanceDetail:
    """One instance with everything that its page shows.

    Args:
        instance: as stored.
        rows: its history, as stored.
        tasks: its activities that have not answered.
        now: in ticks.
        waits: names of the events that it waits for, if known.
        complaint: the host's warning about it, while it is true.
        all_rows: the whole history, however long; else the newest rows.
    """
    is_entity = instance.id.startswith("@")
    is_over = instance.status in h.TERMINAL
    visible = [row for row in rows if row["EventType"] not in HIDDEN]
    start = parse(rows[0]["Timestamp"]) if rows else now
    left_out = 0 if all_rows else max(0, len(visible) - MOST_ROWS)
    seen = [row["Name"] for row in visible if row["EventType"] == h.EVENT_RAISED]
    names = {row["EventId"]: row["Name"] for row in visible if row["EventType"] in (h.TASK_SCHEDULED, h.SUB_CREATED)}
    inputs = {task.task_id: task.input for task in tasks if task.execution_id == instance.execution_id}
    return InstanceDetail(
        id=instance.id,
        url=url_of(instance.id),
        name=instance.name,
        status=instance.status,
        is_entity=is_entity,
        is_over=is_over,
        created=moment(instance.created, now),
        updated=moment(instance.updated, now),
        execution_id=instance.execution_id,
        parent_id=instance.parent_id,
        parent_url=url_of(instance.parent_id) if instance.parent_id else "",
        version=instance.version or None,
        input=shown(instance.input),
        output=shown(instance.output),
        custom_status=shown(instance.custom_status),
        complaint=None if is_over else complaint,
        waits=() if is_over else waits,
        event_names=tuple(dict.fromkeys((*waits, *seen)))[:50],
        pending=[(task.name, shown(task.input)) for task in tasks],
        picture=None if is_entity or not rows else _picture(rows, now, waits, complaint),
        events=[
            _entry(number, row, start, inputs, names) for number, row in enumerate(visible, 1) if number > left_out
        ],
        events_left_out=left_out,
        event_count=len(visible),
        offers=() if is_entity else _offers(instance.status),
    )


def _offers(status: str) -> tuple[str, ...]:
    """What can be done with an instance in this state."""
    if status == "Failed":
        return ("rewind", "purge")
    if status in h.TERMINAL:
        return ("purge",)
    return ("raise", "resume" if status == "Suspended" else "suspend", "terminate")


def _picture(rows: Sequence[Row], now: int, waits: Sequence[str], complaint: str | None) -> Picture:
    return draw(intervals_of(rows, now, waits, complaint), now)


def _entry(
    number: int, row: Row, start: int, inputs: Mapping[int, str | None], names: Mapping[int, str]
) -> HistoryEntry:
    kind, at = row["EventType"], parse(row["Timestamp"])
    data: list[tuple[str, ShownText]] = []
    for key, label in DATA:
        value: Any = row.get(key)
        if key == "Input" and value is None and kind == h.TASK_SCHEDULED:
            value = inputs.get(row["EventId"])
        found = shown(value if value is None or isinstance(value, str) else compact(value), short=SHORT_CELL)
        if found is not None and found.length:
            data.append((label, found))
    return HistoryEntry(
        number=number,
        time=exact_time(at),
        machine=machine_time(at),
        since=since(at - start),
        name=h.NAMES.get(kind, str(kind)),
        about=_about(row, names),
        child_url=url_of(row["InstanceId"]) if kind in (h.SUB_CREATED, h.EVENT_SENT) else "",
        data=data,
        is_bad=kind in (h.TASK_FAILED, h.SUB_FAILED, h.EXECUTION_TERMINATED)
        or (kind == h.EXECUTION_COMPLETED and STATUS_NAMES[row["OrchestrationStatus"]] != "Completed"),
    )


def _about(row: Row, names: Mapping[int, str]) -> str:
    """What the row is about, in a few words."""
    kind = row["EventType"]
    if kind == h.EXECUTION_COMPLETED:
        return STATUS_NAMES[row["OrchestrationStatus"]]
    if kind in (h.SUB_CREATED, h.EVENT_SENT):
        number = f"#{row['EventId']} " if kind == h.SUB_CREATED else ""
        return f"{number}{row['Name']}, instance {row['InstanceId']}"
    if kind == h.TASK_SCHEDULED:
        return f"#{row['EventId']} {row['Name']}"
    if kind in (h.TASK_COMPLETED, h.TASK_FAILED, h.SUB_COMPLETED, h.SUB_FAILED):
        return f"#{row['TaskScheduledId']} {names.get(row['TaskScheduledId'], '')}".rstrip()
    if kind in (h.TIMER_CREATED, h.TIMER_FIRED):
        number = row["EventId"] if kind == h.TIMER_CREATED else row["TimerId"]
        return f"#{number} due {exact_time(parse(row['FireAt']))}"
    return str(row.get("Name") or "")
