"""A case as the API, the pages and the mails show it: one JSON object, the same for all of them. Pure.

Example, for Noor, whose turn it is::

    {"id": "P-7K3M9QXV", "title": "Mill Lane bridge", "summary": null,
     "author": {"id": "dana", "name": "Dana Okafor"}, "contributors": [],
     "submitted": {"at": "2026-11-25T16:40:00Z", "how": "local"}, "revision": 1, "state": "with approvers",
     "policy": {"name": "structures", "title": "Structure, category 1 to 3", "digest": "sha256:…"},
     "fields": {"kind": "structure", "category": 2, "amount": "80000.00", "departure": false},
     "amount": "80000.00 GBP", "attachments": [],
     "turn": {"with": [{"id": "noor", "name": "Noor Haddad", "since": "2026-11-25T16:40:02Z",
                        "because": "group technical-approval"}],
              "due": "2026-12-05T16:40:02Z", "next": {"what": "reminder", "at": "2026-12-02T16:40:02Z"},
              "then": "goes to Jo Lindqvist, then it is rejected", "sentence": "With Noor Haddad or …"},
     "path": [{"level": "Technical approval", "number": 1, "is": "here", "with": [{"id": "noor", "name": "…"}],
               "…": "…"}, {"level": "Line of authority", "number": 2, "is": "ahead", "…": "…"}],
     "mine": {"may": ["approve", "reject"], "opening": "9f2c…", "level": 1, "because": "group technical-approval",
              "comment": ["reject"], "why": null},
     "decided": null, "acts": 3}

``turn`` is always there: while a level is being opened, and when the case is over, ``with`` is empty. ``mine.why`` says
why there is nothing to do. A machine has no ``mine``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from approval import may
from approval.acts import Kind, Verdict
from approval.instants import written
from approval.opening import Opening
from approval.policy.frozen import value_to_json
from service.case_reading import (
    GenuineCase,
    closed_levels,
    cut_off,
    is_open,
    level_of,
    names_in,
    present_opening,
    run_of,
    state_of,
    turn_of,
)
from service.one_level_case import RUN as ONE_LEVEL

_VOTES = (Kind.APPROVE, Kind.ABSTAIN, Kind.REJECT)  # in the order of a form
_OPENING = "It has just been submitted; the first level is being opened."


def case_view(
    case: GenuineCase,
    reader: str | None,
    people: Mapping[str, str],
    *,
    sentence: str | None = None,
    path: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The case as above.

    Args:
        case: with its record.
        reader: who looks, by id; None for a machine.
        people: the names of everybody in the directory, by id.
        sentence: whose turn it is and what happens then, in the reader's zone; by default as the status has it, in UTC.
        path: the levels, as ``approval.forecast`` foresees them; by default as far as the status shows them,
            which is also what a case has that was cut off.
    """
    there, names = case.submission, {**people, **names_in(case)}
    return {
        "id": case.id,
        "title": there.title,
        "summary": there.summary,
        "author": there.author.to_json(),
        "contributors": [each.to_json() for each in there.contributors],
        "submitted": {"at": written(there.submitted_at), "how": there.how},
        "revision": int(case.status.get("revision") or 1),
        "state": state_of(case),
        "policy": {"name": there.policy.name, "title": there.policy.title, "digest": there.policy.digest},
        "fields": {name: value_to_json(value) for name, value in there.values.items()},
        "amount": there.amount,
        "attachments": [{"name": each.name, "url": each.url, "sha256": each.sha256} for each in there.attachments],
        "turn": _turn(case, names, sentence),
        "path": _path(case, names) if path is None or cut_off(case) else [dict(step) for step in path],
        **({} if reader is None else {"mine": _mine(case, reader)}),
        "decided": case.status.get("decided"),
        "acts": int(case.status.get("acts") or 0),
    }


