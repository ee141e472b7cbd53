"""Draws the sequence diagrams and the table of costs in ``docs/patterns*`` from recorded histories.

It also draws the states of a case with levels in ``docs/explanation/loop.md``, from the table that the review follows.
Run ``python docs/generate_diagrams.py`` after a change; with ``--check`` it says what is stale and changes nothing.
A line ``<!-- diagram: NAME -->`` is followed by the drawing of ``tests/patterns/histories/NAME.json``, a line
``<!-- costs -->`` by the table, a line ``<!-- states -->`` by the states.
"""  # noqa: INP001 - a script, not a package

import json
import pathlib
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

DOCS = pathlib.Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))
from approval.review.transitions import diagram as states  # noqa: E402 - the folder of the app comes first

HISTORIES = DOCS.parent / "tests/patterns/histories"
SHOWN = 56
STARTED, SCHEDULED, COMPLETED, FAILED, CREATED, SUB_COMPLETED, SUB_FAILED = 0, 4, 5, 6, 7, 8, 9
TIMER_CREATED, TIMER_FIRED, TURN, SENT, RAISED = 10, 11, 12, 14, 15
RECEIVED = (STARTED, COMPLETED, FAILED, SUB_COMPLETED, SUB_FAILED, TIMER_FIRED, RAISED)
COSTS = (
    "chained", "fanned_out_none", "fanned_out", "report", "permit_granted", "permit_not_granted", "human_approved",
    "human_expired", "reminders", "quote_in_time", "quote_late", "design_approved", "discipline_escalated", "counted",
)  # fmt: skip
Row = Mapping[str, Any]


def recording(name: str) -> dict[str, Any]:
    """A recorded instance: ``orchestration`` and its ``episodes``, each with ``payload`` and ``answer``."""
    read: dict[str, Any] = json.loads((HISTORIES / f"{name}.json").read_text(encoding="utf-8"))
    return read


def costs(name: str) -> dict[str, Any]:
    """What a recorded instance took: episodes, activities, timers, and the storage transactions that follow from them.

    Each episode reads and writes the history and writes the instance's row; each message is put, got and deleted; a
    start writes one more row. Counted so at a storage emulator, which agreed but for what polls the queues.
    """
    document = recording(name)
    rows = document["episodes"][-1]["payload"]["history"]
    kinds = [row["EventType"] for row in rows]
    turns, activities, timers = len(document["episodes"]), kinds.count(SCHEDULED), kinds.count(TIMER_CREATED)
    messages = sum(kinds.count(kind) for kind in RECEIVED) + activities + kinds.count(SENT)
    messages += timers - kinds.count(TIMER_FIRED)
    own_row = 0 if rows[1]["ParentInstance"] else 1
    return {
        "orchestration": document["orchestration"],
        "turns": turns,
        "activities": activities,
        "timers": timers,
        "transactions": own_row + 3 * turns + 3 * messages,
    }


def table() -> str:
    """The costs of the recordings, one a line."""
    lines = ["| recorded | episodes | activities | timers | storage transactions |", "|---|--:|--:|--:|--:|"]
    for name in COSTS:
        cost = costs(name)
        told = f"`{cost['orchestration']}`, {name.replace('_', ' ')}"
        lines.append(f"| {told} | {cost['turns']} | {cost['activities']} | {cost['timers']} | {cost['transactions']} |")
    return "\n".join(lines)


def diagram(name: str) -> str:
    """A Mermaid sequence diagram of a recorded instance."""
    document = recording(name)
    told = list(_lines(document))
    arrows = [re.match(r"(\w+)-{1,2}[>)]{1,2}(\w+):", line) for line in told]
    people = dict.fromkeys(who for arrow in arrows if arrow for who in arrow.groups())
    parts = [f"    participant {who}" for who in sorted(people, key=_place(document["orchestration"], list(people)))]
    return "\n".join(["```mermaid", "sequenceDiagram", *parts, *(f"    {line}" for line in told), "```"])


