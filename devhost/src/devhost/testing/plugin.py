"""The pytest plugin: the fixture ``durable_host``. pytest loads this module wherever devhost is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from devhost.testing.host import DurableHost


@pytest.fixture
def durable_host() -> Iterator[Callable[..., DurableHost]]:
    """Makes test hosts: ``durable_host(app, threads=False, start=None, database=None)``, closed with the test."""
    from devhost.testing.host import DurableHost  # noqa: PLC0415 - a test run without it does not load the host

    made: list[DurableHost] = []

    def make(
        app: Path | str | Any,
        *,
        threads: bool = False,
        start: datetime | None = None,
        database: Path | None = None,
    ) -> DurableHost:
        made.append(DurableHost(app, threads=threads, start=start, database=database))
        return made[-1]

    yield make
    for host in reversed(made):
        host.close()
