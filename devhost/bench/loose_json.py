"""How long devhost's reader of JSON takes for bodies of many shapes, strict and loose.

    PYTHONPATH=. .venv/bin/python bench/loose_json.py [--bytes 5000000]

For each shape: CPU seconds to check a start's body, and to take the first token of an event's.
"""

import argparse
import contextlib
import time
from collections.abc import Callable

from devhost.dotnet.newtonsoft import LooseJsonError, check_whole, first_token

SHAPES = {
    "strict items": ("[", "1,", "1]"),
    "items, comma at the end": ("[", "1,", "]"),
    "blanks": ("", " ", ""),
    "line ends": ("", "\n", ""),
    "missing items": ("[", ",", "]"),
    "single quotes": ("[", "'a',", "]"),
    "names without quotes": ("{", "a:1,", "}"),
    "objects without quotes": ("[", "{a:1},", "]"),
    "empty arrays, comma at the end": ("[", "[],", "]"),
    "words": ("[", "undefined,NaN,", "]"),
    "nested, without quotes": ("[", "{a:[{b:'c'}]},", "]"),
    "comment": ("/*", "x", "*/1"),
    "one text": ("'", "x", "'"),
    "escapes": ("'", "\\u0041", "'"),
    "digits": ("", "1", ""),
    "brackets": ("", "[", ""),
}


def seconds(work: Callable[[str], object], text: str) -> float:
    """CPU seconds of this process."""
    began = time.process_time()
    with contextlib.suppress(LooseJsonError):
        work(text)
    return time.process_time() - began


def main() -> None:
    """Prints a line for each shape."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", type=int, default=5_000_000, help="how long each body is")
    size = parser.parse_args().bytes
    print(f"{'shape':32}{'start, s':>10}{'event, s':>10}")
    for shape, (head, piece, tail) in SHAPES.items():
        text = head + piece * (size // len(piece)) + tail
        print(f"{shape:32}{seconds(check_whole, text):>10.2f}{seconds(first_token, text):>10.2f}")


if __name__ == "__main__":
    main()
