"""Telling people of a case: ``Notice``, an orchestration for each move that somebody has to hear of.

The case never waits for a mail server: ``Announce`` starts a ``Notice`` and is done. It gets a case and the number
of a move, and takes everything else from the record, so it cannot be used to send anything else. What it does and when
is in ``service.sending``.

A timer is at most six hours ahead. Activities run between timers, never beside one.
"""

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df

from adapters import logs
from adapters.delivery import deliver, people_to_tell
from adapters.engine import Engine
from functions.orchestrators import NO_OBJECT, Blueprint
from service.sending import News, Sending

NAME = "Notice"
blueprint = Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def Notice(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, str] | None]:  # noqa: N802
    """Send everybody who has to hear of a move one mail; gives who got it, or that nobody has to any more.

    Example of its input: ``{"case": "P-7K3M9QXV", "move": 3}``; of its output: ``{"noor": "sent", "ruth": "over"}``.

    Raises:
        NotDelivered: somebody could not be reached in three days.
    """
    try:
        news = News.from_input(context.get_input())
    except NO_OBJECT:
        news = None
    if news is None:
        return None
    given = {"case": news.case, "move": news.move, "instance": context.instance_id}
    sending = Sending(news, context.current_utc_datetime)
    while sending.is_on:
        if sending.people is None:
            found = yield from _looked(context, given)
            sending = sending.looked(found, context.current_utc_datetime)
        else:
            answers = yield from _tried(context, given, sending.left)
            sending = sending.tried(answers, context.current_utc_datetime)
        context.set_custom_status(sending.status())
        if sending.wakes_at is not None:
            yield context.create_timer(sending.wakes_at)
    if sending.has_failed:
        if not context.is_replaying:
            logs.log_event("failed", instance=context.instance_id, orchestration=NAME, problem="not-delivered")
        raise sending.failure()
    return dict(sending.done)


@blueprint.activity_trigger(input_name="given")
@blueprint.durable_client_input(client_name="client")
async def ReadNotices(  # noqa: N802
    given: dict,  # type: ignore[type-arg]  # the worker takes no generic types
    client: df.DurableOrchestrationClient,
) -> dict[str, Any]:
    """Who has to hear of a move: ``{"found": true, "to": ["noor", "ruth"]}``. Reads only."""
    people = await people_to_tell(Engine(client), News(given["case"], given["move"]), given["instance"])
    return {"found": people is not None, "to": list(people or ())}


@blueprint.activity_trigger(input_name="given")
@blueprint.durable_client_input(client_name="client")
async def SendNotice(  # noqa: N802
    given: dict,  # type: ignore[type-arg]  # the worker takes no generic types
    client: df.DurableOrchestrationClient,
) -> dict[str, Any]:
    """Send one person the mail about a move: ``{"person": "noor", "is": "sent", "why": null}``.

    A second run sends the same mail again, with the same id.
    """
    news = News(given["case"], given["move"])
    return (await deliver(Engine(client), news, given["instance"], given["person"])).to_json()


def _looked(context: df.DurableOrchestrationContext, given: dict[str, Any]) -> Generator[Any, Any, Any]:
    """The answer of ``ReadNotices``; None if it failed."""
    try:
        return (yield context.call_activity("ReadNotices", given))
    except Exception:  # noqa: BLE001 - the type of the activity's own error is lost on the way
        return None


def _tried(
    context: df.DurableOrchestrationContext, given: dict[str, Any], people: tuple[str, ...]
) -> Generator[Any, Any, Any]:
    """The answers of ``SendNotice``, one for each person; None if one of them failed."""
    try:
        return (
            yield context.task_all([context.call_activity("SendNotice", given | {"person": one}) for one in people])
        )
    except Exception:  # noqa: BLE001 - as above
        return None
