"""Every refusal of this app as an HTTP answer: RFC 9457, one shape, made in one place."""

import json
import logging

import azure.functions as func

from approval.errors import ApprovalError, NotStarted, OperatorError

_log = logging.getLogger(__name__)
_RETRY_AFTER_S = "5"


def problem_response(error: ApprovalError) -> func.HttpResponse:
    """The answer for an error of the tree; what is ours to mend is logged as well.

    Example::

        HTTP 422, Content-Type: application/problem+json
        {"type": "urn:problem-type:design-approval:fields-invalid", "title": "Some fields need attention",
         "status": 422, "detail": "1 field needs attention: title. Nothing was started; ...", "code": "fields-invalid",
         "errors": [{"field": "title", "code": "missing", "detail": "It is missing. Give the proposal a title ..."}]}
    """
    if isinstance(error, OperatorError):
        _log.error("%s: %s", error.code, error.detail, exc_info=error)
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, NotStarted):
        headers["Retry-After"] = _RETRY_AFTER_S
    return func.HttpResponse(
        json.dumps(error.problem(), ensure_ascii=False),
        status_code=error.status,
        headers=headers,
        mimetype="application/problem+json",
    )
