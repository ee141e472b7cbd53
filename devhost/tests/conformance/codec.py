"""The compact forms of the recordings: packed and unpacked without loss.

Answers lie in `recordings/answers/SCENARIO.jsonl`, one step a line, normalized (see `normal.py`):

    {"step": "start", "asked": ["POST", "<base>/api/orchestrators/chain", "['a']"], "status": 202,
     "headers": {"location": …}, "body": …}

1. `asked` is method, URL and Python's `repr` of the body as the scenario gave it.
2. A body that is a check-status payload follows from five facts, and is as
   `{"$links": [base, id, id in the URL, query, names rewind?]}`.

Episodes lie in `recordings/episodes/FUNCTION.jsonl`, as they were sent, times and ids kept. A line is one activity
call or one entity batch, `{"n", "kind", "name", "payload", "answer"}`, or all episodes of one orchestrator's execution:

    {"kind": "orchestrator", "name": "chain", "seen": …, "payload": …, "episodes": [
        {"n": 1, "rows": 2, "answer": …}, {"n": 3, "rows": 6, "changed": {"rows": {"4": {…}}}, "answer": …}]}

3. `payload` is the last one. An earlier one holds its first `rows` rows. `IsPlayed` of a row after the last
   OrchestratorStarted is false, `isReplaying` is that of row 1; whatever else differs is in `changed`.
4. The actions of an answer repeat those of the answer before: a leading number says how many are the same.
5. `seen` is what the last look at the instance showed (`runtimeStatus`, `output`, `customStatus`), for the last
   execution of an instance that was looked at, else null.
6. `n` is the place of the answer in the recording.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

Json = dict[str, Any]
HERE = Path(__file__).parent / "recordings"
ORCHESTRATOR_STARTED = 12
ORDER = (
    ("statusQueryGetUri", ""),
    ("sendEventPostUri", "/raiseEvent/{eventName}"),
    ("terminatePostUri", "/terminate", "reason={text}&"),
    ("rewindPostUri", "/rewind", "reason={text}&"),
    ("purgeHistoryDeleteUri", ""),
    ("restartPostUri", "/restart"),
    ("suspendPostUri", "/suspend", "reason={text}&"),
    ("resumePostUri", "/resume", "reason={text}&"),
)


# Answers ------------------------------------------------------------------------------------------------------------


def links(base: str, instance_id: str, url_id: str, query: str, *, rewind: bool) -> Json:
    """The check-status payload: the extension's (no rewind) or the Python client's."""
    out = {"id": instance_id}
    for name, tail, *reason in ORDER:
        if rewind or name != "rewindPostUri":
            out[name] = f"{base}/instances/{url_id}{tail}?{''.join(reason)}{query}"
    return out


def pack_step(step: Json) -> Json:
    """One step of a capture, normalized before, as it is stored."""
    body, request = step["body"], step.get("request", {})
    if isinstance(body, dict) and isinstance(uri := body.get("statusQueryGetUri"), str):
        front, _, query = uri.partition("?")
        base, _, url_id = front.rpartition("/instances/")
        facts = [base, body.get("id"), url_id, query, "rewindPostUri" in body]
        if _same(body, links(*facts[:4], rewind=facts[4])):
            body = {"$links": facts}
    asked = [request[key] for key in ("method", "url", "body")] if request else None
    return {"step": step["step"], "asked": asked, "status": step["status"], "headers": step["headers"], "body": body}


def unpack_step(stored: Json) -> Json:
    """The step with its body written out."""
    body = stored["body"]
    if isinstance(body, dict) and "$links" in body:
        *facts, rewind = body["$links"]
        body = links(*facts, rewind=rewind)
    return stored | {"body": body}


def answers(scenario: str) -> list[Json]:
    """The recorded steps of a scenario, in order."""
    return [unpack_step(line) for line in read(HERE / "answers" / f"{scenario}.jsonl")]


def varying() -> set[tuple[str, str]]:
    """(scenario, step) of the answers that differed between recordings of the same extension."""
    return {(line["scenario"], line["step"]) for line in read(HERE / "varies.jsonl")}


# Episodes -----------------------------------------------------------------------------------------------------------


def pack_episodes(lines: Iterable[Json], seen: dict[str, Json]) -> list[Json]:
    """A capture's lines, gathered by execution.

    Args:
        lines: `{"n", "kind", "name", "payload", "answer"}`, the payload parsed, in the order of the answers.
        seen: per instance id the last status that a scenario saw.
    """
    runs: dict[tuple[str, str], list[Json]] = {}
    packed: list[Json] = []
    for line in lines:
        if line["kind"] == "orchestrator":
            started = line["payload"]["history"][1]["OrchestrationInstance"]
            runs.setdefault((started["InstanceId"], started["ExecutionId"]), []).append(line)
        else:
            packed.append(line)
    last = dict(iter(runs))  # of an instance's executions the last one
    for (instance, execution), episodes in runs.items():
        final = episodes[-1]["payload"]
        looked = seen.get(instance) if last[instance] == execution else None
        before: Any = None
        short = []
        for line in episodes:
            entry = {"n": line["n"], "rows": len(line["payload"]["history"])}
            if changed := _changed(_earlier(final, entry["rows"], {}), line["payload"]):
                entry["changed"] = changed
            short.append(entry | {"answer": _pack_answer(line["answer"], before)})
            before = line["answer"]
        shown = looked and {key: looked[key] for key in ("runtimeStatus", "output", "customStatus")}
        packed.append(
            {
                "kind": "orchestrator",
                "name": episodes[0]["name"],
                "seen": shown,
                "payload": final,
                "episodes": short,
            }
        )
    return packed


def unpack_episodes(packed: Json) -> Iterator[Json]:
    """The capture's lines of one packed line."""
    if packed["kind"] != "orchestrator":
        yield packed
        return
    before: Any = None
    for entry in packed["episodes"]:
        before = _unpack_answer(entry["answer"], before)
        yield {
            "n": entry["n"],
            "kind": "orchestrator",
            "name": packed["name"],
            "payload": _earlier(packed["payload"], entry["rows"], entry.get("changed", {})),
            "answer": before,
        }


