"""The approval as a Restate workflow, served by hypercorn as the SDK's readme has it. Argument: the port."""

import asyncio
import sys
from datetime import timedelta

import restate
from hypercorn.asyncio import serve
from hypercorn.config import Config

NO_LIMIT = 2**31 - 1

approval = restate.Workflow("Approval")


@approval.main()
async def run(ctx: restate.WorkflowContext, proposal: dict[str, str]) -> str:  # noqa: ARG001 - it is stored, not used
    """Waits for the decision or for an hour, then runs one step."""
    match await restate.select(decided=ctx.promise("Approval").value(), late=ctx.sleep(timedelta(hours=1))):
        case ["decided", decision]:
            outcome = decision
        case _:
            outcome = "Expired"
    return await ctx.run_typed("tell", lambda: f"Your project design proposal has been -  {outcome}!")


@approval.handler()
async def decide(ctx: restate.WorkflowSharedContext, decision: str) -> None:
    """The event."""
    await ctx.promise("Approval").resolve(decision)


def main() -> None:
    """The server, with limits on connections that would end waiting workflows taken off."""
    config = Config()
    config.bind = [f"127.0.0.1:{sys.argv[1]}"]
    config.h2_max_concurrent_streams = config.keep_alive_max_requests = config.keep_alive_timeout = NO_LIMIT
    asyncio.run(serve(restate.app([approval]), config))


if __name__ == "__main__":
    main()
