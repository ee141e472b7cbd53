"""Reading the two settings files as JSON; a mistake is reported with line and column."""

import json
import os
import re
from pathlib import Path
from typing import Any, Final

from devhost.errors import BadSettings

_TOKEN: Final = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)


def strict_json(path: Path) -> dict[str, Any]:
    """The object in a file that the durable SDK reads as well, so that it may hold nothing but JSON.

    Raises:
        BadSettings: it is not there, cannot be read, or holds anything else.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        reason = 'this is not the folder of a Functions app; the least is {"version": "2.0"}.'
        raise BadSettings(path, f"there is no such file, so {reason}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(path, f"it cannot be read: {error}.") from error
    if text.startswith("\ufeff"):
        raise BadSettings(path, "it begins with a byte order mark, on which the durable SDK breaks; save it without.")
    comment = next((match for match in _TOKEN.finditer(text) if match[0].startswith("/")), None)
    if comment is not None:
        line, column = _place(text, comment.start())
        raise BadSettings(
            path,
            "a comment begins here; the real host takes it, but azure-functions-durable reads this file too, "
            "while it is imported, and breaks on it. Remove it.",
            line,
            column,
        )
    return _parse(path, text)


def relaxed_json(path: Path) -> dict[str, Any]:
    """The object in a file that may hold comments and trailing commas; empty if there is no such file.

    Raises:
        BadSettings: it cannot be read, or is not JSON otherwise.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(path, f"it cannot be read: {error}.") from error
    return _parse(path, _TOKEN.sub(_blank, text))


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        reason = "something follows the end of the JSON" if error.msg == "Extra data" else f"not JSON: {error.msg}"
        raise BadSettings(path, f"{reason}.", error.lineno, error.colno) from error
    except RecursionError as error:
        raise BadSettings(path, "it is JSON that is nested too deep.") from error
    except ValueError as error:
        raise BadSettings(path, "it holds a number of more digits than anybody needs.") from error
    if not isinstance(content, dict):
        raise BadSettings(path, "it must hold a JSON object.")
    return content


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _blank(match: re.Match[str]) -> str:
    """A text stays; a comment or trailing comma gives way to blanks, so that lines and columns stay true."""
    return match[0] if match[0].startswith('"') else re.sub(r"[^\n]", " ", match[0])


def fits_environment(text: str) -> bool:
    """Whether an environment variable can be called so, or hold it."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False
