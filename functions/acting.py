"""Acting on a case: the one way in for every act of a person, from the API and from the pages.

1. The id of an act that is sent again is the same; it is looked up before anything else, so it gets the same answer.
2. What the case would certainly refuse is refused here, at once. All else is sealed and given to the case as an event;
   the case judges, and its verdict is the answer.
3. The verdict is looked for in the custom status after 50, 100, 200 ... ms, for ten seconds, and then in the record. A
   verdict that is not known by then is no failure: the same request, sent again with its key, finds it.

Source: docs/explanation/security.md
"""

import asyncio
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from adapters import cases, directory, logs, sealing
from adapters.engine import Engine
from adapters.identity import Signed
from approval import case_id
from approval.acts import Act, Name, Verdict, act_id
from approval.instants import written
from approval.json_values import JsonValue
from approval.seals import Purpose
from approval.visible import may_see
from functions import scan
from service.act_errors import CaseUnknown, EngineSilent
from service.acting import (
    Wish,
    certain_verdict,
    certain_verdict_at_one_level,
    is_decided_so,
    opening_meant,
    refusal,
)
from service.case_reading import (
    GenuineCase,
    is_like_another,
    is_open,
    run_of,
    verdict_recorded,
    verdict_shown,
)
from service.errors import ServiceError
from service.idempotency import check_key, digest
from service.one_level_case import OneLevelCase, one_level_case

if TYPE_CHECKING:
    from service.act_body import ActBody

EVENT = "Approval"
WAITS_S = 10.0
_FIRST_S, _LONGEST_S = 0.05, 1.0


@dataclass(frozen=True, slots=True)
class Acted:
    """An act that counts, or whose verdict is not known yet.

    Attributes:
        verdict: ``counts``; None if the case has not said in time.
        act: id, act, by, revision, level, comment; the same whenever the request is sent again.
        case: as it is afterwards.
    """

    verdict: Verdict | None
    act: dict[str, Any]
    case: GenuineCase


async def visible_case(engine: Engine, own_id: str, reader: str | None, *, with_record: bool = True) -> GenuineCase:
    """The case of this id, if the reader may see it.

    Args:
        engine: the instances of this app.
        own_id: as somebody wrote it.
        reader: by id; None for a machine, which may see every case.
        with_record: the whole history is read for it.

    Raises:
        CaseUnknown: there is none, or it is not for the reader to know.
        EngineSilent: the engine did not answer, or another version of the app has started the case.
        InvalidSetting: no seal can be verified.
    """
    read = case_id.read_id(own_id)
    if read is None:
        raise CaseUnknown
    case = await _case(engine, read, with_record=with_record)
    if reader is not None and not may_see(reader, directory.people(), case.submission, case.status, case.record):
        raise CaseUnknown
    return case


async def act(engine: Engine, own_id: str, by: Signed, body: "ActBody", sent: JsonValue, key: str | None) -> Acted:
    """The act of a person, judged by the case.

    Args:
        engine: the instances of this app.
        own_id: of the case, as somebody wrote it.
        by: who acts.
        body: what they do.
        sent: the body as it was sent; what differs in it is another act.
        key: of the request, if it had one.

    Raises:
        CaseUnknown: as for ``visible_case``.
        ActRefused: it does not count; which kind says why.
        EngineSilent: the engine did not confirm the event. It may count.
        MissingSetting, InvalidSetting: acts cannot be sealed, or not so that they count.
        BadIdempotencyKey: the key is not usable.
    """
    if key is not None:
        check_key(key)
    case = await visible_case(engine, own_id, by.person_id)
    own_act = secrets.token_hex(16) if key is None else act_id(case.id, by.person_id, key, digest(sent))
    wish = Wish(by.person_id, body.kind, body.revision, body.level, body.opening, body.comment or None)
    if isinstance(case, OneLevelCase):
        return await _decided(engine, case, wish, own_act, is_repeatable=key is not None)
    verdict = _found(case, own_act)
    if verdict is None:
        certain = certain_verdict(wish, case)
        if certain is not None:
            raise refusal(certain, wish, case)
        if isinstance(case, cases.StoredCase):
            sealing.check_counts_by(case.act_keys)
        is_raised = await _raise(engine, case, _act(own_act, wish, by, case))
        case = await _judged(engine, case, own_act, is_raised=is_raised)
        verdict = _found(case, own_act)
        if verdict is None and not (is_raised and is_open(case)):
            verdict = Verdict.LATE
    logs.log_event("acted", instance=case.id, act=str(body.kind), verdict=str(verdict or "unknown"))
    if verdict not in {None, Verdict.COUNTS}:
        raise refusal(verdict, wish, case)
    return Acted(verdict, _shown(own_act, wish), case)


