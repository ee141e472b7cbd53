"""``python -m devhost replay``: rehearse an upgrade with the histories of running and ended instances."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import logging
import os
import sys
import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from devhost.app.host_json import disabled, read_host_json
from devhost.app.indexer import load
from devhost.app.invoker import AppRunner
from devhost.app.local_settings import read_local_settings
from devhost.app.sdk_patches import fast_replay
from devhost.app.worker import Worker
from devhost.errors import HostError
from devhost.rehearsal.recorded import RecordedExecution, Verdict, with_version
from devhost.rehearsal.reports import Report, rehearse
from devhost.rehearsal.sources import Unusable, cases, files
from devhost.shown import one_line, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from devhost.durabletask.functions import Functions

_CONTEXT = "azure.durable_functions.models.DurableOrchestrationContext"
LONGEST_LINE = 4000  # characters
EXIT_CODES = (
    "exit code: 0 nothing diverges, 1 something does (or, with --strict, cannot be judged), "
    "2 a file or the app is unusable"
)


def main(arguments: Sequence[str]) -> int:
    """The command; answers its exit code."""
    given = _parser().parse_args(arguments)
    counts: Counter[Verdict] = Counter()
    advice: dict[str, None] = {}
    broken, output = 0, sys.stdout  # what the app prints goes to standard error
    try:
        here = Path.cwd()
        with _quietly(), present(given.app) as (runner, asked_version):
            for found in _all(given.histories, runner.functions, here):
                if isinstance(found, Unusable):
                    broken += 1
                    _warn(str(found))
                    continue
                report = _report(found, given.version, runner, asked_version)
                broken += report.execution.is_broken
                counts[report.verdict] += 1
                if report.advice:
                    advice[f"{report.verdict.value}: {report.advice}"] = None
                if not given.quiet or report.verdict in (Verdict.DIVERGES, Verdict.DIFFERS, Verdict.CANNOT_TELL):
                    for line in lines_of(report):
                        _print(output, line)
    except HostError as error:
        _warn(str(error))
        return 2
    for text in advice:
        _print(output, f"What to do where it {text}")
    _print(output, summary(counts))
    if broken:
        return 2
    return 1 if counts[Verdict.DIVERGES] or (given.strict and counts[Verdict.CANNOT_TELL]) else 0


def _all(histories: Sequence[Path], functions: Functions, here: Path) -> Iterator[RecordedExecution | Unusable]:
    """Every execution of every file, and in its place what cannot be used: the next one follows all the same."""
    for given in histories:
        try:
            paths = files([here / given])
        except Unusable as error:
            yield error
            continue
        for path in paths:
            try:
                yield from (
                    replace(execution, source=_near(execution.source, here)) for execution in cases(path, functions)
                )
            except Unusable as error:
                yield error


def _report(
    execution: RecordedExecution, version: str | None, runner: AppRunner, asked_version: Callable[[], bool]
) -> Report:
    """The report about the execution; a history that the engine breaks on is broken itself."""
    try:
        return rehearse(execution if version is None else with_version(execution, version), runner, asked_version)
    except Exception as error:  # noqa: BLE001 - a file may hold anything
        why = f"Its history is not as an extension writes it ({error!r})."
        execution = replace(execution, why=why, verdict=Verdict.CANNOT_TELL, is_broken=True)
        return Report(execution, execution.verdict, execution.why)


def lines_of(report: Report) -> list[str]:
    """The lines that are printed of one history; the texts in them are as they were read."""
    execution, divergence = report.execution, report.divergence
    who = f"{execution.name} {execution.instance_id}".strip()
    lines = [f"{report.verdict.value:11} {execution.source}: {who}{'. ' if who else ''}{report.sentence}"]
    if divergence is not None:
        lines.append(
            f"at turn {divergence.turn}, row {divergence.row}: the history has {divergence.there}; "
            f"the code now asks for {divergence.now}"
        )
        if divergence.why:
            lines.append(divergence.why)
    lines += report.notes
    return [line if place == 0 else f"            {line}" for place, line in enumerate(lines)]


def summary(counts: Counter[Verdict]) -> str:
    """The last line."""
    number = sum(counts.values())
    parts = [f"{verdict.value} {counts[verdict]}" for verdict in Verdict if counts[verdict]]
    if not parts:
        return "no histories: nothing to replay"
    return f"{number} {'history' if number == 1 else 'histories'}: {', '.join(parts)}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devhost replay",
        description="Replays histories on the present code and says which would diverge. "
        "Only orchestrators are run, and nothing is changed.",
        epilog=EXIT_CODES,
    )
    parser.add_argument("--app", type=Path, default=Path(), metavar="DIR", help="the app's folder (default: this one)")
    parser.add_argument(
        "histories", nargs="+", type=Path, metavar="HISTORIES",
        help="devhost's database, status answers with history (as export writes them), recorded turns, "
        "or folders of them",
    )  # fmt: skip
    parser.add_argument(
        "--version", metavar="V", help="the version of instances whose status answer names none (default: no version)"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 also if a history cannot be judged")
    parser.add_argument("--quiet", action="store_true", help="print only what diverges, differs or cannot be judged")
    return parser


@contextlib.contextmanager
def present(folder: Path) -> Iterator[tuple[AppRunner, Callable[[], bool]]]:
    """The app as it is now, loaded as the host loads it, and whether its code has asked for a version since."""
    folder, here = folder.resolve(), Path.cwd()
    os.environ.update(read_local_settings(folder, os.environ, _warn))
    read_host_json(folder, os.environ)
    app = load(folder)
    off = disabled((one.name for one in app.functions), os.environ)
    worker = Worker(app, threads=1)
    undo, (asked, unwatch) = fast_replay(), _watch_version()
    try:
        yield AppRunner(app, worker, off), asked
    finally:
        unwatch()
        undo()
        worker.close()
        os.chdir(here)  # loading an app makes its folder the current one


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """A replay must not log again: no log of the app's, no warnings of the SDK's about events without a wait."""
    before = logging.root.manager.disable
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(before)


def _watch_version() -> tuple[Callable[[], bool], Callable[[], None]]:
    """Notes whether an orchestrator asks for its version; an SDK without one is never asked."""
    asked = False

    def was_asked() -> bool:
        nonlocal asked
        answer, asked = asked, False
        return answer

    try:
        context: Any = importlib.import_module(_CONTEXT).DurableOrchestrationContext
        original = context.version
    except (ImportError, AttributeError):
        return was_asked, lambda: None

    def version(self: Any) -> Any:
        nonlocal asked
        asked = True
        return original.fget(self)

    context.version = property(version)

    def unwatch() -> None:
        context.version = original

    return was_asked, unwatch


def _near(source: str, here: Path) -> str:
    """The path relative to the working directory."""
    return source.removeprefix(f"{here}{os.sep}")


def _warn(text: str) -> None:
    say(f"replay: {_cut(text)}")


def _print(output: TextIO, text: str) -> None:
    with contextlib.suppress(OSError):  # the exit code shows it
        output.write(f"{one_line(_cut(text))}\n")


def _cut(text: str) -> str:
    """A file may hold texts of any length."""
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"
