"""Time as the Durable engine counts it: ticks of 100 ns since 1970, written in UTC with up to seven decimals."""

from datetime import UTC, datetime
from functools import lru_cache

SECOND = 10_000_000
MICROSECOND = 10


@lru_cache(maxsize=1024)
def _whole(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=1024)
def _second(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def stamp(ticks: int, suffix: str = "Z") -> str:
    """The engine's text for a time: trailing zeros of the decimals are cut, ``2026-11-24T18:26:31.80988Z``."""
    second, rest = divmod(ticks, SECOND)
    decimals = f".{rest:07}".rstrip("0") if rest else ""
    return f"{_whole(second)}{decimals}{suffix}"


def brief(ticks: int) -> str:
    """The status answer's text for a time: whole seconds, cut and not rounded."""
    return _whole(ticks // SECOND) + "Z"


def parse(text: str) -> int:
    """Ticks of a text such as the engine or the SDK writes: UTC, 0 to 7 decimals, with or without ``Z``.

    Raises:
        ValueError: the text is no such time.
    """
    whole, _, decimals = text.removesuffix("Z").removesuffix("+00:00").partition(".")
    return _second(whole) * SECOND + int((decimals + "0000000")[:7])
