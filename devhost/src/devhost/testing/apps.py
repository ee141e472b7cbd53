"""The app under test, from a folder or as an object: loaded once in a test run, since Python imports it once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devhost.app.host_json import HostJson, host_json_of, read_host_json
from devhost.app.indexer import App, index, load

if TYPE_CHECKING:
    from collections.abc import Mapping

_indexed: dict[int, tuple[Any, App]] = {}
_loaded: dict[Path, App] = {}


def load_once(folder: Path) -> App:
    """The app of a folder; the test stays in its own current directory."""
    if folder not in _loaded:
        here = Path.cwd()
        try:
            _loaded[folder] = load(folder)
        finally:
            os.chdir(here)
    return _loaded[folder]


def index_once(app: Any) -> App:
    """An app object gives its functions once only, and a module's tests may share it."""
    if id(app) not in _indexed:
        _indexed[id(app)] = (app, index(app, Path.cwd()))
    return _indexed[id(app)][1]


def host_json(folder: Path | None, settings: Mapping[str, str]) -> HostJson:
    """The settings of host.json in the folder; an app object has none, and gets a hub ``TestHub``."""
    if folder is not None:
        return read_host_json(folder, settings)
    own = {"version": "2.0", "functionTimeout": "-1", "extensions": {"durableTask": {"hubName": "TestHub"}}}
    return host_json_of(Path("host.json"), own, settings)