def executions() -> list[Json]:
    """All packed lines of the stored recording, in the order of their first answers."""
    found = [line for path in sorted((HERE / "episodes").glob("*.jsonl")) for line in read(path)]
    return sorted(found, key=lambda line: line["episodes"][0]["n"] if "episodes" in line else line["n"])


def _earlier(final: Json, rows: int, changed: Json) -> Json:
    history = [dict(row) for row in final["history"][:rows]]
    start = max(at for at, row in enumerate(history) if row["EventType"] == ORCHESTRATOR_STARTED)
    for row in history[start:]:
        row["IsPlayed"] = False
    for at, fields in changed.get("rows", {}).items():
        history[int(at)] = fields if "EventType" in fields else history[int(at)] | fields
    replaying = {"isReplaying": history[1]["IsPlayed"]}
    return final | {"history": history} | replaying | changed.get("payload", {})


def _changed(derived: Json, real: Json) -> Json:
    rows: Json = {}
    for at, (ours, theirs) in enumerate(zip(derived["history"], real["history"], strict=True)):
        if not _same(ours, theirs):
            fields = {key: value for key, value in theirs.items() if ours.get(key) != value}
            # A row of another kind, or with other keys, stands whole; "EventType" in it tells.
            rows[str(at)] = fields if list(ours) == list(theirs) and "EventType" not in fields else theirs
    patched = [row | rows.get(str(at), {}) for at, row in enumerate(derived["history"])]
    derived = derived | {"history": patched, "isReplaying": patched[1]["IsPlayed"]}
    payload = {key: value for key, value in real.items() if key != "history" and derived[key] != value}
    return {key: value for key, value in (("rows", rows), ("payload", payload)) if value}


def _pack_answer(answer: Any, before: Any) -> Any:
    if not (_has_actions(answer) and _has_actions(before)):
        return answer
    old, new = before["actions"][0], answer["actions"][0]
    kept = sum(1 for _ in takewhile(lambda pair: _same(*pair), zip(old, new, strict=False)))
    return answer | {"actions": [kept, *new[kept:]]}


def _unpack_answer(stored: Any, before: Any) -> Any:
    if not isinstance(stored, dict) or not isinstance((stored.get("actions") or [None])[0], int):
        return stored
    kept, *new = stored["actions"]
    return stored | {"actions": [before["actions"][0][:kept] + new]}


def _has_actions(answer: Any) -> bool:
    return isinstance(answer, dict) and "actions" in answer


# Files --------------------------------------------------------------------------------------------------------------


def read(path: Path) -> list[Any]:
    """The JSON values of a file with one a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path: Path, values: Iterable[Any]) -> None:
    """One JSON value a line, as short as JSON gets without losing letters."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n" for value in values)
    path.write_text(text, encoding="utf-8")


def _same(one: Any, other: Any) -> bool:
    """Equal to the letter: the order of keys counts, and 1 is not true."""
    return json.dumps(one) == json.dumps(other)
