"""The record of a case: what happened, in order, as entries of plain JSON that never change once they are written.

The review adds entries; the activity ``Announce`` repeats them in its result, so they are in the history. A reader of
a case joins the results. An entry has these members, and those of its kind:

| member | meaning |
|---|---|
| ``n`` | its number, from 1, without a gap |
| ``move`` | the move of the case that it belongs to; the entries of one move have the same |
| ``at`` | the time of the case, as in ``approval.instants`` |
| ``what`` | its kind, of ``What`` |

| kind | further members |
|---|---|
| ``submitted`` | ``by`` (id and name), ``how`` |
| ``opened`` | ``opening`` (``approval.opening.Opening``) |
| ``skipped`` | ``level``, ``name``, ``why`` |
| ``act`` | ``act`` (``approval.acts.Act``), ``verdict`` |
| ``reminded`` | ``level``, ``to`` (ids) |
| ``escalated`` | ``level``, ``why``, ``opening`` |
| ``levelClosed`` | ``level``, ``name``, ``is`` (approved, rejected or expired), ``by`` (id and name, or null) |
| ``unsealed`` | ``count`` of the events without a genuine seal since the entry of this kind before |
| ``ended`` | ``state``, ``by`` (id and name, or null), ``why`` (a text, or null) |
| ``fault`` | ``why`` |
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

Entry = Mapping[str, Any]


class What(StrEnum):
    """The kind of an entry."""

    SUBMITTED = "submitted"
    OPENED = "opened"
    SKIPPED = "skipped"
    ACT = "act"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    LEVEL_CLOSED = "levelClosed"
    UNSEALED = "unsealed"
    ENDED = "ended"
    FAULT = "fault"


def announcement(instance: str, run: str | None, entries: Iterable[Entry]) -> dict[str, Any]:
    """The input of ``Announce``.

    Args:
        instance: the id of the case.
        run: the first opening of this run; None if no level has opened.
        entries: those that are not announced yet, in order.
    """
    return {"instance": instance, "run": run, "entries": list(entries)}


def joined(results: Iterable[object]) -> list[Entry]:
    """The record that the results of ``Announce`` hold, in the order of the history; what is no result is left out."""
    entries: dict[int, Entry] = {}
    for result in results:
        found = result.get("entries") if isinstance(result, Mapping) else None
        for entry in found if isinstance(found, list) else ():
            if isinstance(entry, Mapping) and isinstance(entry.get("n"), int):
                entries.setdefault(entry["n"], entry)
    return [entries[number] for number in sorted(entries)]
