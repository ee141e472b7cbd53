"""``GET /api/stats``: how many cases are in which state. Counted within a request, and kept for five seconds."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from adapters import logs
from adapters.cache import Cache
from adapters.engine import Engine
from approval import instants
from functions import scan
from functions.problems import problem_response
from functions.scan import KEPT_S, LONGEST_S, MOST_PAGES, PAGE
from service.errors import NotCounted
from service.stats import Tally

blueprint = df.Blueprint()
_cache: Cache[dict[str, Any]] = Cache(KEPT_S)


@blueprint.route(route="api/stats", methods=["GET"])
@blueprint.durable_client_input(client_name="client")
async def Stats(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: ARG001, N802
    """200 with the figures and their age; of a part of the cases if counting them all takes more than 20 s."""
    engine = Engine(client)
    try:
        kept = await _cache.get(lambda: counted(engine))
    except NotCounted as error:
        return problem_response(error)
    figures = kept.value | {"ageSeconds": round(kept.age_s, 1)}
    return func.HttpResponse(json.dumps(figures), headers={"Cache-Control": "no-store"}, mimetype="application/json")


async def counted(engine: Engine) -> dict[str, Any]:
    """The figures of every instance, or of as many as the time allows; open cases are renewed for the inbox.

    Raises:
        NotCounted: the engine did not list its instances.
    """
    tally, inbox, began = Tally(datetime.now(UTC)), scan.empty(), time.monotonic()
    try:
        async for page in engine.pages(seconds=LONGEST_S, most=MOST_PAGES, top=PAGE):
            tally.add(page.answers)
            inbox.add(page.answers)
            tally.complete = inbox.complete = not page.token
    except Exception as error:
        logs.log_event("statsFailed", cause=logs.cause_of(error))
        raise NotCounted from error
    scan.renew(inbox, began)
    return tally.figures() | {"asOf": instants.written(tally.now)}
