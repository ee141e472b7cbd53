"""Start the open cases of an export again, on a host that has lost them: docs/operate/restore.md.

    python scripts/restore.py export.jsonl --base-url https://NAME.azurewebsites.net          # prints what it would do
    python scripts/restore.py export.jsonl --base-url https://NAME.azurewebsites.net --apply  # does it

1. A case gets its old id, its stored input, and the time that is left of its time to decide.
2. An instance with that id, in any state, is left alone; so a second run does nothing.
3. Only cases of OrchFunction that have no parent are started. All else is listed with the reason.
4. The key comes from the environment, travels in a header, and only over https or to this machine.
5. A line or a case that cannot be used is named in one sentence, and the next one follows. A host that fails for three
   cases in a row is given up.
6. Export and host may hold anything: their texts are shown without what a terminal would act on.

It needs nothing but Python and this repository. It ends with 0 if every open case is there, 1 if some could not be
restored, 2 if the export or the host could not be used.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "devhost/src"))

from devhost.shown import command, one_line, say  # after the path that leads to it; it needs no package

CODE_SETTING = "RESTORE_CODE"
API = "/runtime/webhooks/durabletask"
NAME = "OrchFunction"
EVENT = "Approval"
OPEN = ("Pending", "Running", "Suspended", "ContinuedAsNew")
SCHEMA_VERSION = 1
LONGEST_S = 366 * 86_400
OUTCOMES = ("Approved", "Rejected")
TIMEOUT_S = 30
LARGEST = 1 << 24  # bytes of one answer; none that is asked for here is large
FAILURES_IN_A_ROW = 3
CHUNK = 1 << 16
WRONG = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)


class Unusable(Exception):
    """The export or the host cannot be used, or not for one case; the sentence gives the reason."""


class Refused(Unusable):
    """The host wants another key: no further case need be tried."""


class Plan(NamedTuple):
    """What an open case needs.

    Attributes:
        case: its id.
        given: what it is started with.
        note: a remark for the operator.
        decided: the event that repeats a decision which had not been recorded yet.
        suspended: it was held.
    """

    case: str
    given: Any
    note: str
    decided: dict[str, Any] | None
    suspended: bool


def plan(status: dict[str, Any], now: datetime) -> Plan | str:
    """What the case needs to be as it was, or why it cannot be restored.

    Args:
        status: a status answer, whose ``instanceId`` and ``runtimeStatus`` are texts; all else may be anything.
        now: aware.
    """
    try:
        return _plan(status, now)
    except WRONG as error:
        return f"what the export says of it is not as this app writes it ({type(error).__name__}: {error})"


def _plan(status: dict[str, Any], now: datetime) -> Plan | str:
    case: str = status["instanceId"]
    if status.get("name") != NAME:
        return f"it is a {status.get('name')}; only {NAME} is restored"
    if status.get("parentInstanceId"):
        return "its parent starts it again, if that is restored"
    if not _can_be_said(case):
        return "no address can hold its id"
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
        if decided["outcome"] not in OUTCOMES:
            raise ValueError("it was decided as neither of the two")
        note += f"; decided as {decided['outcome']}, which is sent again"
    json.dumps(given)  # raises where it is nested too deep to be sent
    return Plan(case, given, note, decided, status.get("runtimeStatus") == "Suspended")


class Host:
    """The management API of the host that the cases go to."""

    def __init__(self, base_url: str, code: str | None) -> None:
        try:
            parts = urlsplit(base_url)
            is_fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            raise Unusable("the base URL cannot be read: give one such as https://NAME.azurewebsites.net.") from None
        if not is_fine or parts.query or "@" in parts.netloc:
            raise Unusable("the base URL must begin with http:// or https://, name a host, and hold no key.")
        if code and not (code.isascii() and code.isprintable()):
            raise Unusable(f"the key in {CODE_SETTING} holds a character that no key has: a line end, perhaps.")
        if parts.scheme == "http" and code and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise Unusable("a key would go over http for everybody to read: use https.")
        self._base, self._code = f"{parts.scheme}://{parts.netloc}{API}", code
        self._opener = build_opener(_NoRedirect)

    def state(self, case: str) -> str | None:
        """The state of what is there under this id; None if there is nothing.

        Raises:
            Unusable: the host does not answer that.
        """
        status, body = self._ask("GET", f"/instances/{_segment(case)}?showInput=false")
        if status == 404:  # noqa: PLR2004 - not found
            return None
        if status not in (200, 202):
            raise Unusable(f"the host answers {status} when asked for it.")
        found = body.get("runtimeStatus") if isinstance(body, dict) else None
        if not isinstance(found, str):
            raise Unusable("the host does not answer as a Functions host: it gives no status.")
        return found

    def start(self, one: Plan) -> str:
        """Start it, and bring it to where it was; what is left to do by hand, if that failed after the start.

        Raises:
            Unusable: it was not started, or that is unknown.
        """
        case = _segment(one.case)
        # As text that holds JSON, as the app's own starter stores it: so its Idempotency-Key finds it again.
        self._do(f"/orchestrators/{NAME}/{case}", None if one.given is None else json.dumps(one.given))
        left = [
            ("its decision was not sent again", f"/instances/{case}/raiseEvent/{EVENT}", one.decided),
            ("it was not suspended", f"/instances/{case}/suspend?reason=restored", None),
        ]
        wanted = (bool(one.decided), one.suspended)
        for (undone, path, body), is_wanted in zip(left, wanted, strict=True):
            if is_wanted:
                try:
                    self._do(path, body)
                except Unusable as error:
                    return f"{undone}, do that by hand: {error}"
        return ""

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
                return answer.status, json.loads(_whole(answer) or b"null")
        except HTTPError as error:
            with error:
                if error.code in (401, 403):
                    raise Refused(f"the host wants a key: give the system key in {CODE_SETTING}.") from None
                return error.code, None
        except (URLError, HTTPException, OSError, ValueError, RecursionError) as error:
            said = str(getattr(error, "reason", error)) or type(error).__name__
            raise Unusable(f"the host does not answer as a Functions host: {said}.") from None


def _whole(answer: Any) -> bytes:
    """The body, if it comes to an end in time."""
    end, chunks, size = time.monotonic() + TIMEOUT_S, [], 0
    while chunk := answer.read1(CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if time.monotonic() > end:
            raise TimeoutError(f"no whole answer within {TIMEOUT_S} s")
        if size > LARGEST:
            raise ValueError(f"an answer of more than {LARGEST >> 20} MB")
    return b"".join(chunks)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Leave the answer as it is: the key would go along."""


