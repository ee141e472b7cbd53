"""Requests and responses of aiohttp, as every endpoint reads and writes them."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from devhost.dotnet.paths import decoded
from devhost.web.kestrel import FRAMING, Response, is_sendable
from devhost.web.management import JSON

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aiohttp import web

JSON_HEADERS: Final = (("Content-Type", JSON),)


def path_of(request: web.BaseRequest) -> str:
    """The path, decoded once, as the real host's web server does."""
    return decoded(request.raw_path.partition("?")[0])


def is_below(base: str, path: str) -> bool:
    """Whether the path is the base or below it."""
    return path == base or path.startswith(f"{base}/")


@lru_cache(maxsize=256)
def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Names and values of a query, decoded; most requests of a client have the same query."""
    return tuple(parse_qsl(text, keep_blank_values=True)) if text else ()


def query_of(request: web.BaseRequest) -> tuple[tuple[str, str], ...]:
    """Names and values of the request's query, decoded."""
    return pairs(request.raw_path.partition("?")[2])


def joined(given: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Query values by name in lower case, several of one name joined by commas (contract 1.1)."""
    found: dict[str, str] = {}
    for name, value in given:
        key = name.lower()
        found[key] = f"{found[key]},{value}" if key in found else value
    return found


def response_of(status: int, headers: Iterable[tuple[str, str]], body: bytes | None) -> Response:
    """The response: a bare 500 if the real host's web server would refuse to send it (contract 1.3, 6.3)."""
    given = list(headers)
    if not is_sendable(status, given, body):
        return Response(status=500)
    response = Response(status=status, body=body)
    for name, value in given:
        if name.lower() not in FRAMING:
            response.headers.add(name, value)
    return response


def json_response(status: int, body: Mapping[str, str]) -> Response:
    """A response of devhost's own."""
    return response_of(status, JSON_HEADERS, json.dumps(body).encode())
