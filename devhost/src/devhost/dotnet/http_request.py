"""What an orchestrator asked for, made the request that .NET's HttpClient would send, or the failure that it throws.

1. A method that .NET knows is written in capitals; an orchestrator's answer with a wrong one cannot be read at all.
2. Headers are read as :mod:`devhost.dotnet.http_headers` says; those of a content are refused, except ``Content-Type``.
3. A content without a type is ``text/plain``; a type is alone, without ``charset``; ``multipart`` is refused.
4. ``User-Agent`` is the extension's unless the call has one of its own.

All of it is pure. Recorded from the real extension: ``tests/http_activity/http_calls``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from devhost.dotnet import http_headers as netheaders
from devhost.dotnet import uri as neturi

if TYPE_CHECKING:
    from collections.abc import Mapping

USER_AGENT: Final = "Microsoft.Azure.WebJobs.Extensions.DurableTask/3.19.0"
FORM: Final = "application/x-www-form-urlencoded"
KNOWN_METHODS: Final = frozenset({"GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "CONNECT"})
NO_LENGTH: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "CONNECT"})
FORMAT, ARGUMENT, INVALID = "System.FormatException", "System.ArgumentException", "System.InvalidOperationException"
UNSUPPORTED: Final = "System.NotSupportedException"
MULTIPART: Final = "Multipart content is not supported with CallHttpAsync."
FUNCTION_FAILED: Final = "Microsoft.Azure.WebJobs.Extensions.DurableTask.FunctionFailedException"
LINE_END: Final = "New-line or NUL characters are not allowed in header values."
NOT_ASCII: Final = "Request headers must contain only ASCII characters."
NO_URI: Final = (
    "An invalid request URI was provided. Either the request URI must be an absolute URI or BaseAddress must be set."
)
SENDING: Final = "An error occurred while sending the request."
NO_HOST: Final = "CONNECT request must contain Host header."
_EMPTY: Final = "The value cannot be an empty string"


class RefusedError(Exception):
    """A call that is not sent.

    Attributes:
        text: the exception's message.
        kind: .NET's name of the exception; None for an ``HttpRequestException``.
    """

    def __init__(self, text: str, kind: str | None) -> None:
        super().__init__(text)
        self.text, self.kind = text, kind


@dataclass(slots=True)
class OutgoingRequest:
    """What is sent.

    Attributes:
        method: as written in the request line.
        address: whom to ask.
        headers: by name, one line each, in order; ``Content-Type`` is one of them, ``Content-Length`` is not.
        content: the body, or None.
    """

    method: str
    address: neturi.Address
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None


def unreadable(request: Any, path: str) -> str | None:
    """Why the extension cannot read an orchestrator's answer that holds this call, or None.

    Args:
        request: ``httpRequest`` of the action.
        path: where the action is in the answer, ``actions[0][0]``.
    """
    if not isinstance(request, dict):
        return None
    return (
        _unreadable_method(request.get("method"), path)
        or _unreadable_uri(request.get("uri"), f"{path}.httpRequest.uri")
        or _unreadable_headers(request.get("headers"), path)
    )


def _unreadable_method(method: Any, path: str) -> str | None:
    if isinstance(method, list):
        return _unexpected(method, f"{path}.httpRequest.method")
    if isinstance(method, dict):
        return _END_OF_OBJECT.format(path)
    if not isinstance(method, str):
        return None
    if not method.strip():
        return f"{_EMPTY} or composed entirely of whitespace. (Parameter 'method')"
    return None if re.fullmatch(netheaders.TOKEN, method) else "The format of the HTTP method is invalid."


def _unreadable_uri(uri: Any, path: str) -> str | None:
    if isinstance(uri, dict | list):
        first = next(iter(uri), None) if isinstance(uri, dict) else None
        return _NO_PRIMITIVE[type(uri)].format(path if first is None else f"{path}.{first}")
    if isinstance(uri, int | float):
        return f"Error converting value {uri} to type 'System.Uri'. Path '{path}'."
    if isinstance(uri, str):
        try:
            neturi.scheme_of(uri)
        except neturi.NotAnAddressError:
            return f"Error converting value \"{uri}\" to type 'System.Uri'. Path '{path}'."
    return None


def _unreadable_headers(headers: Any, path: str) -> str | None:
    if isinstance(headers, list):
        return _unexpected(headers, f"{path}.httpRequest.headers")
    for value in headers.values() if isinstance(headers, dict) else ():
        if isinstance(value, dict):
            return _END_OF_OBJECT.format(path)
        for member in value if isinstance(value, list) else ():
            if isinstance(member, list):
                return "Value cannot be null. (Parameter 'key')"
            if isinstance(member, dict | bool | int | float):
                kind = "Boolean" if isinstance(member, bool) else "Double" if isinstance(member, float) else "Int64"
                return f"Unable to cast object of type 'System.{kind}' to type 'System.String'."
    return None


def _unexpected(members: list[Any], path: str) -> str:
    kind = next((word for kinds, word in _JSON_TOKENS if members and isinstance(members[0], kinds)), "Null")
    at = f"{path}[0]" if members else path
    return f"Unexpected token when deserializing object: {kind if members else 'EndArray'}. Path '{at}'."


_END_OF_OBJECT: Final = "Unexpected token while deserializing object: EndObject. Path '{}'."
_JSON_TOKENS: Final = (
    (str, "String"),
    (bool, "Boolean"),
    (int, "Integer"),
    (float, "Float"),
    (list, "StartArray"),
    (dict, "StartObject"),
)
_PRIMITIVE: Final = (
    "Cannot deserialize the current JSON {} (e.g. {}) into type 'System.Uri' because the type requires a JSON "
    "primitive value (e.g. string, number, boolean, null) to deserialize correctly.\nTo fix this error either change "
    "the JSON to a JSON primitive value (e.g. string, number, boolean, null) or change the deserialized type {} that "
    "can be deserialized from a JSON {}. {} can also be added to the type to force it to deserialize from a JSON "
    "{}.\nPath '{}'."
)
_OBJECT: Final = (
    "so that it is a normal .NET type (e.g. not a primitive type like integer, not a collection type like an array "
    "or List<T>)"
)
_ARRAY: Final = "to an array or a type that implements a collection interface (e.g. ICollection, IList) like List<T>"
_NO_PRIMITIVE: Final = {
    dict: _PRIMITIVE.format("object", '{{"name":"value"}}', _OBJECT, "object", "JsonObjectAttribute", "object", "{}"),
    list: _PRIMITIVE.format("array", "[1,2,3]", _ARRAY, "array", "JsonArrayAttribute", "array", "{}"),
}


def shaped(asked: Mapping[str, Any], token: str | None = None) -> OutgoingRequest:
    """The request for a call.

    Args:
        asked: ``method``, ``uri``, ``content`` and ``headers`` as the orchestrator gave them.
        token: replaces any ``Authorization``.

    Raises:
        RefusedError: it is not sent, and why.
    """
    said = asked.get("method")
    method = said if isinstance(said, str) else "GET"
    method = method.upper() if method.upper() in KNOWN_METHODS else method
    headers, kind = _headers(asked.get("headers"))
    content = _content(asked.get("content"))
    if content is not None:
        headers["Content-Type"] = _content_type(kind)
    if token is not None:
        headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        headers["Authorization"] = f"Bearer {token}"
    if not any(name.lower() == "user-agent" for name in headers):
        headers["User-Agent"] = USER_AGENT
    request = OutgoingRequest(method, _address(asked), headers, content)
    check(request)
    return request


def resource(asked: Mapping[str, Any]) -> str | None:
    """The resource for which a call needs a token, or None.

    Raises:
        RefusedError: no caller may send it: its headers are checked first.
    """
    source = asked.get("tokenSource")
    if source is None:
        return None
    _headers(asked.get("headers"))
    return str(source.get("resource") or "")


def check(request: OutgoingRequest) -> None:
    """Refuses what is noticed when the request is written.

    Raises:
        RefusedError: the request cannot be written.
    """
    if not all(value.isascii() for value in request.headers.values()):
        raise RefusedError(NOT_ASCII, None)
    codings = next((value for name, value in request.headers.items() if name.lower() == "transfer-encoding"), "")
    if request.content is None and "chunked" in re.split(r"[,; ]+", codings.lower()):
        raise RefusedError(SENDING, None)
    if request.method == "CONNECT" and "host" not in {name.lower() for name in request.headers}:
        raise RefusedError(NO_HOST, None)


def _address(asked: Mapping[str, Any]) -> neturi.Address:
    uri = asked.get("uri")
    scheme = neturi.scheme_of(uri) if isinstance(uri, str) else None
    if scheme is None or not isinstance(uri, str):
        raise RefusedError(NO_URI, INVALID)
    if scheme not in ("http", "https", "ws", "wss"):
        raise RefusedError(f"The '{scheme}' scheme is not supported.", UNSUPPORTED)
    return neturi.parse(uri)


def _content(content: Any) -> bytes | None:
    if content is None:
        return None
    text = content if isinstance(content, str) else json.dumps(content)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _content_type(kind: str) -> str:
    kind = kind or "text/plain"
    if not re.fullmatch(rf"{netheaders.TOKEN}/{netheaders.TOKEN}", kind):
        raise RefusedError(f"The format of value '{kind}' is invalid.", FORMAT)
    return f"{kind}; charset=utf-8" if kind.lower() == FORM else kind


def _values(value: Any) -> list[str] | None:
    """A header's values as the extension keeps them; None where there is no header, since its value is no text."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list) or not value or value == [None]:
        return None
    return ["" if member is None else str(member) for member in value]


