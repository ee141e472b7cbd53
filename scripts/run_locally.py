"""Run the app on this machine: ``python scripts/run_locally.py [--policies FILE] [what python -m devhost takes]``.

What the app needs beside devhost, it finds as settings:

1. ``SEAL_KEY``, ``ID_KEY`` and ``SESSION_KEY`` are made once, and kept in ``app-settings.json`` in the state folder,
   which only you can read. Without that file
   the cases of that folder cannot be decided on: their seals fit no key any more.
2. ``IDENTITY=local``, ``PUBLIC_BASE_URL`` for the port, and ``OUTBOX``, the folder ``outbox`` in the state folder.
3. ``APPROVAL_POLICIES`` is what ``--policies`` names, from the app's folder.

What the environment or local.settings.json sets already stays as it is, but for ``--policies``. Then the process
becomes devhost, which knows nothing of the app. Exit code: devhost's, or 1 if the keys cannot be read or written.

Example of app-settings.json::

    {"SEAL_KEY": "2026-11:bW9yZSB0aGFuIGVub3VnaCByYW5kb21uZXNzIGhlcmU=", "ID_KEY": "w3...", "SESSION_KEY": "Qk..."}
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from new_keys import new_keys, write_once

from devhost.app.local_settings import read_local_settings
from devhost.errors import BadSettings
from devhost.shown import say

ROOT = Path(__file__).resolve().parents[1]
KEYS_FILE = "app-settings.json"
PORT = 7071


def keys_of(state: Path) -> dict[str, str]:
    """The keys of this state folder; they are made at the first time.

    Raises:
        OSError: the file cannot be written or read.
        ValueError: it holds something else.
    """
    path = state / KEYS_FILE
    fresh = new_keys(f"{datetime.now(UTC):%Y-%m}")
    if not path.exists():
        write_once(path, json.dumps(fresh, indent=2) + "\n")
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or set(found) != set(fresh) or {type(value) for value in found.values()} != {str}:
        raise ValueError(f"it must hold {', '.join(fresh)}")
    return found


def local_settings(keys: Mapping[str, str], state: Path, port: int) -> dict[str, str]:
    """The settings of a local run."""
    return {
        **keys,
        "IDENTITY": "local",
        "PUBLIC_BASE_URL": f"http://localhost:{port}",
        "OUTBOX": str(state / "outbox"),
    }


def missing(settings: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Those of the settings that neither the environment nor the app's local.settings.json sets."""
    try:
        there = read_local_settings(ROOT, environ)
    except BadSettings:  # devhost says what is wrong with it
        there = {}
    return {name: value for name, value in settings.items() if not environ.get(name) and name not in there}


def main(arguments: Sequence[str]) -> None:
    """Set the environment and become devhost; comes back only if that is not possible."""
    parser = argparse.ArgumentParser(description="Run the app on this machine.", allow_abbrev=False)
    parser.add_argument("--policies", metavar="FILE", help="the policy file, from the app's folder (default: none)")
    parser.add_argument("--port", type=int, default=PORT, help="port to listen on (default: %(default)s)")
    parser.add_argument("--state", type=Path, default=ROOT / ".devhost", metavar="DIR", help="default: .devhost")
    given, rest = parser.parse_known_args(arguments)
    state = given.state.absolute()
    try:
        keys = keys_of(state)
    except (OSError, ValueError) as error:
        say(f"{state / KEYS_FILE} cannot be used: {error}. Without it, the cases in {state} cannot be decided on.")
        sys.exit(1)
    if given.policies:
        os.environ["APPROVAL_POLICIES"] = given.policies
    os.environ.update(missing(local_settings(keys, state, given.port), os.environ))
    command = ["-m", "devhost", "--app", str(ROOT), "--port", str(given.port), "--state", str(state), *rest]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *command])  # noqa: S606 - devhost in this process's place


if __name__ == "__main__":
    main(sys.argv[1:])
