"""The actions that an orchestrator asks for, by the numbers that the SDK gives them (contract 3.4)."""

from typing import Any

Action = dict[str, Any]

CALL_ACTIVITY, CALL_ACTIVITY_WITH_RETRY, CALL_SUB, CALL_SUB_WITH_RETRY, CONTINUE_AS_NEW = 0, 1, 2, 3, 4
CREATE_TIMER, WAIT_FOR_EVENT, CALL_ENTITY, CALL_HTTP, SIGNAL_ENTITY, SCHEDULED_SIGNAL = 5, 6, 7, 8, 9, 10
WHEN_ANY, WHEN_ALL = 11, 12
SUB_CALLS = (CALL_SUB, CALL_SUB_WITH_RETRY)


def described(action: Action) -> str:
    """What the action asks for, for a sentence."""
    kind = action["actionType"]
    if kind in (WHEN_ANY, WHEN_ALL):
        return " or ".join(described(child) for child in action["compoundActions"]) or "an empty race"
    if kind == CREATE_TIMER:
        return f"the timer of {action['fireAt']}"
    if kind == WAIT_FOR_EVENT:
        return f"the wait for '{action['externalEventName']}'"
    return f"'{action.get('functionName') or action.get('instanceId') or 'the next action'}'"
