"""Trigger payloads as the local host makes them, and the SDK alone over them: for what the SDK costs by itself."""

import importlib.util
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from devhost.app.sdk_patches import fast_replay
from devhost.testing.host import DurableHost

__all__ = ["DurableHost", "orchestrator", "shipped_and_changed", "timed"]


def orchestrator(folder: Path, name: str) -> Callable[[str], str]:
    """The SDK's handler of this orchestrator: payload in, answer out, with no host around it."""
    spec = importlib.util.spec_from_file_location(f"alone_{name}", folder / "function_app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    logging.disable(logging.WARNING)  # of HTTP functions, which there are none of
    found: dict[str, Any] = {one.get_function_name(): one.get_user_function() for one in module.app.get_functions()}
    handle = found[name]
    return lambda payload: handle(SimpleNamespace(body=payload))


@contextmanager
def _as_in_devhost() -> Iterator[None]:
    undo = fast_replay()
    try:
        yield
    finally:
        undo()


def shipped_and_changed(measure: Callable[[], Any]) -> tuple[Any, Any]:
    """What the same measurement gives with the SDK as it is shipped, and with devhost's changes to it."""
    shipped = measure()
    with _as_in_devhost():
        return shipped, measure()


def timed(work: Callable[[], Any], times: int) -> float:
    """Microseconds of CPU for one of so many."""
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e6
