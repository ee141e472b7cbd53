"""Texts of the pages: times, ages, durations, readable JSON, shortened texts. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass

from devhost.timekeeping.ticks import SECOND, stamp

MILLISECOND = SECOND // 1000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 24 * 3600 * SECOND
SHORT_TEXT = 900
LONGEST_TEXT = 200_000
LONGEST_LINE = 120
LARGEST_PARSED = 1_000_000


def clock_time(ticks: int) -> str:
    """``2026-11-24 22:21:55``, UTC."""
    return stamp(ticks // SECOND * SECOND)[:-1].replace("T", " ")


def exact_time(ticks: int) -> str:
    """The same to the millisecond: ``2026-11-24 22:21:55.123``."""
    return f"{clock_time(ticks)}.{ticks % SECOND // MILLISECOND:03}"


def machine_time(ticks: int) -> str:
    """For the ``datetime`` attribute: ``2026-11-24T22:21:55.123Z``."""
    return f"{exact_time(ticks).replace(' ', 'T')}Z"


def duration(ticks: int) -> str:
    """``12 ms``, ``1.2 s``, ``3 min 20 s``, ``2 h 5 min``, ``10 d``."""
    if ticks < MILLISECOND:
        return "< 1 ms" if ticks > 0 else "0 ms"
    if ticks < SECOND:
        return f"{ticks // MILLISECOND} ms"
    if ticks < 10 * SECOND:
        return f"{ticks // (SECOND // 10) / 10:g} s"
    for unit, name, lower, lower_name in (
        (DAY, "d", HOUR, "h"),
        (HOUR, "h", MINUTE, "min"),
        (MINUTE, "min", SECOND, "s"),
    ):
        if ticks >= unit:
            rest = ticks % unit // lower
            return f"{ticks // unit} {name} {rest} {lower_name}" if rest else f"{ticks // unit} {name}"
    return f"{ticks // SECOND} s"


def since(ticks: int) -> str:
    """How much later: ``+12 ms``."""
    return f"+{duration(ticks)}" if ticks >= MILLISECOND else "+0"


def age(ticks: int, now: int) -> str:
    """``just now``, ``12 s ago``, ``in 3 min``: one unit is enough for an age."""
    if abs(now - ticks) < SECOND:
        return "just now"
    text = " ".join(duration(max(abs(now - ticks), SECOND) // SECOND * SECOND).split()[:2])
    return f"{text} ago" if ticks <= now else f"in {text}"


@dataclass(frozen=True, slots=True)
class ShownText:
    """A stored text as a page shows it.

    Attributes:
        short: all of it, or its beginning.
        whole: all of it where ``short`` is not; else empty.
        note: a remark on its form; may be empty.
        length: of the stored text, in characters.
    """

    short: str
    whole: str = ""
    note: str = ""
    length: int = 0


def shown(text: str | None, *, short: int = SHORT_TEXT) -> ShownText | None:
    """JSON on indented lines; JSON in a text, as Python's client sends it, too."""
    if text is None:
        return None
    pretty, note = _pretty(text)
    if len(pretty) <= short:
        return ShownText(pretty, "", note, len(text))
    whole = pretty
    if len(whole) > LONGEST_TEXT:
        whole = f"{whole[:LONGEST_TEXT]}…"
        note = f"{note}; the first {LONGEST_TEXT:,} characters".removeprefix("; ")
    return ShownText(f"{pretty[:short].rstrip()}…", whole, note, len(text))


def one_line(text: str | None, longest: int = LONGEST_LINE) -> str:
    """The text on one line, shortened; for a custom status its message or stage, if it has one."""
    if text is None:
        return ""
    value = _parsed(text[:LARGEST_PARSED])
    if isinstance(value, dict):
        value = next((value[key] for key in ("message", "stage", "status") if isinstance(value.get(key), str)), text)
    line = " ".join((value if isinstance(value, str) else text).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _pretty(text: str) -> tuple[str, str]:
    value = _parsed(text)
    if value is _NOTHING:
        return text, "" if not text else "a text that is not JSON"
    note = ""
    if isinstance(value, str):
        inner = _parsed(value)
        if not isinstance(inner, dict | list):
            return json.dumps(value, ensure_ascii=False), ""
        value, note = inner, "a text that holds this JSON"
    return json.dumps(value, indent=2, ensure_ascii=False), note


_NOTHING = object()


def _parsed(text: str) -> object:
    if len(text) > LARGEST_PARSED:
        return _NOTHING
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return _NOTHING
    return value


def search_texts(wanted: str) -> tuple[str, ...]:
    """The ways in which a stored text may spell this one: as it is, or escaped as in JSON, once or twice."""
    found = [wanted]
    for ascii_only in (False, True):
        once = json.dumps(wanted, ensure_ascii=ascii_only)[1:-1]
        found += [once, json.dumps(once, ensure_ascii=ascii_only)[1:-1]]
    return tuple(dict.fromkeys(found))
