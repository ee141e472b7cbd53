"""``python -m devhost replay``: rehearse an upgrade with histories of instances that run, or that have run."""

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
from typing import TYPE_CHECKING, Any

from devhost.app_runner import AppRunner
from devhost.errors import HostError
from devhost.indexer import load
from devhost.local_settings import read_local_settings
from devhost.rehearsal import Report, Verdict, rehearse, with_version
from devhost.rehearsal_sources import cases, files
from devhost.sdk import fast_replay
from devhost.settings import disabled, read_host_json
from devhost.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_CONTEXT = "azure.durable_functions.models.DurableOrchestrationContext"
EXIT_CODES = (
    "exit code: 0 nothing diverges, 1 something does (or, with --strict, cannot be told), "
    "2 a file or the app is unusable"
)


def main(arguments: Sequence[str]) -> int:
    """The command; answers its exit code."""
    given = _parser().parse_args(arguments)
    counts: Counter[Verdict] = Counter()
    advice: dict[str, None] = {}
    try:
        paths = [path.resolve() for path in files(given.histories)]
        here = Path.cwd()
        with _quietly(), present(given.app) as (runner, asked_version):
            for path in paths:
                for found in cases(path, runner.functions):
                    case = replace(found, source=_near(found.source, here))
                    if given.version is not None:
                        case = with_version(case, given.version)
                    report = rehearse(case, runner, asked_version)
                    counts[report.verdict] += 1
                    if report.advice:
                        advice[f"{report.verdict.value}: {report.advice}"] = None
                    if not given.quiet or report.verdict in (Verdict.DIVERGES, Verdict.DIFFERS, Verdict.CANNOT_TELL):
                        _print(told(report))
    except HostError as error:
        sys.stderr.write(f"replay: {error}\n")
        return 2
    for text in advice:
        _print(f"What to do where it {text}")
    _print(summary(counts))
    return 1 if counts[Verdict.DIVERGES] or (given.strict and counts[Verdict.CANNOT_TELL]) else 0


def told(report: Report) -> str:
    """What is printed of one history."""
    case, step = report.case, report.step
    who = f"{case.name} {case.instance_id}".strip()
    lines = [f"{report.verdict.value:11} {case.source}: {who}. {report.sentence}"]
    if step is not None:
        lines.append(
            f"at turn {step.turn}, row {step.row}: the history has {step.there}; the code now asks for {step.now}"
        )
        if step.why:
            lines.append(step.why)
    lines += report.notes
    return "\n            ".join(lines)


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
        description="Replays histories on the present code and tells which would diverge. "
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
        "--version", metavar="V", help="the version of instances whose status answer tells none (default: no version)"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 also if a history cannot be told")
    parser.add_argument("--quiet", action="store_true", help="print only what diverges, differs or cannot be told")
    return parser


@contextlib.contextmanager
def present(folder: Path) -> Iterator[tuple[AppRunner, Callable[[], bool]]]:
    """The app as it is now, loaded as the host loads it, and whether its code has asked for a version since."""
    folder, here = folder.resolve(), Path.cwd()
    os.environ.update(read_local_settings(folder, os.environ, _warn))
    read_host_json(folder, os.environ)
    app = load(folder)
    off = [one.name for one in app.functions if disabled(one.name, os.environ)]
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
    """A replay must not speak again: no log of the app's, no warnings of the SDK's about events that nobody awaits."""
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
    """The file as seen from where the command was called."""
    return source.removeprefix(f"{here}{os.sep}")


def _warn(text: str) -> None:
    sys.stderr.write(f"replay: {text}\n")


def _print(text: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.__stdout__.write(f"{text}\n")  # type: ignore[union-attr] # what the app prints goes to standard error
