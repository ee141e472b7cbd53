"""Cases that are over: exported to blob storage, then purged (docs/operate/retention.md).

1. ``PurgeHistory`` starts one ``HistoryRetention``, always under the same id; one that still runs is left alone.
2. Each slice is an execution of its own: list a page, export what is due, purge what was exported, continue as new.
3. An export is written whole or not at all. If a case on the list is gone or has changed, another run of the very same
   activity may have been faster, and its blob must not be written over with less: then the page is listed again.
4. What is purged is read back from the blob, so that nothing goes that was not stored; each case by its own id.
5. Activities end within four minutes, and a failure of theirs leaves all cases that are not yet exported in place.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator, Iterable
from typing import Any, TypeVar

import azure.durable_functions as df
import azure.functions as func

from adapters import logs, tracing
from adapters.engine import CANNOT_SHOW, Engine, EngineFailed
from adapters.settings import retention_plan, retention_schedule
from approval import instants
from functions.orchestrators import Blueprint
from service import retention
from service.errors import InvalidSetting
from service.retention import Mode, Run, is_due

NAME = "HistoryRetention"
CONTAINER = "case-history"
PAGE = 100
LONGEST_S = 210
AT_ONCE = 10
_STORAGE = "AzureWebJobsStorage"
T = TypeVar("T")
R = TypeVar("R")

blueprint = Blueprint()


@blueprint.timer_trigger(arg_name="timer", schedule=retention_schedule())
@blueprint.durable_client_input(client_name="client")
async def PurgeHistory(  # noqa: N802
    timer: func.TimerRequest,  # noqa: ARG001
    client: df.DurableOrchestrationClient,
    context: func.Context,
) -> None:
    """Begin a run over the finished cases, unless retention is off or a run is under way."""
    try:
        mode, days = retention_plan()
    except InvalidSetting as error:
        logs.log_event("unavailable", problem=error.code, status=error.status, setting=error.setting)
        raise
    if mode is Mode.OFF:
        return
    engine = Engine(client)
    last = await engine.status(NAME)
    if last is not None and last["runtimeStatus"] not in retention.TERMINAL:
        logs.log_event("retentionBusy", instance=NAME, orchestration=NAME)
        return
    with tracing.of_invocation(context):
        await engine.start(NAME, retention.start(mode, days), NAME)
    logs.log_event("retentionStarted", instance=NAME, orchestration=NAME, mode=mode, days=days)


@blueprint.orchestration_trigger(context_name="context")
def HistoryRetention(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, Any] | None]:  # noqa: N802
    """One slice of a run; gives the figures of the whole run after the last one."""
    run = Run.from_input(context.get_input(), context.current_utc_datetime)
    again = df.RetryOptions(first_retry_interval_in_milliseconds=5000, max_number_of_attempts=3)
    context.set_custom_status(run.to_input())
    page = yield context.call_activity_with_retry("ListFinished", again, run.to_input())
    done: dict[str, Any] = {}
    if page["ids"] and run.mode is Mode.PURGE:
        given = {"before": instants.written(run.before), "blob": run.blob}
        done = yield context.call_activity_with_retry("ExportCases", again, {**given, "ids": page["ids"]})
        if not done["changed"]:
            done |= yield context.call_activity_with_retry("PurgeCases", again, given)
    run = run.went_on(page, done)
    context.set_custom_status(run.to_input())
    if run.is_over:
        return run.to_input()
    context.continue_as_new(run.to_input())
    return None


@blueprint.activity_trigger(input_name="run")
@blueprint.durable_client_input(client_name="client")
async def ListFinished(  # noqa: N802
    run: dict,  # type: ignore[type-arg]  # the worker takes no generic types
    client: df.DurableOrchestrationClient,
) -> dict[str, Any]:
    """The ids of a page's cases that are due, and the token of the next page. Reads only.

    A child of an orchestration that is not over stays with it.
    """
    before = instants.read(run["before"])
    engine = Engine(client)
    page = await engine.page(
        run["token"], runtimeStatus=",".join(sorted(retention.TERMINAL)), createdTimeTo=run["before"], top=PAGE
    )
    due = [answer for answer in page.answers if is_due(answer, before)]
    parents = sorted({str(answer["parentInstanceId"]) for answer in due if answer.get("parentInstanceId")})
    found = await _each(parents, engine.status)
    live = {
        parent
        for parent, answer in zip(parents, found, strict=True)
        if answer is not None and answer["runtimeStatus"] not in retention.TERMINAL
    }
    ids = [
        str(answer["instanceId"])
        for answer in due
        if answer["instanceId"] not in run["passed"] and answer.get("parentInstanceId") not in live
    ]
    logs.log_event("retentionListed", instance=NAME, orchestration=NAME, mode=run["mode"], due=len(ids))
    return {"ids": ids, "token": page.token}


@blueprint.activity_trigger(input_name="slice")
@blueprint.durable_client_input(client_name="client")
@blueprint.blob_output(arg_name="export", path=f"{CONTAINER}/{{data.blob}}", connection=_STORAGE)
async def ExportCases(  # noqa: N802
    slice: dict,  # type: ignore[type-arg]  # noqa: A002 - the binding's name; the worker takes no generic types
    client: df.DurableOrchestrationClient,
    export: func.Out[bytes],
) -> dict[str, Any]:
    """Write input, outcome and history of the slice's cases to its blob, a JSON line each.

    A second run writes the same blob again, or nothing if one of the cases is gone or has changed. A case that the
    engine cannot show is left out, and stays.
    """
    engine, before, ids = Engine(client), instants.read(slice["before"]), slice["ids"]
    answers = dict(zip(ids, await _each(ids, lambda one: _shown(engine, one)), strict=True))
    changed = [one for one, answer in answers.items() if answer is None or (answer and not is_due(answer, before))]
    if changed:
        return {"changed": changed}
    shown = [answer for answer in answers.values() if answer]
    if shown:
        export.set(retention.to_lines(shown))
    unreadable = len(ids) - len(shown)
    logs.log_event("retentionExported", instance=NAME, orchestration=NAME, exported=len(shown), unreadable=unreadable)
    return {"changed": [], "exported": len(shown), "unreadable": unreadable}


@blueprint.activity_trigger(input_name="slice")
@blueprint.durable_client_input(client_name="client")
@blueprint.blob_input(
    arg_name="export", path=f"{CONTAINER}/{{data.blob}}", connection=_STORAGE, data_type=func.DataType.BINARY
)
async def PurgeCases(  # noqa: N802
    slice: dict,  # type: ignore[type-arg]  # noqa: A002 - the binding's name; the worker takes no generic types
    client: df.DurableOrchestrationClient,
    export: func.InputStream,
) -> dict[str, int]:
    """Purge the cases that are in the slice's blob and are as they were when it was written.

    A second run finds them gone, which is what counts, and does nothing.
    """
    engine, before = Engine(client), instants.read(slice["before"])
    exported = retention.from_lines(export.read()) if export else []

    async def is_gone(case: dict[str, Any]) -> bool:
        answer = await engine.status(case["instanceId"])
        if answer is None:
            return True
        unchanged = is_due(answer, before) and retention.is_same(answer, case)
        return unchanged and await engine.purge(case["instanceId"])

    count = sum(await _each(exported, is_gone))
    logs.log_event("retentionPurged", instance=NAME, orchestration=NAME, purged=count, kept=len(exported) - count)
    return {"purged": count}


async def _shown(engine: Engine, instance_id: str) -> dict[str, Any] | None:
    """The status answer with its history, None if there is no such case, {} if the engine cannot show it."""
    try:
        return await engine.status(instance_id, history=True)
    except EngineFailed as error:
        if error.status != CANNOT_SHOW:
            raise
        logs.log_event("retentionUnreadable", instance=instance_id, status=error.status)
        return {}


async def _each(items: Iterable[T], work: Callable[[T], Awaitable[R]]) -> list[R]:
    """What ``work`` gives for each item, in order, a few at once.

    Raises:
        TimeoutError: it took too long for one activity.
    """
    end = time.monotonic() + LONGEST_S
    free = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> R:
        async with free:
            if time.monotonic() > end:
                raise TimeoutError(f"The slice was not done within {LONGEST_S} s.")
            return await work(item)

    return await asyncio.gather(*(one(item) for item in items))
