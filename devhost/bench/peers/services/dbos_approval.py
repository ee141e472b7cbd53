"""The approval as a DBOS workflow. Arguments: the port, the URL of the database."""

import asyncio
import sys

from dbos import DBOS, DBOSConfig
from front import serve

TOPIC = "Approval"
TIMEOUT_S = 3600
ASKS_EVERY_S = 0.003  # for each that waits, so that waiting does not become the load


@DBOS.step()
async def tell(outcome: str) -> str:
    """The one step."""
    return f"Your project design proposal has been -  {outcome}!"


@DBOS.workflow()
async def approval(_proposal: dict[str, str]) -> str:
    """Waits for the decision or for an hour, then runs one step."""
    decision = await DBOS.recv_async(TOPIC, timeout_seconds=TIMEOUT_S)
    return await tell("Expired" if decision is None else decision)


async def start(proposal: dict[str, str]) -> str:
    """The workflow's id."""
    return (await DBOS.start_workflow_async(approval, proposal)).workflow_id


async def decide(case: str, decision: str) -> None:
    """Sends the message."""
    await DBOS.send_async(case, decision, topic=TOPIC)


class Results:
    """Waits for results, the slower the more wait."""

    waiting = 0

    async def of(self, case: str) -> str:
        """The result."""
        self.waiting += 1
        try:
            handle = await DBOS.retrieve_workflow_async(case)
            return await handle.get_result(polling_interval_sec=ASKS_EVERY_S * self.waiting)
        finally:
            self.waiting -= 1


async def main() -> None:
    """Runs until it is ended."""
    config: DBOSConfig = {
        "name": "approval", "system_database_url": sys.argv[2], "log_level": "ERROR",
        "executor_id": "bench", "application_version": "1",
    }  # fmt: skip
    DBOS(config=config)
    DBOS.launch()
    await serve(int(sys.argv[1]), start, decide, Results().of)


if __name__ == "__main__":
    asyncio.run(main())
