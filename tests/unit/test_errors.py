"""Everything that can go wrong has a code, a status and a sentence."""

import json

from approval import errors
from approval.errors import ApprovalError, CallerError, CaseError, FieldError, InvalidFields, OperatorError


def leaves(root=ApprovalError):
    """The classes that are raised."""
    below = root.__subclasses__()
    return [leaf for each in below for leaf in leaves(each)] if below else [root]


def test_every_error_has_a_code_of_its_own():
    """Callers may rely on codes, so no two errors share one."""
    codes = [leaf.code for leaf in leaves()]
    assert len(codes) == len(set(codes)) == 17
    assert all(code == code.lower() and " " not in code for code in codes)


def test_the_tree_in_the_docstring_is_the_tree():
    """Every class stands in it with its status and code."""
    for leaf in leaves():
        line = next(line for line in errors.__doc__.splitlines() if f" {leaf.__name__} " in line)
        assert str(leaf.status) in line
        assert leaf.code in line


def test_callers_errors_are_4xx_and_ours_5xx():
    """Who can put it right shows in the status."""
    assert all(400 <= leaf.status < 500 for leaf in leaves(CallerError))
    assert all(leaf.status >= 500 for leaf in leaves(OperatorError))
    assert {leaf.__name__ for leaf in leaves(CaseError)} == {
        "UnreadableInput", "InvalidDuration", "MisplacedEvent", "MisplacedEffect", "NotRecorded",
    }  # fmt: skip


def test_a_problem_has_the_members_of_the_standard_and_our_own():
    """RFC 9457: type, title, status, detail; ours: code and the facts."""
    error = InvalidFields([FieldError("title", "missing", "It is missing.")])
    assert error.problem() == {
        "type": "urn:problem-type:design-approval:fields-invalid",
        "title": "Some fields need attention",
        "status": 422,
        "detail": "1 field needs attention: title. Nothing was started; see errors for each, "
        "put them right and send it again.",
        "code": "fields-invalid",
        "errors": [{"field": "title", "code": "missing", "detail": "It is missing."}],
    }


def test_an_answer_stays_small_however_many_fields_are_wrong():
    """Twenty entries are enough to begin with; the sentence tells how many there are."""
    error = InvalidFields([FieldError(f"f{number}", "unknown", "There is no such field.") for number in range(5_000)])
    assert len(error.problem()["errors"]) == 20
    assert error.detail.startswith("5000 fields need attention: f0, f1, f2, f3, f4, …")
    assert len(json.dumps(error.problem())) < 3_000
