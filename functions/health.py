"""``GET /api/health``: whether the app can do its work. For probes, so without a key; it reveals no secret."""

import asyncio
import json
from datetime import UTC, datetime

import azure.durable_functions as df
import azure.functions as func

from adapters import logs, settings
from adapters.cache import Cache
from adapters.engine import Engine
from approval import instants
from service import VERSION
from service.health import Check, base_url_fault, is_healthy, report

KEPT_S = 5.0
ENGINE_S = 2.0
PROBE_ID = "HealthProbe"  # no instance has it: that the engine says so is the answer
blueprint = df.Blueprint()
_cache: Cache[tuple[bool, str]] = Cache(KEPT_S)


@blueprint.route(route="health", methods=["GET", "HEAD"], auth_level=func.AuthLevel.ANONYMOUS)
@blueprint.durable_client_input(client_name="client")
async def Health(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """200 if all is well, 503 if not; the body lists the checks and what to do. At most five seconds old."""
    engine = Engine(client)
    is_well, body = (await _cache.get(lambda: _examined(engine))).value
    return func.HttpResponse(
        b"" if req.method == "HEAD" else body,
        status_code=200 if is_well else 503,
        headers={"Cache-Control": "no-store"},
        mimetype="application/json",
    )


async def _examined(engine: Engine) -> tuple[bool, str]:
    """Whether all is well, and the report as JSON text."""
    checks = [_settings(), await _engine(engine), _base_url(engine)]
    failed = [check.name for check in checks if check.fault is not None]
    if failed:
        logs.log_event("unhealthy", checks=" ".join(failed))
    return is_healthy(checks), json.dumps(report(checks, VERSION, instants.written(datetime.now(UTC))))


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


def _base_url(engine: Engine) -> Check:
    link = engine.links(PROBE_ID)["statusQueryGetUri"]
    return Check("baseUrl", base_url_fault(link, settings.hostname()))
