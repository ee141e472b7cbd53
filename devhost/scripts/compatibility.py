"""Run apps that others wrote on devhost, unmodified: docs/compatibility.md. One long file, so that it runs by its path.

    python scripts/compatibility.py --get DIR                 # how to get each checkout
    python scripts/compatibility.py --checkouts DIR           # runs them all
    python scripts/compatibility.py --checkouts DIR --only NAME --base-url http://localhost:7071    # on another host

1. compatibility.toml lists the apps and what is done with each. None of their code is in this repository.
2. A checkout is at the commit of the list and has no change of its own, before the run and after it.
3. Each app has an environment of its own, with what it asks for and the two packages that devhost adds.
4. Each host has its own state, its own port and its own process: `python -m devhost --app DIR`.

It needs Python, its venv module, git, and for the environments an index of packages. It ends with 0 if all was as
listed, 1 if something was not, 2 if the list or a checkout could not be used.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from socket import create_server
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin
from urllib.request import Request, urlopen

DEVHOST = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(DEVHOST / "src"))

from devhost import shown  # noqa: E402 - after the path that leads to it; it needs no package

LIST = Path(__file__).with_suffix(".toml")
HOST_EXTRAS = ("pages", "timers")
DURABLE_PACKAGES = ("azure-functions", "azure-functions-durable")
LIMIT_S = 60.0
PAUSE_S = 0.05
ANY = "*"


class Unusable(Exception):
    """The list or a checkout cannot be used; the sentence says why."""


class Different(Exception):
    """An app did not do what the list says; the sentence says what it did."""


class App(NamedTuple):
    """One app of the list.

    Attributes:
        name: short, for people and for ``--only``.
        repository: where it comes from.
        commit: the state that is listed.
        folder: the app within the repository.
        settings: application settings that it does not bring itself.
        virtual_time: its waits are too long to sit through.
        run: what is done with it; each step is a table of `compatibility.toml`.
        refused: instead of runs, what devhost says when it refuses the app.
    """

    name: str
    repository: str
    commit: str
    folder: str = "."
    settings: Mapping[str, str] = MappingProxyType({})
    virtual_time: bool = False
    run: tuple[dict[str, Any], ...] = ()
    refused: str | None = None

    def checkout(self, under: Path) -> Path:
        """``DIR/owner/name``."""
        return under.joinpath(*self.repository.rsplit("/", 2)[1:])


class Answer(NamedTuple):
    """What a host answered; JSON is read, other text is left."""

    status: int
    body: Any


class Journey:
    """One run's steps against one host, with the links of the instance that it started last."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.links: dict[str, str] = {}

    def take(self, step: dict[str, Any]) -> str | None:
        """Does one step; what there is to say of it."""
        if "send" in step:
            self._send(step)
            return None
        if "reaches" in step:
            return self._reach(step)
        if "advance" in step:
            self._ask("POST", "/devhost/clock", {"advance": step["advance"]})
            return None
        unknown = ", ".join(step)
        message = f"a step is one of send, reaches, advance; here is {unknown}"
        raise Unusable(message)

    def _send(self, step: dict[str, Any]) -> None:
        """A request. One that only reads is repeated until it answers as listed, or time is up."""
        method, target = self._filled(step["send"]).replace("{eventName}", step.get("event", "")).split(" ", 1)
        end = time.monotonic() + LIMIT_S
        while True:
            answer = self._ask(method, target, step.get("body"))
            fault = self._fault(step, answer)
            if fault is None:
                break
            if method != "GET" or time.monotonic() > end:
                message = f"{method} {target}: {fault}"
                raise Different(message)
            time.sleep(PAUSE_S)
        if isinstance(answer.body, dict) and "statusQueryGetUri" in answer.body:
            self.links = {name: text for name, text in answer.body.items() if isinstance(text, str)}
            self.links.setdefault("id", self.links.get("instanceId", ""))

    def _fault(self, step: dict[str, Any], answer: Answer) -> str | None:
        if answer.status != step.get("answers", answer.status):
            return f"answers {answer.status} {answer.body!r}"
        if "says" in step and not fits(self._named(answer.body), step["says"]):
            return f"says {answer.body!r}"
        return None

    def _reach(self, step: dict[str, Any]) -> str:
        """Polls the instance's status, as a client does, until it is where the list says."""
        target = self._filled(step.get("of", "{statusQueryGetUri}"))
        target += f"{'&' if '?' in target else '?'}showHistory=true"
        end = time.monotonic() + LIMIT_S
        while True:
            body = self._ask("GET", target).body
            seen = body if isinstance(body, dict) else {}
            there = seen.get("runtimeStatus") == step["reaches"] and fits(
                seen.get("customStatus"), step.get("customStatus", ANY)
            )
            if there or seen.get("runtimeStatus") in {"Completed", "Failed", "Terminated"} or time.monotonic() > end:
                break
            time.sleep(PAUSE_S)
        if not there:
            message = f"is {seen.get('runtimeStatus')} with {seen.get('output')!r}, {seen.get('customStatus')!r}"
            raise Different(message)
        if not fits(self._named(seen.get("output")), step.get("output", ANY)):
            message = f"is {step['reaches']} with {seen.get('output')!r}"
            raise Different(message)
        events = [event["EventType"] for event in seen.get("historyEvents", ())]
        return f"{step['reaches']}: {', '.join(events)}"

    def _ask(self, method: str, target: str, body: Any = None) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data else {}
        request = Request(urljoin(self.base_url, target), data, headers, method=method)  # noqa: S310 - loopback
        try:
            with urlopen(request, timeout=LIMIT_S) as response:  # noqa: S310
                status, raw = response.status, response.read()
        except HTTPError as error:
            status, raw = error.code, error.read()
        except (URLError, HTTPException, OSError) as error:
            message = f"{method} {target}: no answer ({error})"
            raise Different(message) from error
        try:
            return Answer(status, json.loads(raw))
        except ValueError:
            return Answer(status, raw.decode(errors="replace"))

    def _filled(self, text: str) -> str:
        for name, value in self.links.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def _named(self, value: Any) -> Any:
        """The value with ``{id}`` in place of the instance's id."""
        case = self.links.get("id")
        return json.loads(json.dumps(value).replace(case, "{id}")) if case else value


