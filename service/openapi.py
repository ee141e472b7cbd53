"""The description of the API in OpenAPI 3.1, written by hand; ``service.openapi_shapes`` has the shapes of the bodies.

1. It is the same on every host. What ``fields`` a proposal has says the policy file: ``/api/policies`` shows it to
   people. So the description needs no session.
2. Each answer of each route is in it, but for those of the host itself: a path that is no route, a key that is missing.
   Tests send thousands of requests and find none that is not.
"""

from collections.abc import Mapping
from typing import Any

from service import VERSION
from service.openapi_shapes import ACT_EXAMPLE, PROPOSAL_EXAMPLE, SCHEMAS

_JSON, _PROBLEM = "application/json", "application/problem+json"
_SESSION: list[dict[str, list[str]]] = [{"session": []}]
_KEY: list[dict[str, list[str]]] = [{"functionKey": []}]
Json = dict[str, Any]


def document() -> Json:
    """The description, as ``GET /api/openapi.json`` gives it."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Approvals",
            "version": VERSION,
            "license": {"name": "MIT", "identifier": "MIT"},
            "description": "Submit proposals, see who has to decide and until when, and decide.",
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "people", "description": "A session is needed: the cookie that POST /sign-in gives."},
            {"name": "machines", "description": "A function key is needed."},
            {"name": "service", "description": "About the service itself."},
        ],
        "paths": _paths(),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "session"},
                "functionKey": {"type": "apiKey", "in": "header", "name": "x-functions-key"},
            },
        },
    }


def _paths() -> Json:
    return {
        "/api/proposals": {
            "post": _for_people(
                "SubmitProposal",
                "Submit a proposal",
                {"201": _case("It has started a case.", linked=True), "200": _case("It has, when it was sent before.")},
                _problems(400, 403, 409, 411, 413, 415, 422, 500, 503),
                body=("Proposal", PROPOSAL_EXAMPLE),
                parameters=[_IDEMPOTENCY_KEY],
            ),
            "get": _for_people(
                "ListProposals",
                "List cases",
                {
                    "200": _answer("A page of cases.", "Page"),
                    "414": {"description": "The host's answer to a long address."},
                },
                _problems(400, 500, 503),
                parameters=_QUERY,
            ),
        },
        "/api/proposals:preview": {
            "post": _for_people(
                "PreviewProposal",
                "Look ahead: who would decide on a proposal, and by when",
                {"200": _answer("Nothing is started.", "Preview")},
                _problems(400, 403, 411, 413, 415, 422, 500),
                body=("Proposal", PROPOSAL_EXAMPLE),
            )
        },
        "/api/proposals/{id}": {
            "get": _for_people(
                "ReadProposal",
                "See a case",
                {"200": _tagged("The case as it is for the reader.", "Case"), "304": _UNCHANGED, "400": _UNREADABLE},
                _problems(404, 500, 503),
                parameters=[_ID, _IF_NONE_MATCH],
            )
        },
        "/api/proposals/{id}/acts": {
            "get": _for_people(
                "ReadActs",
                "See the record of a case",
                {"200": _tagged("What happened, in order.", "Record"), "304": _UNCHANGED, "400": _UNREADABLE},
                _problems(404, 500, 503),
                parameters=[_ID, _IF_NONE_MATCH],
            ),
            "post": _for_people(
                "ActOnProposal",
                "Approve, reject, abstain or withdraw",
                {
                    "200": _answer("It counts.", "ActAnswer"),
                    "202": _answer("The case has not said within ten seconds; send it again.", "ActAnswer"),
                },
                _problems(400, 404, 411, 413, 415, 500, 503) | _acts(403, 409, 422),
                body=("Act", ACT_EXAMPLE),
                parameters=[_ID, _IDEMPOTENCY_KEY],
            ),
        },
        "/api/policies": {
            "get": _for_people(
                "ListPolicies",
                "See which policies are in force",
                {"200": _tagged("The policies.", "Policies"), "304": _UNCHANGED, "400": _UNREADABLE},
                {},
                parameters=[_IF_NONE_MATCH],
            )
        },
        "/api/policies/{name}": {
            "get": _for_people(
                "ReadPolicy",
                "See a policy in words",
                {"200": _tagged("The policy.", "Policy"), "304": _UNCHANGED, "400": _UNREADABLE},
                _problems(404, 500),
                parameters=[_NAME, _IF_NONE_MATCH],
            )
        },
        "/api/machine/proposals": {
            "post": _for_machines(
                "SubmitForPerson",
                "Submit a proposal for a person",
                {"201": _case("It has started a case."), "200": _case("It has, when it was sent before.")},
                _problems(400, 409, 411, 413, 415, 422, 500, 503),
                body=("ProposalOfMachine", {**PROPOSAL_EXAMPLE, "author": "dana@county.example"}),
                parameters=[_IDEMPOTENCY_KEY],
            )
        },
        "/api/machine/proposals/{id}": {
            "get": _for_machines(
                "ReadForMachine",
                "See a case",
                {
                    "200": _tagged("The case, without what is for one reader.", "Case"),
                    "304": _UNCHANGED,
                    "400": _UNREADABLE,
                },
                _problems(404, 500, 503),
                parameters=[_ID, _IF_NONE_MATCH],
            )
        },
        "/api/orchestrators/{functionName}": {
            "post": _for_machines(
                "HttpStart",
                "Start a case by the name of its orchestration",
                {"202": _answer("It has started, now or when it was sent before.", "Started")},
                _problems(400, 404, 409, 411, 413, 422, 500, 503),
                body=("AnyBody", None),
                parameters=[_FUNCTION_NAME, _IDEMPOTENCY_KEY],
            )
        },
        "/api/stats": {
            "get": _for_machines(
                "Stats",
                "Count the cases by state",
                {"200": _answer("The figures, at most some seconds old.", "Figures")},
                _problems(503),
            )
        },
        "/api/health": {
            "get": _public("Health", "Whether the service can do its work", {"200": _HEALTH, "503": _HEALTH}),
        },
        "/api/openapi.json": {
            "get": _public("OpenApi", "This description", {"200": _answer("OpenAPI 3.1.", "AnyObject")}),
        },
    }


def _for_people(name: str, summary: str, answers: Json, problems: Json, **more: Any) -> Json:
    return _operation(name, summary, "people", _SESSION, answers | problems | _problems(401), **more)


def _for_machines(name: str, summary: str, answers: Json, problems: Json, **more: Any) -> Json:
    return _operation(name, summary, "machines", _KEY, answers | problems, **more)


def _public(name: str, summary: str, answers: Json) -> Json:
    return _operation(name, summary, "service", [], answers)


def _operation(
    name: str,
    summary: str,
    tag: str,
    security: list[dict[str, list[str]]],
    answers: Json,
    *,
    body: tuple[str, Any] | None = None,
    parameters: list[Json] | None = None,
) -> Json:
    found: Json = {"operationId": name, "summary": summary, "tags": [tag], "security": security}
    if parameters:
        found["parameters"] = parameters
    if body is not None:
        shape, example = body
        content = {"schema": _of(shape)} | ({"example": example} if example is not None else {})
        found["requestBody"] = {"required": example is not None, "content": {_JSON: content}}
    return found | {"responses": dict(sorted(answers.items()))}


def _of(shape: str) -> Json:
    return {"$ref": f"#/components/schemas/{shape}"}


def _answer(description: str, shape: str, headers: Mapping[str, Json] | None = None) -> Json:
    found: Json = {"description": description, "content": {_JSON: {"schema": _of(shape)}}}
    return found | ({"headers": dict(headers)} if headers else {})


def _tagged(description: str, shape: str) -> Json:
    return _answer(description, shape, {"ETag": {"schema": {"type": "string"}}})


def _case(description: str, *, linked: bool = False) -> Json:
    found = _answer(description, "Case", {"Location": {"schema": {"type": "string"}}})
    if linked:
        own_id = {"id": "$response.body#/id"}
        names = ("ReadProposal", "ReadActs", "ActOnProposal")
        found["links"] = {name: {"operationId": name, "parameters": own_id} for name in names}
    return found


def _problems(*statuses: int) -> Json:
    return {str(status): _problem(_TITLES[status], "Problem") for status in statuses}


def _acts(*statuses: int) -> Json:
    return {str(status): _problem(_ACT_TITLES[status], "ActProblem") for status in statuses}


def _problem(description: str, shape: str) -> Json:
    return {"description": description, "content": {_PROBLEM: {"schema": _of(shape)}}}


def _parameter(name: str, where: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": where, "required": where == "path", "schema": schema, "description": description}


_TITLES = {
    400: "The body, the key or the query cannot be read.",
    401: "Nobody is signed in.",
    403: "It comes from a page of somebody else.",
    404: "There is none, or it is not for the reader to see.",
    409: "The idempotency key belongs to something else.",
    411: "The body has no length.",
    413: "The body is too large.",
    415: "The body is not sent as JSON.",
    422: "Some fields need attention.",
    500: "A setting of the service is not usable.",
    503: "The engine does not answer, or a setting is missing.",
}
_ACT_TITLES = {
    403: "It is not yours to decide, or your own; or it comes from a page of somebody else.",
    409: "It is early, late, stale or repeated.",
    422: "Some fields need attention, or a comment is missing.",
}
_UNCHANGED: Json = {"description": "It is as the caller knows it.", "headers": {"ETag": {"schema": {"type": "string"}}}}
_UNREADABLE: Json = {"description": "The host's own answer to a request that it cannot read."}
_HEALTH = _answer("What was looked at, and what to do.", "AnyObject")
_IDEMPOTENCY_KEY = _parameter(
    "Idempotency-Key",
    "header",
    {"type": "string", "pattern": "^[!-~]{1,200}$"},
    "The same key and body of the same sender are one request, however often it is sent.",
)
_IF_NONE_MATCH = _parameter(
    "If-None-Match", "header", {"type": "string", "pattern": "^[ -~]*$"}, "The ETag that the caller knows."
)
_ID = _parameter(
    "id",
    "path",
    {"type": "string", "pattern": "^P-(?:[0-9A-HJKMNP-TV-Z]{8}|[0-9A-HJKMNP-TV-Z]{26})$"},
    "Of the case. It may be written in small letters.",
)
_NAME = _parameter("name", "path", {"type": "string", "pattern": "^[a-z][a-z0-9_-]*$"}, "Of the policy.")
_FUNCTION_NAME = _parameter(
    "functionName",
    "path",
    {"type": "string", "enum": ["OrchFunction", "OrchFunctionChain"]},
    "Of the orchestration. With the pattern gallery there are more.",
)
_QUERY = [
    _parameter("turn", "query", {"const": "me"}, "What waits for the reader; goes with nothing else."),
    _parameter("author", "query", {"const": "me"}, "What the reader has written."),
    _parameter("state", "query", {"$ref": "#/components/schemas/ListedState"}, "Cases of this state."),
    _parameter("cursor", "query", {"type": "string", "maxLength": 4000}, "next of the page before."),
]
