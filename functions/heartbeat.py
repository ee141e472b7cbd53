"""``Heartbeat``: every quarter of an hour, one log line that says that the app runs and how many cases are stuck.

A case that nobody has decided escalates by itself. One that is open an hour after it was due shows that it did not, and
no line of its own would ever say so: this one does. The alerts ``no-heartbeat`` and ``overdue`` are built on it.
"""

import time
from datetime import UTC, datetime, timedelta

import azure.durable_functions as df
import azure.functions as func

from adapters import engine, logs, settings
from approval.stats import Tally

SCHEDULE = "0 */15 * * * *"
GRACE = timedelta(hours=1)
UNDER_WAY = "Pending,Running,Suspended"
PAGE = 250
LONGEST_S = 120.0

blueprint = df.Blueprint()


def blueprints() -> list[df.Blueprint]:
    """The heartbeat, or nothing: it wakes a sleeping app, so it is there only where the setting asks for it."""
    return [blueprint] if settings.heartbeat_is_on() else []


@blueprint.timer_trigger(arg_name="timer", schedule=SCHEDULE, use_monitor=False)
@blueprint.durable_client_input(client_name="client")
async def Heartbeat(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001, N802
    """Count the cases that are under way and log the figures. An engine that does not answer means no heartbeat."""
    tally, token, end = Tally(datetime.now(UTC) - GRACE), "", time.monotonic() + LONGEST_S
    while True:
        page = await engine.page(client, token, runtimeStatus=UNDER_WAY, top=PAGE)
        tally.add(page.answers)
        token = page.token
        if not token or time.monotonic() > end:
            break
    figures = tally.figures()
    logs.tell("heartbeat", open=figures["open"], overdue=figures["overdue"], complete=not token)
