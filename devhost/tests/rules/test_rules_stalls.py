"""What the host says where Python and the walk part: the extension itself logs nothing (contract 4.1, 4.3)."""

from datetime import timedelta

import azure.durable_functions as df
import pytest

pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate:UserWarning")
app = df.DFApp()
HOUR = timedelta(hours=1)


@app.activity_trigger(input_name="value")
def echo(value):
    """Gives its input back."""
    return value


@app.orchestration_trigger(context_name="context")
def two_rounds(context):
    """Waits for a first event or a timer, and again for an event or the same timer; an activity at the end."""
    timer = context.create_timer(context.current_utc_datetime + HOUR)
    yield context.task_any([context.wait_for_external_event("vote"), timer])
    won = yield context.task_any([context.wait_for_external_event("vote"), timer])
    if context.get_input() == "then an activity" and won is timer:
        yield context.call_activity("echo", 1)
    return "over"


@app.orchestration_trigger(context_name="context")
def leaves_a_timer(context):
    """Returns with a timer and an activity open."""
    timer = context.create_timer(context.current_utc_datetime + HOUR)
    event = context.wait_for_external_event("vote")
    yield context.task_any([event, timer])
    return (yield context.call_activity("echo", 1))


@app.orchestration_trigger(context_name="context")
def yields_nothing(context):
    """Yields what is no task."""
    yield None
    return context


def said(host, case):
    """What the host said about the instance."""
    return [text.partition(": ")[2] for text in host.complaints if case in text]


def test_python_has_finished_before_the_extension(durable_host):
    """The kept timer has fired for Python; the extension waits for the second event alone."""
    host = durable_host(app)
    case = host.start("two_rounds")
    host.raise_event(case, "vote")
    host.advance(2 * HOUR)
    assert said(host, case) == ["Python has finished, but the extension still waits for the event 'vote'"]
    host.raise_event(case, "vote")
    assert host.status(case).output == "over"


def test_python_has_gone_on_before_the_extension(durable_host):
    """What Python asks for next is named too."""
    host = durable_host(app)
    case = host.start("two_rounds", "then an activity")
    host.raise_event(case, "vote")
    host.advance(2 * HOUR)
    waits = "Python has gone on, but the extension still waits for the event 'vote'"
    assert said(host, case) == [f"{waits}: until then it starts nothing more, not even 'echo'"]


def test_what_keeps_a_finished_one_running_is_named(durable_host):
    """The timer that nobody cancelled; and once it has fired nothing more is said."""
    host = durable_host(app)
    case = host.start("leaves_a_timer")
    host.raise_event(case, "vote")
    (text,) = said(host, case)
    assert text.startswith(
        "Python has finished, but it stays Running while these are open: the timer of 2026-01-01T01:"
    )
    host.advance(2 * HOUR)
    assert host.status(case).output == 1
    assert said(host, case) == [text]


def test_one_that_waits_for_nothing_is_named(durable_host):
    """It would stay Running for ever."""
    host = durable_host(app)
    case = host.start("yields_nothing")
    assert host.status(case).runtime_status == "Running"
    assert said(host, case) == ["it waits for nothing and will never wake: it yielded something that is no task"]


def test_a_suspended_one_is_not_named(durable_host):
    """It goes on where it is resumed."""
    host = durable_host(app)
    case = host.start("two_rounds")
    host.raise_event(case, "vote")
    host.manage("POST", f"instances/{case}/suspend?reason=x")
    host.advance(2 * HOUR)
    assert said(host, case) == []
