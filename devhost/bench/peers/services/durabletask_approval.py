"""The approval as a durabletask orchestration: in-memory backend and worker in one process. Argument: the port."""

import logging
import sys
import threading
from collections.abc import Generator
from datetime import timedelta
from typing import Any

from durabletask import task, worker
from durabletask.testing import create_test_backend


def tell(_ctx: task.ActivityContext, outcome: str) -> str:
    """The one activity."""
    return f"Your project design proposal has been -  {outcome}!"


def approval(ctx: task.OrchestrationContext, _proposal: dict[str, str]) -> Generator[task.Task[Any], Any, str]:
    """Waits for the decision or for an hour, then runs one activity."""
    decided, late = ctx.wait_for_external_event("Approval"), ctx.create_timer(timedelta(hours=1))
    winner = yield task.when_any([decided, late])
    return (yield ctx.call_activity(tell, input=decided.get_result() if winner == decided else "Expired"))


def main() -> None:
    """Runs until it is ended."""
    logging.disable(logging.INFO)
    port = int(sys.argv[1])
    create_test_backend(port=port)
    hub = worker.TaskHubGrpcWorker(host_address=f"127.0.0.1:{port}")
    hub.add_orchestrator(approval)
    hub.add_activity(tell)
    hub.start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
