"""The wait for one clear decision, for the patterns that have an approval inside."""

from collections.abc import Generator
from datetime import datetime
from typing import Any

import azure.durable_functions as df

from approval.decision import Decision, read

ESCALATED = "Escalated"


def decided(context: df.DurableOrchestrationContext, due: datetime) -> Generator[Any, Any, str]:
    """Approved or Rejected by the event Approval, or Escalated at the due time. Junk is ignored.

    Use it as ``outcome = yield from decided(context, due)``. Each turn has a fresh wait and a fresh timer, and no
    activity comes between two waits: an event that came in such a gap would be lost.
    """
    while True:
        wait, timer = context.wait_for_external_event("Approval"), context.create_timer(due)
        winner = yield context.task_any([wait, timer])
        if winner == timer:
            return ESCALATED
        timer.cancel()
        heard = read(wait.result)
        if isinstance(heard, Decision):
            return str(heard.outcome)
