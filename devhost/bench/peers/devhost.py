"""devhost, our own host: ``python -m devhost --app bench/app``, nothing else set.

Durability: sqlite, write-ahead log, ``synchronous=FULL``. A start, an event, an episode and an activity's answer are on
disk (fsync) before anything is answered or follows from them; what waits at the same time shares a commit.
"""

import sys

from peers.engine import must_be_free
from peers.management import APP, ManagementApi

SOURCE = APP.parent.parent / "src"


class Devhost(ManagementApi):
    """Our own host."""

    port = 17100

    async def launch(self) -> None:
        """One process."""
        must_be_free(self.port)
        command = [sys.executable, "-m", "devhost", "--app", APP, "--state", self.state / "hub", "--quiet"]
        self.spawn([*command, "--port", str(self.port)], env={"PYTHONPATH": str(SOURCE)})
        await self.until(lambda: self.get(f"http://127.0.0.1:{self.port}/runtime/webhooks/durabletask/instances"))
