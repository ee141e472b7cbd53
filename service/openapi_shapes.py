"""The shapes of bodies and answers in the description of the API, in JSON Schema 2020-12."""

from typing import Any

from approval.acts import MOST_COMMENT, Kind, Verdict
from approval.parts import MOST_ATTACHMENTS, MOST_SUMMARY, MOST_TITLE
from approval.typed_proposal import MOST_CONTRIBUTORS
from service.stats import OUTCOMES

Json = dict[str, Any]
STATES = ["with approvers", "approved", "rejected", "expired", "withdrawn"]
PROPOSAL_EXAMPLE: Json = {
    "title": "Mill Lane bridge",
    "summary": "New deck.",
    "fields": {"kind": "structure", "category": 2, "amount": "80000.00"},
    "attachments": [{"name": "drawings.pdf", "url": "https://files.example.com/drawings.pdf", "sha256": "9f" * 32}],
}
ACT_EXAMPLE: Json = {"act": "approve", "revision": 1, "level": 1}


def _object(properties: Json, *optional: str, more: bool = False) -> Json:
    """An object whose properties are all there, but for the optional ones."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": more}


def _list(items: Json, most: int | None = None) -> Json:
    return {"type": "array", "items": items} | ({"maxItems": most} if most is not None else {})


def _of(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


_TEXT: Json = {"type": "string"}
_NUMBER: Json = {"type": "integer", "minimum": 0}
_FROM_1: Json = {"type": "integer", "minimum": 1, "maximum": 1000}
_FLAG: Json = {"type": "boolean"}
_TIME: Json = {"type": "string", "format": "date-time"}
_MAYBE_TEXT, _MAYBE_TIME = _or_null(_TEXT), _or_null(_TIME)
_FIELDS: Json = {
    "type": "object",
    "description": "A value for each field of the policy file.",
    "additionalProperties": {"type": ["string", "integer", "number", "boolean", "null"]},
}
_PROPOSAL: Json = {
    "title": {"type": "string", "minLength": 1, "maxLength": MOST_TITLE},
    "summary": _or_null({"type": "string", "maxLength": MOST_SUMMARY}),
    "fields": _FIELDS,
    "attachments": _list(_of("Document"), MOST_ATTACHMENTS),
    "contributors": _list(_TEXT, MOST_CONTRIBUTORS),
}
_OPTIONAL = ("summary", "attachments", "contributors")
_VOTES = ["approve", "reject", "abstain"]
_PROBLEM: Json = {
    "type": {"type": "string", "format": "uri"},
    "title": _TEXT,
    "status": {"type": "integer"},
    "detail": _TEXT,
    "code": _TEXT,
    "errors": _list(_object({"field": _TEXT, "code": _TEXT, "detail": _TEXT})),
}
_DECIDED = {"is": _TEXT, "level": _or_null(_FROM_1), "by": _MAYBE_TEXT, "name": _MAYBE_TEXT, "at": _TEXT}
_SCHEMA_OF_ACT: Json = {
    "oneOf": [
        _object(
            {
                "act": {"enum": _VOTES},
                "revision": _FROM_1,
                "level": _FROM_1,
                "opening": _MAYBE_TEXT,
                "comment": _or_null({"type": "string", "maxLength": MOST_COMMENT}),
            },
            "opening",
            "comment",
        ),
        _object(
            {
                "act": {"const": "withdraw"},
                "revision": _FROM_1,
                "comment": _or_null({"type": "string", "maxLength": MOST_COMMENT}),
            },
            "comment",
        ),
    ]
}
_CASE: Json = {
    "id": _TEXT,
    "title": _TEXT,
    "summary": _MAYBE_TEXT,
    "author": _of("Person"),
    "contributors": _list(_of("Person")),
    "submitted": _object({"at": _TIME, "how": {"enum": ["local", "entra", "machine"]}}),
    "revision": _FROM_1,
    "state": {"enum": [*STATES, "refused", "fault", "stopped"]},
    "policy": _of("PolicyName"),
    "fields": _FIELDS,
    "amount": _MAYBE_TEXT,
    "attachments": _list(_of("Document")),
    "turn": _of("Turn"),
    "path": _list(_of("Step")),
    "mine": _of("Mine"),
    "decided": _of("Decided"),
    "acts": _NUMBER,
}
SCHEMAS: Json = {
    "Person": _object({"id": _TEXT, "name": _TEXT}),
    "Document": _object(
        {
            "name": _TEXT,
            "url": {"type": "string", "format": "uri"},
            "sha256": {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"},
        }
    ),
    "Proposal": _object(_PROPOSAL, *_OPTIONAL),
    "ProposalOfMachine": _object(_PROPOSAL | {"author": _TEXT}, *_OPTIONAL),
    "AnyBody": {"description": "OrchFunction takes a proposal; what it is says docs/reference/proposal.md."},
    "AnyObject": {"type": "object"},
    "Act": _SCHEMA_OF_ACT,
    "ActDone": _object(
        {
            "id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "act": {"enum": [str(kind) for kind in Kind]},
            "by": _of("Person"),
            "revision": _FROM_1,
            "level": _or_null(_FROM_1),
            "comment": _MAYBE_TEXT,
        }
    ),
    "ActAnswer": _object({"verdict": _or_null({"const": "counts"}), "act": _of("ActDone"), "case": _of("Case")}),
    "Case": _object(_CASE, "mine"),
    "Turn": _object(
        {
            "with": _list(_object({"id": _TEXT, "name": _TEXT, "since": _MAYBE_TIME, "because": _TEXT})),
            "due": _MAYBE_TIME,
            "next": _or_null(_object({"what": _TEXT, "at": _TIME})),
            "then": _MAYBE_TEXT,
            "sentence": _TEXT,
        }
    ),
    "Step": _object(
        {
            "level": _TEXT,
            "number": _FROM_1,
            "is": {"enum": ["done", "here", "ahead", "skipped"]},
            "with": _list(_of("Person")),
            "because": _list(_TEXT),
            "due": _MAYBE_TIME,
            "left_out": _list(_object({"person": _TEXT, "name": _TEXT, "why": _TEXT})),
            "why": _MAYBE_TEXT,
            "depends": _FLAG,
            "outcome": _MAYBE_TEXT,
            "by": _or_null(_object({"id": _MAYBE_TEXT, "name": _MAYBE_TEXT})),
            "at": _MAYBE_TIME,
        }
    ),
    "Mine": _object(
        {
            "may": _list({"enum": [str(kind) for kind in Kind]}),
            "opening": _MAYBE_TEXT,
            "level": _or_null(_FROM_1),
            "because": _MAYBE_TEXT,
            "comment": _list({"enum": _VOTES}),
            "why": _MAYBE_TEXT,
        }
    ),
    "Decided": _or_null(
        _object({"outcome": {"enum": ["Approved", "Rejected"]}, "by": _MAYBE_TEXT, "byName": _MAYBE_TEXT, "at": _TIME})
    ),
    "ListedState": {"enum": STATES},
    "Summary": _object(
        {
            "id": _TEXT,
            "title": _TEXT,
            "author": _of("Person"),
            "amount": _MAYBE_TEXT,
            "policy": _TEXT,
            "state": _TEXT,
            "turn": _object({"with": _list(_of("Person")), "since": _MAYBE_TIME, "due": _MAYBE_TIME}),
            "decided": _of("Decided"),
        }
    ),
    "Page": _object({"items": _list(_of("Summary")), "next": _MAYBE_TEXT}),
    "Record": _object(
        {
            "id": _TEXT,
            "entries": _list(_object({"n": _FROM_1, "move": _NUMBER, "at": _TIME, "what": _TEXT}, more=True)),
        }
    ),
    "PolicyName": _object({"name": _TEXT, "title": _TEXT, "digest": _TEXT}),
    "Preview": _object(
        {"policy": _of("PolicyName"), "fields": _FIELDS, "amount": _MAYBE_TEXT, "path": _list(_of("Step"))}
    ),
    "Policies": _object(
        {
            "file": _MAYBE_TEXT,
            "zone": _TEXT,
            "digest": _TEXT,
            "policies": _list(_object({"name": _TEXT, "title": _TEXT, "taken": _list(_TEXT)})),
        }
    ),
    "Policy": _object(
        {
            "name": _TEXT,
            "title": _TEXT,
            "digest": _TEXT,
            "visible_to": {"enum": ["parties", "parties and auditors", "staff"]},
            "different_people": _FLAG,
            "taken": _list(_TEXT),
            "levels": _list(
                _object({"number": _FROM_1, "name": _TEXT, "words": _list(_object({"what": _TEXT, "how": _TEXT}))})
            ),
            "fields": _list({"type": "object"}),
        }
    ),
    "Started": _object({"id": _TEXT}, more=True),
    "Figures": _object(
        dict.fromkeys(("open", "overdue", "recording", "completed", *OUTCOMES, "failed", "terminated"), _NUMBER)
        | {"secondsToDecision": {"type": "object"}, "complete": _FLAG, "asOf": _TIME, "ageSeconds": {"type": "number"}}
    ),
    "Problem": _object(_PROBLEM, "errors", more=True),
    "ActProblem": _object(
        _PROBLEM | {"verdict": {"enum": [str(one) for one in Verdict]}, "decided": _object(_DECIDED)},
        "errors",
        "verdict",
        "decided",
        more=True,
    ),
}
