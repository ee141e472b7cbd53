"""The recorded executions of ``tests/conformance`` as histories to rehearse, in the forms that they come in."""

from replaying import answer_of, episodes

from devhost.durabletask import history as h
from devhost.durabletask.engine import decide
from devhost.durabletask.status import history_body, shown
from devhost.rehearsal.recorded import RecordedExecution
from devhost.rehearsal.replay import with_decisions
from devhost.timekeeping.ticks import brief, parse

# Its code asks a counter of its own process, to be non-deterministic.
EPISODES = sorted((one for one in episodes() if one.name != "nondeterministic"), key=lambda one: one.n)


def rows_after(episode, functions):
    """What the store holds after this episode, and the outcome."""
    answer = answer_of(episode.answer)
    outcome = decide(episode.history, answer, functions)
    rows = with_decisions(episode.history, answer, functions)
    if outcome.status in h.TERMINAL:
        at = max(parse(row["Timestamp"]) for row in rows)
        rows = [*rows, h.execution_completed(outcome.completion_id, outcome.status, outcome.output, at + 100)]
    return rows, outcome


def stored(episode, functions):
    """As it comes from a database."""
    rows, outcome = rows_after(episode, functions)
    output = None if outcome.output is None else shown(outcome.output)
    return RecordedExecution(str(episode), episode.payload["instanceId"], rows[1]["Name"], outcome.status, output, rows)


def status(episode, functions):
    """The status answer with history that the extension would give of it."""
    rows, outcome = rows_after(episode, functions)
    parent, version = episode.payload["parentInstanceId"], rows[1]["Version"]
    return {
        "name": rows[1]["Name"],
        **({"version": version} if version else {}),
        "instanceId": episode.payload["instanceId"],
        **({"parentInstanceId": parent} if parent else {}),
        "runtimeStatus": outcome.status,
        "output": None if outcome.output is None else shown(outcome.output),
        "lastUpdatedTime": brief(parse(rows[-1]["Timestamp"])),
        "historyEvents": history_body(rows, show_input=True, show_output=True),
    }


def is_rewound(rows):
    """Whether a rewind has taken rows back."""
    return any(row["EventType"] == h.GENERIC for row in rows)