def _headers(given: Any) -> tuple[dict[str, str], str]:
    """The lines, and the content type that was asked for."""
    asked: dict[str, tuple[str, list[str] | None]] = {}
    for name, value in given.items() if isinstance(given, dict) else ():
        first = asked.get(name.lower())
        asked[name.lower()] = (first[0] if first else name, _values(value))
    lines: dict[str, str] = {}
    kind = ""
    for lower, (name, values) in asked.items():
        if lower == "content-type":
            for value in values or ():
                if "multipart" in value:
                    raise RefusedError(MULTIPART, FUNCTION_FAILED)
                kind = value
            continue
        _check_name(name)
        text = _line(name, values or [])
        if text is not None:
            lines[netheaders.spelled(name) if netheaders.rule_of(name, answer=False) else name] = text
    return lines, kind


def _check_name(name: str) -> None:
    if not name:
        raise RefusedError(f"{_EMPTY}. (Parameter 'name')", ARGUMENT)
    if not re.fullmatch(netheaders.TOKEN, name):
        raise RefusedError(f"The header name '{name}' has an invalid format.", FORMAT)
    if name.lower() in netheaders.CONTENT_HEADERS:
        text = (
            f"Misused header name, '{name}'. Make sure request headers are used with HttpRequestMessage, "
            "response headers with HttpResponseMessage, and content headers with HttpContent objects."
        )
        raise RefusedError(text, INVALID)


def _line(name: str, values: list[str]) -> str | None:
    known = netheaders.rule_of(name, answer=False)
    for value in values:
        if known is None and re.search(r"[\r\n\x00]", value):
            raise RefusedError(LINE_END, FORMAT)
    if known is None:
        return ("; " if name.lower() == "cookie" else ", ").join(values) if values else None
    try:
        if known == "Cache-Control":
            return netheaders.directives(values) or None
        found = []
        for number, value in enumerate(values):
            if number and not netheaders.multiple(known):
                text = f"Cannot add value because header '{known}' does not support multiple values."
                raise RefusedError(text, FORMAT)
            found += netheaders.read(known, value)
    except netheaders.UnreadableError as error:
        raise RefusedError(f"The format of value '{error.args[0]}' is invalid.", FORMAT) from None
    return netheaders.separator(known).join(found) or None
