"""Everything that can go wrong has a code and a sentence; what a request can be refused with has a status too."""

import json
from functools import partial

import pytest

from approval import errors
from approval.errors import ApprovalError, CaseError, FieldError, InvalidFields
from service import act_errors as acts
from service import errors as service
from service.errors import CallerError, OperatorError, ServiceError, UnreadableBody
from service.problems import problem_of


def leaves(root):
    """The classes that are raised."""
    below = root.__subclasses__()
    return [leaf for each in below for leaf in leaves(each)] if below else [root]


def test_every_error_has_a_code_of_its_own():
    """Callers may rely on codes, so no two errors share one."""
    codes = [leaf.code for root in (ApprovalError, ServiceError) for leaf in leaves(root)]
    assert len(codes) == len(set(codes))
    assert all(code == code.lower() and " " not in code for code in codes)


@pytest.mark.parametrize(("module", "root"), [(errors, ApprovalError), (service, ServiceError)])
def test_the_tree_in_the_docstring_is_the_tree(module, root):
    """Every class is in it with its code, and with its status if it has one; that of acts is in a module of its own."""
    tree = module.__doc__ + acts.__doc__
    for leaf in leaves(root):
        line = next(line for line in tree.splitlines() if f" {leaf.__name__} " in line)
        assert str(getattr(leaf, "status", "")) in line
        assert leaf.code in line


def test_callers_errors_are_4xx_and_ours_5xx():
    """Who can put it right shows in the status."""
    assert all(400 <= leaf.status < 500 for leaf in leaves(CallerError))
    assert all(leaf.status >= 500 for leaf in leaves(OperatorError))


def test_the_errors_of_the_domain_know_no_http():
    """No status and no title: what a case fails with is no answer to a request."""
    assert {leaf.__name__ for leaf in leaves(ApprovalError)} == {
        "InvalidFields", "UnreadableInput", "InvalidDuration", "MisplacedEvent", "MisplacedEffect", "NotRecorded",
        "UnfitPolicyFile", "CaseFault",
    }  # fmt: skip
    assert InvalidFields not in leaves(CaseError)
    assert not [leaf for leaf in leaves(ApprovalError) if {"status", "title", "problem"} & set(dir(leaf))]


def test_a_problem_has_the_members_of_the_standard_and_our_own():
    """RFC 9457: type, title, status, detail; ours: code and the facts."""
    error = InvalidFields([FieldError("title", "missing", "It is missing.")])
    assert problem_of(error).body() == {
        "type": "urn:problem-type:design-approval:fields-invalid",
        "title": "Some fields need attention",
        "status": 422,
        "detail": "1 field needs attention: title. Nothing was started; see errors for each, "
        "put them right and send it again.",
        "code": "fields-invalid",
        "errors": [{"field": "title", "code": "missing", "detail": "It is missing."}],
    }


def test_a_problem_of_the_service_has_the_members_of_its_error():
    """The same shape as that of the domain's."""
    assert problem_of(UnreadableBody("NaN is not a JSON number")).body() == {
        "type": "urn:problem-type:design-approval:body-not-json",
        "title": "The body is not JSON",
        "status": 400,
        "detail": "NaN is not a JSON number. Send one JSON object as UTF-8 text, or no body at all.",
        "code": "body-not-json",
    }


def test_an_answer_stays_small_however_many_fields_are_wrong():
    """Twenty entries are enough to begin with; the sentence says how many there are."""
    error = InvalidFields([FieldError(f"f{number}", "unknown", "There is no such field.") for number in range(5_000)])
    problem = problem_of(error)
    assert len(problem.facts["errors"]) == 20
    assert problem.detail.startswith("5000 fields need attention: f0, f1, f2, f3, f4, …")
    assert len(json.dumps(problem.body())) < 3_000


def of_fields(names, **more):
    """The error about these fields."""
    return InvalidFields([FieldError(name, "x", "") for name in names], **more)


SENTENCES = [
    (errors.UnreadableInput, ["It is a list."], {},
     "It is a list. Start it through POST /api/orchestrators/OrchFunction, which stamps the input."),
    (errors.UnreadableInput, ["It is new.", "Deploy."], {}, "It is new. Deploy."),
    (errors.MisplacedEvent, ["open", "Failed"], {"stage": "open", "event": "Failed"},
     "A review that is open cannot take the event Failed."),
    (errors.MisplacedEffect, ["announce"], {"key": "announce"}, "The effect announce cannot begin or end now."),
    (errors.UnfitPolicyFile, ["Finance", "There is no group all."], {"level": "Finance"},
     "The level Finance cannot go on. There is no group all. The case waits until the policy file is put right."),
    (errors.NotRecorded, ["approved", "Approval", 3], {},
     ("The proposal was approved, and that stands, but the activity Approval failed 3 times. It is not tried again: "
     "act on the outcome by hand. The custom status says who decided what, and when.")),
    (errors.CaseFault, ["no level opens"], {"why": "no level opens"},
     "The case ends without an outcome: no level opens. Put that right, and submit the proposal again."),
    (partial(of_fields, nothing="changed"), ["a"], {"nothing": "changed"}, "1 field needs attention: a."),
    (of_fields, ["ab"], {"nothing": "started"}, "2 fields need attention: a, b."),
    (of_fields, ["abacde"], {"nothing": "started"},
     "6 fields need attention: a, b, c, d, e."),
    (of_fields, ["abcdef"], {"nothing": "started"},
     "6 fields need attention: a, b, c, d, e, …."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "facts", "detail"), SENTENCES)
def test_an_error_says_what_happened_and_what_to_do(kind, given, facts, detail):
    """Its sentence is its text too; what it is about can be read without the sentence."""
    error = kind(*given)
    assert (error.detail, str(error)) == (detail, detail)
    assert {name: getattr(error, name) for name in facts} == facts
