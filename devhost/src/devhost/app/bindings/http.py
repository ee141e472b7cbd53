"""HTTP in and out of a function: what the host sends to the worker, and what it makes of the answer (contract 6.3).

1. Header names arrive in lower case; several values of one header, or of one query parameter, are joined by a comma.
2. A query parameter with an empty value does not arrive.
3. A ``func.HttpResponse`` is sent as it is. One value per header remains; cookies alone may be several.
4. A ``str`` is tried as JSON first (Functions host: HTTP binding). An object with a key ``body`` counts as a whole
   response; any other object or list is written indented; a text in quotes loses them; ``true`` becomes ``True``.
5. Anything else, None included, cannot be encoded and fails the invocation (Python worker: bindings).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookies import Morsel, SimpleCookie
from typing import Any, Final
from urllib.parse import quote

import azure.functions as func
from azure.functions.http import HttpRequest, HttpResponseConverter

_PLAIN: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What goes to the caller.

    Attributes:
        status: the status code.
        headers: names as the function spells them, Content-Type included if there is one.
        body: the bytes.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


# Functions host: no output was set, or the handler failed; the body is empty in both cases.
EMPTY: Final = HttpAnswer(200, (), b"")
FAILED: Final = HttpAnswer(500, (), b"")


def http_request(
    method: str,
    url: str,
    *,
    headers: Iterable[tuple[str, str]],
    query: Iterable[tuple[str, str]],
    route_params: Mapping[str, str],
    body: bytes,
) -> Any:
    """The ``func.HttpRequest`` that a function gets.

    Args:
        method: as sent.
        url: scheme, Host header, path and query.
        headers: one pair per value.
        query: one pair per value, decoded, blank values included.
        route_params: from the route table.
        body: empty if there is none.
    """
    return HttpRequest(
        method,
        url,
        headers=_joined(headers, lower=True),
        params={name: value for name, value in _joined(query, lower=False).items() if value},
        route_params=route_params,
        body_type="bytes",
        body=body,
    )


def _joined(pairs: Iterable[tuple[str, str]], *, lower: bool) -> dict[str, str]:
    """Values of one name, in any case, joined by commas under the first spelling."""
    values: dict[str, str] = {}
    spelling: dict[str, str] = {}
    for name, value in pairs:
        key = spelling.setdefault(name.lower(), name.lower() if lower else name)
        values[key] = f"{values[key]},{value}" if key in values else value
    return values


def http_answer(result: Any) -> HttpAnswer:
    """What the caller sees of a value that went to an HTTP output.

    Raises:
        TypeError: the worker cannot encode it; the invocation has failed.
    """
    if isinstance(result, func.HttpResponse):
        return _from_response(result)
    if isinstance(result, str):
        return _from_text(result)
    raise TypeError(
        f'unable to encode outgoing TypedData: unsupported type "http" for Python type "{type(result).__name__}"'
    )


def _from_response(response: Any) -> HttpAnswer:
    # The SDK's own converter decides on the content type and takes the cookies out.
    value = HttpResponseConverter.encode(response, expected_type=None).value
    headers: dict[str, tuple[str, str]] = {}
    for name, datum in value["headers"].items():
        headers.setdefault(name.lower(), (name, str(datum.value)))
    cookies = [("Set-Cookie", _cookie(morsel)) for cookie in value["cookies"] or () for morsel in _morsels(cookie)]
    return HttpAnswer(int(value["status_code"].value), (*headers.values(), *cookies), value["body"].value)


def _morsels(cookie: SimpleCookie) -> list[Morsel[str]]:
    return list(cookie.values())


def _cookie(morsel: Morsel[str]) -> str:
    """A Set-Cookie line as ASP.NET Core writes it."""
    parts = [f"{morsel.key}={quote(morsel.value, safe='')}"]
    parts += [f"{name}={morsel[name]}" for name in ("expires", "max-age", "domain", "path") if morsel[name]]
    parts += ["secure"] if morsel["secure"] else []
    parts += [f"samesite={morsel['samesite'].lower()}"] if morsel["samesite"] else []
    parts += ["httponly"] if morsel["httponly"] else []
    return "; ".join(parts)


def _from_text(text: str) -> HttpAnswer:
    try:
        content = json.loads(text) if text.strip() else None
    except ValueError:
        content = text
    status = 200
    headers: list[tuple[str, str]] = []
    if isinstance(content, dict):
        parts = {key.lower(): value for key, value in content.items()}
        if "body" not in parts:
            return _plain(status, headers, _indented(content))
        content = parts["body"]
        status = _status(parts)
        named = parts.get("headers")
        headers = [(name, _said(value)) for name, value in named.items()] if isinstance(named, dict) else []
        if isinstance(content, list):
            # Whichever items the list holds, .NET writes the name of its type here.
            return _plain(status, headers, "System.Collections.Generic.List`1[System.Object]")
        if isinstance(content, dict):
            return _plain(status, headers, json.dumps(content, ensure_ascii=False, separators=(",", ":")))
    elif isinstance(content, list):
        return _plain(status, headers, _indented(content))
    return _plain(status, headers, _said(content))


def _status(parts: Mapping[str, Any]) -> int:
    value = parts.get("statuscode", parts.get("status"))
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().isdigit():
        return int(value)
    return 200


def _said(value: Any) -> str:
    """A simple value as .NET's ToString() writes it."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _indented(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)


def _plain(status: int, headers: list[tuple[str, str]], text: str) -> HttpAnswer:
    kept: dict[str, tuple[str, str]] = {}
    for name, value in headers:
        kept.setdefault(name.lower(), (name, value))
    name, kind = kept.get("content-type", ("Content-Type", _PLAIN))
    kept["content-type"] = (name, kind if "charset" in kind.lower() else f"{kind}; charset=utf-8")
    return HttpAnswer(status, tuple(kept.values()), text.encode())
