"""The part ``Host`` of local.settings.json: where Core Tools listens, and which pages of other origins may call.

The command line wins over it (Core Tools: start action). Names of its keys are found in any case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from devhost.app.local_settings import part
from devhost.app.settings_files import relaxed_json
from devhost.dotnet import cors
from devhost.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

KEYS: Final = ("LocalHttpPort", "LocalHttpAddress", "CORS", "CORSCredentials")
LAST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class LocalHost:
    """The values of ``Host``.

    Attributes:
        port: to listen on; None if not given, or 0.
        address: to listen on; None if not given.
        cors: which origins may call.
    """

    port: int | None = None
    address: str | None = None
    cors: cors.Cors = field(default_factory=cors.Cors)


def read_local_host(folder: Path, warn: Callable[[str], None] = lambda _: None) -> LocalHost:
    """What local.settings.json in this folder sets for the host itself; nothing if there is no such file.

    Args:
        folder: the app's folder.
        warn: called with one sentence for each listed origin that no browser sends.

    Raises:
        BadSettings: the file cannot be read, or Core Tools does not accept one of its values.
    """
    path = folder / "local.settings.json"
    given = {name.lower(): value for name, value in part(path, relaxed_json(path), "Host").items()}
    port, address = _port(path, given.get("localhttpport")), _text(path, "LocalHttpAddress", given)
    credentials = _boolean(path, "CORSCredentials", given)
    try:
        found = cors.read(_text(path, "CORS", given), credentials=credentials)
    except ValueError as error:
        raise BadSettings(path, f'"Host.CORS" is {error}.') from error
    for origin in cors.unmatched(found):
        warn(
            f"Host.CORS in local.settings.json names {origin!r}, which no browser sends as its origin: write scheme, "
            "name and port only, such as http://localhost:3000, with commas and no blanks between them"
        )
    if credentials and not found.origins:
        warn("Host.CORSCredentials in local.settings.json does nothing without Host.CORS")
    return LocalHost(port, address, found)


def _port(path: Path, value: Any) -> int | None:
    """A number, or a text that is one (Newtonsoft reads both); 0 is none."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or int(text) > LAST_PORT:
        raise BadSettings(path, f'"Host.LocalHttpPort" must be a port, a whole number up to {LAST_PORT}.')
    return int(text) or None


def _text(path: Path, key: str, given: Mapping[str, Any]) -> str | None:
    value = given.get(key.lower())
    if isinstance(value, (dict, list)):
        raise BadSettings(path, f'"Host.{key}" must be a text, not an object or a list.')
    return None if value is None or not str(value).strip() else str(value)


def _boolean(path: Path, key: str, given: Mapping[str, Any]) -> bool:
    value = given.get(key.lower())
    if value is None or isinstance(value, bool):
        return bool(value)
    if str(value).lower() not in ("true", "false"):
        raise BadSettings(path, f'"Host.{key}" must be true or false.')
    return str(value).lower() == "true"
