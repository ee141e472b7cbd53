"""What an orchestrator function gave back, read as the extension reads it (contract 3.3)."""

import json
from dataclasses import dataclass, field
from typing import Any

from devhost.dotnet import http_request as httprequest
from devhost.dotnet.json_text import compact, plain, whole
from devhost.dotnet.newtonsoft import MAX_DEPTH, LooseJsonError, depth, first_value
from devhost.durabletask.actions import CALL_HTTP, WHEN_ANY, Action
from devhost.durabletask.failures import Failure

LABEL = "\n\n$OutOfProcData$:"


@dataclass(frozen=True, slots=True)
class OrchestratorResult:
    """One run's result.

    Attributes:
        actions: all actions since the execution began, in the order in which the orchestrator yielded them.
        done: the orchestrator has returned or has called ``continue_as_new``.
        error: what it raised, or None.
        output: JSON text of what it returned, or None.
        custom_status: JSON text, or None if none was set in this run.
        unreadable: the text of a failure that carries no usable state; then nothing of ``actions`` is walked.
        thrown: with ``unreadable``, the .NET exception that the extension throws for it.
    """

    actions: list[Action] = field(default_factory=list)
    done: bool = False
    error: str | None = None
    output: str | None = None
    custom_status: str | None = None
    unreadable: str | None = None
    thrown: str = "System.AggregateException"

    @property
    def over(self) -> bool:
        """Python has nothing more to do in this execution."""
        return self.done or self.error is not None or self.unreadable is not None

    @property
    def custom_status_refusal(self) -> str | None:
        """The extension's words if the custom status has 17 KiB or more in UTF-16, or None (contract 4.8)."""
        status = self.custom_status
        if status is None or len(status) < 4096:  # noqa: PLR2004 - no text this short can reach 17 KiB
            return None
        kilobytes = len(status.encode("utf-16-le")) // 1024
        if kilobytes <= 16:  # noqa: PLR2004 - the engine's limit
            return None
        return (
            "The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. "
            f"The current payload size is {kilobytes} KB."
        )


def read_result(text: str) -> OrchestratorResult:
    """The answer of a run that raised nothing."""
    return _of_state(text, json.loads(text))


def read_failure(failure: Failure) -> OrchestratorResult:
    """The answer of a run that raised.

    The SDK appends the state after a label in the exception's text; the last label counts. Without it, or where that
    state marks the orchestrator as done, nothing is walked.

    """
    _, label, state_text = failure.message.rpartition(LABEL)
    if label:
        try:
            state = json.loads(state_text)
        except ValueError:
            text = "Out of proc orchestrators must return a valid JSON schema"
            return OrchestratorResult(unreadable=text, thrown="System.ArgumentException")
        if not state.get("isDone"):
            return _of_state(state_text, state)
    return OrchestratorResult(unreadable=f"One or more errors occurred. ({failure.text})")


def _of_state(text: str, state: dict[str, Any]) -> OrchestratorResult:
    output, status = state.get("output"), state.get("customStatus")
    if max(depth(output), depth(status)) >= MAX_DEPTH:
        try:
            first_value(text)
        except LooseJsonError as error:
            return OrchestratorResult(unreadable=f"One or more errors occurred. ({error})")
    groups = state.get("actions") or []
    problem = _unreadable_call(groups)
    if problem is not None:
        return OrchestratorResult(unreadable=problem, thrown="Newtonsoft.Json.JsonSerializationException")
    if "schemaVersion" in state:
        actions = list(groups[0]) if groups else []
    else:  # the first schema: one list for each yield, any of its actions lets the walk go on
        actions = [
            {"actionType": WHEN_ANY, "compoundActions": group} if len(group) > 1 else group[0] for group in groups
        ]
    return OrchestratorResult(
        actions=actions,
        done=bool(state.get("isDone")),
        error=None if state.get("error") is None else whole(state["error"]),
        output=None if output is None else compact(plain(output)),
        custom_status=None if status is None else compact(plain(status)),
    )


def _unreadable_call(groups: list[list[Action]]) -> str | None:
    """.NET's message about an HTTP call that it cannot read, at any place: then the whole answer is unreadable."""
    if not _holds_call(groups):
        return None
    left = [(f"actions[{at}][{n}]", action) for at, group in enumerate(groups) for n, action in enumerate(group)]
    left.reverse()
    while left:
        path, action = left.pop()
        if action.get("actionType") == CALL_HTTP:
            problem = httprequest.unreadable(action.get("httpRequest"), path)
            if problem is not None:
                return problem
        inner = action.get("compoundActions") or ()
        left += reversed([(f"{path}.compoundActions[{n}]", one) for n, one in enumerate(inner)])
    return None


def _holds_call(groups: list[list[Action]]) -> bool:
    """Whether any action is an HTTP call: nearly always none is, and this is much cheaper than naming their places."""
    actions = [action for group in groups for action in group]
    for action in actions:
        if action.get("actionType") == CALL_HTTP:
            return True
        actions += action.get("compoundActions") or ()  # the loop goes on over them
    return False
