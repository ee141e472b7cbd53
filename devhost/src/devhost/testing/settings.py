"""Settings of the app under test: the environment, and local.settings.json for what the environment lacks."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from devhost.app.local_settings import read_local_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class LocalSettings:
    """local.settings.json, in the environment while the host works and not in between.

    So the app's code sees it, as it does in the host that serves. A test that sets or deletes a variable between two
    calls of the host finds the environment as it has left it, and the next test finds nothing of this one.

    Args:
        folder: of the app; None for an app object, which has no such file.
        warn: called with one sentence for each setting that is left out.

    Raises:
        BadSettings: the file is not JSON, is encrypted, or holds a value that is not a simple one.
    """

    def __init__(self, folder: Path | None, warn: Callable[[str], None]) -> None:
        self._values = {} if folder is None else read_local_settings(folder, {}, warn)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Inside, the environment holds them; a name that it holds already, and not as an empty text, stays."""
        before = {name: os.environ.get(name) for name in self._values}
        added = [name for name, value in before.items() if not value]
        for name in added:
            os.environ[name] = self._values[name]
        try:
            yield
        finally:
            for name in added:
                if os.environ.get(name) == self._values[name]:
                    _put_back(name, before[name])


def _put_back(name: str, value: str | None) -> None:
    if value is None:
        del os.environ[name]
    else:
        os.environ[name] = value
