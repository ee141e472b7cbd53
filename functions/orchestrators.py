"""The blueprint of all our orchestrators: no event can end one of them.

Events come from outside, and the webhook takes more than Python can decode: ``undefined``, a JSON comment, an object in
which the Durable SDK sees one of its own. SDK 1.x decodes an event before the orchestrator gets it, where the
orchestrator cannot catch what goes wrong: the instance fails for good. So each orchestrator here first goes through the
history that the host has passed in and puts a plain text, which no reader accepts as a decision, in place of a payload
that is not readable.

The host's own history stays as it is; only this turn's copy is changed, and the same bytes give the same text at each
replay. Results of activities, sub-orchestrations and entities are left alone: they are plain JSON of this app.
"""

from collections.abc import Callable, Generator
from contextlib import suppress
from functools import wraps
from typing import Any

import azure.durable_functions as df

from approval.payload import readable

# An orchestrator; SDK 2.x registers some of its own in each blueprint, which take the input as a second argument.
Flow = Callable[..., Generator[Any, Any, Any]]
# What ``get_input`` raises at an input that did not come through our starter: a bare list, number or text, an object in
# which the SDK sees one of its own, a text with thousands of brackets. It ends the instance started with it, no other.
NO_OBJECT = (TypeError, ValueError, AttributeError, RecursionError)
_EVENT_RAISED = 15


class Blueprint(df.Blueprint):
    """A blueprint as the SDK's, whose orchestrators get readable events only."""

    def orchestration_trigger(self, context_name: str, **given: Any) -> Callable[[Flow], Any]:
        """As the SDK's own decorator of this name."""
        register = super().orchestration_trigger(context_name, **given)
        return lambda flow: register(with_readable_events(flow))


def with_readable_events(flow: Flow) -> Flow:
    """The orchestrator, which checks its events before its first step."""

    @wraps(flow)
    def entry(context: df.DurableOrchestrationContext, *more: Any) -> Generator[Any, Any, Any]:
        # SDK 2.x (seen: 2.0.0rc3) keeps its history to itself and raises here.
        with suppress(NotImplementedError):
            for row in getattr(context, "histories", ()):
                if row.event_type == _EVENT_RAISED and row.Input is not None:
                    row.Input = readable(row.Input)
        return (yield from flow(context, *more))

    return entry
