"""The keys that callers show, as the Functions host keeps and checks them (contract 6.2).

1. One master key, one host key, one system key for the durable webhooks, and one key for each function. Each is made
   when it is first needed and kept in ``keys.json`` in the state folder, which only its owner can read.
2. An empty, blank or null key in the file opens nothing and is replaced when it is needed.
3. The header ``x-functions-key`` beats ``?code=``, even if it is wrong or empty.
4. An anonymous function needs no key. ``function`` accepts the function's key, the host key or the master key;
   ``admin`` accepts the master key alone. The durable webhooks accept their system key or the master key.
5. Keys are checked only with ``--enable-auth``, as in Core Tools with ``--enableAuth``.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from devhost.app.indexer import Function
from devhost.errors import BadState
from devhost.private_files import make_file_private, write_private
from devhost.store.errors import unwritable

FILE_NAME: Final = "keys.json"
HEADER: Final = "x-functions-key"
PARAMETER: Final = "code"
DURABLE: Final = "durabletask_extension"
HIDDEN: Final = "***"
_LONG: Final = 16


class Keys:
    """The keys of one state folder.

    Args:
        folder: created if it does not exist.

    Raises:
        BadState: the file of keys cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._keys: dict[str, Any] = {"master": "", "host": "", "system": {}, "functions": {}}
        self._keys.update(_read(self._path))

    @property
    def master(self) -> str:
        """Allows everything."""
        return self._top("master")

    @property
    def host(self) -> str:
        """Allows calls of every function of level ``function``."""
        return self._top("host")

    @property
    def durable(self) -> str:
        """Allows calls of the durable webhooks; it is part of every management URL and needs no escapes there."""
        return self._named("system", DURABLE)

    def of(self, function: Function) -> str:
        """Allows calls of this function alone."""
        return self._named("functions", function.name.lower())

    def check(self, function: Function, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Whether a request may call this HTTP function; if not, it is answered 401 with an empty body.

        Args:
            function: one with HTTP.
            headers: of the request; found in any case.
            query: of the request, decoded; found in any case.
        """
        level = function.http.auth_level if function.http is not None else "admin"
        if level == "anonymous":
            return True
        shown = _shown(headers, query)
        if level == "function":
            return _is_one_of(shown, (self.of(function), self.host, self.master))
        return _is_one_of(shown, (self.master,))

    def check_durable(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Whether a request may use the management API at the public endpoint."""
        return _is_one_of(_shown(headers, query), (self.durable, self.master))

    def check_admin(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Whether a request may use the host's admin routes."""
        return _is_one_of(_shown(headers, query), (self.master,))

    def hide(self, text: str) -> str:
        """The text without the keys; a short one, which a person has chosen, is hidden behind ``code=`` alone."""
        named = [key for kind in ("system", "functions") for key in self._keys[kind].values()]
        for key in filter(_is_key, {self._keys["master"], self._keys["host"], *named}):
            for form in {key, quote(key, safe=""), escape(key)}:
                text = text.replace(f"{PARAMETER}={form}", f"{PARAMETER}={HIDDEN}")
                text = text.replace(form, HIDDEN) if len(form) >= _LONG else text
        return text

    def _top(self, kind: str) -> str:
        if not _is_key(self._keys[kind]):
            self._keys[kind] = _new()
            self._write()
        return str(self._keys[kind])

    def _named(self, kind: str, name: str) -> str:
        keys = self._keys[kind]
        if not _is_key(keys.get(name)):
            keys[name] = _new()
            self._write()
        return str(keys[name])

    def _write(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_private(self._path, json.dumps(self._keys, indent=2))
        except OSError as error:
            raise unwritable(self._path, "the keys cannot be kept", error) from error


def _new() -> str:
    return secrets.token_urlsafe(40)


def _read(path: Path) -> dict[str, Any]:
    try:
        keys: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        make_file_private(path)  # an editor may have written it for everybody to read
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise BadState(path, f"the keys cannot be read ({error}); delete the file to get new ones.") from error
    if not _is_of_keys(keys):
        raise BadState(path, "this is not a file of keys; delete it to get new ones.")
    return keys


def _is_of_keys(keys: object) -> bool:
    """Whether it has the shape of the file; a header holds ASCII, and what is missing is made."""
    if not isinstance(keys, dict):
        return False
    groups = [keys.get(kind, {}) for kind in ("system", "functions")]
    if not all(isinstance(group, dict) for group in groups):
        return False
    found = [keys.get("master"), keys.get("host"), *(key for group in groups for key in group.values())]
    return all(key is None or (isinstance(key, str) and key.isascii()) for key in found)


def _is_key(key: str | None) -> bool:
    return key is not None and key.strip() != ""


def _shown(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    header = _any_case(headers, HEADER)
    if header is not None:
        return header
    return _any_case(query, PARAMETER) or ""


def _any_case(values: Mapping[str, str], name: str) -> str | None:
    value = values.get(name)
    if value is None:
        value = next((found for key, found in values.items() if key.lower() == name), None)
    return value


def _is_one_of(shown: str, keys: tuple[str, ...]) -> bool:
    """Compare with each of them in the same time, whichever fits."""
    found = False
    for key in keys:
        found |= _is_key(key) and hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), key.encode())
    return found
