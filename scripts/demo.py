"""Run the app with the county's policies and eight cases in different states: ``python scripts/demo.py [--port N]``.

1. The state is fresh each time, in the folder ``.demo``. Time begins with the machine's and goes on, and the buttons on
   ``/devhost`` move it forward (``devhost --movable-time``).
2. The cases are made as people make them: sign in, submit, decide, and let time pass. They end about a week ahead.
3. It runs until Ctrl-C. Exit code: 0, or 1 if it does not come up; then the host's last lines say why.

CASES says which cases there are, and tests/demo that they are what it says.
"""

import argparse
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
POLICIES = "examples/policies/county.toml"
STATE = ROOT / ".demo"
MADE_BY_US = "demo"  # a file that marks a folder which may be emptied
PORT = 7071
WITHIN_S = 60.0
POLL_S = 0.1
HOUR, DAY = 3_600, 86_400
T = TypeVar("T")


@dataclass(frozen=True)
class Wanted:
    """A case of the demonstration.

    Attributes:
        title: of the proposal.
        fields: of the county's form.
        acts: in order: person, level or None, act, comment or None.
        state: what has happened to it when all is made, as the API says it.
        turn: who has to act then, by id.
        author: by id.
        day: on which day it is submitted, 0 or 6.
    """

    title: str
    fields: Mapping[str, Any]
    acts: Sequence[tuple[str, int | None, str, str | None]]
    state: str
    turn: frozenset[str] = frozenset()
    author: str = "dana"
    day: int = 0
    summary: str | None = field(default=None)


def scheme(amount: str) -> dict[str, Any]:
    """The fields of a highway scheme."""
    return {"kind": "scheme", "amount": amount}


def structure(amount: str, category: int, *, departure: bool = False) -> dict[str, Any]:
    """The fields of a structure."""
    return {"kind": "structure", "amount": amount, "category": category, "departure": departure}


CASES = (
    Wanted(
        "Drainage at Fenwick crossroads", scheme("60000"),
        (("ruth", 1, "approve", "The survey is sound."), ("pat", 2, "approve", None)), "approved",
    ),
    Wanted(
        "Resurfacing of Castle Street", scheme("18000"),
        (("eli", 1, "reject", "The gas main is due first; come back in spring."),), "rejected",
    ),
    Wanted("Parking bays at the market", scheme("8000"), (("dana", None, "withdraw", None),), "withdrawn"),
    Wanted("Signals at Station Road", scheme("75000"), (("ruth", 1, "approve", None),), "expired"),
    Wanted("Footbridge in Priory Park", scheme("40000"), (), "with approvers", frozenset({"amir"})),
    Wanted(
        "Retaining wall at the town hall", structure("120000", 3, departure=True),
        (("noor", 1, "approve", "The departure is well argued."),), "with approvers", frozenset({"amir"}), "eli", 6,
    ),
    Wanted(
        "Weir footbridge, new deck", structure("30000", 1), (("noor", 1, "approve", None),),
        "with approvers", frozenset({"ruth"}), day=6,
    ),
    Wanted(
        "Mill Lane bridge, refurbishment", structure("80000", 2), (), "with approvers", frozenset({"noor", "ruth"}),
        day=6, summary="New bearings and waterproofing for the two-span bridge of 1931. Traffic keeps one lane.",
    ),
)  # fmt: skip
# What has to pass after the cases of a day: on day 6 two of the first ones are not decided by anybody.
AFTER_DAY = {0: 6 * DAY + HOUR, 6: 2 * HOUR}


class Failed(Exception):
    """The demonstration cannot be made; the text says what was expected."""


