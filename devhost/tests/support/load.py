"""The load of the kill test: people who start cases and decide on them, and a record of the answers they got.

1. A case belongs to one person, so its events are sent one after another, and their order is known.
2. Only a whole answer counts as an answer. A start without one is sent again with its key, an event never.
3. Every event has a payload of its own, so that history and custom status tell which of them arrived, and how often.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from client import APPROVED, ESCALATED, REJECTED, Client

LONG, SHORT = "PT1H", ("PT2S", "PT3S", "PT5S")
EARLY_S = 1.0  # a timer fires up to a second early
Json = dict[str, Any]


@dataclass
class Sent:
    """An event that was sent: what it said, and when its 202 was here; None if there was no answer."""

    payload: object
    answered_at: float | None = None

    @property
    def is_decision(self) -> bool:
        """Whether it is more than junk."""
        return isinstance(self.payload, dict)


@dataclass
class Record:
    """What its owner knows of a case."""

    key: str
    timeout: str
    id: str | None = None
    events: list[Sent] = field(default_factory=list)
    gone: bool = False

    @property
    def first_accepted(self) -> int | None:
        """Which event is the first decision that was answered 202."""
        return next((n for n, each in enumerate(self.events) if each.is_decision and each.answered_at), None)

    @property
    def may_end(self) -> bool:
        """Whether some decision may have arrived."""
        return any(each.is_decision for each in self.events)


class Answers:
    """How many answers people got, for whoever waits for some more of them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    def add(self) -> None:
        """One more."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def await_more(self, count: int, within_s: float) -> None:
        """Comes back after so many more, or after this time."""
        with self._changed:
            end = self._count + count
            self._changed.wait_for(lambda: self._count >= end, within_s)


class Person(threading.Thread):
    """Starts cases and decides on them for as long as the test goes on.

    Args:
        client: of their own.
        name: part of all keys.
        seed: of their choices.
        up: set while the host serves.
        over: set when it is time to go home.
        answers: counts what everybody was answered.
    """

    def __init__(
        self, client: Client, name: str, seed: int, up: threading.Event, over: threading.Event, answers: Answers
    ) -> None:
        super().__init__(name=name)
        self._client, self._up, self._over, self._answers = client, up, over, answers
        self._chance = random.Random(seed)
        self._open: list[Record] = []
        self.records: list[Record] = []
        self.unanswered = 0
        self.trouble: BaseException | None = None

    def run(self) -> None:
        """Goes on until it is over, then asks for the id of each start that was never answered."""
        try:
            while not self._over.is_set():
                if self._up.wait(0.1):
                    self._act()
        except BaseException as error:  # noqa: BLE001 - shown by the test
            self.trouble = error

    def ask_again(self) -> None:
        """Sends the starts that were never answered once more; the host has to be up.

        The first of them may meet a connection that ended with the last kill, so each is sent again on a fresh one.
        """
        for record in self.records:
            if record.id is None:
                record.id = self._client.start(record.key, record.timeout)
            if record.id is None:
                record.id = self._client.start(record.key, record.timeout)

    def _act(self) -> None:
        chance = self._chance.random()
        if not self._open or chance < 0.25:
            long = self._chance.random() < 0.8
            record = Record(f"{self.name}-{len(self.records)}", LONG if long else self._chance.choice(SHORT))
            self.records.append(record)
            self._open.append(record)
            self._start(record)
            return
        record = self._chance.choice(self._open)
        if record.id is None:
            self._start(record)
            return
        serial = len(record.events)
        if chance < 0.55:
            sent = Sent(serial)
        else:
            sent = Sent({"decision": self._chance.choice(("approve", "reject")), "by": f"{record.key}/{serial}"})
            if self._chance.random() < 0.8:  # to the others somebody sends more, though they are decided
                self._open.remove(record)
        record.events.append(sent)
        status = self._client.raise_event(record.id, sent.payload)
        if status is not None:
            self._answers.add()
        if status == 202:
            sent.answered_at = time.time()
        elif status == 410:
            record.events.remove(sent)
            record.gone = True
            if record in self._open:
                self._open.remove(record)
        else:
            assert status is None, f"{record}: {status}"
            self.unanswered += 1
            self._up.clear()

    def _start(self, record: Record) -> None:
        record.id = self._client.start(record.key, record.timeout)
        if record.id is None:
            self.unanswered += 1
            self._up.clear()
        else:
            self._answers.add()


def faults(records: list[Record], found: Mapping[str, Json]) -> list[str]:
    """Everything that is not as it was promised, one sentence each."""
    told = [
        f"the hub holds {sorted(extra)[:3]}, which nobody started" for extra in [found.keys() - _ids(records)] if extra
    ]
    told += [f"two keys share the id {each}" for each, n in Counter(each.id for each in records).items() if n > 1]
    for record in records:
        status = found.get(record.id or "")
        if status is None:
            told.append(f"{record.key}: was accepted as {record.id} and is not there")
        else:
            told += [f"{record.key} ({record.id}): {fault}" for fault in _faults(record, status)]
    return told


def _ids(records: list[Record]) -> set[str | None]:
    return {each.id for each in records}


def _faults(record: Record, status: Json) -> Iterator[str]:
    state, shown = status["runtimeStatus"], status["customStatus"] or {}
    if state == "Completed":
        yield from _outcome_faults(record, status["output"], shown)
    elif state not in {"Running", "Pending"}:
        yield f"it is {state}: {str(status['output'])[:200]}"
    elif record.first_accepted is not None or record.gone:
        yield f"a decision was answered with 202, and it is still {state}"
    elif record.timeout != LONG:
        yield f"its time is over, and it is still {state}"
    else:
        yield from _junk_faults(record.events, shown)


def _outcome_faults(record: Record, output: object, shown: Json) -> Iterator[str]:
    events, first = record.events, record.first_accepted
    decided = shown.get("decided")
    if output == ESCALATED:
        due = datetime.fromisoformat(shown["due"]).astimezone(UTC).timestamp()
        if record.timeout == LONG:
            yield "it was escalated long before its time"
        in_time = [each for each in events if each.is_decision and (each.answered_at or due) < due - EARLY_S]
        if in_time:
            yield f"it was escalated at {shown['due']}, after {in_time[0]} had been answered with 202"
        return
    if output not in (APPROVED, REJECTED):
        yield f"its output is {output!r}"
        return
    if decided is None:
        yield "it is decided, and nobody decided"
        return
    serial = int(decided["by"].rpartition("/")[2])
    said = events[serial].payload if serial < len(events) else None
    wanted = {"approve": APPROVED, "reject": REJECTED}.get(said.get("decision", "") if isinstance(said, dict) else "")
    if output != wanted:
        yield f"its output is {output!r}, and the deciding event said {said!r}"
    if first is not None and serial > first:
        yield f"event {serial} decided, though event {first} had been answered with 202 before"
    yield from _junk_faults(events[:serial], shown)


def _junk_faults(events: list[Sent], shown: Json) -> Iterator[str]:
    """Junk is counted by the case: each that was answered 202 once, each that was not at most once."""
    junk = [each for each in events if not each.is_decision]
    least, most = sum(1 for each in junk if each.answered_at), len(junk)
    count = shown.get("ignored", {}).get("count", 0)
    if not least <= count <= most:
        yield f"{least} to {most} events without a decision reached it, and it counts {count}"


def history_faults(rows: list[Json], record: Record) -> Iterator[str]:
    """What a history of a case that is over may not hold."""
    kinds = Counter(row["EventType"] for row in rows)
    for kind in ("ExecutionStarted", "TaskCompleted", "ExecutionCompleted"):
        if kinds[kind] != 1:
            yield f"{record.key} ({record.id}): {kinds[kind]} rows {kind}"
    heard = Counter(row["Input"] for row in rows if row["EventType"] == "EventRaised")
    for text, count in heard.items():
        if count > 1:
            yield f"{record.key} ({record.id}): the event {text} is there {count} times"


def at_once(count: int, work: Callable[[int], None]) -> None:
    """Runs ``work`` with each number in a thread of its own, and passes on what went wrong."""
    troubles: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - raised below
            troubles.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
