"""``GET /api/health``: whether the app can do its work. For probes, so without a key, and with nothing to hide."""

import asyncio
import json
import time
from datetime import UTC, datetime

import azure.durable_functions as df
import azure.functions as func

from adapters import logs, settings
from approval import VERSION
from approval.health import Check, base_url_fault, is_healthy, report, starts_fault
from approval.status import moment
from functions.instances import latest_start

KEPT_S = 5.0
ENGINE_S = 2.0
PROBE_ID = "HealthProbe"  # no instance has it: that the engine says so is the answer
blueprint = df.Blueprint()


class Examination:
    """Looks at most every five seconds, however many ask; who comes while it looks waits for the same answer.

    It looks again at once when starts have begun or ceased to be refused.
    """

    def __init__(self) -> None:
        self._looking: asyncio.Task[tuple[bool, str]] | None = None
        self._found: tuple[bool, str] | None = None
        self._looked_at = 0.0
        self._starts = Check("starts")

    async def answer(self, client: df.DurableOrchestrationClient) -> tuple[bool, str]:
        """Whether all is well, and the report as JSON text."""
        is_fresh = time.monotonic() - self._looked_at < KEPT_S and self._starts == _starts()
        if self._found is not None and is_fresh:
            return self._found
        loop = asyncio.get_running_loop()
        if self._looking is None or self._looking.done() or self._looking.get_loop() is not loop:
            self._looking = loop.create_task(self._look(client))
        return await asyncio.shield(self._looking)

    async def _look(self, client: df.DurableOrchestrationClient) -> tuple[bool, str]:
        engine = await _engine(client)
        starts = _starts()
        checks = [_settings(), engine, starts, _base_url(client)]
        body = json.dumps(report(checks, VERSION, moment(datetime.now(UTC))))
        failed = [check.name for check in checks if check.fault is not None]
        if failed:
            logs.tell("unhealthy", checks=" ".join(failed))
        self._found, self._looked_at, self._starts = (is_healthy(checks), body), time.monotonic(), starts
        return self._found


_examination = Examination()


@blueprint.route(route="health", methods=["GET", "HEAD"], auth_level=func.AuthLevel.ANONYMOUS)
@blueprint.durable_client_input(client_name="client")
async def Health(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """200 if all is well, 503 if not; the body lists what was looked at and what to do. At most five seconds old."""
    is_well, body = await _examination.answer(client)
    return func.HttpResponse(
        b"" if req.method == "HEAD" else body,
        status_code=200 if is_well else 503,
        headers={"Cache-Control": "no-store"},
        mimetype="application/json",
    )


def _settings() -> Check:
    wrong = settings.faults()
    if not wrong:
        return Check("settings")
    return Check(
        "settings", f"Correct {', '.join(wrong)} in the app's settings; docs/reference/settings.md lists them."
    )


async def _engine(client: df.DurableOrchestrationClient) -> Check:
    todo = "Look at the host's log and at the storage account that AzureWebJobsStorage names."
    try:
        await asyncio.wait_for(client.get_status(PROBE_ID), ENGINE_S)
    except TimeoutError:
        return Check("engine", f"The workflow engine did not answer within {ENGINE_S:g} s. {todo}")
    except Exception:  # noqa: BLE001 - the client raises bare exceptions
        return Check("engine", f"The workflow engine does not answer as it should. {todo}")
    return Check("engine")


def _starts() -> Check:
    return Check("starts", starts_fault(latest_start.refused_s_ago()))


def _base_url(client: df.DurableOrchestrationClient) -> Check:
    links = client.create_http_management_payload(PROBE_ID)
    return Check("baseUrl", base_url_fault(links["statusQueryGetUri"], settings.hostname()))
