"""What the terminal shows.

1. At the start: the functions and their URLs, as Core Tools prints them.
2. Then one line for each request, each step of an orchestration, each line of the app's own log.
3. An instance that will never go on by itself gets a warning of one sentence.
4. No traceback of ours for what the app or its settings got wrong; an exception is shown with its text and its place.
5. Keys in URLs are masked; control characters are shown, not sent to the terminal (``devhost.shown``).
6. Colours only on a terminal, and never with NO_COLOR.
"""

import logging
import os
import re
import sys
import traceback
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO

from devhost.app.indexer import App, Function
from devhost.app.worker import RUNNING
from devhost.shown import beneath, one_line, say

_SECRET: Final = re.compile(r"([?&](?:code|sig)=)[^&\s]+", re.IGNORECASE)
_CODES: Final = {"yellow": "33", "red": "1;31", "green": "32", "cyan": "36", "grey": "90"}
_ERRORS_FROM: Final = 400
_FAULTS_FROM: Final = 500
# Libraries that log at INFO what the app never asked to see.
_CHATTY: Final = ("azure", "aiohttp", "asyncio")
_REMEMBERED: Final = 1000  # texts of warnings


class Console:
    """A place to write lines to.

    Args:
        stream: standard output, if left out.
        colour: None: as the stream and NO_COLOR suggest.
        quiet: only warnings and errors.
        clock: what time a line bears.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        colour: bool | None = None,
        quiet: bool = False,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.stream = beneath(sys.stdout if stream is None else stream)
        self.colour = _wants_colour(self.stream) if colour is None else colour
        self.quiet = quiet
        self._clock = clock
        self._is_lost = False  # lines do not get through, and that was logged

    def line(self, text: str = "") -> None:
        """Write one line. A closed pipe, or a full disk, is no reason to stop."""
        try:
            try:
                self.stream.write(f"{text}\n")
            except UnicodeEncodeError:
                self.stream.write(f"{text.encode('ascii', 'backslashreplace').decode()}\n")
            self.stream.flush()
            self._is_lost = False
        except (BrokenPipeError, ValueError):  # ValueError: the stream is closed
            self.quiet = True
        except OSError as error:
            if not self._is_lost:
                self._is_lost = True
                say(f"standard output cannot be written: {error.strerror or error}. Lines are lost until it can.")

    def timed(self, text: str) -> None:
        """Write one line that begins with the time of day."""
        now = self._clock()
        self.line(f"{self.paint('grey', f'{now:%H:%M:%S}.{now.microsecond // 1000:03}')} {text}")

    def paint(self, colour: str, text: str) -> str:
        """The text in this colour, if colours are wanted."""
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.colour else text


def _wants_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def banner(console: Console, app: App, origin: str, prefix: str, disabled: Iterable[str] = ()) -> None:
    """The table of functions, then those that are disabled or in error, then what is probably a mistake.

    Args:
        console: where to.
        app: indexed.
        origin: ``http://localhost:7071``, without a slash.
        prefix: the route prefix of host.json.
        disabled: names of functions that a setting turns off.
    """
    off = {name.lower() for name in disabled}
    if not console.quiet:
        _table(console, [one for one in app.functions if one.name.lower() not in off], origin, prefix)
    for function in app.functions:
        if function.name.lower() in off:
            console.line(console.paint("yellow", f"Function {one_line(function.name)} is disabled."))
    for name, reason in app.errors.items():
        console.line(console.paint("red", one_line(f"The '{name}' function is in error: {reason}")))
    for warning in app.warnings:
        warn(console, warning)


def _table(console: Console, functions: list[Function], origin: str, prefix: str) -> None:
    """HTTP functions first, the others after them (Core Tools: functions info)."""
    root = f"{origin.replace('0.0.0.0', 'localhost')}/{f'{prefix}/' if prefix else ''}"  # noqa: S104 -- shown only
    if functions:
        console.line(f"\n{console.paint('yellow', 'Functions:')}\n")
    for function in functions:
        if function.http is not None:
            methods = f"[{','.join(function.http.methods)}]" if function.http.methods else ""
            url = console.paint("green", one_line(f"{root}{function.http.route}"))
            console.line(f"\t{_name(console, function)} {one_line(methods)} {url}\n")
    for function in functions:
        if function.http is None:
            console.line(f"\t{_name(console, function)} {one_line(str(function.trigger['type']))}\n")


def _name(console: Console, function: Function) -> str:
    return console.paint("yellow", one_line(f"{function.name}:"))


def request(console: Console, method: str, path: str, status: int, seconds: float) -> None:
    """One line for a request that was answered; ``path`` with its query, whose keys are masked."""
    if console.quiet:
        return
    colour = "red" if status >= _FAULTS_FROM else "yellow" if status >= _ERRORS_FROM else "green"
    shown = one_line(masked(path))
    console.timed(f"{one_line(method)} {shown} {console.paint(colour, str(status))} {seconds * 1000:.0f} ms")


def step(console: Console, orchestration: str, instance: str, text: str) -> None:
    """One line for what an orchestration just did, such as ``scheduled activity Approval``."""
    if not console.quiet:
        console.timed(f"{console.paint('cyan', one_line(orchestration))} {one_line(instance)}: {one_line(text)}")


def info(console: Console, text: str) -> None:
    """A sentence of the host's own."""
    if not console.quiet:
        console.timed(one_line(text))


