"""The engines that the same approval is measured on: one module for each, behind one protocol (``engine.py``)."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peers.engine import Engine

DATA = Path(__file__).resolve().parent.parent / ".data"
RESTATE_SERVER = "@restatedev/restate-server@1.7.12"


@dataclass(frozen=True)
class Peer:
    """What the comparison has to know of an engine before it runs.

    Attributes:
        title: for the tables.
        made_by: module of this package and class, ``module:Class``.
        environment: name of its virtual environment and its requirements; None where ours does.
        open: how many open approvals it is measured with.
        keeps: whether open approvals are on disk.
    """

    title: str
    made_by: str
    environment: str | None = None
    open: int = 10_000
    keeps: bool = True

    @property
    def python(self) -> Path:
        """The interpreter that has its packages."""
        if self.environment is None:
            return Path(sys.executable)
        return DATA / "venvs" / self.environment / "bin/python"

    def make(self, state: Path, command: str | None) -> Engine:
        """The engine itself; its packages must be there."""
        module, _, name = self.made_by.partition(":")
        engine: Engine = getattr(importlib.import_module(f"peers.{module}"), name)(state, command)
        return engine


PEERS = {
    "devhost": Peer("devhost", "devhost:Devhost"),
    "extension": Peer("Durable extension + Azurite", "extension:Extension", open=1000),
    "restate": Peer("Restate", "restate:Restate", "restate"),
    "unhinged": Peer("unhinged", "unhinged:Unhinged", "unhinged"),
    "durabletask": Peer("durabletask, in memory", "durabletask:DurableTask", "durabletask", keeps=False),
    "dbos-postgres": Peer("DBOS on PostgreSQL", "dbos:OnPostgres", "dbos"),
    "dbos-sqlite": Peer("DBOS on sqlite", "dbos:OnSqlite", "dbos", open=1000),
}
