"""The activities and the entity. Those that take time call `time.sleep`, which devhost replaces in virtual time."""

import time
from collections import Counter
from datetime import UTC, datetime

import azure.durable_functions as df

bp = df.Blueprint()
calls: Counter = Counter()


@bp.activity_trigger(input_name="word")
def echo(word: str) -> str:
    """The word in angle brackets."""
    return f"<{word}>"


@bp.activity_trigger(input_name="word")
def boom(word: str) -> str:
    """Fails always."""
    raise ValueError(f"boom {word}")


@bp.activity_trigger(input_name="word")
def clock(word: str):  # noqa: ARG001 the binding's name
    """Gives what JSON cannot hold."""
    return datetime(2026, 1, 1, tzinfo=UTC)


@bp.activity_trigger(input_name="number")
def Notify(number: int) -> int:  # noqa: N802 recorded name
    """Takes a second."""
    time.sleep(1)
    return number


@bp.activity_trigger(input_name="number")
def Escalation(number: int) -> int:  # noqa: N802 recorded name
    """Takes two seconds."""
    time.sleep(2)
    return number


@bp.activity_trigger(input_name="number")
def Final(number: int) -> int:  # noqa: N802 recorded name
    """Gives the number back."""
    return number


@bp.activity_trigger(input_name="given")
def flaky(given: dict) -> str:
    """Fails as often as `{"key", "fail"}` asks, counted per key in this process."""
    calls[given["key"]] += 1
    attempt = calls[given["key"]]
    if attempt <= given["fail"]:
        raise ValueError(f"attempt {attempt}")
    return f"attempt {attempt}"


@bp.entity_trigger(context_name="context")
def counter(context: df.DurableEntityContext):
    """A number to add to and to reset; `burst` fails."""
    value = context.get_state(lambda: 0)
    if context.operation_name == "add":
        value += context.get_input()
    elif context.operation_name == "reset":
        value = 0
    elif context.operation_name == "burst":
        raise ValueError("burst")
    context.set_state(value)
    context.set_result(value)
