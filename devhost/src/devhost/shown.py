"""The one way by which untrusted text reaches a terminal or a log.

1. What is not printable (``str.isprintable``) is shown as Python writes it in a string: C0 and C1 controls, DEL,
   marks that turn the reading direction, lone surrogates, line and paragraph separators. Letters of any script stay.
2. A sentence is one line (``one_line``). What a program prints by itself keeps its line feeds and tabs (``lines``).
3. In JSON the same characters are written as JSON escapes, so that nothing is lost (``in_json``).
4. ``guard`` puts standard output and standard error of this process behind rule 2: what the app prints, what its log
   handlers write, Python's own warnings and tracebacks. Bytes written past Python's text streams are not seen.

Standard library only: scripts that run without any package use it too.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_KEPT: Final = "\n\t"
_INTERRUPTED: Final = 130
_UNWRITTEN: Final = 2
_STDOUT: Final = 1
_STDERR: Final = 2
_LAST_OF_PLANE: Final = 0xFFFF


def one_line(text: str) -> str:
    r"""The text with everything that a terminal would act on made visible; it stays one line.

    Example: ``one_line("a\x1b[2J\nb")`` is ``a\x1b[2J\nb`` in visible characters.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _visible(character) for character in text)


def lines(text: str) -> str:
    """The same for what may have several lines: line feeds and tabs stay."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in _KEPT else _visible(character) for character in text
    )


def in_json(text: str, encoding: str = "utf-8") -> str:
    """A JSON text of one line with the same characters, and those that the encoding lacks, as JSON escapes.

    Args:
        text: as ``json.dumps`` writes it without ``indent``: all that is not printable is within its strings.
        encoding: of the stream that it goes to.
    """
    if text.isprintable() and _fits(text, encoding):
        return text
    return "".join(
        character if character.isprintable() and _fits(character, encoding) else _json_escape(character)
        for character in text
    )


def _visible(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _json_escape(character: str) -> str:
    if ord(character) <= _LAST_OF_PLANE:
        return f"\\u{ord(character):04x}"
    high, low = divmod(ord(character) - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


class Shown(io.TextIOBase):
    """A stream before another one, which only sees what ``lines`` leaves.

    It reports that it is no terminal, so that programs do not colour their output.

    Attributes:
        beneath: the other one.
        lost: why something could not be written; None if all was, or if the reader has closed the pipe.
    """

    def __init__(self, beneath: TextIO) -> None:
        self.beneath = beneath
        self.lost: str | None = None

    def write(self, text: str) -> int:
        """Write it; a letter that the stream's encoding lacks is escaped."""
        shown = lines(text)
        with self._noticing():
            try:
                self.beneath.write(shown)
            except UnicodeEncodeError:
                self.beneath.write(shown.encode("ascii", "backslashreplace").decode())
        return len(text)

    def flush(self) -> None:
        """As the stream beneath."""
        with self._noticing():
            self.beneath.flush()

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            self.lost = error.strerror or str(error)
            raise

    def writable(self) -> bool:
        """Yes."""
        return True

    def isatty(self) -> bool:
        """No."""
        return False

    def fileno(self) -> int:
        """That of the stream beneath."""
        return self.beneath.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override] # typeshed has it writable
        """That of the stream beneath."""
        return self.beneath.encoding

    @property
    def buffer(self) -> object:
        """The bytes' way past this stream, for programs that ask for it."""
        return getattr(self.beneath, "buffer", None)


def beneath(stream: TextIO) -> TextIO:
    """The stream behind the guard: for texts that have passed through ``one_line`` and have colours."""
    found: TextIO = getattr(stream, "beneath", stream)
    return found


def guard() -> None:
    """Put standard output and standard error of this process behind ``Shown``."""
    sys.stdout, sys.stderr = _guarded(sys.stdout), _guarded(sys.stderr)


def _guarded(stream: Any) -> Any:
    return stream if isinstance(stream, Shown) else Shown(stream)


def command(main: Callable[[], int]) -> int:
    """Run a command behind the guard; answers the exit code for the process.

    Ctrl-C ends it with 130. If standard output could not be written to the end, it prints why, and the code is not 0.
    """
    guard()
    output: Any = sys.stdout
    try:
        code = main()
    except KeyboardInterrupt:
        code = _INTERRUPTED
    drain(output, _STDOUT)
    if output.lost is not None:
        say(f"standard output could not be written: {output.lost}.")
    return code or (_UNWRITTEN if output.lost is not None else 0)


def say(text: str) -> None:
    """One line on standard error. If that cannot be written either, it is dropped."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{one_line(text)}\n")
    drain(sys.stderr, _STDERR)


def drain(stream: TextIO, descriptor: int) -> None:
    """Write out what the stream still holds. If that cannot be, give it up: Python must not fail over it at its end."""
    try:
        stream.flush()
    except (OSError, ValueError):
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)
