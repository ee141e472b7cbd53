"""``GET /api/stats``: how the cases stand. Counted page by page, apart from the request, and kept for five seconds."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from adapters import engine, logs
from approval.errors import NotCounted
from approval.stats import Tally
from approval.status import moment
from functions.problems import problem_response

FRESH_S = 5.0  # no older figures are given out, unless counting takes longer than a third of it
PATIENCE_S = 0.15  # how long a request waits for a count under way
INTEREST_S = 15.0  # how long after the last request the figures are still renewed
LONGEST_S = 20.0
MOST_PAGES = 2_000
PAGE = 250
blueprint = df.Blueprint()


class Count:
    """The latest figures, and the count that will bring the next.

    While somebody asks at least every fifteen seconds, a count begins early enough to end before the figures are old.
    """

    def __init__(self) -> None:
        self._figures: dict[str, Any] | None = None
        self._began = self._took = self._asked = 0.0
        self._failed = False
        self._counting: asyncio.Task[None] | None = None
        self._landed = asyncio.Event()

    async def fresh(self, client: df.DurableOrchestrationClient) -> dict[str, Any] | None:
        """The figures with their age, or None: they are being counted.

        Raises:
            NotCounted: the engine did not list its instances.
        """
        self._asked = time.monotonic()
        loop = asyncio.get_running_loop()
        if self._counting is None or self._counting.done() or self._counting.get_loop() is not loop:
            self._landed = asyncio.Event()
            self._counting = loop.create_task(self._keep_counting(client))
        has_landed = True
        if not self._is_fresh():
            try:
                await asyncio.wait_for(self._landed.wait(), PATIENCE_S)
            except TimeoutError:
                has_landed = False
        if self._failed:
            raise NotCounted
        if not has_landed:
            return None
        return None if self._figures is None else self._figures | {"ageSeconds": round(self._age(), 1)}

    def _age(self) -> float:
        return time.monotonic() - self._began

    def _is_fresh(self) -> bool:
        most = max(FRESH_S, 3 * self._took + 1.0)  # many cases take long to count; then the age says so
        return self._figures is not None and not self._failed and self._age() < most

    async def _keep_counting(self, client: df.DurableOrchestrationClient) -> None:
        """Counts, and counts again in time, until nobody has asked for a while."""
        while time.monotonic() - self._asked < INTEREST_S:
            began, now = time.monotonic(), datetime.now(UTC)
            try:
                tally = await _tally(client, now)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next request counts anew
                logs.tell("statsFailed", cause=logs.cause_of(error))
                self._failed = True
                self._landed.set()
                return
            self._figures, self._failed, self._began = tally.figures() | {"asOf": moment(now)}, False, began
            self._took = time.monotonic() - began
            self._landed.set()
            self._landed = asyncio.Event()
            await asyncio.sleep(max(self._took, FRESH_S - 2 * self._took - PATIENCE_S - self._age()))


_count = Count()


@blueprint.route(route="stats", methods=["GET"])
@blueprint.durable_client_input(client_name="client")
async def Stats(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: ARG001, N802
    """200 with figures at most five seconds old; 202 while they are being counted: ask again in a second."""
    try:
        figures = await _count.fresh(client)
    except NotCounted as error:
        return problem_response(error)
    status, headers = 200, {"Cache-Control": "no-store"}
    if figures is None:
        said = "The cases are being counted. Ask again in a second; while you ask, the figures are kept fresh."
        status, headers["Retry-After"], figures = 202, "1", {"counting": said}
    return func.HttpResponse(json.dumps(figures), status_code=status, headers=headers, mimetype="application/json")


async def _tally(client: df.DurableOrchestrationClient, now: datetime) -> Tally:
    """Every instance counted, or as many as the time allows."""
    tally, token, end = Tally(now), "", time.monotonic() + LONGEST_S
    for _ in range(MOST_PAGES):
        page = await asyncio.wait_for(engine.page(client, token, top=PAGE), LONGEST_S)
        tally.add(page.answers)
        token = page.token
        tally.complete = not token
        if tally.complete or time.monotonic() > end:
            break
    return tally
