"""The engines that are libraries: they run inside a web app of three routes, as their user would write it."""

from typing import Any

from peers.engine import Engine


class Library(Engine):
    """An engine behind ``services/front.py``."""

    port: int

    @property
    def _front(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answers(self) -> None:
        """Raises until the front is there."""
        await self.get(f"{self._front}/")

    async def start(self) -> Any:
        """The name that the front gives the approval."""
        return await self.post(f"{self._front}/start", {"title": "Bridge"})

    async def decide(self, case: Any) -> None:
        """Sends the decision."""
        await self.post(f"{self._front}/decide", {"case": case, "decision": "Approved"})