class Caller:
    """Somebody at the app, in the session of one person.

    Args:
        base: ``http://localhost:7071``.
        person: by id; None for nobody.
    """

    def __init__(self, base: str, person: str | None = None) -> None:
        self._base, self._cookie = base, ""
        if person is not None:
            answer = self._opened("POST", "/sign-in", urlencode({"person": person}).encode())
            self._cookie = answer.headers["Set-Cookie"].partition(";")[0]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer to a request with this JSON body, parsed.

        Raises:
            Failed: it is refused.
        """
        data = None if body is None else json.dumps(body).encode()
        try:
            with self._opened(method, path, data, "application/json") as answer:
                return json.loads(answer.read() or b"null")
        except HTTPError as error:
            raise Failed(f"{method} {path} answers {error.code}: {error.read().decode(errors='replace')}") from error

    def _opened(
        self, method: str, path: str, data: bytes | None, kind: str = "application/x-www-form-urlencoded"
    ) -> Any:
        headers = {"Content-Type": kind} | ({"Cookie": self._cookie} if self._cookie else {})
        request = urllib.request.Request(self._base + path, data, headers, method=method)  # noqa: S310 - loopback
        return _OPENER.open(request, timeout=WITHIN_S)


class _Staying(urllib.request.HTTPRedirectHandler):
    """Gives an answer that leads on as it is: its cookie is what counts."""

    def redirect_request(self, *_: Any) -> None:
        """No request follows."""

    def http_error_303(self, _request: Any, answer: Any, *_: Any) -> Any:
        """The answer itself."""
        return answer


_OPENER = urllib.request.build_opener(_Staying, urllib.request.ProxyHandler({}))


def until(check: Callable[[], T | None], what: str) -> T:
    """The first result of ``check`` that is not None.

    Raises:
        Failed: there was none in a minute.
    """
    end = time.monotonic() + WITHIN_S
    while (found := check()) is None:
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {WITHIN_S:g} s")
        time.sleep(POLL_S)
    return found


def make_cases(base: str, cases: Iterable[Wanted] = CASES) -> list[str]:
    """Make the cases at the app, day by day, and give their ids, in the order of the list."""
    wanted = list(cases)
    callers: dict[str, Caller] = {}
    ids: dict[str, str] = {}

    def as_(person: str) -> Caller:
        if person not in callers:
            callers[person] = Caller(base, person)
        return callers[person]

    for day, seconds in AFTER_DAY.items():
        for case in (one for one in wanted if one.day == day):
            body = {"title": case.title, "fields": dict(case.fields)} | (
                {"summary": case.summary} if case.summary else {}
            )
            ids[case.title] = as_(case.author).ask("POST", "/api/proposals", body)["id"]
        for case in (one for one in wanted if one.day == day):
            for person, level, kind, comment in case.acts:
                _act(as_(person), ids[case.title], level, kind, comment)
        for case in (one for one in wanted if one.day == day):
            _opened(as_(case.author), ids[case.title])
        Caller(base).ask("POST", "/devhost/clock", {"advance": seconds})
    for case in wanted:
        _reached(as_(case.author), ids[case.title], case)
    return [ids[case.title] for case in wanted]


def _act(caller: Caller, case_id: str, level: int | None, kind: str, comment: str | None) -> None:
    """One act, as soon as the person may."""

    def may() -> bool | None:
        mine = caller.ask("GET", f"/api/proposals/{case_id}")["mine"]
        return True if kind in mine["may"] and (level is None or mine["level"] == level) else None

    until(may, f"{kind} of {case_id} at level {level}")
    body = (
        {"act": kind, "revision": 1} | ({"level": level} if level else {}) | ({"comment": comment} if comment else {})
    )
    caller.ask("POST", f"/api/proposals/{case_id}/acts", body)


def _opened(caller: Caller, case_id: str) -> None:
    """Wait until somebody has the turn, or the case is over: time may pass then."""

    def check() -> bool | None:
        case = caller.ask("GET", f"/api/proposals/{case_id}")
        return True if case["state"] != "with approvers" or case["turn"]["with"] else None

    until(check, f"{case_id} is with somebody")


def _reached(caller: Caller, case_id: str, wanted: Wanted) -> None:
    def check() -> bool | None:
        case = caller.ask("GET", f"/api/proposals/{case_id}")
        turn = frozenset(one["id"] for one in (case["turn"] or {}).get("with", ()))
        return True if (case["state"], turn) == (wanted.state, wanted.turn) else None

    until(check, f"{wanted.title} is {wanted.state} with {sorted(wanted.turn)}")


def fresh(state: Path) -> None:
    """An empty folder for the state; one that this script has made before is emptied.

    Raises:
        Failed: the folder is somebody else's.
    """
    if state.exists() and any(state.iterdir()) and not (state / MADE_BY_US).exists():
        raise Failed(f"{state} holds something else: name an empty folder with --state")
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir(mode=0o700, parents=True)
    (state / MADE_BY_US).touch()


def quiet(port: int) -> None:
    """Comes back if nobody answers on this port: cases and moves of time would go to another host.

    Raises:
        Failed: somebody does.
    """
    with suppress(OSError, OverflowError), socket.create_connection(("localhost", port), timeout=5):
        raise Failed(f"port {port} is in use: stop what listens there, or name another one with --port")


def serves(base: str, host: "subprocess.Popen[str]") -> bool | None:
    """Whether the host answers.

    Raises:
        Failed: it has ended.
    """
    if host.poll() is not None:
        raise Failed("the host has ended")
    with suppress(URLError, OSError, Failed):
        Caller(base).ask("GET", "/api/health")
        return True
    return None


def say(text: str) -> None:
    """A line on standard output, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Run it until Ctrl-C; the exit code."""
    parser = argparse.ArgumentParser(description="Run the app with eight cases of a county.")
    parser.add_argument("--port", type=int, default=PORT, help="port to listen on (default: %(default)s)")
    parser.add_argument("--state", type=Path, default=STATE, metavar="DIR", help="a folder of its own (default: .demo)")
    given = parser.parse_args(arguments)
    base, state = f"http://localhost:{given.port}", given.state.absolute()
    run = [sys.executable, str(ROOT / "scripts/run_locally.py"), "--policies", POLICIES, "--port", str(given.port)]
    host: subprocess.Popen[str] | None = None
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        quiet(given.port)
        fresh(state)
        host = subprocess.Popen([*run, "--state", str(state), "--movable-time", "--quiet"], text=True)  # noqa: S603 - ours
        until(lambda: serves(base, host), "the host answers")
        say("Making eight cases ...")
        make_cases(base)
        say(f"Ready. Open {base} and sign in as Ruth Pemberton or Amir Shah, whose decisions are waited for,")
        say("as Noor Haddad or Pat Keane (approvers), Dana Okafor (author) or Jo Lindqvist (director).")
        say(f"Time moves by the buttons on {base}/devhost; the mails are on {base}/outbox. Stop it with Ctrl-C.")
        return host.wait()
    except KeyboardInterrupt:
        return 0
    except Failed as error:
        say(f"The demonstration did not come up: {error}.")
        return 1
    finally:
        if host is not None:
            host.terminate()
            host.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
