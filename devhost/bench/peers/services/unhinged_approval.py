"""The approval as a task of unhinged. Arguments: ``front DATABASE PORT`` or ``worker DATABASE``."""

import asyncio
import sys
import uuid
from typing import Any

from front import serve
from unhinged import Unhinged
from unhinged.aio import AsyncUnhinged
from unhinged.sdk import TimeoutError as TooLate

QUEUE, TASK = "approvals", "approval"
TIMEOUT_S = 3600
THREADS = 4


def event_of(key: str) -> str:
    """The name of the event that this approval waits for."""
    return f"Approval:{key}"


def work(database: str) -> None:
    """The worker, until it is ended."""
    app = Unhinged(database, queue_name=QUEUE)

    @app.register_task(TASK)
    def approval(params: dict[str, str], ctx: Any) -> str:
        """Waits for the decision or for an hour, then runs one step."""
        try:
            outcome = ctx.await_event(event_of(params["key"]), timeout=TIMEOUT_S)
        except TooLate:
            outcome = "Expired"
        told: str = ctx.step("tell", lambda: f"Your project design proposal has been -  {outcome}!")
        return told

    app.start_worker(concurrency=THREADS)


async def front(database: str, port: int) -> None:
    """The web app, until it is ended."""
    app = AsyncUnhinged(database, queue_name=QUEUE)
    app.create_queue()

    async def start(proposal: dict[str, str]) -> list[str]:
        key = uuid.uuid4().hex
        return [key, app.spawn(TASK, {"key": key, **proposal}, queue=QUEUE)["task_id"]]

    async def decide(case: list[str], decision: str) -> None:
        app.emit_event(event_of(case[0]), decision)

    async def result(case: list[str]) -> Any:
        found = app.fetch_task_result(case[1])
        if found is None or not found.terminal:
            return None
        return found.result if found.state == "completed" else {"state": found.state}

    await serve(port, start, decide, result)


if __name__ == "__main__":
    if sys.argv[1] == "front":
        asyncio.run(front(sys.argv[2], int(sys.argv[3])))
    else:
        work(sys.argv[2])
