"""What the parts of one hub share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devhost.durabletask.versions import Versions
    from devhost.runtime.observations import Observations
    from devhost.runtime.ports import Log, Runner
    from devhost.runtime.work import Work
    from devhost.store.database import Store
    from devhost.timekeeping.clock import Clock


@dataclass(frozen=True, slots=True)
class Services:
    """What the parts of one hub share.

    Attributes:
        store: open.
        runner: the app's functions.
        clock: real or virtual.
        log: for the console.
        versions: of orchestrations that run here.
        work: what is under way.
        observations: what the host has seen of instances.
    """

    store: Store
    runner: Runner
    clock: Clock
    log: Log
    versions: Versions
    work: Work
    observations: Observations
