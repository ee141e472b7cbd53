"""``GET /api/health``: whether the app can do its work. For probes, so without a key; it reveals no secret."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import azure.durable_functions as df
import azure.functions as func

from adapters import logs, settings
from adapters.cache import Cache
from adapters.engine import Engine
from approval import instants
from functions.instances import latest_start
from service import VERSION
from service.health import Check, base_url_fault, is_healthy, report, starts_fault

KEPT_S = 5.0
ENGINE_S = 2.0
PROBE_ID = "HealthProbe"  # no instance has it: a 404 is the expected answer
blueprint = df.Blueprint()


class Examined(NamedTuple):
    """What was found: whether all is well, the report as JSON text, and how starts were answered then."""

    is_well: bool
    body: str
    starts: Check


# What not every app has; the module that brings it adds it when it is imported.
MORE_CHECKS: list[Callable[[Engine], list[Check]]] = []
_cache: Cache[Examined] = Cache(KEPT_S)


@blueprint.route(route="api/health", methods=["GET", "HEAD"], auth_level=func.AuthLevel.ANONYMOUS)
@blueprint.durable_client_input(client_name="client")
async def Health(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """200 if all is well, 503 if not; the body lists the checks and what to do. At most five seconds old.

    It checks again at once when the engine has begun, or ceased, to refuse starts.
    """
    engine = Engine(client)
    found = (await _cache.get(lambda: _examined(engine))).value
    if found.starts != _starts():
        _cache.forget()
        found = (await _cache.get(lambda: _examined(engine))).value
    return func.HttpResponse(
        b"" if req.method == "HEAD" else found.body,
        status_code=200 if found.is_well else 503,
        headers={"Cache-Control": "no-store"},
        mimetype="application/json",
    )


async def _examined(engine: Engine) -> Examined:
    answers = await _engine(engine)
    starts = _starts()
    checks = [_settings(), answers, starts, _base_url(engine), *(one for more in MORE_CHECKS for one in more(engine))]
    failed = [check.name for check in checks if check.fault is not None]
    if failed:
        logs.log_event("unhealthy", checks=" ".join(failed))
    body = json.dumps(report(checks, VERSION, instants.written(datetime.now(UTC))))
    return Examined(is_healthy(checks), body, starts)


def _settings() -> Check:
    wrong = settings.faults()
    if not wrong:
        return Check("settings")
    return Check(
        "settings", f"Correct {', '.join(wrong)} in the app's settings; docs/reference/settings.md lists them."
    )


async def _engine(engine: Engine) -> Check:
    todo = "Look at the host's log and at the storage account that AzureWebJobsStorage names."
    try:
        await asyncio.wait_for(engine.status(PROBE_ID), ENGINE_S)
    except TimeoutError:
        return Check("engine", f"The workflow engine did not answer within {ENGINE_S:g} s. {todo}")
    except Exception:  # noqa: BLE001 - the client raises bare exceptions
        return Check("engine", f"The workflow engine does not answer as it should. {todo}")
    return Check("engine")


def _starts() -> Check:
    return Check("starts", starts_fault(latest_start.refused_s_ago()))


def _base_url(engine: Engine) -> Check:
    link = engine.links(PROBE_ID)["statusQueryGetUri"]
    return Check("baseUrl", base_url_fault(link, settings.hostname()))
