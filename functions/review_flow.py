"""The orchestrators. The loop knows tasks and nothing of proposals; every rule is in ``approval.review``.

It has a review for a case with one question and one for a case with levels: values with the same methods.

What keeps it alive on an engine that replays the whole list of actions at each turn:

1. One live wait for Approval in every yield until the case is closed; a fresh wait comes with a fresh timer.
2. A timer that lost is cancelled before the next yield, so that the instance completes at once after the decision.
3. A timer that fired is due, however early it fired; the review works on with the due time, never asks the clock again.
4. No timer is more than five days ahead; a longer one cannot be cancelled.
5. Activities are members of the race and called by their string names; their keys say which effect came back. One
   that failed is tried again by the review. A result that moves the next waking gets a new timer beside the kept wait.
6. No clock but the context's, no environment, no randomness, no I/O: a replay must make the same tasks. The log is
   written behind ``is_replaying`` only.
"""

from collections.abc import Generator
from datetime import datetime
from typing import Any

import azure.durable_functions as df

from adapters import logs
from approval.errors import CaseError, UnreadableInput
from approval.review.opened import AnyReview, opened
from approval.status import describe
from functions.orchestrators import NO_OBJECT, Blueprint
from service.log_events import log_events

blueprint = Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def OrchFunction(context: df.DurableOrchestrationContext) -> Generator[Any, Any, list[Any]]:  # noqa: N802
    """Wait for the event Approval or the end of the time to decide, then carry the outcome out.

    Gives the messages in a list. A case with one question has one: three turns, one timer and one activity, if nothing
    unusual happens.
    """
    review = _opened(context)
    wait: Any = None
    timer: Any = None
    timer_due: Any = None
    running: dict[Any, str] = {}  # each activity's task, with the key of its effect
    while not review.is_over:
        if review.is_open and wait is None:
            wait = context.wait_for_external_event("Approval")
        if timer and review.wakes_at != timer_due:
            timer.cancel()
            timer = None
        if review.wakes_at and timer is None:
            timer, timer_due = context.create_timer(review.wakes_at), review.wakes_at
        for effect in review.to_start:
            running[context.call_activity(effect.activity, effect.input)] = effect.key
        _show(context, review)
        winner = yield context.task_any([task for task in (wait, *running, timer) if task is not None])
        if winner == timer:
            timer = None
            review = review.woke(context.current_utc_datetime)
        elif winner == wait:
            timer.cancel()
            payload, wait, timer = wait.result, None, None
            review = review.heard(payload, context.current_utc_datetime)
        else:
            review = _after(review, running.pop(winner), winner, context.current_utc_datetime)
        if not review.is_open:
            wait = None
    if timer is not None:
        timer.cancel()  # an open timer would keep the instance running: a level that could not even open ends here
    _show(context, review)
    return review.verdict()


@blueprint.orchestration_trigger(context_name="context")
def OrchFunctionChain(context: df.DurableOrchestrationContext) -> Generator[Any, Any, list[Any]]:  # noqa: N802
    """The original tutorial's first exercise: an approval, then a rejection; both messages in a list."""
    approved = yield context.call_activity("Approval", "Approved")
    rejected = yield context.call_activity("Approval", "Rejected")
    return [approved, rejected]


def _opened(context: df.DurableOrchestrationContext) -> AnyReview:
    try:
        return opened(_input(context), context.instance_id, context.current_utc_datetime)
    except CaseError as error:
        _log(context, "failed", problem=error.code)
        raise


def _input(context: df.DurableOrchestrationContext) -> object:
    try:
        return context.get_input()
    except NO_OBJECT as error:
        raise UnreadableInput("The input is not an object.") from error


def _show(context: df.DurableOrchestrationContext, review: AnyReview) -> None:
    """Put the review into the custom status, and what has just happened to it into the log."""
    context.set_custom_status(describe(review))
    for found in log_events(review):
        _log(context, found.name, level=found.level, **found.fields)


def _log(context: df.DurableOrchestrationContext, event: str, **fields: Any) -> None:
    """Log, but not what an earlier run of the same lines has logged."""
    if not context.is_replaying:
        logs.log_event(event, instance=context.instance_id, orchestration="OrchFunction", **fields)


def _after(review: AnyReview, key: str, activity: Any, now: datetime) -> AnyReview:
    """SDK 1.x gives the exception of a failed task as its result, 2.x raises it."""
    try:
        result = activity.result
    except Exception as error:  # noqa: BLE001 - the type of the activity's own error is lost on the way
        result = error
    return review.failed(key, now) if isinstance(result, Exception) else review.done(key, result, now)