def summary(own_id: str, status: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A case as a list shows it, from its custom status alone.

    Example::

        {"id": "P-7K3M9QXV", "title": "Mill Lane bridge", "author": {"id": "dana", "name": "Dana Okafor"},
         "amount": "80000.00 GBP", "policy": "structures", "state": "with approvers",
         "turn": {"with": [{"id": "noor", "name": "Noor Haddad"}], "since": "2026-11-25T16:40:02Z",
                  "due": "2026-12-05T16:40:02Z"},
         "decided": null}
    """
    turn = status.get("turn") or {}
    return {
        "id": own_id,
        "title": status["title"],
        "author": status["author"],
        "amount": status.get("amount"),
        "policy": status.get("policy"),
        "state": status["state"],
        "turn": {
            "with": [{"id": each, "name": names.get(each, each)} for each in turn.get("with", ())],
            "since": turn.get("since"),
            "due": turn.get("due"),
        },
        "decided": status.get("decided"),
    }


def _turn(case: GenuineCase, names: Mapping[str, str], sentence: str | None) -> dict[str, Any]:
    turn = turn_of(case) if is_open(case) else {}
    opening, reasons = present_opening(case), turn.get("because") or ()
    because = _reasons(opening) if opening else {}
    return {
        "with": [
            {
                "id": each,
                "name": names.get(each, each),
                "since": turn.get("since"),
                "because": because.get(each) or ", ".join(reasons),
            }
            for each in turn.get("with", ())
        ],
        "due": turn.get("due"),
        "next": turn.get("next"),
        "then": turn.get("then"),
        "sentence": cut_off(case) or sentence or str(case.status.get("message") or _OPENING),
    }


def _reasons(opening: Opening) -> dict[str, str]:
    """Why each person is asked; who is in two groups, because of both."""
    found: dict[str, list[str]] = {}
    for group in opening.groups:
        for person in group.asked:
            found.setdefault(person, []).append(group.because)
    if opening.escalation and opening.target:
        found[opening.target.id] = ["it was escalated"]
    return {person: ", ".join(dict.fromkeys(reasons)) for person, reasons in found.items()}


def _path(case: GenuineCase, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The levels as far as the status shows them, in the form of ``approval.forecast``."""
    closed, here, turn = {level["level"]: level for level in closed_levels(case)}, level_of(case), turn_of(case)
    path: list[dict[str, Any]] = []
    for number, name in enumerate(case.submission.policy.level_names, 1):
        step = {"level": name, "number": number, "is": "ahead", "with": [], "because": [], "due": None, "left_out": [],
                "why": None, "depends": False, "outcome": None, "by": None, "at": None}  # fmt: skip
        if number in closed:
            level = closed[number]
            by = _person(level.get("by"), level.get("byName"))
            step |= {"is": "done", "outcome": level["is"], "by": by, "at": level.get("at")}
        elif here is not None and here["number"] == number and is_open(case):
            asked = [{"id": each, "name": names.get(each, each)} for each in turn.get("with", ())]
            step |= {"is": "here", "with": asked, "because": list(turn.get("because", ())), "due": turn.get("due")}
        elif not is_open(case):
            break
        path.append(step)
    return path


def _person(person: str | None, name: str | None) -> dict[str, str | None] | None:
    return {"id": person, "name": name} if person or name else None


def _mine(case: GenuineCase, reader: str) -> dict[str, Any]:
    level, turn, opening = level_of(case), turn_of(case), present_opening(case)
    found: dict[str, Any] = {"may": [], "opening": None, "level": None, "because": None, "comment": [], "why": None}
    why = _why_not(case, reader)
    if why is not None:
        return found | {"why": why}
    if reader not in turn.get("with", ()):
        return found | {"may": [Kind.WITHDRAW.value], "because": "you wrote it"}
    assert level is not None
    allowed = may.may(case.status, case.submission, reader)
    acts = [kind for kind in _VOTES if allowed[kind] is None]
    return found | {
        "may": [kind.value for kind in acts],
        "opening": level["opening"],
        "level": level["number"],
        "because": (_reasons(opening).get(reader) if opening else None) or ", ".join(turn.get("because") or ()),
        "comment": [kind.value for kind in acts if may.needs_comment(case.status, case.submission, kind)],
    }


def _why_not(case: GenuineCase, reader: str) -> str | None:
    """Why the reader has nothing to do here; None if there is something."""
    written_by = case.submission.author.id
    if not is_open(case):
        return "it is over"
    if run_of(case) is None or level_of(case) is None:
        # Opening it may fail for days; the author need not wait for that.
        may_withdraw = run_of(case) is not None and case.status.get("trouble") and reader == written_by
        return None if may_withdraw else "a level is being opened"
    if reader in turn_of(case).get("with", ()) or (reader == written_by and run_of(case) != ONE_LEVEL):
        return None
    if reader in {each.id for each in case.submission.contributors}:
        return "you contributed to it"
    opening = present_opening(case)
    if opening is not None:
        left_out = next((each.why for each in opening.left_out if each.who.id == reader), None)
        if left_out:
            return f"you are not asked: {left_out}"
    if reader in turn_of(case).get("voted", ()):
        return "you have decided"
    if reader in turn_of(case).get("notNeeded", ()):  # of a group that is decided, be it by this very reader
        return "you have decided" if _has_voted(case, reader) else "enough others have decided"
    return "you are not asked at this level"


def _has_voted(case: GenuineCase, reader: str) -> bool:
    """Whether a vote of this reader counts in the opening that is open."""
    level = level_of(case)
    counted = [entry["act"] for entry in case.record if entry.get("verdict") == Verdict.COUNTS]
    return any(act["by"]["id"] == reader and act["opening"] == (level or {}).get("opening") for act in counted)
