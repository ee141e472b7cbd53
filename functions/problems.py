"""Every refusal of this app as an HTTP answer: RFC 9457, one shape, made in one place."""

import json

import azure.functions as func

from adapters import logs
from approval.errors import InvalidFields
from service.act_errors import EngineSilent
from service.errors import InvalidSetting, MissingSetting, NotCounted, NotStarted, OperatorError, ServiceError
from service.problems import Problem, problem_of

_RETRY_AFTER_S = "5"


def problem_response(error: ServiceError | InvalidFields, orchestration: str | None = None) -> func.HttpResponse:
    """The answer for an error, which is logged as well: by its code, not by what the caller wrote.

    ``orchestration`` is the name of the one that was to be started, if it is one of the app's.

    Example::

        HTTP 422, Content-Type: application/problem+json
        {"type": "urn:problem-type:design-approval:fields-invalid", "title": "Some fields need attention",
         "status": 422, "detail": "1 field needs attention: title. Nothing was started; ...", "code": "fields-invalid",
         "errors": [{"field": "title", "code": "missing", "detail": "It is missing. Give the proposal a title ..."}]}
    """
    problem = log_refusal(error, orchestration)
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, NotStarted | NotCounted | EngineSilent):
        headers["Retry-After"] = _RETRY_AFTER_S
    return func.HttpResponse(
        json.dumps(problem.body(), ensure_ascii=False),
        status_code=problem.status,
        headers=headers,
        mimetype="application/problem+json",
    )


def log_refusal(error: ServiceError | InvalidFields, orchestration: str | None = None) -> Problem:
    """Log what a request was refused with, and give it as a problem."""
    problem = problem_of(error)
    if isinstance(error, OperatorError):
        setting = error.setting if isinstance(error, InvalidSetting | MissingSetting) else None
        logs.log_event(
            "unavailable",
            orchestration=orchestration,
            problem=problem.code,
            status=problem.status,
            setting=setting,
            cause=logs.cause_of(error),
        )
    else:
        logs.log_event("refused", orchestration=orchestration, problem=problem.code, status=problem.status)
    return problem
