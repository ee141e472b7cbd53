"""local.settings.json, as Core Tools reads it, and what Core Tools adds to an app's environment.

It fills the environment; what the environment already holds stays (Core Tools: start action).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from devhost.app.settings_files import fits_environment, relaxed_json
from devhost.errors import BadSettings


def read_local_settings(
    folder: Path, environ: Mapping[str, str], warn: Callable[[str], None] = lambda _: None
) -> dict[str, str]:
    """What local.settings.json adds to the environment; empty if there is no such file.

    A name that the environment already holds, and not as an empty text, is left out (Core Tools: "already defined in
    current environment variables"). Comments and trailing commas are fine here, since Core Tools reads it alone.

    Args:
        folder: the app's folder.
        environ: the environment as it is now; it is not changed.
        warn: called with one sentence for each setting that is left out.

    Raises:
        BadSettings: the file is not JSON, is encrypted, or holds a value that is not a simple one.
    """
    path = folder / "local.settings.json"
    content = relaxed_json(path)
    values: dict[str, Any] = part(path, content, "Values")
    connections: dict[str, Any] = part(path, content, "ConnectionStrings")
    # Core Tools treats a file without this key as encrypted.
    if content.get("IsEncrypted", True) and (values or connections):
        reason = 'run "func settings decrypt", or set "IsEncrypted": false.'
        raise BadSettings(path, f"it is encrypted, or does not say that it is not; {reason}")
    for name, value in connections.items():
        text_or_object = value.get("ConnectionString") if isinstance(value, dict) else value
        values[f"ConnectionStrings:{name}"] = text_or_object
    return _new_settings(path, values, environ, warn)


def core_tools_settings(folder: Path, port: int, environ: Mapping[str, str]) -> dict[str, str]:
    """What Core Tools itself adds to the environment of an app; a name that it already holds is left out.

    Args:
        folder: the app's folder.
        port: of the public endpoint.
        environ: the environment, local.settings.json included; it is not changed.
    """
    own = {
        "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
        "AzureWebJobsScriptRoot": str(folder),
        "FUNCTIONS_CORETOOLS_ENVIRONMENT": "true",
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "WEBSITE_HOSTNAME": f"localhost:{port}",
    }
    return {name: value for name, value in own.items() if not environ.get(name)}


def part(path: Path, content: Mapping[str, Any], key: str) -> dict[str, Any]:
    """One part of local.settings.json; empty if it is not there.

    Raises:
        BadSettings: it is no object.
    """
    value = content.get(key) or {}
    if not isinstance(value, dict):
        raise BadSettings(path, f'"{key}" must be an object.')
    return dict(value)


def _new_settings(
    path: Path, values: Mapping[str, Any], environ: Mapping[str, str], warn: Callable[[str], None]
) -> dict[str, str]:
    added: dict[str, str] = {}
    for name, value in values.items():
        if not name:
            warn("Skipping local setting with empty key.")
        elif environ.get(name):
            warn(f"Skipping '{name}' from local settings as it's already defined in current environment variables.")
        elif value is None:
            warn(f"Skipping '{name}' because value is null.")
        elif isinstance(value, (dict, list)):
            raise BadSettings(path, f'the setting "{name}" must be a text, not an object or a list.')
        else:
            text = value if isinstance(value, str) else str(value)
            if "=" in name or not (fits_environment(name) and fits_environment(text)):
                reason = "the environment cannot hold it: no NUL, no half of a character, and no = in a name."
                raise BadSettings(path, f'the setting "{name}": {reason}')
            added[name] = text
    return added