def fits(seen: Any, expected: Any) -> bool:
    """Whether it is as listed: ``*`` matches anything, and a text that ends in ``*`` its beginning."""
    if isinstance(expected, dict):
        return (
            isinstance(seen, dict)
            and seen.keys() == expected.keys()
            and all(fits(seen[name], expected[name]) for name in expected)
        )
    if isinstance(expected, list):
        return (
            isinstance(seen, list)
            and len(seen) == len(expected)
            and all(fits(one, other) for one, other in zip(seen, expected, strict=True))
        )
    if isinstance(expected, str) and expected.endswith(ANY):
        return expected == ANY or (isinstance(seen, str) and seen.startswith(expected[:-1]))
    return bool(seen == expected)


def read_list(only: list[str]) -> list[App]:
    """The apps, all or those named.

    Raises:
        Unusable: the list has no such app, or an entry is not one.
    """
    try:
        apps = [App(**entry) for entry in tomllib.loads(LIST.read_text())["app"]]
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        message = f"{LIST.name}: {error}"
        raise Unusable(message) from error
    unknown = set(only) - {app.name for app in apps}
    if unknown:
        message = f"not in the list: {', '.join(sorted(unknown))}; it has {', '.join(app.name for app in apps)}"
        raise Unusable(message)
    return [app for app in apps if not only or app.name in only]


def how_to_get(apps: list[App], under: Path) -> Iterator[str]:
    """The commands that bring each checkout."""
    for app in {app.repository: app for app in apps}.values():
        place = app.checkout(under)
        yield f"git clone {app.repository} {place} && git -C {place} checkout {app.commit}"


def unchanged(app: App, under: Path) -> Path:
    """The app's folder, in a checkout that is as listed.

    Raises:
        Unusable: it is not there, at another commit, or changed.
    """
    place = app.checkout(under)
    folder = place / app.folder
    if not folder.is_dir():
        message = f"{folder} is not there; --get {under} says how to get it"
        raise Unusable(message)
    commit = _git(place, "rev-parse", "HEAD").strip()
    if commit != app.commit:
        message = f"{place} is at {commit}, the list has {app.commit}"
        raise Unusable(message)
    if changes := _git(place, "status", "--porcelain").strip():
        message = f"{place} is changed: {changes}"
        raise Unusable(message)
    return folder


def _git(place: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603
        ["git", "-C", place, *arguments], capture_output=True, text=True, check=False  # noqa: S607
    )  # fmt: skip
    if done.returncode:
        message = f"{place}: {done.stderr.strip()}"
        raise Unusable(message)
    return done.stdout


