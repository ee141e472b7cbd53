"""What processes use, a whole tree of them at a time: a server's children count with it. Linux only: it reads /proc."""

import contextlib
import ctypes
import os
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

PROC = Path("/proc")
DIES_WITHIN_S = 20.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
STATE, PARENT, USER, SYSTEM, USER_OF_CHILDREN, SYSTEM_OF_CHILDREN = (
    0,
    1,
    11,
    12,
    13,
    14,
)  # in /proc/PID/stat, behind the name


def _stat(pid: int) -> list[str] | None:
    """The fields behind the process's name; None if it has ended."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _lives(pid: int) -> bool:
    """Whether any thread of it is left; until then its ports stay taken, even if it is a zombie by name."""
    fields = _stat(pid)
    if fields is None:
        return False
    try:
        return fields[STATE] != "Z" or len(list((PROC / str(pid) / "task").iterdir())) > 1
    except OSError:
        return False


def family(roots: Iterable[int]) -> set[int]:
    """These processes and all that descend from them."""
    children = defaultdict(list)
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children[int(fields[PARENT])].append(int(entry.name))
    found: set[int] = set()
    rest = list(roots)
    while rest:
        pid = rest.pop()
        if pid not in found:
            found.add(pid)
            rest += children[pid]
    return found


def cpu_s(roots: Iterable[int]) -> float:
    """CPU seconds that they have used so far, with what their ended children used."""
    ticks = 0
    for pid in family(roots):
        if fields := _stat(pid):
            ticks += sum(int(fields[at]) for at in (USER, SYSTEM, USER_OF_CHILDREN, SYSTEM_OF_CHILDREN))
    return ticks / TICKS_PER_S


def memory_mb(roots: Iterable[int]) -> float:
    """Their resident memory; a page that several share is counted once."""
    kb = 0
    for pid in family(roots):
        with contextlib.suppress(OSError):
            for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kb += int(line.split()[1])
    return kb / 1024


_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def ends_with_its_parent(how: signal.Signals = signal.SIGKILL) -> None:
    """For ``preexec_fn``: the kernel sends this signal when the starting process ends, even if that one was killed."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, how)


def kill(roots: Iterable[int]) -> None:
    """SIGKILL to all of them at once, as when the power goes; returns when none of them is left."""
    doomed = family(roots)
    for pid in doomed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + DIES_WITHIN_S
    while any(_lives(pid) for pid in doomed):
        if time.monotonic() > end:
            raise RuntimeError(f"some of the processes {sorted(doomed)} do not end")
        time.sleep(0.005)


def busy_s() -> float:
    """CPU seconds that the whole machine has been busy since it started."""
    user, nice, system, _idle, _waiting, *rest = map(int, (PROC / "stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + sum(rest)) / TICKS_PER_S


class Meanwhile:
    """What happens on the machine during a ``with`` block.

    Args:
        roots: answers the processes of the engine that is measured.

    Attributes:
        seconds: how long the block took.
        engine_s: CPU seconds of the engine.
        others: cores that neither the engine nor this process used. A figure from a time when others were busy is worth
            little. The kernel's own work, such as writing to the disk, is among the others.
    """

    def __init__(self, roots: Callable[[], Iterable[int]]) -> None:
        self._roots = roots
        self.seconds = self.engine_s = self.others = 0.0

    def __enter__(self) -> Self:
        self._began, self._busy, self._own, self._engine = self._now()
        return self

    def __exit__(self, *_: object) -> None:
        ended, busy, own, engine = self._now()
        self.seconds, self.engine_s = ended - self._began, engine - self._engine
        others = (busy - self._busy) - (own - self._own) - self.engine_s
        self.others = max(0.0, others / self.seconds)

    def _now(self) -> tuple[float, float, float, float]:
        return time.perf_counter(), busy_s(), time.process_time(), cpu_s(self._roots())
