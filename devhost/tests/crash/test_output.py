"""What whole processes say: texts of strangers move no terminal, and what could not be said is no success."""

import os
import signal
import subprocess
import sys
from urllib.request import urlopen

import pytest
from checkout import REVIEWS, TESTS

from devhost.shown import lines
from devhost.testing.process import command, quiet_port, until

LOUD = """
import logging, sys, threading, warnings
import azure.functions as func

logging.basicConfig(level=logging.INFO)
app = func.FunctionApp()

class Unspeakable:
    def __str__(self):
        raise RuntimeError("\\x1b[2Jno text")

@app.route(route="say/{what}", auth_level="anonymous")
def say(req: func.HttpRequest) -> str:
    what = req.get_body().decode("utf-8", "surrogatepass")
    logging.getLogger(what).info("%s", what)
    logging.info("%(missing)s", {"a": what})
    logging.error(Unspeakable())
    warnings.warn(what)
    print(what)
    print(what, file=sys.stderr)
    thread = threading.Thread(target=lambda: {}[what])
    thread.start()
    thread.join()
    raise RuntimeError(what)
"""
# Line feed, escape, bell, DEL, C1 controls, separators, direction marks, a lone surrogate, an invisible tag.
TRICKS = "\n\x1b[2J\x07\x7f\x9b\x85\u2028\u2029\u202e\u2066\ufeff\ud800\U000e0041"


@pytest.fixture
def loud(make_host, tmp_path):
    """A host whose app says everywhere what it was sent."""
    app = tmp_path / "loud"
    app.mkdir()
    (app / "host.json").write_text('{"version": "2.0"}', encoding="utf-8")
    (app / "function_app.py").write_text(LOUD, encoding="utf-8")
    host = make_host(app)
    host.start()
    return host


def test_nothing_of_what_an_app_says_moves_the_terminal(loud):
    """Log lines, loggers' names, prints, warnings, a thread's traceback, a function's failure: all are shown."""
    answer = subprocess.run(
        ["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", "--data-binary", "@-", f"{loud.origin}/api/say/it"],
        input=TRICKS.encode("utf-8", "surrogatepass"), capture_output=True, check=True, timeout=30,
    )  # fmt: skip
    assert answer.stdout == b"500"
    assert loud.interrupt()[0] == 0
    said = loud.text
    assert lines(said) == said
    for word in ("INFO say: ", "ERROR say: ", "KeyError: ", "RuntimeError: ", "UserWarning"):
        assert word in said


def devhost(*arguments, **settings):
    """A command of devhost: exit code, standard output and standard error."""
    return subprocess.run(
        [sys.executable, "-m", "devhost", *map(str, arguments)], encoding="utf-8", timeout=60, check=False,
        stdin=subprocess.DEVNULL, **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | settings),
    )  # fmt: skip


def test_a_refused_start_is_said_in_harmless_lines(tmp_path):
    """The sentence for which the host does not start may quote an app's or a file's text, which may have lines."""
    app = tmp_path / "app\x1b[2J"
    app.mkdir()
    (app / "host.json").write_text('{"version": "2.0"}', encoding="utf-8")
    (app / "function_app.py").write_text("raise RuntimeError('\\x1b[2J\\u202e\\ud800\\nline')", encoding="utf-8")
    ended = devhost("--app", app, "--state", tmp_path / "state", "--port", 0)
    assert ended.returncode == 2
    first, second = ended.stderr.splitlines()
    assert first.isprintable()
    assert second.isprintable()
    assert "RuntimeError" in first


def test_a_full_disk_under_the_log_does_not_stop_the_host(tmp_path):
    """Lines that cannot be written are lost, which is said once on standard error; the host serves."""
    port = quiet_port()
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        host = subprocess.Popen(
            command(REVIEWS, tmp_path / "state", port), stdout=full, stderr=subprocess.PIPE, encoding="utf-8"
        )
    try:
        for _ in range(3):
            assert until(lambda: asked(f"http://localhost:{port}/api/health"), "an answer") == 200
        host.send_signal(signal.SIGINT)
        _, errors = host.communicate(timeout=30)
    finally:
        host.kill()
    assert host.returncode == 0
    assert errors == "standard output cannot be written: No space left on device. Lines are lost until it can.\n"


def asked(url):
    """The status of an answer; None if there is none yet."""
    try:
        with urlopen(url, timeout=10) as answer:
            return answer.status
    except OSError:
        return None


@pytest.mark.parametrize("stderr", ["full", "said"])
def test_a_command_whose_output_is_lost_does_not_end_well(stderr):
    """A verdict that could not be written is no verdict: one sentence, exit code 2, no traceback."""
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        ended = devhost(
            "replay", "--app", REVIEWS, TESTS / "rehearsal/histories", stdout=full,
            stderr=full if stderr == "full" else subprocess.PIPE,
        )  # fmt: skip
    assert ended.returncode == 2
    if stderr == "said":
        assert ended.stderr == "standard output could not be written: No space left on device.\n"
