"""What the host logs at its start: settings that do nothing here, and what may surprise."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from devhost.app import known_settings
from devhost.app.indexer import Kind
from devhost.app.local_host import KEYS
from devhost.app.settings_files import relaxed_json
from devhost.web.callers import is_open

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from devhost.app.host_json import HostJson
    from devhost.app.indexer import App


def of_settings(folder: Path, host_json: HostJson, app: App, served: App) -> list[str]:
    """Settings and arguments of decorators that do nothing here, or nowhere.

    Args:
        folder: of the app.
        host_json: as it was read.
        app: all functions that host.json lets run.
        served: those of them that are on.
    """
    functions = [one.name for one in app.functions] + list(app.errors)
    found = known_settings.of_host_json(host_json.raw)
    found += known_settings.of_local_settings(relaxed_json(folder / "local.settings.json"), KEYS)
    found += known_settings.of_app_settings(os.environ, functions)
    for one in served.functions:
        found += known_settings.of_bindings(one.name, one.bindings, one.parameter, one.retry)
    return found


def of_surprises(served: App, hub: str, address: str, *, asks_for_keys: bool) -> Iterator[str]:
    """What may surprise about this host, or about the app on it.

    Args:
        served: the functions that are on.
        hub: the task hub's name.
        address: that the host listens on.
        asks_for_keys: whether it checks keys.
    """
    if is_open(address) and not asks_for_keys:
        yield (
            f"devhost listens on {address} and asks for no key: anyone who reaches this machine can read and "
            "change every instance. Start it with --enable-auth, or without --host."
        )
    for one in served.functions:
        for named in {client.task_hub or hub for client in one.clients}:
            if named.lower() != hub.lower():
                text = f"its client names the task hub '{named}', and devhost serves '{hub}' alone"
                yield f"{one.name}: {text}: its links find nothing"
        if one.kind is Kind.OTHER:
            by_hand = f"POST /admin/functions/{one.name} runs it"
            yield f"{one.name}: nothing triggers a {one.trigger['type']} here; {by_hand}"
