"""Takes devhost through one recorded episode: what the store would hold before it, the recorded answer, what comes out.

Nothing of the app runs here: the answers are the recorded ones.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import codec

from devhost.dotnet.json_text import compact
from devhost.durabletask.failures import Failure
from devhost.durabletask.functions import Functions
from devhost.durabletask.model import Instance, Message
from devhost.durabletask.orchestrator_result import OrchestratorResult, read_failure, read_result
from devhost.runtime.checkpoint import Checkpoint
from devhost.runtime.episode import run_episode
from devhost.runtime.ports import Runner
from devhost.store.changes import Change
from devhost.store.database import Store
from devhost.timekeeping.ticks import parse

Row = dict[str, Any]
TERMINATED, ORCHESTRATOR_STARTED, ORCHESTRATOR_COMPLETED, GENERIC = 3, 12, 13, 17
DECISIONS = (4, 7, 10, 14)


@dataclass(frozen=True)
class Episode:
    """A recorded episode with its surroundings.

    Attributes:
        n: its place in the recording.
        name: the orchestrator.
        payload: as it was sent.
        answer: what the SDK said.
        later: the history in the execution's next payload; None after the last episode.
        seen: what the last look at the instance showed, for the last episode of its last execution.
        continued: the first episode of the execution that this one continued as.
    """

    n: int
    name: str
    payload: dict[str, Any]
    answer: Any
    later: list[Row] | None = None
    seen: dict[str, Any] | None = None
    continued: "Episode | None" = None

    @property
    def history(self) -> list[Row]:
        """The rows of the payload."""
        return self.payload["history"]

    @property
    def start(self) -> int:
        """Where in them this episode begins."""
        return max(at for at, row in enumerate(self.history) if row["EventType"] == ORCHESTRATOR_STARTED)

    @property
    def continues(self) -> bool:
        """Whether it is the first one after a continue-as-new: its OrchestratorCompleted is there already."""
        return self.start == 0 and self.history[-1]["EventType"] == ORCHESTRATOR_COMPLETED

    @property
    def execution_id(self) -> str:
        """Of the execution that it belongs to."""
        return self.history[1]["OrchestrationInstance"]["ExecutionId"]

    @property
    def end(self) -> "Episode":
        """Where it leads without another message: itself, or the last episode that it continued as."""
        return self.continued.end if self.continued else self

    def __str__(self) -> str:
        return f"{self.n}-{self.name}"


def episodes() -> list[Episode]:
    """All recorded episodes, in the order of their answers."""
    found: list[Episode] = []
    for packed in codec.executions():
        if packed["kind"] == "orchestrator":
            lines = list(codec.unpack_episodes(packed))
            following = [line["payload"]["history"] for line in lines[1:]] + [None]
            looks = [None] * (len(lines) - 1) + [packed["seen"]]
            for line, later, seen in zip(lines, following, looks, strict=True):
                found.append(Episode(line["n"], line["name"], line["payload"], line["answer"], later, seen))
    found.sort(key=lambda one: one.n)
    return list(_with_continuations(found))


def _with_continuations(found: Sequence[Episode]) -> Iterator[Episode]:
    following: dict[str, Episode] = {}
    for one in reversed(found):
        instance = one.payload["instanceId"]
        if one.later is None and instance in following:
            one = Episode(one.n, one.name, one.payload, one.answer, None, None, following.pop(instance))  # noqa: PLW2901
        if one.continues:
            following[instance] = one
        yield one


def answer_of(recorded: Any) -> OrchestratorResult:
    """The recorded answer as devhost reads one."""
    if "exception" in recorded:
        return read_failure(Failure(recorded["exception"], "  File <somewhere>\n"))
    return read_result(json.dumps(recorded))


class RecordedRunner(Runner):
    """Gives the recorded answers in turn, and keeps the payloads that it was asked with."""

    def __init__(self, answers: Sequence[Any], names: Mapping[str, Sequence[str]]) -> None:
        self._answers = list(answers)
        self._spelled = names
        self.asked: list[str] = []

    @property
    def functions(self) -> Functions:
        """What the app of this folder has."""
        lower = {kind: {name.lower() for name in names} for kind, names in self._spelled.items()}
        return Functions(lower["activity"], lower["orchestrator"], lower["entity"])

    @property
    def spelled(self) -> Mapping[str, Sequence[str]]:
        """The same, as the app spells them."""
        return self._spelled

    def orchestrate(self, name: str, payload: str) -> OrchestratorResult:  # noqa: ARG002 the protocol's name
        """The next answer."""
        self.asked.append(payload)
        return answer_of(self._answers.pop(0))

    async def act(self, name: str, argument: str | None) -> Any:
        """Never asked: activities were scheduled, not run."""
        raise NotImplementedError

    async def operate(self, name: str, payload: str) -> Any:
        """Never asked."""
        raise NotImplementedError

    async def fetch(self, request: Mapping[str, Any]) -> Any:
        """Never asked."""
        raise NotImplementedError


class RecordedClock:
    """Shows the recorded start of the episode, then moves a tick with each look."""

    def __init__(self, start: int) -> None:
        self._next = start

    def now(self) -> int:
        """Ticks since 1970."""
        self._next += 1
        return self._next - 1


@dataclass
class Replayed:
    """What devhost made of an episode.

    Attributes:
        asked: the payloads that it built; more than one when it continued as new.
        rows: what it stored as the history afterwards.
        instance: the instance's row afterwards.
        sent: messages that it sent, by `(instance id, row)`.
        checkpoint: as the episode gave it.
    """

    asked: list[str]
    rows: list[Row]
    instance: Instance
    checkpoint: Checkpoint
    sent: list[tuple[str, Row]] = field(default_factory=list)


def replay(episode: Episode, names: Mapping[str, Sequence[str]]) -> Replayed:
    """Takes devhost through the episode."""
    store = Store()
    try:
        return _replay(episode, names, store)
    finally:
        store.close()


def _replay(episode: Episode, names: Mapping[str, Sequence[str]], store: Store) -> Replayed:
    instance = _instance(episode)
    change = Change()
    change.put_instance(instance)
    for number, rows in enumerate(_split(episode.history[: episode.start])):
        change.add_episode(instance.id, number, ",".join(compact(row) for row in rows))
    store._write([change])
    news = [row | {"IsPlayed": False} for row in episode.history[episode.start + 1 :]]
    inbox = [Message(n, instance.execution_id, compact(row)) for n, row in enumerate(news, 1)]
    answers, after = [episode.answer], episode.continued
    while after:
        answers.append(after.answer)
        after = after.continued
    runner = RecordedRunner(answers, names)
    clock = RecordedClock(parse(episode.history[episode.start]["Timestamp"]))
    checkpoint = run_episode(instance, inbox, store, runner, clock)
    assert checkpoint is not None
    store._write([checkpoint.change])
    rows = json.loads(f"[{','.join(store.history(instance.id))}]")
    now = store.instance(instance.id)
    assert now is not None
    messages = store._db.execute("SELECT instance_id, body FROM messages ORDER BY n")
    sent = [(to, json.loads(body)) for to, body in messages]
    return Replayed(runner.asked, rows, now, checkpoint, sent)


def _instance(episode: Episode) -> Instance:
    started = episode.history[1]
    at = parse(started["Timestamp"])
    return Instance(
        id=episode.payload["instanceId"],
        execution_id=episode.execution_id,
        name=started["Name"],
        parent_id=episode.payload["parentInstanceId"],
        generation=started["Generation"],
        status="Running" if episode.start else "Pending",
        input=started["Input"],
        output=None,
        custom_status=None,
        created=at,
        updated=at,
    )


def _split(rows: Sequence[Row]) -> list[list[Row]]:
    out: list[list[Row]] = []
    for row in rows:
        if row["EventType"] == ORCHESTRATOR_STARTED:
            out.append([])
        out[-1].append(row)
    return out
