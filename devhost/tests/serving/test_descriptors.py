"""File descriptors: the limit is raised at the start, and to be out of them is said once."""

import asyncio
import errno
import io
import json
import logging
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from devhost import console as screen
from devhost.descriptors import WANTED, log_scarcity, to_be_set
from devhost.testing.process import HostProcess, until

resource = pytest.importorskip("resource")

APP = """
import resource

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("limit")
def limit(req: func.HttpRequest) -> str:
    return str(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""
FEW = 60
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
from devhost.cli import main
sys.exit(main())
"""


@pytest.fixture
def start(tmp_path):
    """Starts a host under these limits."""
    with ExitStack() as stack:

        def started(soft, hard):
            (tmp_path / "function_app.py").write_text(APP)
            (tmp_path / "host.json").write_text('{"version": "2.0"}')
            run = (sys.executable, "-c", LIMITED.format(soft=soft, hard=hard))
            host = HostProcess(tmp_path, tmp_path / "state", run=run)
            stack.callback(host.close)
            host.start()
            return host

        yield started


@pytest.mark.parametrize(
    ("soft", "hard", "wanted"),
    [
        (1024, 20_000, 20_000), (1024, 1 << 30, WANTED), (1024, resource.RLIM_INFINITY, WANTED), (1024, 1024, None),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, None), (1 << 20, 1 << 20, None),
    ],
)  # fmt: skip
def test_the_soft_limit_is_raised_as_far_as_it_goes(soft, hard, wanted):
    """Up to what one host can use, and never down."""
    assert to_be_set(soft, hard) == wanted


def test_a_host_raises_its_limit_at_the_start(start):
    """As .NET does."""
    most = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 3000)
    host = start(256, most)
    assert host.ask("GET", "/api/limit") == most


def test_out_of_descriptors_is_one_warning_and_the_host_goes_on(start):
    """A connected client is served, a new one waits, and is served when one is free."""
    host = start(FEW, FEW)
    with ExitStack() as stack:
        first = stack.enter_context(socket.create_connection(("127.0.0.1", host.port), 30))
        waiting = [stack.enter_context(socket.create_connection(("127.0.0.1", host.port), 30)) for _ in range(FEW * 2)]
        until(lambda: "no file descriptor is free" in host.text or None, "the warning")
        get = b"GET /api/limit HTTP/1.1\r\nHost: localhost\r\n\r\n"
        first.sendall(get)
        assert first.recv(65536).startswith(b"HTTP/1.1 200")
        for connection in waiting[:-1]:
            connection.close()
        waiting[-1].sendall(get)
        assert waiting[-1].recv(65536).startswith(b"HTTP/1.1 200")
    told = [line for line in host.lines if "descriptor" in line or "rror" in line]
    assert len(told) == 1
    assert f"the limit is {FEW}" in told[0]


def test_it_is_said_again_when_it_was_over():
    """Not while it lasts, however often the event loop tells."""
    told, passed_on = [], []
    loop = asyncio.new_event_loop()
    now = 100.0
    loop.time = lambda: now
    loop.default_exception_handler = passed_on.append
    log_scarcity(loop, told.append)
    scarce = {"message": "socket.accept() out of system resource", "exception": OSError(errno.EMFILE, "Too many")}
    for _ in range(3000):
        now += 0.5
        loop.call_exception_handler(scarce)
    assert len(told) == 1
    now += 61
    loop.call_exception_handler(scarce)
    assert len(told) == 2
    other = {"message": "a fault", "exception": ValueError("x")}
    loop.call_exception_handler(other)
    loop.close()
    assert passed_on == [other]


def _record(message, *arguments):
    """A log record of an error that is being handled."""
    return logging.LogRecord("some", logging.ERROR, __file__, 1, message, arguments, sys.exc_info())


def test_a_line_of_the_log_opens_no_file(monkeypatch):
    """The place of an error is found from the traceback alone."""
    looked, stream = [], io.StringIO()
    monkeypatch.setattr("linecache.updatecache", lambda *given: looked.append(given) or [])
    monkeypatch.setattr("linecache.checkcache", lambda *given: looked.append(given))
    handler = screen._AppLog(screen.Console(stream, colour=False), Path(__file__).parent)
    try:
        json.loads("{")
    except ValueError:
        handler.emit(_record("it failed"))
    monkeypatch.undo()
    assert looked == []
    assert "it failed (JSONDecodeError" in stream.getvalue()
    assert "(test_descriptors.py, line " in stream.getvalue()


class _Untellable:
    def __str__(self):
        raise RuntimeError("no text")


def test_a_line_whose_arguments_have_no_text_is_a_line_all_the_same():
    """The handler does not fail itself, which would be logged at length."""
    stream = io.StringIO()
    screen._AppLog(screen.Console(stream, colour=False), Path()).emit(_record("of %s", _Untellable()))
    assert "of %s (RuntimeError: no text)" in stream.getvalue()
