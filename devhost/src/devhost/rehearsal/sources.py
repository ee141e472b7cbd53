"""Where histories to rehearse come from: devhost's database, status answers, recorded turns, folders of them.

Nothing is written, and a database may belong to a host that runs. Cases are given one by one, so that a database of
many instances costs no memory. What is broken in one place, a line of a file or a row of a database, is a broken case,
and the next one follows; only what makes the whole file useless raises.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from devhost.dotnet.newtonsoft import LooseJsonError
from devhost.durabletask import history as h
from devhost.durabletask.engine import decide
from devhost.durabletask.failures import Failure
from devhost.durabletask.orchestrator_result import OrchestratorResult, read_failure, read_result
from devhost.durabletask.status import shown
from devhost.errors import HostError
from devhost.rehearsal.recorded import RecordedExecution, Verdict
from devhost.rehearsal.replay import with_decisions
from devhost.rehearsal.status_answers import case_of
from devhost.store.connection import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from devhost.durabletask.functions import Functions
    from devhost.durabletask.history import Row

_SQLITE: Final = b"SQLite format 3\0"
_ENDINGS: Final = (".json", ".jsonl", ".ndjson", ".db")
_NO_VERSION_YET: Final = 0
KINDS: Final = (
    "give devhost's database, a status answer with its history (python -m devhost export writes them), or a file of "
    "recorded turns"
)


class Unusable(HostError):
    """A file that holds no histories, or holds them broken.

    Args:
        place: the file or folder.
        reason: a full sentence, without the place.
    """

    def __init__(self, place: Path, reason: str) -> None:
        self.place = place
        self.reason = reason
        super().__init__(f"{place}: {reason}")


def files(paths: Sequence[Path]) -> list[Path]:
    """The files behind the arguments: a folder means all histories below it.

    Raises:
        Unusable: there is no such file, or nothing in the folder.
    """
    found: list[Path] = []
    for path in paths:
        try:
            found += _behind(path)
        except OSError as error:
            raise Unusable(path, f"it cannot be read: {error.strerror or error}.") from error
    return found


def _behind(path: Path) -> list[Path]:
    if path.is_dir():
        inside = sorted(one for one in path.rglob("*") if one.suffix in _ENDINGS and one.is_file())
        if not inside:
            raise Unusable(path, f"the folder holds no file that ends in {', '.join(_ENDINGS)}.")
        return inside
    if not path.is_file():
        raise Unusable(
            path, "it is neither a file nor a folder." if path.exists() else "there is no such file or folder."
        )
    return [path]


def cases(path: Path, functions: Functions) -> Iterator[RecordedExecution]:
    """The histories in a file.

    Args:
        path: a file.
        functions: what the present app has: a recorded answer is carried on to its end with them.

    Raises:
        Unusable: the file cannot be read or is none of the three.
    """
    try:
        with path.open("rb") as stream:
            is_database = stream.read(len(_SQLITE)) == _SQLITE
        if is_database:
            yield from _from_database(path)
            return
        with path.open("rb") as stream:
            yield from _from_text(path, stream, functions)
    except OSError as error:
        raise Unusable(path, f"it cannot be read: {error.strerror or error}.") from error


def _broken(source: str, sentence: str, instance_id: str = "") -> RecordedExecution:
    return RecordedExecution(source, instance_id, "", why=sentence, verdict=Verdict.CANNOT_TELL, is_broken=True)


def _from_text(path: Path, stream: IO[bytes], functions: Functions) -> Iterator[RecordedExecution]:
    for place, value in _values(stream):
        source = f"{path}{place}"
        wrong = ""
        if isinstance(value, _NoJson):
            wrong = value.reason
        elif not isinstance(value, dict):
            wrong = "it is no JSON object"
        elif "instanceId" in value and "runtimeStatus" in value:
            yield case_of(value, source)
        elif "episodes" in value:
            yield from _from_turns(source, value, functions)
        elif "batches" in value:
            yield RecordedExecution(
                source, "", str(value.get("entity", path.stem)), why="It is an entity: it has no history."
            )
        else:
            wrong = "it holds no history"
        if wrong and not place:
            raise Unusable(path, f"{wrong}; {KINDS}.")
        if wrong:
            yield _broken(source, f"{wrong[0].upper()}{wrong[1:]}.")


class _NoJson(NamedTuple):
    """What a line is that cannot be parsed; the reason goes on from the place."""

    reason: str


def _values(stream: IO[bytes]) -> Iterator[tuple[str, Any]]:
    """One value, the values of a list, or one a line; each with its place in the file.

    Of many lines only one is in memory at a time.
    """
    first, second = itertools.islice(itertools.chain(_lines(stream), [(0, b""), (0, b"")]), 2)
    if not first[1]:
        return
    whole: Any = None
    is_by_line = bool(second[1]) and not isinstance(_parsed(first[1]), _NoJson)
    if not is_by_line:
        stream.seek(0)
        whole = _parsed(stream.read())
        # Unless it is the first of several lines that is broken.
        is_by_line = isinstance(whole, _NoJson) and isinstance(_parsed(second[1]), dict)
    if is_by_line:
        stream.seek(0)
        yield from ((f":{number}", _parsed(line)) for number, line in _lines(stream))
    elif isinstance(whole, list):
        yield from ((f":{number}", value) for number, value in enumerate(whole, 1))
    else:
        yield "", whole


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(stream, 1) if line.strip())


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _NoJson("it is neither a database nor text in UTF-8")
    except RecursionError:
        return _NoJson("it is JSON that is nested too deep")
    except ValueError as error:
        return _NoJson(f"it is no JSON ({error})")


# ---------------------------------------------------------------- recorded turns


def _from_turns(source: str, document: Mapping[str, Any], functions: Functions) -> Iterator[RecordedExecution]:
    """A file of recorded turns: each with what the orchestrator was given and what it answered."""
    try:
        episodes = document["episodes"]
        runs = [
            list(run)
            for _, run in itertools.groupby(episodes, lambda one: one["payload"]["history"][1]["OrchestrationInstance"])
        ]
        for number, run in enumerate(runs, 1):
            where = source if len(runs) == 1 else f"{source}, execution {number}"
            yield _recorded(where, run[-1], functions)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        yield _broken(source, f"Its recorded turns cannot be read ({error!r}).")


def _recorded(source: str, last: Mapping[str, Any], functions: Functions) -> RecordedExecution:
    payload, answer = last["payload"], _recorded_answer(last["answer"])
    rows: list[Row] = payload["history"]
    outcome = decide(rows, answer, functions)
    output = None if outcome.output is None else shown(outcome.output)
    rows = with_decisions(rows, answer, functions)
    return RecordedExecution(
        source, payload["instanceId"], rows[1]["Name"], outcome.status, output, rows, recorded=answer
    )


def _recorded_answer(answer: Mapping[str, Any]) -> OrchestratorResult:
    if "exception" in answer:
        return read_failure(Failure(answer["exception"], ""))
    return read_result(json.dumps(answer))


# ---------------------------------------------------------------- devhost's database


def _from_database(path: Path) -> Iterator[RecordedExecution]:
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            yield from _instances(path, db)
        finally:
            db.close()
    except sqlite3.Error as error:
        raise Unusable(path, f"the database cannot be read: {error}.") from error


def _instances(path: Path, db: sqlite3.Connection) -> Iterator[RecordedExecution]:
    db.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    db.execute("PRAGMA busy_timeout=5000")
    db.execute("PRAGMA query_only=1")
    db.execute("BEGIN")  # one snapshot: what a running host writes meanwhile is not seen
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise Unusable(path, f"the database has schema {version}, and this devhost knows {SCHEMA_VERSION} at most.")
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    if version == _NO_VERSION_YET or not {"instances", "history"} <= tables:
        raise Unusable(path, f"it is an SQLite database, but none of devhost's; {KINDS}.")
    found = db.execute("SELECT id, name, status, output FROM instances ORDER BY id")
    for instance_id, name, status, output in found:
        try:
            yield _stored(path, db, instance_id, name, status, output)
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            yield _broken(str(path), f"Its rows in the database are broken ({error!r}).", str(instance_id))


def _stored(
    path: Path, db: sqlite3.Connection, instance_id: str, name: str, status: str, output: str | None
) -> RecordedExecution:
    if instance_id.startswith("@"):
        return RecordedExecution(
            str(path), instance_id, name, status, why="It is an entity: it has no history to replay."
        )
    found = db.execute("SELECT rows FROM history WHERE instance_id=? ORDER BY episode", (instance_id,))
    rows: list[Row] = json.loads(f"[{','.join(text for (text,) in found)}]")
    if not rows:
        why = "It has not begun: it runs on the present code from its start."
        return RecordedExecution(str(path), instance_id, name, status, why=why)
    if len(rows) < 2 or rows[1].get("EventType") != h.EXECUTION_STARTED:  # noqa: PLR2004 - as the SDK asks
        why = "Its history has no beginning."
        return RecordedExecution(str(path), instance_id, name, status, why=why, verdict=Verdict.CANNOT_TELL)
    return RecordedExecution(str(path), instance_id, rows[1]["Name"], status, _output(output), rows)


def _output(text: str | None) -> Any:
    try:
        return shown(text)
    except LooseJsonError:
        return text
