"""unhinged, a library: Absurd's engine on sqlite. A web app of three routes and a worker, each one process.

Start is ``spawn``, event is ``emit_event`` under a name of the approval's own, awaited in the task by ``await_event``
with a timeout of an hour, status is ``fetch_task_result``, read again and again. The worker has the four threads of its
readme and asks for work every 0.25 seconds while there is none, which is its default.

Durability: sqlite, write-ahead log, ``synchronous=FULL``: fsync at each commit, and a commit for each step.
"""

import asyncio
import sys
from typing import Any

from peers.engine import SERVICES, must_be_free
from peers.library import Library


class Unhinged(Library):
    """Front and worker."""

    port = 17150

    async def launch(self) -> None:
        """The front makes the database; the worker needs it."""
        must_be_free(self.port)
        script, database = SERVICES / "unhinged_approval.py", self.state / "app.db"
        self.spawn([sys.executable, script, "front", database, str(self.port)])
        await self.until(self.answers)
        self.spawn([sys.executable, script, "worker", database])

    async def completed(self, case: Any, pause_s: float) -> None:
        """Reads the task's result until there is one."""
        while (result := await self.post(f"{self._front}/result", case)) is None:  # noqa: ASYNC110 - it cannot tell us
            await asyncio.sleep(pause_s)
        if result != "Your project design proposal has been -  Approved!":
            raise AssertionError(repr(result))
