"""durabletask: Microsoft's Durable Task SDK for Python, with the in-memory backend of its package, over gRPC.

Start is ``schedule_new_orchestration``, event is ``raise_orchestration_event``, status is
``wait_for_orchestration_completion``, all three of its own asynchronous client, with no web app in between. Backend and
worker are one process. The backend has ten threads and a client that waits holds one, so six wait at a time: with ten
it would stop. When it has missed that there is work it looks again after 0.1 seconds, which is what an approval
takes with one client.

Durability: none. Everything is in memory and lost with the process.
"""

import asyncio
import logging
import sys

from peers.engine import SERVICES, Engine, must_be_free

PORT = 17130
WAIT_AT_A_TIME = 6
WAITS_AT_MOST_S = 30


class DurableTask(Engine):
    """Backend and worker in one process; the client is here."""

    async def launch(self) -> None:
        """One process."""
        from durabletask.client import AsyncTaskHubGrpcClient  # noqa: PLC0415 - only its own environment has it

        logging.disable(logging.INFO)
        must_be_free(PORT)
        self.spawn([sys.executable, SERVICES / "durabletask_approval.py", str(PORT)])
        # Only when somebody listens: a gRPC client that was refused once waits a second before it tries again.
        await self.until(lambda: asyncio.open_connection("127.0.0.1", PORT))
        self._client = AsyncTaskHubGrpcClient(host_address=f"127.0.0.1:{PORT}")
        self._waiting = asyncio.Semaphore(WAIT_AT_A_TIME)
        await self.until(lambda: self._client.get_orchestration_state("none"))

    async def start(self) -> str:
        """The id that it was given."""
        return await self._client.schedule_new_orchestration("approval", input={"title": "Bridge"})

    async def decide(self, case: str) -> None:
        """Raises the event."""
        await self._client.raise_orchestration_event(case, "Approval", data="Approved")

    async def completed(self, case: str, pause_s: float) -> None:  # noqa: ARG002 - it has a call that waits
        """Waits for the end."""
        async with self._waiting:
            state = await self._client.wait_for_orchestration_completion(case, timeout=WAITS_AT_MOST_S)
        if state is None or state.runtime_status.name != "COMPLETED" or "Approved!" not in state.serialized_output:
            raise AssertionError(repr(state))

    async def disconnect(self) -> None:
        """Closes the client."""
        await self._client.close()
        await super().disconnect()
