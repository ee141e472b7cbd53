"""Lists of cases, page by page.

1. What waits for somebody comes from the scan of the open cases. All else goes through the engine's list, by the prefix
   of the ids, and shows of it what the reader may see.
2. Only a status with ``run`` is somebody's case: ``OpenLevel`` has checked the seal of its input.
3. A cursor is the engine's own place in its list, with what was asked for. Each case is checked again.
"""

import base64
import binascii
import json
import time
from collections.abc import Mapping
from typing import Any

from adapters import cases, directory, logs
from adapters.engine import Engine
from approval.case_id import PREFIX
from approval.policy.model import Visibility
from approval.visible import may_see, shown_parties
from functions import scan
from service.act_errors import EngineSilent, QueryInvalid
from service.case_reading import WITH_APPROVERS, state_shown
from service.case_view import summary
from service.inbox import status_of

STATES = (WITH_APPROVERS, "approved", "rejected", "expired", "withdrawn")
PAGE = 50
LONGEST_S = 5.0
_ME = "me"
_MOST_CURSOR = 4_000
_NAMES = ("turn", "author", "state", "cursor")


async def page(engine: Engine, reader: str, query: Mapping[str, str]) -> dict[str, Any]:
    """A page of cases, and the cursor of the next one.

    Example: ``{"items": [{"id": "P-7K3M9QXV", "…": "…"}], "next": null}``

    Args:
        engine: the instances of this app.
        reader: by id; what they may not see is left out.
        query: ``turn=me``, or ``author=me`` and ``state`` in any combination; ``cursor`` of the page before.

    Raises:
        QueryInvalid: it asks for something else.
        EngineSilent: the engine did not list its instances.
    """
    for name in query:
        if name not in _NAMES:
            raise QueryInvalid(name, f"Known are {', '.join(_NAMES)}.")
    for name in ("turn", "author"):
        if query.get(name, _ME) != _ME:
            raise QueryInvalid(name, "It can only be me.")
    state = query.get("state")
    if state is not None and state not in STATES:
        raise QueryInvalid("state", f"Known are {', '.join(STATES)}.")
    if "turn" in query:
        return await _my_turn(engine, reader, query)
    asked = {name: query[name] for name in ("author", "state") if name in query}
    return await _listed(engine, reader, asked, _token(query.get("cursor"), asked))


async def _my_turn(engine: Engine, reader: str, query: Mapping[str, str]) -> dict[str, Any]:
    others = [name for name in query if name != "turn"]
    if others:
        raise QueryInvalid(others[0], "turn=me lists all that waits for you, and takes nothing else.")
    inbox, names = (await scan.open_cases(engine)).value, _people()
    return {"items": [summary(case.id, case.shown, names) for case in inbox.rows(reader)], "next": None}


async def _listed(engine: Engine, reader: str, asked: Mapping[str, str], token: str) -> dict[str, Any]:
    """Pages of the engine until some cases were found, none is left, or the time is over."""
    found: list[dict[str, Any]] = []
    names, one_level, end = _people(), scan.one_level(), time.monotonic() + LONGEST_S
    filters: dict[str, str | int] = {"instanceIdPrefix": PREFIX, "top": PAGE, **_runtime(asked.get("state"))}
    while True:
        try:
            got = await engine.page(token, **filters)
        except Exception as error:
            logs.log_event("inboxFailed", cause=logs.cause_of(error))
            raise EngineSilent from error
        for answer in got.answers:
            status = status_of(answer, one_level)
            status = status and _as_it_ended(status, str(answer.get("runtimeStatus")))
            if status and _is_asked_for(status, asked, reader) and await _may_see(engine, answer, status, reader):
                found.append(summary(answer["instanceId"], status, names))
        token = got.token
        if not token or len(found) >= PAGE or time.monotonic() > end:
            break
    return {"items": found, "next": _cursor(token, asked) if token else None}


def _as_it_ended(status: Mapping[str, Any], runtime_status: str) -> Mapping[str, Any]:
    """The status, which an instance that was cut off has left as it was: nobody has the turn there."""
    state = state_shown(status, runtime_status)
    return status if state == status["state"] else {**status, "state": state, "turn": None, "level": None}


def _runtime(state: str | None) -> dict[str, str]:
    """What the engine can already leave out."""
    if state is None:
        return {}
    return {"runtimeStatus": "Running,Suspended" if state == WITH_APPROVERS else "Completed"}


def _is_asked_for(status: Mapping[str, Any], asked: Mapping[str, str], reader: str) -> bool:
    if "author" in asked and status["author"]["id"] != reader:
        return False
    return "state" not in asked or asked["state"] == status["state"]


async def _may_see(engine: Engine, answer: Mapping[str, Any], status: Mapping[str, Any], reader: str) -> bool:
    """By the status where that says enough; otherwise by the whole case."""
    if status.get("visibleTo") == Visibility.STAFF and reader in directory.people():
        return True
    if reader in shown_parties(status):
        return True
    try:
        case = await cases.read_case(engine, answer["instanceId"])
    except Exception as error:  # noqa: BLE001 - the page goes on without it
        logs.log_event("caseNotRead", instance=answer["instanceId"], cause=logs.cause_of(error))
        return False
    return case is not None and may_see(reader, directory.people(), case.submission, case.status, case.record)


def _people() -> dict[str, str]:
    return {person.id: person.name for person in directory.people().values()}


def _cursor(token: str, asked: Mapping[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps([token, dict(asked)]).encode()).decode().rstrip("=")


def _token(cursor: str | None, asked: Mapping[str, str]) -> str:
    """The engine's token in a cursor.

    Raises:
        QueryInvalid: it is none of ours, or was given out for something else.
    """
    if cursor is None:
        return ""
    try:
        if len(cursor) > _MOST_CURSOR:
            raise QueryInvalid("cursor", "It is too long.")
        token, of = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise QueryInvalid("cursor", "Take next of the page before, as it is.") from error
    if of != dict(asked) or not isinstance(token, str) or not token.isprintable() or not token.isascii():
        raise QueryInvalid("cursor", "It was given out for another list. Begin without one.")
    return token
