"""The engines that answer the Durable extension's management API and run ``bench/app``.

Start is POST ``orchestrators/Job``, event is POST ``raiseEvent/Approval``, status is GET on the instance, read again
and again until it says Completed, for there is no call that waits. All links are those of the answer to the start.
"""

from pathlib import Path
from typing import Any

from measure import Job

from peers.engine import Engine

APP = Path(__file__).resolve().parent.parent / "app"


class ManagementApi(Engine):
    """An engine that is spoken to as a Functions host with the Durable extension."""

    port: int

    @property
    def _job(self) -> Job:
        return Job(f"http://127.0.0.1:{self.port}", self.session)

    async def start(self) -> Any:
        """The links to the new instance."""
        return await self._job.start()

    async def decide(self, case: Any) -> None:
        """Raises the event."""
        await self._job.decide(case)

    async def completed(self, case: Any, pause_s: float) -> None:
        """Reads the status until it says Completed."""
        await self._job.completed(case, pause_s)
