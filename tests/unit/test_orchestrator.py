"""The orchestrators' own lines: which tasks they make, cancel and yield. The rules are tested elsewhere."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from approval.effects import Effect, Effects
from approval.errors import UnreadableInput
from approval.review.one_level import NEXT, Event, Stage
from approval.review.opened import opened
from functions import review_flow

T0 = datetime(2026, 11, 24, 20, tzinfo=UTC)


class Task:
    """A task that a test completes by hand."""

    def __init__(self, kind, *what):
        self.kind, self.what, self.result, self.cancelled = kind, what, None, False

    def cancel(self):
        """Remember it."""
        self.cancelled = True

    def __repr__(self):
        return f"{self.kind}{self.what}"


@pytest.fixture
def context(mocker):
    """An orchestration context whose tasks are plain objects; ``task_any`` gives the list that it got."""
    made = mocker.Mock(histories=[])
    made.current_utc_datetime = T0
    made.get_input.return_value = None
    made.wait_for_external_event.side_effect = lambda name: Task("wait", name)
    made.create_timer.side_effect = lambda due: Task("timer", due)
    made.call_activity.side_effect = lambda name, given: Task("call", name, given)
    made.task_any.side_effect = list
    return made


@pytest.fixture
def flow(context):
    """OrchFunction as a generator."""
    return review_flow.OrchFunction.build().get_user_function().orchestrator_function(context)


def finish(flow, winner, result=None):
    """Complete a task; gives what is yielded next, or what is returned."""
    winner.result = result
    try:
        return flow.send(winner)
    except StopIteration as end:
        return end.value


def test_the_first_yield_races_one_wait_against_one_timer(flow, context):
    """The event Approval, against twenty seconds from the orchestration's own clock."""
    wait, timer = next(flow)
    assert wait.what == ("Approval",)
    assert timer.what == (T0 + timedelta(seconds=20),)
    assert context.set_custom_status.call_args.args[0]["stage"] == "waiting"


def test_a_decision_cancels_the_timer_before_the_next_yield(flow):
    """Else the instance would stay open until the timer fires."""
    wait, timer = next(flow)
    (call,) = finish(flow, wait, "Approved")
    assert timer.cancelled
    assert call.what == ("Approval", "Approved")
    assert finish(flow, call, "message") == ["message"]


def test_an_expiry_calls_the_escalation_and_cancels_nothing(flow):
    """A timer that fired cannot be cancelled."""
    _, timer = next(flow)
    (call,) = finish(flow, timer)
    assert not timer.cancelled
    assert call.what == ("Escalation", "Head of department")
    assert finish(flow, call, "message") == ["message"]


def test_junk_gets_a_fresh_wait_with_a_fresh_timer_for_the_same_deadline(flow, context):
    """A kept timer raced against a new wait would never end on the engine."""
    wait, timer = next(flow)
    again, fresh = finish(flow, wait, "maybe")
    assert timer.cancelled
    assert again is not wait
    assert fresh is not timer
    assert fresh.what == timer.what
    assert context.set_custom_status.call_args.args[0]["ignored"]["count"] == 1


def test_a_hop_keeps_the_wait_and_renews_the_timer(flow, context):
    """The pending wait is safe to keep; no timer is more than five days ahead."""
    context.get_input.return_value = {
        "schemaVersion": 1, "policy": {"timeout": "P7D", "approver": "a", "escalateTo": "b"},
    }  # fmt: skip
    wait, timer = next(flow)
    kept, fresh = finish(flow, timer)
    assert kept is wait
    assert (timer.what, fresh.what) == ((T0 + timedelta(days=5),), (T0 + timedelta(days=7),))


def test_a_failed_activity_waits_for_a_timer_and_is_called_again(flow, context):
    """The first pause is ten seconds; the status tells of the trouble."""
    wait, _ = next(flow)
    (call,) = finish(flow, wait, "no")
    (pause,) = finish(flow, call, Exception("smtp down"))
    assert pause.what == (T0 + timedelta(seconds=10),)
    assert context.set_custom_status.call_args.args[0]["trouble"]["failures"] == 1
    (again,) = finish(flow, pause)
    assert again.what == ("Approval", "Rejected")
    assert finish(flow, again, "message") == ["message"]


def test_a_failed_activity_that_raises_on_reading_is_a_failed_activity_too(flow):
    """The next major version of the SDK raises where this one passes the exception."""

    class Failed(Task):
        result = property(lambda _: 1 / 0, lambda *_: None)

    wait, _ = next(flow)
    (call,) = finish(flow, wait, "no")
    call.__class__ = Failed
    (pause,) = finish(flow, call)
    assert pause.kind == "timer"


def test_a_result_while_the_case_waits_renews_the_timer_beside_the_kept_wait(flow, mocker):
    """Several activities may run while the case waits; one that failed is tried again before the deadline."""
    both = replace(opened(None, "i", T0), effects=Effects().begun(Effect("a", "A", 1), Effect("b", "B", 2)))
    mocker.patch.object(review_flow, "opened", return_value=both)
    mocker.patch.dict(NEXT, {(Stage.WAITING, event): Stage.WAITING for event in (Event.FAILED, Event.RETRY)})
    wait, a, b, timer = next(flow)
    assert (a.what, b.what) == (("A", 1), ("B", 2))
    kept, still, sooner = finish(flow, a, Exception("down"))
    assert (kept, still) == (wait, b)
    assert timer.cancelled
    assert sooner.what == (T0 + timedelta(seconds=10),)
    kept, still, again, last = finish(flow, sooner)
    assert (kept, still, again.what, last.what) == (wait, b, ("A", 1), timer.what)


def test_every_yield_and_the_end_set_a_status(flow, context):
    """A turn that sets none would clear it."""
    wait, _ = next(flow)
    (call,) = finish(flow, wait, None)
    finish(flow, call, "message")
    stages = [call.args[0]["stage"] for call in context.set_custom_status.call_args_list]
    assert stages == ["waiting", "approved", "approved"]


def test_an_input_of_another_kind_fails_with_a_clear_text(flow, context):
    """The SDK itself cannot read a bare list from the engine's own API."""
    context.get_input.side_effect = TypeError("the JSON object must be str, bytes or bytearray, not list")
    with pytest.raises(UnreadableInput, match="The input is not an object"):
        next(flow)


def test_the_chain_approves_and_then_rejects(context):
    """The original tutorial's first exercise: both messages, in order."""
    flow = review_flow.OrchFunctionChain.build().get_user_function().orchestrator_function(context)
    first = next(flow)
    assert first.what == ("Approval", "Approved")
    second = flow.send("one")
    assert second.what == ("Approval", "Rejected")
    with pytest.raises(StopIteration) as end:
        flow.send("two")
    assert end.value.value == ["one", "two"]
