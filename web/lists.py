"""The inbox: what waits for the one who reads, and what this person has submitted.

1. What this browser has just decided is left out, as far as it is about the same level: the list is some seconds old.
2. At most ``MOST_ROWS`` rows are on a page; how many more there are is said.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from approval.instants import read
from service.inbox import OpenCase
from web.just_done import SUBMIT, JustDone
from web.views import CaseRow, Frame, InboxPage, Link
from web.words import Reader, joined, money_of

MOST_ROWS = 50
_OUTCOMES = frozenset({"approved", "rejected"})
_DID = {"approve": "approved", "reject": "rejected", "abstain": "abstained on", "withdraw": "withdrew"}


def still_waiting(rows: Iterable[OpenCase], done: Iterable[JustDone]) -> list[OpenCase]:
    """The cases that wait, without those that were decided since the list was made."""
    gone = {(each.case, each.level) for each in done if each.act != SUBMIT}
    return [row for row in rows if (row.id, row.level) not in gone]


def inbox_page(
    rows: Sequence[OpenCase],
    written: Sequence[OpenCase],
    names: Mapping[str, str],
    reader: Reader,
    frame: Frame,
    done: Sequence[JustDone] = (),
    last: str = "",
) -> InboxPage:
    """The inbox.

    Args:
        rows: what waits for the person, soonest first, without what was just decided.
        written: the open cases that the person has submitted.
        names: of people, by id.
        reader: who reads.
        frame: of the page.
        done: what this browser has just done.
        last: what the person decided last.
    """
    decided = [each for each in done if each.act != SUBMIT]
    return InboxPage(
        frame,
        heading(len(rows)),
        tuple(_waiting(row, reader) for row in rows[:MOST_ROWS]),
        last="" if decided else last,
        decided=tuple(
            Link(f"/proposals/{each.case}", f"You have just {_DID[each.act]} {each.case}.") for each in decided
        ),
        more=_more(len(rows) - MOST_ROWS),
        mine=tuple(_submitted(row, names, reader) for row in written[:MOST_ROWS]),
    )


def heading(count: int) -> str:
    """``3 wait for you``."""
    if not count:
        return "Nothing waits for you"
    return "1 waits for you" if count == 1 else f"{count:,} wait for you"


def _waiting(row: OpenCase, reader: Reader) -> CaseRow:
    due = read(row.due) if row.due else None
    return CaseRow(
        f"/proposals/{row.id}",
        row.title,
        row.author_name or "somebody",
        reader.due(due) if due else None,
        is_late=due is not None and due <= reader.now,
        amount=money_of(row.amount) or "",
        why="It was escalated to you." if (row.shown.get("level") or {}).get("escalation") else "",
    )


def _submitted(row: OpenCase, names: Mapping[str, str], reader: Reader) -> CaseRow:
    people = [names.get(each, each) for each in row.turn]
    return CaseRow(
        f"/proposals/{row.id}",
        row.title,
        f"With {joined(people, 'or')}" if people else "The next people are being asked",
        reader.due(read(row.due)) if row.due else None,
        amount=money_of(row.amount) or "",
    )


def last_decided(cases: Iterable[OpenCase], person_id: str, reader: Reader) -> str:
    """What the person decided last of what is still open and with others now; empty if there is nothing.

    Example: ``You approved Mill Lane bridge on Thu 26 Nov 09:12. It is with others now.``
    """
    found: list[tuple[str, str]] = []
    for case in cases:
        levels: Sequence[Mapping[str, Any]] = case.shown.get("closed") or ()
        mine = [level for level in levels if level.get("by") == person_id and level.get("is") in _OUTCOMES]
        if mine and person_id not in case.turn:
            found.append((mine[-1]["at"], f"{mine[-1]['is']} {case.title}"))
    if not found:
        return ""
    at, what = max(found)
    return f"Last: you {what} on {reader.time(read(at))}. It is with others now."


def _more(count: int) -> str:
    return f"{count:,} more are due later. They come up here as these are decided." if count > 0 else ""
