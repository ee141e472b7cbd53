"""Start the open cases of an export again, on a host that has lost them: docs/operate/restore.md.

    python scripts/restore.py export.jsonl --base-url https://NAME.azurewebsites.net            # says what it would do
    python scripts/restore.py export.jsonl --base-url https://NAME.azurewebsites.net --apply    # does it

1. A case gets its old id, its stored input, and the time that is left of its time to decide.
2. What is there under that id, in whatever state, is left alone; so a second run does nothing.
3. Only cases of OrchFunction that are nobody's child are started. All else is named, with the reason.
4. The key comes from the environment, travels in a header, and only over https or to this machine.

It needs nothing but Python. It ends with 0 if every open case is there, 1 if some could not be restored, 2 if the
export or the host could not be read.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

CODE_SETTING = "RESTORE_CODE"
API = "/runtime/webhooks/durabletask"
NAME = "OrchFunction"
EVENT = "Approval"
OPEN = ("Pending", "Running", "Suspended", "ContinuedAsNew")
SCHEMA_VERSION = 1
LONGEST_S = 366 * 86_400
TIMEOUT_S = 30


class Unusable(Exception):
    """The export or the host cannot be used; the sentence says why."""


class Plan(NamedTuple):
    """What an open case needs.

    Attributes:
        case: its id.
        given: what it is started with.
        note: what a person should know.
        decided: the event that repeats a decision which had not been recorded yet.
        suspended: it was held.
    """

    case: str
    given: Any
    note: str
    decided: dict[str, Any] | None
    suspended: bool


def plan(status: dict[str, Any], now: datetime) -> Plan | str:
    """What the case needs to be as it was, or why it cannot be restored."""
    case = str(status["instanceId"])
    if status.get("name") != NAME:
        return f"it is a {status.get('name')}; only {NAME} is restored"
    if status.get("parentInstanceId"):
        return "its parent starts it again, if that is restored"
    given = _decoded(status.get("input"))
    if given is not None and not (isinstance(given, dict) and given.get("schemaVersion") == SCHEMA_VERSION):
        return "its input is none that this app has stored (was the export made with showInput=false?)"
    custom = status.get("customStatus")
    shown: dict[str, Any] = custom if isinstance(custom, dict) else {}
    note = "all of its time: it had not begun"
    if shown.get("due"):
        left = int((datetime.fromisoformat(shown["due"]) - now).total_seconds())
        note = f"{left} s left" if left > 0 else "its time was over: it escalates at once"
        timeout = f"PT{min(max(left, 1), LONGEST_S)}S"
        given = (given or {"schemaVersion": SCHEMA_VERSION, "proposal": None, "policy": {}, "digest": None}) | {
            "policy": {**((given or {}).get("policy") or {}), "timeout": timeout}
        }
    decided = None
    if shown.get("decided"):
        decided = {name: shown["decided"].get(name) for name in ("outcome", "by", "comment")}
        note += f"; decided as {decided['outcome']}, which is said again"
    return Plan(case, given, note, decided, status.get("runtimeStatus") == "Suspended")


class Host:
    """The management API of the host that the cases go to."""

    def __init__(self, base_url: str, code: str | None) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or "@" in parts.netloc:
            raise Unusable("the base URL must begin with http:// or https://, name a host, and hold no key.")
        if parts.scheme == "http" and code and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise Unusable("a key would go over http for everybody to read: use https.")
        self._base, self._code = f"{parts.scheme}://{parts.netloc}{API}", code
        self._opener = build_opener(_NoRedirect)

    def state(self, case: str) -> str | None:
        """The state of what is there under this id; None if there is nothing."""
        status, body = self._ask("GET", f"/instances/{quote(case, safe='')}?showInput=false")
        if status not in (200, 202, 404):
            raise Unusable(f"the host answers {status} when asked for {case}.")
        return None if status == 404 else str(body["runtimeStatus"])  # noqa: PLR2004 - not found

    def start(self, one: Plan) -> None:
        """Start it, and bring it to where it was."""
        case = quote(one.case, safe="")
        # As text that holds JSON, as the app's own starter stores it: so its Idempotency-Key finds it again.
        self._do(f"/orchestrators/{NAME}/{case}", None if one.given is None else json.dumps(one.given))
        if one.decided:
            self._do(f"/instances/{case}/raiseEvent/{EVENT}", one.decided)
        if one.suspended:
            self._do(f"/instances/{case}/suspend?reason=restored", None)

    def _do(self, path: str, body: Any) -> None:
        status, _ = self._ask("POST", path, body)
        if status != 202:  # noqa: PLR2004 - accepted
            raise Unusable(f"the host answers {status} to POST {path.partition('?')[0]}.")

    def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json"} | ({"x-functions-key": self._code} if self._code else {})
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._base + path, data, headers, method=method)  # noqa: S310 - see __init__
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except HTTPError as error:
            if error.code in (401, 403):
                raise Unusable(f"the host wants a key: give the system key in {CODE_SETTING}.") from None
            return error.code, None
        except (URLError, HTTPException, OSError, ValueError) as error:
            raise Unusable(f"the host does not answer as a Functions host: {error}.") from None


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Leave the answer as it is: the key would go along."""


def read(file: Path) -> Iterator[dict[str, Any]]:
    """The status answers of the export; of two with one id the later counts, as files may have been put together."""
    found: dict[str, dict[str, Any]] = {}
    try:
        # Not splitlines: a text within the JSON may hold other line ends.
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{file} cannot be read: {error}.") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            status = json.loads(line)
            found[status["instanceId"]] = status
        except (ValueError, KeyError, TypeError):
            raise Unusable(f"line {number} of {file} is no status answer; nothing was started.") from None
    yield from found.values()


def restore(file: Path, host: Host, *, apply: bool) -> Counter[str]:
    """Go through the export, and print a line for each open case."""
    counts: Counter[str] = Counter()
    cases = [status for status in read(file) if status.get("runtimeStatus") in OPEN]
    for status in cases:
        case = str(status["instanceId"])
        one = plan(status, datetime.now(UTC))
        if isinstance(one, str):
            counts["not restored"] += 1
            _say(f"{case}: not restored: {one}")
            continue
        there = host.state(case)
        if there is not None:
            counts["there already"] += 1
            _say(f"{case}: there already, {there}")
            continue
        if apply:
            host.start(one)
        word = "started" if apply else "would be started"
        counts[word] += 1
        _say(f"{case}: {word}, {one.note}")
    return counts


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Start the open cases of an export again; says only, unless --apply.")
    parser.add_argument("export", type=Path, help="JSON lines, as `python -m devhost export` writes them")
    parser.add_argument("--base-url", required=True, metavar="URL", help="of the host that is to have them")
    parser.add_argument("--apply", action="store_true", help="do it")
    given = parser.parse_args()
    try:
        counts = restore(given.export, Host(given.base_url, os.environ.get(CODE_SETTING)), apply=given.apply)
    except Unusable as error:
        sys.stderr.write(f"restore: {error} Run it again when that is mended: what is there already is left alone.\n")
        return 2
    said = ", ".join(f"{number} {word}" for word, number in sorted(counts.items())) or "no open case in the export"
    _say(said + ("" if given.apply or not counts["would be started"] else ". Nothing was done: --apply does it"))
    return 1 if counts["not restored"] else 0


def _decoded(given: Any) -> Any:
    """The input as the app stored it; the status shows a client's input as text."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError:
        return given


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
