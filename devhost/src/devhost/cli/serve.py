"""``python -m devhost`` or ``devhost``: serve an app until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from devhost import console as screen
from devhost.errors import HostError
from devhost.serving.host import Host, Options
from devhost.shown import say

if TYPE_CHECKING:
    from collections.abc import Sequence

STOP_WITHIN_S = 1.5


def main(arguments: Sequence[str]) -> int:
    """Runs the host until it is stopped; exit code 2 if it cannot start."""
    given = _parser().parse_args(arguments)
    console = screen.Console(quiet=given.quiet)
    forget_warnings = screen.attach_warnings(console)
    state = given.state or given.app / ".devhost"
    options = Options(
        app=given.app, state=state, address=given.host, port=given.port, enable_auth=given.enable_auth,
        virtual_time=given.virtual_time, movable_time=given.movable_time,
        plain_sdk=given.plain_sdk, sync=given.sync, names=tuple(given.allow_host),
    )  # fmt: skip
    try:
        asyncio.run(_serve(options, console))
    except HostError as error:
        for line in str(error).split("\n"):  # an app that refuses to start may list why
            say(line)
        return 2
    finally:
        forget_warnings()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devhost",
        description="Runs a Python v2 Functions app with Durable Functions on this machine.",
        epilog="other commands: replay (rehearse an upgrade with recorded histories), export (read them from a host); "
        "each has its own --help",
    )
    parser.add_argument("--app", type=Path, default=Path(), metavar="DIR", help="the app's folder (default: this one)")
    settings = "Host.{} of local.settings.json, or {}"
    parser.add_argument(
        "--host",
        metavar="ADDRESS",
        help=f"where to listen (default: {settings.format('LocalHttpAddress', '127.0.0.1')})",
    )
    parser.add_argument(
        "--port", type=int, help=f"port to listen on (default: {settings.format('LocalHttpPort', '7071')})"
    )
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME",
        help="a further name, beside localhost, that requests may ask for; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="where database and keys live (default: APP/.devhost)"
    )
    parser.add_argument("--enable-auth", action="store_true", help="check keys as Azure does")
    moved = parser.add_mutually_exclusive_group()
    moved.add_argument("--virtual-time", action="store_true", help="time moves only by POST /devhost/clock")
    moved.add_argument(
        "--movable-time", action="store_true",
        help="time goes on, and /devhost and POST /devhost/clock move it forward, for the app's datetime.now() too",
    )  # fmt: skip
    parser.add_argument("--plain-sdk", action="store_true", help="leave the SDK's timestamp parser as it is")
    parser.add_argument(
        "--sync", choices=("FULL", "NORMAL"), default="FULL",
        help="FULL survives a power cut, NORMAL only a crash of this process (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="print warnings and errors only")
    return parser


async def _serve(options: Options, console: screen.Console) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # A function that does not end, even one that blocks the loop, must not keep the host from stopping: what it did is
    # not committed.
    deadline = threading.Timer(STOP_WITHIN_S, os._exit, (0,))
    deadline.daemon = True

    def asked_to_stop(_number: int, _frame: object) -> None:
        if not deadline.is_alive() and not stop.is_set():
            deadline.start()
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, asked_to_stop)
    async with Host(options, console) as host:
        screen.info(console, f"devhost is ready on {host.origin} (stop it with Ctrl-C)")
        await stop.wait()
    deadline.cancel()
    screen.info(console, "devhost has stopped; open instances go on at the next start")
    os._exit(0)  # threads of functions that still run would keep the process
