"""Addresses of pages, made of what was asked for."""

from urllib.parse import parse_qsl, quote, urlsplit

from web.forms import Form

MOST_FIELDS = 200


def path_of(url: str) -> str:
    """The path and query of a request's address: ``/proposals/P-7K3M9QXV?a=1``."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}{parts.query and '?'}{parts.query}"


def query_of(url: str) -> Form:
    """The fields of a request's query; none if it cannot be read."""
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        return Form()
    return Form(tuple(pairs))


def sign_in(then: str) -> str:
    """The sign-in that leads on to a path of ours."""
    return f"/sign-in?next={quote(then, safe='/')}"
