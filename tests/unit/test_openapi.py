"""The description of the API agrees with the app and with its reference."""

import re

import pytest
from places import ROOT

from service.act_errors import ActRefused
from service.errors import ServiceError
from service.openapi import document
from service.openapi_shapes import SCHEMAS

DOCUMENT = document()
OPERATIONS = {
    (method.upper(), path): operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}  # fmt: skip


def routes():
    """Method and path of each route of the API that a function declares, but for those of the pattern gallery."""
    for module in sorted((ROOT / "functions").glob("*.py")):
        text = module.read_text(encoding="utf-8")
        for route, methods in re.findall(r'route="(api/[^"]+)", methods=\[([^\]]+)\]', text):
            yield from ((method, f"/{route}") for method in re.findall(r'"(\w+)"', methods))


def test_every_route_of_the_api_is_described():
    """HEAD and GET of the starter and of the health report are not described apart."""
    assert set(routes()) - {("HEAD", "/api/health"), ("GET", "/api/orchestrators/{functionName}")} == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_has_a_name_of_its_own_and_says_who_may(method, path):
    """Routes for people want a session, those for machines a key."""
    operation = OPERATIONS[method, path]
    assert [each["operationId"] for each in OPERATIONS.values()].count(operation["operationId"]) == 1
    expected = {"people": [{"session": []}], "machines": [{"functionKey": []}], "service": []}
    assert operation["security"] == expected[operation["tags"][0]]
    assert ("401" in operation["responses"]) is (operation["tags"] == ["people"])


def test_every_shape_is_used():
    """And each that is used is there."""
    used = set(re.findall(r"#/components/schemas/(\w+)", str(DOCUMENT)))
    assert used == set(SCHEMAS)


def test_every_verdict_has_its_status_among_the_answers_to_an_act():
    """With the shape that has the verdict in it."""
    answers = OPERATIONS["POST", "/api/proposals/{id}/acts"]["responses"]
    for error in ActRefused.__subclasses__():
        shape = answers[str(error.status)]["content"]["application/problem+json"]["schema"]["$ref"]
        assert shape.endswith("/ActProblem")
    assert issubclass(ActRefused, ServiceError)