def environment(folder: Path, place: Path) -> Path:
    """The Python of an environment with what the app asks for, made once.

    Raises:
        Unusable: pip could not install it.
    """
    python = place / "bin" / "python"
    if (place / "ready").exists():
        return python
    extras = tomllib.loads((DEVHOST / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    asked = [*_asked(folder), *(package for name in HOST_EXTRAS for package in extras[name])]
    make, fill = [sys.executable, "-m", "venv", str(place)], [str(python), "-m", "pip", "install", "--quiet", *asked]
    for command in (make, fill):
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            message = f"{' '.join(command)}: {done.stderr.strip()[-600:]}"
            raise Unusable(message)
    (place / "ready").touch()
    return python


def _asked(folder: Path) -> list[str]:
    """What the app asks for: its requirements, its project's dependencies, or what every durable app needs."""
    if (folder / "requirements.txt").exists():
        return ["-r", str(folder / "requirements.txt")]
    if (folder / "pyproject.toml").exists():
        asked: list[str] = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["dependencies"]
        return asked
    return list(DURABLE_PACKAGES)


@contextmanager
def devhost(app: App, folder: Path, python: Path, state: Path) -> Iterator[str]:
    """The base URL of a devhost that runs the app.

    Raises:
        Different: it refuses the app, or does not become ready.
    """
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(python), "-m", "devhost", "--app", str(folder), "--port", str(port), "--state", str(state)]
    if app.virtual_time:
        command.append("--virtual-time")
    state.mkdir(parents=True, exist_ok=True)
    log = state / "log"
    given = {**os.environ, "PYTHONPATH": str(DEVHOST / "src"), "PYTHONDONTWRITEBYTECODE": "1", **app.settings}
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=state, env=given, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603
    try:
        end = time.monotonic() + LIMIT_S
        while "devhost is ready" not in log.read_text():
            if process.poll() is not None or time.monotonic() > end:
                raise Different(log.read_text().strip())
            time.sleep(PAUSE_S)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(LIMIT_S)


def run(app: App, checkouts: Path, work: Path, base_url: str | None) -> Iterator[str]:
    """Runs an app's journeys; what there is to say, line by line.

    Raises:
        Different: the app did something else than listed.
        Unusable: the checkout or its environment.
    """
    if base_url is not None:
        yield from _journeys(app, base_url, elsewhere=True)
        return
    folder = unchanged(app, checkouts)
    python = environment(folder, work / app.name / "venv")
    state = work / app.name / f"state-{time.time_ns()}"
    try:
        with devhost(app, folder, python, state) as url:
            if app.refused is None:
                yield from _journeys(app, url)
    except Different as said:
        if app.refused is None or app.refused not in str(said):
            raise
        yield f"refused: {app.refused}"
    else:
        if app.refused is not None:
            message = "is not refused"
            raise Different(message)
    unchanged(app, checkouts)


def _journeys(app: App, base_url: str, *, elsewhere: bool = False) -> Iterator[str]:
    for asked in app.run:
        if elsewhere and any("advance" in step for step in asked["steps"]):
            yield f"{asked['what']}: left out, it moves virtual time"
            continue
        journey = Journey(base_url)
        try:
            told = [said for step in asked["steps"] if (said := journey.take(step))]
        except Different as error:
            message = f"{asked['what']}: {error}"
            raise Different(message) from error
        yield f"{asked['what']}: {told[-1] if told else 'as listed'}"


def main(arguments: list[str] | None = None) -> int:
    """The command; see the module."""
    parser = argparse.ArgumentParser(description="Runs apps that others wrote on devhost, unmodified.")
    parser.add_argument("--get", type=Path, metavar="DIR", help="print how to get each checkout, and stop")
    parser.add_argument("--checkouts", type=Path, metavar="DIR", help="where they are, as DIR/owner/name")
    parser.add_argument("--work", type=Path, metavar="DIR", help="for environments and state (default: DIR/.work)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this app; may be repeated")
    parser.add_argument("--base-url", metavar="URL", help="of another host that runs the app named by --only")
    given = parser.parse_args(arguments)
    if given.base_url and len(given.only) != 1:
        parser.error("--base-url goes with one --only")
    if not (given.get or given.checkouts or given.base_url):
        parser.error("say where the checkouts are: --checkouts DIR; --get DIR prints how to get them")
    try:
        apps = read_list(given.only)
        if given.get:
            _say(*how_to_get(apps, given.get.resolve()))
            return 0
        checkouts = (given.checkouts or Path()).resolve()
        work = (given.work or checkouts / ".work").resolve()
        good = sum([_report(app, checkouts, work, given.base_url) for app in apps])
    except Unusable as error:
        shown.say(str(error))
        return 2
    _say(f"{good} of {len(apps)} apps as listed")
    return 0 if good == len(apps) else 1


def _report(app: App, checkouts: Path, work: Path, base_url: str | None) -> bool:
    _say(app.name)
    try:
        for line in run(app, checkouts, work, base_url):
            _say(f"  {line}")
    except Different as error:
        _say(f"  DIFFERENT: {error}")
        return False
    return True


def _say(*texts: str) -> None:
    """What the apps of others said and answered moves no terminal."""
    sys.stdout.write("".join(f"{shown.lines(text)}\n" for text in texts))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(shown.command(main))
