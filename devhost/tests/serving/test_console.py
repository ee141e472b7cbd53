"""What the terminal shows."""

import io
import logging
from datetime import datetime
from pathlib import Path

import pytest
from made_functions import function, http_function

from devhost import console
from devhost.app.indexer import App, Kind
from devhost.app.worker import RUNNING, Context
from devhost.console import Console

FOLDER = Path(__file__).parent


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        """Yes."""
        return True


@pytest.fixture
def made():
    """A console without colours at a fixed time."""
    return Console(io.StringIO(), colour=False, clock=lambda: datetime(2026, 1, 1, 12, 0, 1, 5000))  # noqa: DTZ001


def lines(made):
    """What was written."""
    return made.stream.getvalue()


def test_banner(made):
    """The table is the one of Core Tools: HTTP functions with their URLs, the others with their triggers."""
    app = App(
        FOLDER,
        (
            function("Approval", Kind.ACTIVITY, "activityTrigger"),
            http_function("HttpStart", "orchestrators/{functionName}", ("POST", "GET")),
            http_function("Off", "off"),
            http_function("Open", "open"),
            function("OrchFunction", Kind.ORCHESTRATION, "orchestrationTrigger"),
        ),
        {"Bad": "The binding name a__b is invalid."},
        ("x is odd.",),
    )
    console.banner(made, app, "http://0.0.0.0:7071", "api", disabled=["off"])
    assert lines(made) == (
        "\nFunctions:\n\n"
        "\tHttpStart: [POST,GET] http://localhost:7071/api/orchestrators/{functionName}\n\n"
        "\tOpen:  http://localhost:7071/api/open\n\n"
        "\tApproval: activityTrigger\n\n"
        "\tOrchFunction: orchestrationTrigger\n\n"
        "Function Off is disabled.\n"
        "The 'Bad' function is in error: The binding name a__b is invalid.\n"
        "12:00:01.005 WARNING: x is odd.\n"
    )


def test_banner_without_prefix(made):
    """With an empty prefix a route begins at the root."""
    console.banner(made, App(FOLDER, (http_function("F", "f"),), {}, ()), "http://localhost:7071", "")
    assert "F:  http://localhost:7071/f\n" in lines(made)


def test_request_line(made):
    """A request is one line with method, path, status and milliseconds; keys are masked."""
    console.request(made, "GET", "/api/x?a=1&CODE=secret&sig=s#", 200, 0.0124)
    assert lines(made) == "12:00:01.005 GET /api/x?a=1&CODE=***&sig=*** 200 12 ms\n"


def test_step_line(made):
    """A step of an orchestration is one line with its name and its instance."""
    console.step(made, "OrchFunction", "abc", "scheduled activity Approval")
    assert lines(made) == "12:00:01.005 OrchFunction abc: scheduled activity Approval\n"


def test_control_characters(made):
    """What a terminal would act on is shown, so that a line stays a line."""
    console.step(made, "O", "a\nb\x1b[2J", "ä")
    assert lines(made) == "12:00:01.005 O a\\nb\\x1b[2J: ä\n"


def test_quiet():
    """A quiet console says only warnings and errors."""
    made = Console(io.StringIO(), colour=False, quiet=True)
    console.banner(made, App(FOLDER, (http_function("F", ""),), {}, ()), "http://x", "api")
    console.request(made, "GET", "/", 200, 0)
    console.step(made, "a", "b", "c")
    console.info(made, "x")
    assert lines(made) == ""
    console.warn(made, "stalled")
    console.error(made, "gone")
    assert [line.split(" ", 1)[1] for line in lines(made).splitlines()] == ["WARNING: stalled", "ERROR: gone"]


def test_colours(monkeypatch):
    """Colours are used on a terminal only, and never with NO_COLOR."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Console(Terminal()).colour
    assert not Console(io.StringIO()).colour
    monkeypatch.setenv("TERM", "dumb")
    assert not Console(Terminal()).colour
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Console(Terminal()).colour
    painted = Console(io.StringIO(), colour=True)
    console.warn(painted, "x")
    assert "\x1b[33mWARNING: x\x1b[0m" in lines(painted)


def test_reader_who_has_gone(made):
    """A closed stream does not stop the host."""
    made.stream.close()
    console.warn(made, "x")
    assert made.quiet


def test_stream_without_the_letters():
    """Letters that the stream cannot write are escaped."""
    raw = io.BytesIO()
    made = Console(io.TextIOWrapper(raw, encoding="ascii"), colour=False)
    made.line("ä")
    assert raw.getvalue() == b"\\xe4\n"
    assert not made.quiet


def test_failed_function(made):
    """A function that raised is reported in one line: the exception, and the app's own place."""
    with pytest.raises(ValueError, match="boom") as caught:
        raise ValueError("boom\nmore")
    console.failed(made, "Approval", caught.value, FOLDER)
    said = lines(made)
    assert "ERROR: function Approval failed: ValueError: boom\\nmore (test_console.py, line " in said
    assert said.count("\n") == 1


@pytest.fixture
def log(made):
    """The app's log, shown on the console."""
    detach = console.attach_logging(made, FOLDER)
    yield logging.getLogger("shop.orders")
    detach()


def test_log_lines(made, log):
    """A record of the app's log is one line with level and logger, from INFO on."""
    log.debug("no")
    log.info("yes %s", 1)
    assert lines(made) == "12:00:01.005 INFO shop.orders: yes 1\n"


def test_log_lines_of_a_function(made, log):
    """While a function runs, its name is in the line."""
    token = RUNNING.set(Context("id", "Approval", "dir"))
    log.warning("late")
    RUNNING.reset(token)
    assert lines(made) == "12:00:01.005 WARNING Approval: late\n"


def test_log_of_an_exception(made, log):
    """An exception in the log is its text and the app's own place, not a traceback."""
    try:
        int("x")
    except ValueError:
        log.exception("went wrong")
    said = lines(made)
    assert "ERROR shop.orders: went wrong (ValueError: invalid literal" in said
    assert "test_console.py, line " in said
    assert said.count("\n") == 1


@pytest.mark.usefixtures("log")
def test_log_with_arguments_that_do_not_fit(made):
    """A slip in a log call is shown, not raised."""
    record = logging.LogRecord("shop", logging.INFO, __file__, 1, "%d", ("x",), None)
    # Only ours: pytest's own handlers would raise.
    next(one for one in logging.getLogger().handlers if isinstance(one, console._AppLog)).emit(record)
    assert "INFO shop: %d (" in lines(made)


@pytest.mark.usefixtures("log")
def test_log_of_libraries(made):
    """Libraries are heard from WARNING on."""
    logging.getLogger("azure.functions").info("chatter")
    logging.getLogger("azure.functions").warning("heed")
    assert lines(made).splitlines() == ["12:00:01.005 WARNING azure.functions: heed"]


def test_log_is_detached(made):
    """Afterwards the log is as it was."""
    before = (logging.getLogger().level, list(logging.getLogger().handlers))
    console.attach_logging(made, FOLDER)()
    assert (logging.getLogger().level, list(logging.getLogger().handlers)) == before
