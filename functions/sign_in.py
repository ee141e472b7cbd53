"""``POST /sign-in`` and ``POST /sign-out``, the local sign-in of ``adapters.identity``.

A browser gets a page where something is refused, and a program a problem.
"""

import azure.durable_functions as df
import azure.functions as func

from adapters import identity
from adapters.identity import HOME
from approval.errors import InvalidFields
from functions.problems import log_refusal, problem_response
from service.errors import ServiceError, UnknownPerson
from service.forms import read_form
from service.problems import REFUSALS

PAGE = "/sign-in"
blueprint = df.Blueprint()


@blueprint.route(route="sign-in", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
def SignIn(req: func.HttpRequest) -> func.HttpResponse:  # noqa: N802
    """303 with the session of the person in the field ``person``, to the path in ``next``."""
    try:
        fields = read_form(req.get_body(), req.headers.get("Content-Type"))
        cookie = identity.begin(req.headers, fields.get("person", ""))
    except REFUSALS as error:
        return _refused(req, error)
    return _to(identity.local_path(fields.get("next")), cookie)


@blueprint.route(route="sign-out", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
def SignOut(req: func.HttpRequest) -> func.HttpResponse:  # noqa: N802
    """303 without a session; the form carries the ``token`` of the one that it ends."""
    try:
        signed = identity.person_of(req.headers)
        if signed is not None:
            identity.check_origin(req.headers)
            identity.check_form(signed, read_form(req.get_body(), req.headers.get("Content-Type")).get("token"))
    except REFUSALS as error:
        return _refused(req, error)
    return _to(PAGE, identity.end(req.headers))


def _refused(req: func.HttpRequest, error: ServiceError | InvalidFields) -> func.HttpResponse:
    if "text/html" not in req.headers.get("Accept", ""):
        return problem_response(error)
    from functions.page_answers import html, nobodys_frame, page_of, sign_in_page  # noqa: PLC0415 - as functions.pages

    log_refusal(error)
    if isinstance(error, UnknownPerson):
        return html(sign_in_page(HOME, "Choose who you are."))
    return html(page_of(error, nobodys_frame()))


def _to(path: str, cookie: str) -> func.HttpResponse:
    return func.HttpResponse(
        b"", status_code=303, headers={"Location": path, "Set-Cookie": cookie, "Cache-Control": "no-store"}
    )
