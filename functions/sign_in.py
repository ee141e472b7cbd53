"""``POST /sign-in`` and ``POST /sign-out``, the local sign-in of ``adapters.identity``."""

import azure.durable_functions as df
import azure.functions as func

from adapters import identity
from functions.problems import problem_response
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
        return problem_response(error)
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
        return problem_response(error)
    return _to(PAGE, identity.end(req.headers))


def _to(path: str, cookie: str) -> func.HttpResponse:
    return func.HttpResponse(
        b"", status_code=303, headers={"Location": path, "Set-Cookie": cookie, "Cache-Control": "no-store"}
    )
