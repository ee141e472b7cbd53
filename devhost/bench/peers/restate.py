"""Restate: its server from npm (one Rust process) and its Python SDK's service (one process under hypercorn).

Start is POST ``/Approval/KEY/run/send`` to the server's HTTP ingress, event is POST ``/Approval/KEY/decide``, which
resolves a durable promise, status is GET ``/restate/workflow/Approval/KEY/attach``, which waits for the result. All
settings are the server's own but for the partitions: 4 instead of 24, which suits two cores better.

Durability: a replicated log on RocksDB; its write-ahead log is written with fsync (``rocksdb-disable-wal-fsync`` is
false), several records at a time.
"""

import json
import sys
import uuid
from typing import Any

import aiohttp

from peers import DATA
from peers.engine import SERVICES, Engine, must_be_free

SERVER = DATA / "npm/node_modules/@restatedev/restate-server-linux-x64/bin/restate-server"
INGRESS_PORT, ADMIN_PORT, NODE_PORT, SERVICE_PORT = 17120, 17121, 17122, 17123
INGRESS = f"http://127.0.0.1:{INGRESS_PORT}"
SETTINGS = {
    "RUST_LOG": "error",
    "RESTATE_DISABLE_TELEMETRY": "true",
    "RESTATE_DEFAULT_NUM_PARTITIONS": "4",
    "RESTATE_BIND_PORT": str(NODE_PORT),
    "RESTATE_INGRESS__BIND_PORT": str(INGRESS_PORT),
    "RESTATE_ADMIN__BIND_PORT": str(ADMIN_PORT),
}


class Restate(Engine):
    """Server and service."""

    async def launch(self) -> None:
        """The server, then the service, which is registered with a new server."""
        for port in (INGRESS_PORT, ADMIN_PORT, NODE_PORT, SERVICE_PORT):
            must_be_free(port)
        base = self.state / "server"
        command = [SERVER, "--no-logo", "--listen-mode", "tcp"]
        self.spawn(command, env={**SETTINGS, "RESTATE_BASE_DIR": str(base)})
        self.spawn([sys.executable, SERVICES / "restate_approval.py", str(SERVICE_PORT)])
        known = self.state / "registered"
        if not known.exists():
            deployment = {"uri": f"http://127.0.0.1:{SERVICE_PORT}"}
            await self.until(lambda: self.post(f"http://127.0.0.1:{ADMIN_PORT}/deployments", deployment))
            known.touch()
        await self.until(self._answers)

    async def _answers(self) -> None:
        async with self.session.get(f"{INGRESS}/restate/health") as answer:
            if answer.status != 200:
                raise aiohttp.ClientError(f"not yet: {answer.status}")

    async def start(self) -> str:
        """The workflow's key, which the client chooses."""
        key = uuid.uuid4().hex
        await self.post(f"{INGRESS}/Approval/{key}/run/send", {"title": "Bridge"})
        return key

    async def decide(self, case: str) -> None:
        """Resolves the promise."""
        await self.post(f"{INGRESS}/Approval/{case}/decide", "Approved")

    async def completed(self, case: str, pause_s: float) -> None:  # noqa: ARG002 - it has a call that waits
        """Waits for the result."""
        result: Any = await self.get(f"{INGRESS}/restate/workflow/Approval/{case}/attach")
        if result != "Your project design proposal has been -  Approved!":
            raise AssertionError(json.dumps(result))
