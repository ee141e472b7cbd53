"""The management API under requests of all kinds: every answer is one that its document describes, and comes in time.

A 500 counts only with a reason that the extension has as well; they are listed here with the contract's section.
"""

import json

import schemathesis
from checkout import DEVHOST
from hypothesis import HealthCheck, Phase, settings
from openapi_spec_validator import validate

DOCUMENT = DEVHOST / "docs" / "management-api.openapi.json"
WITHIN_S = 5.0
# Types of exceptions that stand in a 500, and why.
REASONS = {
    "System.InvalidOperationException": "an unknown connection (1.1); suspended twice, resumed without it (1.8)",
    "Newtonsoft.Json.JsonSerializationException": "a start's body that ends too early (1.3)",
    "Newtonsoft.Json.JsonWriterException": "a start's body that ends too early (1.3)",
    "DurableTask.AzureStorage.Storage.DurableTaskStorageException": "a negative top (1.6); a hub's name (1.1)",
}
NAMES = ("Chain", "FanOut", "Race", "Words", "Breaks", "Talks", "nobody")
schema = schemathesis.openapi.from_path(DOCUMENT)


def test_the_document_is_valid():
    """It is an OpenAPI 3.1 document."""
    validate(json.loads(DOCUMENT.read_text(encoding="utf-8")))


@schemathesis.hook
def map_path_parameters(_context, path_parameters):
    """Half of the requests go to what is there."""
    given = dict(path_parameters or {})
    for name, value in given.items():
        known = {"functionName": NAMES, "instanceId": ("one", "two", "three"), "entityName": ("Notes",)}.get(name)
        number = sum(map(ord, str(value)))
        if known and number % 2:
            given[name] = known[number % len(known)]
    return given


@schemathesis.hook
def map_query(_context, query):
    """Nobody waits for an end for long, and other hubs are another matter."""
    given = {name: value for name, value in (query or {}).items() if name != "taskHub"}
    if "timeout" in given:
        given["timeout"] = "0.01"
    return given


@schema.parametrize()
@settings(
    max_examples=40, deadline=None, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_every_answer_is_described(case, host):
    """Status, headers and body are those of the document; a 500 has a reason; nothing hangs."""
    answer = case.call(base_url=f"{host.origin}/runtime/webhooks/durabletask", timeout=WITHIN_S)
    case.validate_response(
        answer,
        checks=[
            schemathesis.checks.CHECKS.get_one(name)
            for name in ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
        ],
    )
    if answer.status_code == 500 and "ExceptionType" in answer.json():
        assert answer.json()["ExceptionType"] in REASONS, answer.text
    assert not host.has_died()
