"""How long finished cases are kept, and in which steps they go: exported first, purged afterwards, slice by slice.

1. Due is what is in a terminal state and has not changed since the cut-off. Nothing else is ever exported or purged.
2. A slice is what one page of the engine's list holds of that. It has a blob of its own, named by run and number, so
   an export that runs twice writes the same lines to the same place.
3. Purged is what is in the slice's blob and still is as it was exported, each by its own id, never by a filter.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from approval import instants

SCHEMA_VERSION = 1
EXPORT_VERSION = "v1"
DEFAULT_DAYS = 90
LONGEST_DAYS = 36_500
TERMINAL = frozenset({"Completed", "Failed", "Terminated", "Canceled"})
SAMPLE = 5


class Mode(StrEnum):
    """What a run does: nothing, a list of what it would do, or the work."""

    OFF = "off"
    DRY = "dry"
    PURGE = "purge"


@dataclass(frozen=True, slots=True)
class Run:
    """One run over the whole list, as it is before a slice; the input of each slice's execution.

    Example::

        {"schemaVersion": 1, "mode": "purge", "before": "2026-08-26T02:30:00Z", "began": "2026-11-24T02:30:00Z",
         "number": 1, "token": "", "due": 0, "exported": 0, "purged": 0, "unreadable": 0, "sample": [], "passed": [],
         "isOver": false}

    Attributes:
        mode: ``dry`` or ``purge``.
        before: the cut-off; what has changed at that moment or later stays.
        began: when the run began.
        number: of the slice, from 1.
        token: where the engine's list goes on; empty at its beginning.
        due: how many cases were due so far.
        exported: how many of them were exported.
        purged: how many of them were purged.
        unreadable: how many of them the engine could not show; they stay.
        sample: the first ids that were due.
        passed: ids of the present page that are passed over, since they were gone or had changed when it was exported.
        is_over: nothing is left to list.
    """

    mode: Mode
    before: datetime
    began: datetime
    number: int = 1
    token: str = ""
    due: int = 0
    exported: int = 0
    purged: int = 0
    unreadable: int = 0
    sample: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    is_over: bool = False

    @classmethod
    def begun(cls, mode: Mode, days: int, now: datetime) -> Self:
        """A run that begins now, for what has not changed for so many days."""
        return cls(mode, (now - timedelta(days=days)).replace(microsecond=0), now.replace(microsecond=0))

    @classmethod
    def from_input(cls, given: Any, now: datetime) -> Self:
        """The run that an instance was started or continued with.

        A start says ``{"schemaVersion": 1, "mode": "purge", "days": 90}``: that run begins now.

        Raises:
            ValueError: it is none of ours.
        """
        if not isinstance(given, Mapping) or given.get("schemaVersion") != SCHEMA_VERSION:
            raise ValueError("The input of HistoryRetention is not one that PurgeHistory has made.")
        if "days" in given:
            return cls.begun(Mode(given["mode"]), int(given["days"]), now)
        return cls(
            mode=Mode(given["mode"]), before=instants.read(given["before"]), began=instants.read(given["began"]),
            number=given["number"], token=given["token"], due=given["due"], exported=given["exported"],
            purged=given["purged"], unreadable=given["unreadable"], sample=tuple(given["sample"]),
            passed=tuple(given["passed"]),
        )  # fmt: skip

    def to_input(self) -> dict[str, Any]:
        """The JSON of the example above; it is the custom status too."""
        return {
            "schemaVersion": SCHEMA_VERSION, "mode": self.mode.value, "before": instants.written(self.before),
            "began": instants.written(self.began), "number": self.number, "token": self.token, "due": self.due,
            "exported": self.exported, "purged": self.purged, "unreadable": self.unreadable,
            "sample": list(self.sample), "passed": list(self.passed), "isOver": self.is_over,
        }  # fmt: skip

    @property
    def blob(self) -> str:
        """The slice's blob, without its container, such as ``v1/2026-11-24T02-30-00Z/00001.jsonl``."""
        return f"{EXPORT_VERSION}/{instants.written(self.began).replace(':', '-')}/{self.number:05}.jsonl"

    def went_on(self, page: Mapping[str, Any], done: Mapping[str, Any]) -> Self:
        """The run after this slice.

        Args:
            page: ``{"ids": due cases, "token": of the next page}``.
            done: ``{"changed": ids, "exported": n, "unreadable": n, "purged": n}``; empty in a dry run. If some have
                changed, nothing was exported, and the page is listed again without those.
        """
        if done.get("changed"):
            return replace(self, number=self.number + 1, passed=(*self.passed, *done["changed"]))
        return replace(
            self, number=self.number + 1, token=page["token"], passed=(), is_over=not page["token"],
            due=self.due + len(page["ids"]), sample=(*self.sample, *page["ids"])[:SAMPLE],
            exported=self.exported + done.get("exported", 0), purged=self.purged + done.get("purged", 0),
            unreadable=self.unreadable + done.get("unreadable", 0),
        )  # fmt: skip


def start(mode: Mode, days: int) -> dict[str, Any]:
    """The input of a run that is to begin."""
    return {"schemaVersion": SCHEMA_VERSION, "mode": mode.value, "days": days}


def is_due(status: Mapping[str, Any], before: datetime) -> bool:
    """Whether the status answer shows a case that is over and has not changed since the cut-off. Entities never are."""
    if status["runtimeStatus"] not in TERMINAL or str(status["instanceId"]).startswith("@"):
        return False
    return instants.read(status["lastUpdatedTime"]) < before


def is_same(status: Mapping[str, Any], exported: Mapping[str, Any]) -> bool:
    """Whether the instance still is the one that was exported, of the same execution and state."""
    return all(
        status[name] == exported[name] for name in ("instanceId", "runtimeStatus", "createdTime", "lastUpdatedTime")
    )


def to_lines(answers: Iterable[Mapping[str, Any]]) -> bytes:
    """The export: a line for each status answer, UTF-8. docs/reference/export.md has the format."""
    return "".join(json.dumps(answer, ensure_ascii=False, separators=(",", ":")) + "\n" for answer in answers).encode(
        "utf-8", "surrogatepass"
    )


def from_lines(content: bytes) -> list[dict[str, Any]]:
    """The status answers of an export.

    Raises:
        ValueError: it is none.
    """
    # Not splitlines: it would cut at characters that a JSON text may hold.
    lines = [json.loads(line) for line in content.decode("utf-8", "surrogatepass").split("\n") if line.strip()]
    for number, line in enumerate(lines, 1):
        if not isinstance(line, dict) or not isinstance(line.get("instanceId"), str):
            raise ValueError(f"Line {number} is no status answer of an instance.")  # noqa: TRY004 - it is about the text
    return lines
