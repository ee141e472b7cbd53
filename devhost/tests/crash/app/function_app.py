"""An app whose functions do not end before they are let go: each says that it has begun, then reads from a pipe.

The input of each orchestration is ``{"gate": PATH}``: ``PATH`` is a named pipe, ``PATH.begun`` gets a line at each run.
"""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def pass_through(gate: str) -> str:
    """Blocks the calling thread until somebody writes into the gate; gives what was written."""
    with Path(f"{gate}.begun").open("a", encoding="utf-8") as begun:
        begun.write("begun\n")
    return Path(gate).read_text(encoding="utf-8")


@app.activity_trigger(input_name="gate")
def BlockThread(gate: str) -> str:  # noqa: N802 - durable names are CapWords
    """Blocks a thread of the worker's pool."""
    return pass_through(gate)


@app.activity_trigger(input_name="gate")
async def BlockLoop(gate: str) -> str:  # noqa: N802 - durable names are CapWords
    """Blocks the worker's event loop, which an ``async def`` function must not do and some do."""
    return pass_through(gate)


@app.orchestration_trigger(context_name="context")
def InThread(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:  # noqa: N802
    """Waits for an activity that blocks its thread."""
    return (yield context.call_activity("BlockThread", context.get_input()["gate"]))


@app.orchestration_trigger(context_name="context")
def InLoop(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:  # noqa: N802
    """Waits for an activity that blocks the event loop."""
    return (yield context.call_activity("BlockLoop", context.get_input()["gate"]))


@app.orchestration_trigger(context_name="context")
def InOrchestrator(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:  # noqa: N802
    """Blocks in the orchestrator itself, which no orchestrator may do and some do."""
    passed = pass_through(context.get_input()["gate"])
    yield context.create_timer(context.current_utc_datetime)
    return passed