def read(file: Path) -> tuple[list[dict[str, Any]], list[int]]:
    """The status answers of the export, and the numbers of the lines that are none.

    Of two answers with one id the later counts, as files may have been put together.

    Raises:
        Unusable: the file cannot be read, or holds nothing else than such lines.
    """
    found: dict[str, dict[str, Any]] = {}
    broken: list[int] = []
    try:
        # Lines of bytes: a text within the JSON may hold other line ends.
        lines = file.read_bytes().split(b"\n")
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror or error}.") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            status = json.loads(line.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            status = None
        keys = ("instanceId", "runtimeStatus")
        if isinstance(status, dict) and all(isinstance(status.get(key), str) for key in keys):
            found[status["instanceId"]] = status
        else:
            broken.append(number)
    if broken and not found:
        raise Unusable(f"{file} holds no status answer: it must be an export, one JSON object a line.")
    return list(found.values()), broken


def restore(file: Path, host: Host, *, apply: bool) -> Counter[str]:
    """Go through the export, and print a line for each open case.

    Raises:
        Unusable: the export cannot be used, or the host not any more.
    """
    statuses, broken = read(file)
    counts: Counter[str] = Counter()
    for number in broken:
        counts["not restored"] += 1
        _say(f"line {number} of {file}: not restored: it is no status answer")
    in_a_row = 0
    for status in statuses:
        if status["runtimeStatus"] not in OPEN:
            continue
        try:
            word, said = _restored(status, host, apply=apply)
            in_a_row = 0
        except Refused:
            raise
        except Unusable as error:
            in_a_row += 1
            if in_a_row == FAILURES_IN_A_ROW:
                raise
            word, said = "not restored", f"not restored: {error}"
            failed = error
        counts[word] += 1
        _say(f"{status['instanceId']}: {said}")
    if in_a_row and counts.keys() == {"not restored"}:
        raise failed
    return counts


def _restored(status: dict[str, Any], host: Host, *, apply: bool) -> tuple[str, str]:
    """One case: the word that it is counted under, and what is said of it."""
    one = plan(status, datetime.now(UTC))
    if isinstance(one, str):
        return "not restored", f"not restored: {one}"
    there = host.state(one.case)
    if there is not None:
        return "there already", f"there already, {there}"
    if not apply:
        return "would be started", f"would be started, {one.note}"
    left = host.start(one)
    if left:
        return "not restored", f"started, but {left}"
    return "started", f"started, {one.note}"


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
        say(f"restore: {error} Run it again when that is mended: what is there already is left alone.")
        return 2
    said = ", ".join(f"{number} {word}" for word, number in sorted(counts.items())) or "no open case in the export"
    _say(said + ("" if given.apply or not counts["would be started"] else ". Nothing was done: --apply does it"))
    return 1 if counts["not restored"] else 0


def _can_be_said(case: str) -> bool:
    """Whether an address can hold the id: half a character has no bytes."""
    try:
        case.encode()
    except UnicodeEncodeError:
        return False
    return True


def _segment(case: str) -> str:
    """The id as a path of the API must hold it, which is decoded three times: ``%2541`` would name ``A``."""
    for _ in range(3):
        case = quote(case, safe="")
    return case


def _decoded(given: Any) -> Any:
    """The input as the app stored it; the status shows a client's input as text."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError:
        return given


def _say(text: str) -> None:
    sys.stdout.write(f"{one_line(text)}\n")


if __name__ == "__main__":
    sys.exit(command(main))