def _found(case: GenuineCase, own_act: str) -> Verdict | None:
    """The verdict on this act. The status shows six digits of its id, which may be those of another in the record."""
    recorded = verdict_recorded(case.record, own_act)
    if recorded is not None or is_like_another(case.record, own_act):
        return recorded
    return verdict_shown(case.status, own_act)


def _act(own_act: str, wish: Wish, by: Signed, case: GenuineCase) -> Act:
    run = run_of(case)
    assert run is not None, "the first level is open: the act was not early"
    return Act(
        id=own_act,
        kind=wish.kind,
        by=_name(wish.person),
        how=by.how,
        proved_at=written(datetime.now(UTC)),
        case=case.id,
        revision=wish.revision,
        run=run,
        level=wish.level,
        opening=opening_meant(wish, case),
        comment=wish.comment,
    )


async def _raise(engine: Engine, case: GenuineCase, made: Act) -> bool:
    """Seal the act and give it to the case; False if the case is over."""
    return await _send(engine, case, sealing.seal(made.to_text(), Purpose.ACT).to_json(Purpose.ACT))


async def _send(engine: Engine, case: GenuineCase, payload: Mapping[str, Any]) -> bool:
    try:
        return await engine.send_event(case.id, EVENT, payload)
    except Exception as error:
        logs.log_event("actNotSent", instance=case.id, cause=logs.cause_of(error))
        raise EngineSilent from error


async def _decided(engine: Engine, case: OneLevelCase, wish: Wish, own_act: str, *, is_repeatable: bool) -> Acted:
    """The decision on a case of one level: an event without a seal, by the name of the person."""
    name, after = _name(wish.person).name, case
    if not (is_repeatable and is_decided_so(wish, name, case)):
        certain = certain_verdict_at_one_level(wish, case)
        if certain is not None:
            raise refusal(certain, wish, case)
        await _send(engine, case, {"decision": str(wish.kind), "by": name, "comment": wish.comment})
        for pause in _pauses():
            await asyncio.sleep(pause)
            found = await _case(engine, case.id, with_record=False)
            if isinstance(found, OneLevelCase) and not is_open(after := found):
                break
    verdict = None if is_open(after) else Verdict.COUNTS if is_decided_so(wish, name, after) else Verdict.LATE
    logs.log_event("acted", instance=case.id, act=str(wish.kind), verdict=str(verdict or "unknown"))
    if verdict is Verdict.LATE:
        raise refusal(verdict, wish, after)
    return Acted(verdict, _shown(own_act, wish), after)


async def _judged(engine: Engine, case: GenuineCase, own_act: str, *, is_raised: bool) -> GenuineCase:
    """The case, with its record, once it has judged the act, or is over, or the time is over."""
    for pause in _pauses() if is_raised else ():
        await asyncio.sleep(pause)
        seen = await _case(engine, case.id, with_record=False)
        if verdict_shown(seen.status, own_act) or not is_open(seen):
            break
    return await _case(engine, case.id, with_record=True)


def _pauses() -> Iterator[float]:
    """How long to wait before each look."""
    pause, end = _FIRST_S, time.monotonic() + WAITS_S
    while (left := end - time.monotonic()) > 0:
        yield min(pause, left)
        pause = min(2 * pause, _LONGEST_S)


async def _case(engine: Engine, own_id: str, *, with_record: bool) -> GenuineCase:
    """The case of this id, for anybody; of one level where no policy file is in force."""
    try:
        answer = await engine.status(own_id, history=with_record)
        case = None if answer is None else cases.case_of(answer)
    except ServiceError:
        raise
    except Exception as error:
        logs.log_event("caseNotRead", instance=own_id, cause=logs.cause_of(error))
        raise EngineSilent from error
    people = scan.one_level()
    if case is not None or answer is None or people is None or answer.get("name") != case_id.ORCHESTRATION:
        if case is None:
            raise CaseUnknown
        return case
    found = one_level_case(answer, cases.decoded(answer.get("input")), people)
    if found is None:
        raise CaseUnknown
    return found


def _shown(own_act: str, wish: Wish) -> dict[str, Any]:
    return {
        "id": own_act,
        "act": str(wish.kind),
        "by": _name(wish.person).to_json(),
        "revision": wish.revision,
        "level": wish.level,
        "comment": wish.comment,
    }


def _name(person: str) -> Name:
    return Name(person, directory.people()[person].name)
