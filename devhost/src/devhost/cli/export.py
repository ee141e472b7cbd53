"""``python -m devhost export``: histories from a host's management API, one JSON object a line.

Rules of this module:

1. It only reads (:mod:`devhost.rehearsal.remote_host`). The key is removed from everything that it writes.
2. An instance that no longer exists when it is read, or that the host cannot show, is reported and skipped. A host that
   fails for three in a row is given up.
3. The host's answers are untrusted text and are shown as ``devhost.shown`` says.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO
from urllib.parse import quote

from devhost.rehearsal.remote_host import (
    CODE_SETTING,
    LONGEST_TIMEOUT_S,
    STATUSES,
    RemoteHost,
    RemoteHostError,
    RemoteResponse,
)
from devhost.shown import in_json, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FAILURES_IN_A_ROW: Final = 3


@dataclass(slots=True)
class Counts:
    """How many instances were exported, and how many were not."""

    written: dict[str, int] = field(default_factory=dict)
    entities: int = 0
    gone: int = 0
    refused: int = 0

    def text(self) -> str:
        """The summary, one line."""
        by_status = ", ".join(f"{number} {status}" for status, number in sorted(self.written.items()))
        number = sum(self.written.values())
        parts = [f"{number} instance{'' if number == 1 else 's'} exported" + (f" ({by_status})" if by_status else "")]
        if self.entities:
            parts.append(f"entities, which have no history, left out: {self.entities}")
        if self.gone:
            parts.append(f"{self.gone} gone meanwhile")
        if self.refused:
            parts.append(f"{self.refused} that the host could not show")
        return "; ".join(parts)


def export(
    host: RemoteHost,
    write: Callable[[str], object],
    tell: Callable[[str], object],
    statuses: Sequence[str],
    code: str | None,
) -> Counts:
    """Writes the instances one after the other, and reports those that it skips.

    Raises:
        RemoteHostError: the host cannot be read, or no longer.
    """
    counts, in_a_row = Counts(), 0
    for listed in host.listed(statuses):
        instance_id = listed["instanceId"]
        if isinstance(instance_id, str) and instance_id.startswith("@"):
            counts.entities += 1
            continue
        try:
            body, why = _shown(host, instance_id)
            in_a_row = 0
        except RemoteHostError as error:
            body, why = None, str(error).removesuffix(".")
            in_a_row += 1
            if in_a_row == FAILURES_IN_A_ROW:
                raise
            failed = error
        if body is not None:
            status = body["runtimeStatus"]
            counts.written[status] = counts.written.get(status, 0) + 1
            write(blotted(json.dumps(body, ensure_ascii=False, separators=(",", ":")), code))
            continue
        if why is None:
            counts.gone += 1
            why = "gone since it was listed"
        else:
            counts.refused += 1
        tell(f"{instance_id}: {why}; passed over")
    if in_a_row and not counts.written:
        raise failed
    return counts


def _shown(host: RemoteHost, instance_id: object) -> tuple[dict[str, Any] | None, str | None]:
    """The status answer; without one, the reason, or None if the instance is gone.

    Raises:
        RemoteHostError: the host does not answer as it should.
    """
    if not isinstance(instance_id, str):
        return None, "its id is no text"
    try:
        answer = host.with_history(instance_id)
    except UnicodeEncodeError:  # half a character; that is no fault of the host
        return None, "no address can hold its id"
    if answer.status in (404, 410):
        return None, None
    if answer.status == 400:  # noqa: PLR2004 - the host cannot show it
        return None, f"the host cannot show its history ({_reason(answer)})"
    body = answer.json()
    if not isinstance(body, dict) or not all(isinstance(body.get(key), str) for key in ("instanceId", "runtimeStatus")):
        raise RemoteHostError("what the host answers is no status answer.")
    return body, None


def blotted(text: str, code: str | None) -> str:
    """The text without the key, in any form: an input may hold a link with it."""
    for form in {code, quote(code, safe="", errors="surrogatepass"), json.dumps(code)[1:-1]} if code else ():
        text = text.replace(form, "[key]")
    return text


def main(arguments: Sequence[str]) -> int:
    """The command: 0 all exported, 1 some instance could not be shown, 2 the host cannot be read."""
    given = _parser().parse_args(arguments)
    code = given.code or os.environ.get(CODE_SETTING) or None

    def tell(text: str) -> None:
        say(blotted(text, code))

    try:
        host = RemoteHost(given.base_url, code, timeout_s=given.timeout, hub=given.task_hub)
        if given.output is None:
            counts = export(host, _line_to(sys.stdout), tell, given.status, code)
        else:
            counts = _to_file(given.output, lambda write: export(host, write, tell, given.status, code))
    except RemoteHostError as error:
        tell(f"export: {error}")
        return 2
    except OSError as error:
        tell(f"export: {given.output or 'standard output'} cannot be written: {error.strerror or error}.")
        return 2
    name = given.output or "FILE"
    tell(f"{counts.text()}. To replay them on the present code: python -m devhost replay --app . {name}")
    return 1 if counts.refused else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devhost export",
        description="Reads instances with their histories from a host's management API; it changes nothing there.",
    )
    parser.add_argument(
        "--base-url", required=True, metavar="URL", help="of the host, e.g. https://NAME.azurewebsites.net"
    )
    parser.add_argument(
        "--status", nargs="+", default=[], choices=STATUSES, help="only these (default: all)", metavar="STATUS"
    )
    parser.add_argument(
        "--code", metavar="KEY", help=f"system or master key; better in {CODE_SETTING}, where it does not show"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to (default: standard output)")
    parser.add_argument("--task-hub", metavar="NAME", help="another task hub than the host's own")
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=30.0,
        metavar="S",
        help="seconds that one request may take (default: %(default)g)",
    )
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= LONGEST_TIMEOUT_S:
        raise argparse.ArgumentTypeError(f"must be more than 0 and at most {LONGEST_TIMEOUT_S}")
    return seconds


def _reason(answer: RemoteResponse) -> str:
    try:
        body = json.loads(answer.body)
        return str(body.get("ExceptionMessage") or body.get("Message"))
    except (ValueError, AttributeError, RecursionError):
        return "400"


def _line_to(stream: TextIO) -> Callable[[str], object]:
    return lambda text: stream.write(f"{in_json(text, stream.encoding)}\n")


def _to_file(path: Path, work: Callable[[Callable[[str], object]], Counts]) -> Counts:
    """Writes the whole file or none; only its owner may read it, since histories hold people's data."""
    part = path.with_name(f"{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            counts = work(_line_to(stream))
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return counts
