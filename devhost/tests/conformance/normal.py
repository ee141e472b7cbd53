"""Takes out of an answer what differs from run to run, from machine to machine or from host to host.

1. Ids, guids, times, the host's address and keys become `<id>`, `<guid>`, `<time>`, `<base>`, `<key>`; the run's own
   tag, which is part of every instance id that the driver chose, becomes `<run>`, also in upper case and as %-escapes.
2. .NET's serialized exception becomes `<details>`, a .NET stack `<StackTrace>`, a continuation token
   `<x-ms-continuation-token>`: free text for any other host.
3. A Python stack names the frames of the worker that ran the function; it becomes `<stack>`.
4. Paths of source files are cut to the file's name.

Everything else counts, the order of keys included.
"""

import json
import re
from typing import Any

REPLACED = (
    (re.compile(r"\b[0-9a-f]{32}(:[0-9a-f]+)?\b"), "<id>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<guid>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"), "<time>"),
    (re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"), "<time>"),
    (re.compile(r"https?://(localhost|127\.0\.0\.1):\d+"), "<base>"),
    (re.compile(r"code=[^&\"']*"), "code=<key>"),
)
FRAMES = re.compile(r"(\nStack:) .*?(?=\n\)|\Z)", re.DOTALL)
OPAQUE = ("StackTrace", "x-ms-continuation-token")

# JSON text in JSON text in JSON text: the quotes may be escaped at any depth.
DETAILS = re.compile(r'\{\\*"\$type\\*":\\*"System\.Exception.*?WatsonBuckets\\*":null\}', re.DOTALL)
PATHS = re.compile(r"(?:/[\w.+-]+)+/([\w.-]+\.(?:py|cs))")


def scrubbed(text: str) -> str:
    """JSON text of a capture without the parts that depend on the machine (rules 2 and 4), ids and times kept."""
    return PATHS.sub(r"\1", DETAILS.sub("<details>", text))


def normal(value: Any, run: str) -> Any:
    """The same JSON value with everything replaced that the rules above name.

    Args:
        value: any JSON value; it is not changed.
        run: the tag of the run, e.g. `t81234567`.
    """
    tags = {run: "<run>", run.upper(): "<RUN>", "".join(f"%{ord(letter):02x}" for letter in run): "<%run>"}
    return _replaced(json.loads(scrubbed(json.dumps(value))), tags)


def without_frames(value: Any) -> Any:
    """A text without the frames of the Python stack in it (rule 3); any other value as it is."""
    return FRAMES.sub(r"\1 <stack>", value) if isinstance(value, str) else value


def _replaced(value: Any, tags: dict[str, str]) -> Any:
    if isinstance(value, dict):
        out = {key: _replaced(inner, tags) for key, inner in value.items()}
        return out | {key: f"<{key}>" for key in OPAQUE if out.get(key)}
    if isinstance(value, list):
        return [_replaced(inner, tags) for inner in value]
    if isinstance(value, str):
        for tag, name in tags.items():
            value = value.replace(tag, name)
        for pattern, name in REPLACED:
            value = pattern.sub(name, value)
    return without_frames(value)