def _place(orchestration: str, order: list[str]) -> Any:
    """A key that puts the caller to the left, and the timer to the right."""
    fixed = {"Caller": 0, "DesignReview": 0, "Somebody": 1, orchestration: 2, "Timer": 4}
    return lambda who: (fixed.get(who, 3), order.index(who))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    own, episodes = document["orchestration"], document["episodes"]
    rows = episodes[-1]["payload"]["history"]
    names: dict[int, str] = {}
    parent = rows[1]["ParentInstance"]
    starter = parent["Name"] if parent else "Caller"
    began, turn, cancelled = _time(rows[0]["Timestamp"]), 0, 0
    requests: dict[str, str] = {}
    for place, row in enumerate(rows):
        if row["EventType"] == TURN:
            turn += 1
            for arrived in _messages(rows[place + 1 :]):
                yield _arrival(own, starter, arrived, names, requests)
            yield f"Note over {own}: episode {turn}, {_seconds(_time(row['Timestamp']) - began)} after the start"
        elif row["EventType"] in (SCHEDULED, CREATED):
            names[row["EventId"]] = row["Name"]
            yield f"{own}->>{row['Name']}: {'call' if row['EventType'] == SCHEDULED else 'start'}"
        elif row["EventType"] == TIMER_CREATED:
            yield f"{own}->>Timer: wake me {_seconds(_time(row['FireAt']) - began)} after the start"
        elif row["EventType"] == SENT:
            request = json.loads(row["Input"])
            requests[request["id"]] = entity = "OpenCases"
            yield f"{own}-{')' if request.get('signal') else '>>'}{entity}: {request['op']}"
        if turn and (place + 1 == len(rows) or rows[place + 1]["EventType"] == TURN):
            answer = episodes[turn - 1]["answer"]
            now = _cancelled(answer.get("actions", []))
            yield from [f"{own}->>Timer: cancel"] * (now - cancelled)
            cancelled = now
            if answer.get("isDone") and turn < len(episodes):
                yield f"Note over {own}: has its result, but stays Running while a task is open"
    last = episodes[-1]["answer"]
    failed = "exception" in last
    yield f"{own}-->>{starter}: {'Failed' if failed else 'Completed: ' + _text(last.get('output'))}"


def _messages(rows: list[Row]) -> Iterator[Row]:
    """The rows with which a turn begins."""
    for row in rows:
        if row["EventType"] == TURN:
            return
        if row["EventType"] in RECEIVED:
            yield row


def _arrival(own: str, starter: str, row: Row, names: Mapping[int, str], requests: Mapping[str, str]) -> str:
    kind = row["EventType"]
    if kind == STARTED:
        return f"{starter}->>{own}: start {_text(_input(row['Input']))}"
    if kind == TIMER_FIRED:
        return f"Timer-->>{own}: fired"
    if kind == RAISED and row["Name"] in requests:
        return f"{requests[row['Name']]}-->>{own}: {json.loads(row['Input'])['result']}"
    if kind == RAISED:
        return f"Somebody->>{own}: event {row['Name']} {_text(json.loads(row['Input'] or 'null'))}"
    told = "failed" if kind in (FAILED, SUB_FAILED) else _text(json.loads(row["Result"] or "null"))
    return f"{names[row['TaskScheduledId']]}-->>{own}: {told}"


def _input(text: str | None) -> Any:
    given = json.loads(text or "null")
    return json.loads(given) if isinstance(given, str) else given


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    text = text if len(text) <= SHOWN else text[:SHOWN].rstrip() + "…"
    return text.replace("#", "#35;").replace(";", "#59;")


def _cancelled(actions: list[Any]) -> int:
    total = 0
    for action in actions:
        if isinstance(action, list):
            total += _cancelled(action)
        else:
            total += bool(action.get("isCanceled")) + _cancelled(action.get("compoundActions", []))
    return total


def _time(stamp: str) -> datetime:
    whole, _, fraction = stamp.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}+00:00")


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.1f} s"


def drawn(text: str) -> str:
    """A page with its drawings and tables put in again."""
    text = re.sub(
        r"<!-- diagram: (\w+) -->\n(```mermaid\n.*?\n```)?",
        lambda found: f"<!-- diagram: {found[1]} -->\n{diagram(found[1])}",
        text,
        flags=re.DOTALL,
    )
    text = re.sub(
        r"<!-- states -->\n(```mermaid\n.*?\n```)?",
        lambda _: f"<!-- states -->\n```mermaid\n{states()}\n```",
        text,
        flags=re.DOTALL,
    )
    return re.sub(r"<!-- costs -->\n(\|[^\n]*\n)*", lambda _: f"<!-- costs -->\n{table()}\n", text)


def stale() -> list[pathlib.Path]:
    """The pages whose drawings are not those of the recordings."""
    pages = [DOCS / "patterns.md", DOCS / "explanation/loop.md", *sorted((DOCS / "patterns").glob("*.md"))]
    return [page for page in pages if drawn(page.read_text(encoding="utf-8")) != page.read_text(encoding="utf-8")]


def main(arguments: list[str]) -> int:
    """Redraws, or with ``--check`` only says what is stale."""
    check = "--check" in arguments
    pages = stale()
    for page in pages:
        sys.stdout.write(f"{page.relative_to(DOCS.parent)} {'is stale' if check else 'was drawn again'}\n")
        if not check:
            page.write_text(drawn(page.read_text(encoding="utf-8")), encoding="utf-8")
    return 1 if check and pages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