def warn(console: Console, text: str) -> None:
    """A warning: something is probably a mistake, or will never go on."""
    console.timed(console.paint("yellow", f"WARNING: {one_line(text)}"))


def error(console: Console, text: str) -> None:
    """The sentence for which the host stops, or for which a call failed."""
    console.timed(console.paint("red", f"ERROR: {one_line(text)}"))


def failed(console: Console, function: str, exception: BaseException, folder: Path) -> None:
    """A function raised: its name, the exception, and the last line of the app's own that led to it."""
    error(console, f"function {function} failed: {_described(exception)}{_place(exception, folder)}")


def masked(url: str) -> str:
    """A URL without its keys."""
    return _SECRET.sub(r"\1***", url) if "=" in url else url


def attach_logging(console: Console, folder: Path) -> Callable[[], None]:
    """Show the app's log from INFO on, one line for each record; returns what undoes it."""
    root = logging.getLogger()
    handler = _AppLog(console, folder)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)

    def detach() -> None:
        root.removeHandler(handler)
        root.setLevel(level)

    return detach


def attach_warnings(console: Console) -> Callable[[], None]:
    """Show Python's warnings as lines of the console, each of the latest once; returns what undoes it.

    Python itself keeps every text that it has shown, and the SDK puts names of events into them: so it is set to show
    all, and the latest texts are remembered here.
    """
    before, filters, said = warnings.showwarning, warnings.filters[:], OrderedDict[tuple[str, str, int], None]()

    def show(
        message: Warning | str, category: type[Warning], filename: str, lineno: int,
        file: TextIO | None = None, line: str | None = None,
    ) -> None:  # fmt: skip
        if file is not None:
            before(message, category, filename, lineno, file, line)
            return
        text = _text_of(message)
        is_new = (text, filename, lineno) not in said
        said[text, filename, lineno] = None
        said.move_to_end((text, filename, lineno))
        if len(said) > _REMEMBERED:
            said.popitem(last=False)
        if is_new:
            running = RUNNING.get()
            who = f"{running.function_name}: " if running is not None else ""
            warn(console, f"{who}{text} ({category.__name__}, {Path(filename).name}, line {lineno})")

    warnings.simplefilter("always", append=True)  # behind all other filters
    warnings.showwarning = show

    def detach() -> None:
        warnings.showwarning = before
        warnings.filters[:] = filters  # type: ignore[index] # a list, whatever typeshed says

    return detach


class _AppLog(logging.Handler):
    """Puts log records on the console, with the name of the function that was running."""

    _COLOURS: Final[Mapping[int, str]] = {30: "yellow", 40: "red", 50: "red"}

    def __init__(self, console: Console, folder: Path) -> None:
        super().__init__()
        self._console = console
        self._folder = folder

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno < logging.WARNING and (self._console.quiet or record.name.startswith(_CHATTY)):
            return
        try:
            text = record.getMessage()
        except Exception as mistake:  # noqa: BLE001 -- arguments that do not fit the text, or have none of their own
            text = f"{_text_of(record.msg)} ({_described(mistake)})"
        if record.exc_info and record.exc_info[1] is not None:
            exception = record.exc_info[1]
            text = f"{text} ({_described(exception)}{_place(exception, self._folder)})"
        running = RUNNING.get()
        who = running.function_name if running is not None else record.name
        level = record.levelname
        colour = self._COLOURS.get(record.levelno)
        shown = self._console.paint(colour, one_line(level)) if colour else one_line(level)
        self._console.timed(f"{shown} {self._console.paint('cyan', one_line(who))}: {one_line(text)}")


def _text_of(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 -- a value whose own text fails is still logged
        return ""


def _described(exception: BaseException) -> str:
    text = _text_of(exception)
    return f"{type(exception).__name__}: {text}" if text else type(exception).__name__


def _place(exception: BaseException, folder: Path) -> str:
    # Without the lines themselves: to read source files takes a descriptor, and there may be none.
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(exception.__traceback__)]
    own = [(Path(file), line) for file, line in frames if Path(file).is_relative_to(folder)]
    if not own:
        return "" if exception.__cause__ is None else _place(exception.__cause__, folder)
    file, line = own[-1]
    return f" ({file.relative_to(folder)}, line {line})"
