"""Turns fresh captures into the compact recordings that the tests read.

    python tests/conformance/compact.py ANSWERS.json [MORE.json ...] [--episodes EPISODES.jsonl] [--into FOLDER]

ANSWERS.json is what `driver.py --out` writes. Given several recordings of the same host, the first one is kept, and
the steps that differ in another one are listed as varying. EPISODES.jsonl holds one durable invocation a line,
`{"n", "kind", "name", "payload", "answer"}`, in the order of the answers. What was packed is unpacked again and
compared before it is written.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import codec
from normal import normal, scrubbed, without_frames

Json = dict[str, Any]


def differing(first: Json, second: Json) -> set[tuple[str, str]]:
    """(scenario, step) of the answers that are not the same in two captures, both normalized."""
    return {
        (scenario, one["step"])
        for scenario in first.keys() & second.keys()
        for one, other in zip(first[scenario]["steps"], second[scenario]["steps"], strict=True)
        if [one[key] for key in ("status", "headers", "body")] != [other[key] for key in ("status", "headers", "body")]
    }


def store_answers(paths: list[Path], into: Path) -> None:
    """Writes `answers/` and `varies.jsonl`."""
    captures = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    runs = [normal(capture["raw"], capture["run"]) for capture in captures]
    varies = {(scenario, step) for capture in captures for scenario, step in capture.get("varies", [])}
    varies = varies.union(*(differing(runs[0], other) for other in runs[1:]))
    for scenario, recorded in runs[0].items():
        packed = [codec.pack_step(step) for step in recorded["steps"]]
        for step, short in zip(recorded["steps"], packed, strict=True):
            check(step["body"], codec.unpack_step(short)["body"])
        codec.write(into / "answers" / f"{scenario}.jsonl", packed)
    lines = [{"scenario": scenario, "step": step} for scenario, step in sorted(varies)]
    codec.write(into / "varies.jsonl", lines)


def last_looks(capture: Json) -> dict[str, Json]:
    """Per instance id the last status body that the scenarios saw."""
    bodies = (step["body"] for scenario in capture["raw"].values() for step in scenario["steps"])
    looks = {body["instanceId"]: body for body in bodies if isinstance(body, dict) and "runtimeStatus" in body}
    return {key: body | {"output": without_frames(body["output"])} for key, body in looks.items()}


def store_episodes(path: Path, looks: dict[str, Json], into: Path) -> None:
    """Writes `episodes/`."""
    lines = [json.loads(scrubbed(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    packed = codec.pack_episodes(lines, looks)
    again = sorted((line for short in packed for line in codec.unpack_episodes(short)), key=lambda line: line["n"])
    for line, other in zip(lines, again, strict=True):
        check(line, other)
    for name in sorted({line["name"] for line in packed}):
        codec.write(into / "episodes" / f"{name}.jsonl", (line for line in packed if line["name"] == name))


def check(real: Any, unpacked: Any) -> None:
    """Stops the program if a value did not come back to the letter."""
    if json.dumps(real) != json.dumps(unpacked):
        sys.exit(f"lost in packing:\n{json.dumps(real)}\n{json.dumps(unpacked)}")


def main() -> None:
    """Reads the arguments above."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("answers", nargs="+", type=Path)
    parser.add_argument("--episodes", type=Path)
    parser.add_argument("--into", type=Path, default=codec.HERE)
    given = parser.parse_args()
    store_answers(given.answers, given.into)
    if given.episodes:
        looks = last_looks(json.loads(given.answers[0].read_text(encoding="utf-8")))
        store_episodes(given.episodes, looks, given.into)


if __name__ == "__main__":
    main()
