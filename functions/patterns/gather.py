"""Many tasks at once, none lost: what ``task_all`` would be if one failure did not end the wait for the others."""

from collections.abc import Generator, Sequence
from typing import Any

import azure.durable_functions as df


def settled(context: df.DurableOrchestrationContext, tasks: Sequence[Any]) -> Generator[Any, Any, list[Any]]:
    """The results in the order of the tasks, with the exception in the place of one that failed.

    Use it as ``results = yield from settled(context, tasks)``. All tasks are scheduled by the first yield. The later
    ones add no action, so the engine has nothing to wait for in between, and the walk cannot stall.
    """
    results: dict[int, Any] = {}
    running = list(tasks)
    while running:
        winner = yield context.task_any(running)
        running.remove(winner)
        results[tasks.index(winner)] = result_of(winner)
    return [results[place] for place in range(len(tasks))]


def result_of(task: Any) -> Any:
    """What came of a task that is over: SDK 1.x gives the exception of a failed one as its result, 2.x raises it."""
    try:
        return task.result
    except Exception as error:  # noqa: BLE001 - the type of an activity's own error is lost on the way
        return error
