"""The record of a case in words: one entry of a page for each entry of the record.

The entries of the record are those of ``approval.record``. A kind that is not known here is left out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from approval.instants import read
from approval.record import What
from service.one_level_case import NOBODY
from web.views import TimelineEntry
from web.words import Reader, Time, counted, joined

_DONE = {"approve": "approved", "reject": "rejected", "abstain": "abstained", "withdraw": "withdrew it"}
_NOT_COUNTED = {
    "early": "before anybody was asked",
    "late": "too late",
    "stale": "on an older state of the case",
    "not yours": "without being asked",
    "own case": "on a proposal of their own",
    "incomplete": "without the comment that is needed",
    "repeated": "a second time",
}
_ENDED = {
    "approved": "The proposal is approved.",
    "rejected": "The proposal is rejected.",
    "expired": "Nobody decided in time. The proposal has expired, and counts as rejected.",
    "withdrawn": "The proposal is withdrawn.",
    "refused": "The case was refused: it was not submitted through this app.",
    "fault": "The case has ended because of a fault of ours.",
}
_WHY = {
    "time is over": "The time was over",
    "too few people": "Too few people could be asked",
    "abstentions": "After the abstentions nobody could decide",
}
MOST_SHOWN = 80


def timeline(record: Sequence[Mapping[str, Any]], reader: Reader) -> tuple[TimelineEntry, ...]:
    """The record in words, oldest first.

    Example of an entry of the record::

        {"n": 3, "move": 2, "at": "2026-11-25T16:45:00Z", "what": "act", "verdict": "counts",
         "act": {"id": "b7c1…", "act": "approve", "by": {"id": "noor", "name": "Noor Haddad", "for": null}, ...}}

    gives ``Entry("done", "Noor Haddad approved", Time("Wed 25 Nov 16:45", ...))``.
    """
    names = _names(record)
    return tuple(entry for each in record if (entry := _entry(each, names, reader)))


def ends_of(entries: Sequence[TimelineEntry]) -> tuple[tuple[TimelineEntry, ...], int, int]:
    """The entries that a page shows, how many it leaves out, and behind how many they would be."""
    unseen = len(entries) - MOST_SHOWN
    if unseen <= 0:
        return tuple(entries), 0, 0
    half = MOST_SHOWN // 2
    return (*entries[:half], *entries[-half:]), unseen, half


def _entry(each: Mapping[str, Any], names: Mapping[str, str], reader: Reader) -> TimelineEntry | None:
    what, at = each.get("what"), reader.time(read(each["at"]))
    if what == What.ACT:
        return _act(each, at)
    if what == What.SUBMITTED:
        return TimelineEntry("done", _submitted(each), at)
    words = _SYSTEM.get(str(what))
    opening = each.get("opening")
    notes = tuple(_notes(opening, reader)) if opening else ()
    return TimelineEntry("system", words(each, names), at, notes=notes) if words else None


def _submitted(each: Mapping[str, Any]) -> str:
    by = each["by"]["name"]
    if each.get("how") != "machine":
        return f"{by} submitted it"
    return "Submitted by another program" if by == NOBODY else f"Submitted for {by} by another program"


def _opened(each: Mapping[str, Any], _: Mapping[str, str]) -> str:
    return f"{each['opening']['name']} opened: {_asked(each['opening'])}"


def _skipped(each: Mapping[str, Any], _: Mapping[str, str]) -> str:
    return f"{each['name']} was skipped: {each['why']}"


def _reminded(each: Mapping[str, Any], names: Mapping[str, str]) -> str:
    people = [names.get(person, person) for person in each["to"]]
    return f"{joined(people)} {'was' if len(people) == 1 else 'were'} reminded"


def _closed(each: Mapping[str, Any], _: Mapping[str, str]) -> str:
    return f"{each['name']}: {each['is']}"


def _unsealed(each: Mapping[str, Any], _: Mapping[str, str]) -> str:
    return f"{counted(each['count'], 'message')} from outside the app changed nothing"


def _ended(each: Mapping[str, Any], _: Mapping[str, str]) -> str:
    said = _ENDED.get(each["state"], f"It ended as {each['state']}.")
    why = str(each.get("why") or "")
    return said if not why or why in _WHY else f"{said} {why[:1].upper()}{why[1:].rstrip('.')}."


def _fault(each: Mapping[str, Any], _: Mapping[str, str]) -> str:
    return f"A fault of ours: {each['why']}"


def _act(each: Mapping[str, Any], at: Time) -> TimelineEntry:
    act, verdict = each["act"], each.get("verdict", "counts")
    by = act["by"]["name"]
    done = _DONE.get(act["act"], act["act"])
    why = _NOT_COUNTED.get(verdict)
    words = f"{by} {done}" if verdict == "counts" else f"{by} {done} {why or f'({verdict})'}; it does not count"
    return TimelineEntry("done" if verdict == "counts" else "system", words, at, act.get("comment") or "")


def _asked(opening: Mapping[str, Any]) -> str:
    """``Noor Haddad or Ruth Pemberton is asked``, ``Ana, Ben and Cy are asked, and 2 of them have to approve``."""
    if target := opening.get("target"):
        return f"{target['name']} is asked"
    return "; ".join(_group_asked(group, opening["names"]) for group in opening["groups"])


def _group_asked(group: Mapping[str, Any], names: Mapping[str, str]) -> str:
    people = [names.get(each, each) for each in group["asked"]]
    need = len(people) if group["need"] == "all" else group["need"]
    if len(people) == 1 or need == 1:
        return f"{joined(people, 'or')} is asked"
    return f"{joined(people)} are asked, and {'all' if need >= len(people) else need} of them have to approve"


def _escalated(each: Mapping[str, Any], _: Mapping[str, str]) -> str:
    opening = each["opening"]
    why = _WHY.get(each.get("why", ""), "")
    to = (opening.get("target") or {}).get("name") or _asked(opening)
    return f"{why}: {opening['name']} goes to {to}" if why else f"{opening['name']} goes to {to}"


def _notes(opening: Mapping[str, Any], reader: Reader) -> Iterator[str]:
    for left in opening.get("leftOut", ()):
        yield f"{left['name']} is not asked: {left['why']}"
    if due := opening.get("due"):
        yield f"To be decided by {reader.time(read(due))}"


def _names(record: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in record:
        opening = each.get("opening")
        if isinstance(opening, Mapping):
            found |= opening.get("names") or {}
            if target := opening.get("target"):
                found[target["id"]] = target["name"]
    return found


_SYSTEM: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, str]], str]] = {
    What.OPENED: _opened,
    What.SKIPPED: _skipped,
    What.REMINDED: _reminded,
    What.ESCALATED: _escalated,
    What.LEVEL_CLOSED: _closed,
    What.UNSEALED: _unsealed,
    What.ENDED: _ended,
    What.FAULT: _fault,
}
