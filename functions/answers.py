"""What the routes of the API have in common: bodies that are JSON, answers that are, and problems.

What shows a case is imported with the first one: the app's start does not pay for it.
"""
# ruff: noqa: PLC0415 - as said above

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

import azure.functions as func

from adapters import directory, identity, tracing
from adapters.engine import Engine
from adapters.identity import Signed
from approval.json_values import JsonValue
from functions.problems import problem_response
from service.act_errors import NotJson
from service.body import read_body
from service.errors import BodyWithoutLength
from service.problems import REFUSALS

if TYPE_CHECKING:
    from approval.forecast import LevelOnPath
    from service.case_reading import GenuineCase

_JSON = "application/json"


async def answered(work: Callable[[], Awaitable[func.HttpResponse]]) -> func.HttpResponse:
    """The answer, or the problem that says why there is none."""
    try:
        return await work()
    except REFUSALS as error:
        return problem_response(error)


def changing_body(req: func.HttpRequest) -> JsonValue:
    """The body of a request that changes something.

    Raises:
        ForeignOrigin: it comes from a page of somebody else.
        NotJson: it does not say that it is JSON.
        UnreadableBody, BodyTooLarge, BodyWithoutLength, InvalidFields: it cannot be read.
    """
    identity.check_origin(req.headers, may_be_absent=True)
    return json_body(req)


def json_body(req: func.HttpRequest) -> JsonValue:
    """The body of a request that has to say that it is JSON."""
    if req.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _JSON:
        raise NotJson
    return read_body(sent_bytes(req))


def sent_bytes(req: func.HttpRequest) -> bytes:
    """The body, if the host has passed it on.

    Raises:
        BodyWithoutLength: it came in chunks, and the host drops such a body.
    """
    raw: bytes = req.get_body()
    if not raw and "chunked" in req.headers.get("Transfer-Encoding", "").lower():
        raise BodyWithoutLength
    return raw


def shown(case: "GenuineCase", reader: str | None, levels: Sequence["LevelOnPath"] | None = None) -> dict[str, Any]:
    """The case as a reader sees it.

    Args:
        case: one that the reader may see.
        reader: by id; None for a machine.
        levels: its way (``functions.previewing.way``), where the caller has it already.
    """
    from approval.sentence import sentence
    from functions.previewing import way
    from service.case_reading import names_in
    from service.case_view import case_view
    from service.one_level_case import OneLevelCase

    names = {person.id: person.name for person in directory.people().values()}
    said = None
    if case.status and not isinstance(case, OneLevelCase):
        zone = UTC if reader is None else directory.zone_of(reader)
        said = sentence(case.status, names | names_in(case), zone, "UTC" if zone is UTC else "")
    path = [step.to_json() for step in (way(case) if levels is None else levels)]
    return case_view(case, reader, names, sentence=said, path=path or None)


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> func.HttpResponse:
    """JSON that no cache keeps."""
    return func.HttpResponse(
        json.dumps(value, ensure_ascii=False),
        status_code=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        mimetype=_JSON,
    )


async def submitted_answer(
    req: func.HttpRequest, context: func.Context, engine: Engine, body: JsonValue, by: Signed | None, path: str
) -> func.HttpResponse:
    """The answer to a proposal: 201 with the case and its address, 200 if the same request has started it before.

    Args:
        req: the request.
        context: of the invocation, for its trace.
        engine: the instances of this app.
        body: of the request.
        by: who submits; None for a machine.
        path: that the address of the case begins with.
    """
    from functions.acting import visible_case
    from functions.submitting import submit

    with tracing.of_invocation(context):
        found = await submit(engine, body, req.headers.get("Idempotency-Key"), by)
    reader = by.person_id if by else None
    case = await visible_case(engine, found.case_id, reader)
    return json_answer(shown(case, reader), 201 if found.is_new else 200, {"Location": f"{path}/{found.case_id}"})


def tagged_answer(req: func.HttpRequest, value: object) -> func.HttpResponse:
    """JSON with an entity tag; 304 without a body if the request knows it already."""
    text = json.dumps(value, ensure_ascii=False)
    tag = f'"{hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag, "Vary": "Cookie"}
    known = {each.strip().removeprefix("W/") for each in req.headers.get("If-None-Match", "").split(",")}
    if tag in known or "*" in known:
        return func.HttpResponse(b"", status_code=304, headers=headers)
    return func.HttpResponse(text, headers=headers, mimetype=_JSON)
