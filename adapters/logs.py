"""The app's own log: one JSON object a line, with the same first fields in each, so that a query finds a case.

1. ``EVENTS`` is the whole list, with the fields and the severity of each; docs/reference/logs.md explains them.
2. A line holds codes, numbers, times and ids. What people wrote, who they are, and keys never go in: a caller passes
   no text that came from outside, not even a part of it.
3. Python's own warnings are one line each (``plain_warnings``): the SDK puts names of events into them.
4. Orchestrators log through ``functions.review_flow`` only, which logs nothing while the engine replays.
"""

import json
import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

LOGGER = "design_approval"
_log = logging.getLogger(LOGGER)

Value = str | float | bool | None


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of event: how severe it is, and its fields after those that every line has."""

    severity: int
    fields: tuple[str, ...] = ()


EVENTS: Mapping[str, EventKind] = {
    "started": EventKind(logging.INFO),
    "alreadyStarted": EventKind(logging.INFO),
    "refused": EventKind(logging.WARNING, ("problem", "status")),
    "unavailable": EventKind(logging.ERROR, ("problem", "status", "setting", "cause")),
    "waiting": EventKind(logging.INFO, ("due",)),
    "eventIgnored": EventKind(logging.WARNING, ("count",)),
    "decided": EventKind(logging.INFO, ("outcome", "secondsToDecision")),
    "escalated": EventKind(logging.INFO, ("secondsWaited",)),
    "judged": EventKind(logging.INFO, ("verdict",)),
    "levelApproved": EventKind(logging.INFO, ("secondsWaited",)),
    "levelEscalated": EventKind(logging.INFO, ("times",)),
    "reminded": EventKind(logging.INFO, ("people",)),
    "withdrawn": EventKind(logging.INFO, ("secondsWaited",)),
    "activityFailed": EventKind(logging.WARNING, ("activity", "failures", "triesAgainAt")),
    "closed": EventKind(logging.INFO, ("outcome", "secondsOpen")),
    "failed": EventKind(logging.ERROR, ("problem",)),
    "unhealthy": EventKind(logging.ERROR, ("checks",)),
    "statsFailed": EventKind(logging.ERROR, ("cause",)),
    "inboxFailed": EventKind(logging.ERROR, ("cause",)),
    "caseNotRead": EventKind(logging.ERROR, ("cause",)),
    "actNotSent": EventKind(logging.ERROR, ("cause",)),
    "acted": EventKind(logging.INFO, ("act", "verdict")),
    "heartbeat": EventKind(logging.INFO, ("open", "overdue", "complete")),
    "noticeSent": EventKind(logging.INFO, ("kind", "move")),
    "noticeNotSent": EventKind(logging.WARNING, ("move", "reason")),
    "retentionStarted": EventKind(logging.INFO, ("mode", "days")),
    "retentionBusy": EventKind(logging.WARNING),
    "retentionListed": EventKind(logging.INFO, ("mode", "due")),
    "retentionExported": EventKind(logging.INFO, ("exported", "unreadable")),
    "retentionPurged": EventKind(logging.INFO, ("purged", "kept")),
    "retentionUnreadable": EventKind(logging.WARNING, ("status",)),
}


def line(
    event: str,
    *,
    instance: str | None = None,
    orchestration: str | None = None,
    level: int | None = None,
    **fields: Value,
) -> str:
    """The text of one line, in ASCII.

    Example::

        {"event": "decided", "instance": "8f2c6c6ad7f44f6b8f1b0a3d5b6f7c11", "orchestration": "OrchFunction",
         "level": 1, "outcome": "Approved", "secondsToDecision": 3605.2}

    Args:
        event: one of ``EVENTS``.
        instance: the instance's id.
        orchestration: its name, as the app declares it.
        level: which of the levels of approval, counted from 1.
        fields: those of this event; one that is left out is null.

    Raises:
        ValueError: the event, or one of its fields, is not in ``EVENTS``.
    """
    if event not in EVENTS or not fields.keys() <= set(EVENTS[event].fields):
        raise ValueError(f"the event {event!r} with {sorted(fields)} is not in EVENTS")
    first = {"event": event, "instance": instance, "orchestration": orchestration, "level": level}
    return json.dumps(first | {name: fields.get(name) for name in EVENTS[event].fields})


def log_event(
    event: str,
    *,
    instance: str | None = None,
    orchestration: str | None = None,
    level: int | None = None,
    **fields: Value,
) -> None:
    """Log one line; see ``line`` for the arguments."""
    _log.log(
        EVENTS[event].severity,
        "%s",
        line(event, instance=instance, orchestration=orchestration, level=level, **fields),
    )


def cause_of(error: BaseException) -> str:
    """Which exception it was, and in which function of which file.

    Its text stays out, as it may quote a payload, unless it comes from the operating system or the network.

    Example: ``ConnectionRefusedError in post_async_request (http_utils.py:118): [Errno 111] Connect call failed``
    """
    first = error
    while first.__cause__ is not None:
        first = first.__cause__
    trace = first.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(first).__name__
    code = trace.tb_frame.f_code
    file = code.co_filename.replace("\\", "/").rpartition("/")[2]
    said = f": {first}" if isinstance(first, OSError) else ""
    return f"{type(first).__name__} in {code.co_name} ({file}:{trace.tb_lineno}){said}"


def plain_warnings() -> None:
    """Have Python's warnings written as one line each, with control characters shown.

    The worker's standard error goes to a terminal under Core Tools, and to the host's log in Azure.
    """
    warnings.formatwarning = _format_warning


def _format_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    r"""Example: ``UserWarning: 'Potential duplicate Task completion for TaskId: \x1b[2J' (executor.py, line 213)``."""
    del line  # the source's own line, which is no help to an operator
    file = filename.replace("\\", "/").rpartition("/")[2]
    return f"{category.__name__}: {str(message)!r} ({file}, line {lineno})\n"
