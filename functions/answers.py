"""What the routes of the API have in common: bodies that are JSON, answers that are, and problems.

What shows a case is imported with the first one: the app's start does not pay for it.
"""
# ruff: noqa: PLC0415 - as said above

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import azure.functions as func

from adapters import directory, identity
from approval.errors import UnreadableInput
from approval.json_values import JsonValue
from functions.problems import problem_response
from service.act_errors import NotJson
from service.body import read_body
from service.errors import BodyWithoutLength
from service.problems import REFUSALS

if TYPE_CHECKING:
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
    raw = req.get_body()
    if not raw and "chunked" in req.headers.get("Transfer-Encoding", "").lower():
        raise BodyWithoutLength
    return read_body(raw)


def shown(case: "GenuineCase", reader: str | None) -> dict[str, Any]:
    """The case as this reader sees it; None for a machine."""
    from approval.sentence import sentence
    from service.case_reading import names_in
    from service.case_view import case_view
    from service.one_level_case import OneLevelCase

    names = {person.id: person.name for person in directory.people().values()}
    said = None
    if case.status and not isinstance(case, OneLevelCase):
        zone = UTC if reader is None else directory.zone_of(reader)
        said = sentence(case.status, names | names_in(case), zone, "UTC" if zone is UTC else "")
    return case_view(case, reader, names, sentence=said, path=foreseen(case))


def foreseen(case: "GenuineCase") -> list[dict[str, Any]] | None:
    """The way of the case through its levels, as ``approval.forecast`` foresees it; None where it cannot."""
    from approval.forecast import path
    from service.one_level_case import OneLevelCase

    file = directory.policy_file()
    if file is None or isinstance(case, OneLevelCase):
        return None
    try:
        found = path(case.submission, file, datetime.now(UTC).replace(microsecond=0), case.record)
    except UnreadableInput:
        return None
    return [step.to_json() for step in found]


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> func.HttpResponse:
    """JSON that no cache keeps."""
    return func.HttpResponse(
        json.dumps(value, ensure_ascii=False),
        status_code=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        mimetype=_JSON,
    )


def tagged_answer(req: func.HttpRequest, value: object) -> func.HttpResponse:
    """JSON with an entity tag; 304 without a body if the request knows it already."""
    text = json.dumps(value, ensure_ascii=False)
    tag = f'"{hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag, "Vary": "Cookie"}
    known = {each.strip().removeprefix("W/") for each in req.headers.get("If-None-Match", "").split(",")}
    if tag in known or "*" in known:
        return func.HttpResponse(b"", status_code=304, headers=headers)
    return func.HttpResponse(text, headers=headers, mimetype=_JSON)
