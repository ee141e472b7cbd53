"""What a function may raise and the worker's event loop does not carry to the host.

The worker catches ``Exception``, and asyncio has its own use for some exceptions. So in Azure:

1. ``StopIteration`` out of a ``def`` function is reported as a ``RuntimeError``; before Python 3.11.8 and 3.12.2 it is
   lost, and the caller waits until ``functionTimeout`` (CPython: ``Future.set_exception``).
2. ``SystemExit`` and ``KeyboardInterrupt`` end the worker process, with everything else that runs in it (CPython:
   ``Task``).
3. ``CancelledError`` (that of ``concurrent.futures`` too, out of a ``def`` function), ``GeneratorExit`` and
   anything else that is no ``Exception`` is lost: the caller waits until ``functionTimeout`` (Python worker:
   invocation request).

Here none of them is lost: the call fails at once, and the console names the function and what to do.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import signal
import threading
from typing import Final

STOPPED: Final = "StopIteration interacts badly with generators and cannot be raised into a Future"
CANCELLED: Final = (asyncio.CancelledError, concurrent.futures.CancelledError)


class Uncarried(Exception):
    """A call that raised what the worker does not catch.

    Attributes:
        error: what it raised.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.error = error


def own_exception(error: BaseException) -> BaseException:
    """The function's own exception, for people to read."""
    return error.error if isinstance(error, Uncarried) else error


def carried(error: BaseException) -> Exception:
    """What the host learns of an exception out of a ``def`` function."""
    if isinstance(error, StopIteration):
        stopped = RuntimeError(STOPPED)
        stopped.__cause__ = error
        return stopped
    if isinstance(error, CANCELLED) or not isinstance(error, Exception):
        return Uncarried(error)
    return error


def advice(function: str, error: BaseException) -> str | None:
    """One sentence about an exception that asyncio cannot carry, as :func:`carried` gives it; None for the others."""
    if isinstance(error, Uncarried):
        return _lost(function, error.error)
    if isinstance(error, RuntimeError) and isinstance(error.__cause__, StopIteration) and str(error) == STOPPED:
        return (
            f"function {function} raised StopIteration, which asyncio cannot carry: the caller sees a RuntimeError, "
            "and with a Python before 3.11.8 or 3.12.2 it waits in Azure until functionTimeout. Give next() a default, "
            "or catch StopIteration in the function"
        )
    return None


def _lost(function: str, error: BaseException) -> str:
    name = type(error).__name__
    if isinstance(error, SystemExit | KeyboardInterrupt):
        return (
            f"function {function} raised {name}: here only this call fails; in Azure it ends the worker process, and "
            "with it every other call that runs there. Return, or raise an Exception, instead"
        )
    if isinstance(error, CANCELLED):
        advised = "Catch CancelledError where something that was cancelled is awaited, and return or raise an Exception"
    else:
        advised = f"Catch {name} in the function, or raise an Exception instead"
    return (
        f"function {function} raised {name}, which the worker does not catch: here the call fails at once; in Azure "
        f"its caller waits until functionTimeout. {advised}"
    )


def is_ours(error: BaseException) -> bool:
    """Whether an exception on this thread is not the function's but a Ctrl-C by the person who runs a test."""
    return (
        isinstance(error, KeyboardInterrupt)
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
