"""``Heartbeat``: every quarter of an hour, one log line that says that the app runs and how many cases are stuck.

A case without a decision escalates by itself. One that is open an hour after it was due shows that it did not, and
no line of its own would ever report it: this one does. The alerts ``no-heartbeat`` and ``overdue`` are built on it.
"""

from datetime import UTC, datetime, timedelta

import azure.durable_functions as df
import azure.functions as func

from adapters import logs, settings
from adapters.engine import Engine
from service.stats import Tally

SCHEDULE = "0 */15 * * * *"
GRACE = timedelta(hours=1)
UNDER_WAY = "Pending,Running,Suspended"
PAGE = 250
LONGEST_S = 120.0
MOST_PAGES = 10_000

blueprint = df.Blueprint()


def blueprints() -> list[df.Blueprint]:
    """The heartbeat, or nothing: it wakes a sleeping app, so it is there only if the setting turns it on."""
    return [blueprint] if settings.heartbeat_is_on() else []


@blueprint.timer_trigger(arg_name="timer", schedule=SCHEDULE, use_monitor=False)
@blueprint.durable_client_input(client_name="client")
async def Heartbeat(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001, N802
    """Count the cases that are under way and log the figures. An engine that does not answer means no heartbeat."""
    tally = Tally(datetime.now(UTC) - GRACE)
    pages = Engine(client).pages(seconds=LONGEST_S, most=MOST_PAGES, runtimeStatus=UNDER_WAY, top=PAGE)
    async for page in pages:
        tally.add(page.answers)
        tally.complete = not page.token
    figures = tally.figures()
    logs.log_event("heartbeat", **{name: figures[name] for name in ("open", "overdue", "complete")})
