"""The POSTs of these pages: operations on an instance, which the management API carries out, and virtual time.

A POST that did something answers 303 to a page that says so. A refusal is shown next to its form, and nothing is done.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final

from devhost.dotnet.paths import encoded
from devhost.pages import views
from devhost.pages.responder import UNITS
from devhost.timekeeping.clock import VirtualClock
from devhost.timekeeping.ticks import SECOND
from devhost.web.management import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiohttp import web

    from devhost.pages.instances import InstancePages
    from devhost.pages.responder import Responder
    from devhost.runtime.hub import Hub

BASE: Final = views.BASE
ACTIONS: Final = ("raise", "terminate", "suspend", "resume", "rewind", "purge")
LONGEST_ADVANCE_S: Final = 20.0
LAST_MOMENT: Final = 253_000_000_000 * SECOND  # in the year 9987: there are hardly any dates after it


class Actions:
    """Carries out forms.

    Args:
        hub: the running task hub.
        manage: the management API.
        origin: of the host.
        responder: for reading and for the responses.
        instances: the pages that show a refusal.
    """

    def __init__(
        self,
        hub: Hub,
        manage: Callable[[Request], Awaitable[Reply]],
        origin: str,
        responder: Responder,
        instances: InstancePages,
    ) -> None:
        self._hub, self._manage, self._origin = hub, manage, origin
        self._responder, self._instances = responder, instances

    async def act(self, instance_id: str, action: str, form: Mapping[str, str]) -> web.Response:
        """Carries out an action on an instance."""
        here = views.url_of(instance_id)
        if action == "purge" and form.get("sure") != "yes":
            return await self._confirm_purge(instance_id, here)
        problem = _problem_of_event(form) if action == "raise" else None
        status = 400
        if problem is None:
            reply = await self._manage(self._request(instance_id, action, form))
            if reply.status < 400:  # noqa: PLR2004 - refusals begin here
                return self._responder.redirect(f"{BASE}?done=purge" if action == "purge" else f"{here}?done={action}")
            status, problem = reply.status, _sentence(action, reply)
        return await self._instances.one(instance_id, here, {}, status, {action: problem}, form)

    async def advance(self, form: Mapping[str, str]) -> web.Response:
        """Moves virtual time."""
        back = form.get("back", BASE)
        back = back.partition("?")[0] if back.startswith(f"{BASE}/instances/") else BASE
        clock = self._hub.clock
        problem, ticks = None, _ticks(form)
        if not isinstance(clock, VirtualClock):
            problem = "Time is real here. Start devhost with --virtual-time or --movable-time to move it."
        elif ticks is None or not 0 < ticks <= LAST_MOMENT - clock.peek():
            problem = "Say how far as a number above 0, such as 20 or 1.5, and not beyond the year 9980."
        else:
            try:
                await asyncio.wait_for(self._hub.advance(ticks), LONGEST_ADVANCE_S)
            except TimeoutError:
                problem = (
                    f"Something still ran after {LONGEST_ADVANCE_S:g} s, so time has moved only part of the way. "
                    "A long activity stops virtual time: advance again when it is done."
                )
        if problem is None:
            return self._responder.redirect(f"{back}?done=advance")
        return await self._responder.message(400, "Time was not moved", (problem,), back)

    async def _confirm_purge(self, instance_id: str, here: str) -> web.Response:
        """The page that asks for confirmation of a purge."""
        instance = await self._responder.read(lambda store: store.instance(instance_id))
        if instance is None:
            return await self._responder.no_instance(here)
        detail = views.detail(instance, (), (), self._hub.clock.peek())
        return await self._responder.page(200, "purge.html", here=here, instance=detail)

    def _request(self, instance_id: str, action: str, form: Mapping[str, str]) -> Request:
        """The management API's request for an action."""
        path, body, headers = f"/instances/{encoded(instance_id, 2)}", b"", dict[str, str]()
        method = "DELETE" if action == "purge" else "POST"
        if action == "raise":
            path += f"/raiseEvent/{encoded(form['event'].strip(), 2)}"
            body, headers = (
                (form.get("data", "").strip() or "null").encode("utf-8", "replace"),
                {"content-type": "application/json"},
            )
        elif action != "purge":
            path += f"/{action}"
        query = {"reason": form["reason"].strip()} if form.get("reason", "").strip() else {}
        return Request(method, path, query, headers, body, f"{self._origin}{path}", self._origin)


def _problem_of_event(form: Mapping[str, str]) -> str | None:
    if not form.get("event", "").strip():
        return "Say which event: the name that the orchestrator waits for."
    data = form.get("data", "").strip()
    try:
        json.loads(data or "null")
    except (ValueError, RecursionError) as error:
        at = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        example = json.dumps(data[:40], ensure_ascii=False)
        return f"The data is not JSON{at}. Nothing was sent. A text needs its quotes: {example}"
    return None


def _ticks(form: Mapping[str, str]) -> int | None:
    by, _, unit = form["step"].partition(" ") if "step" in form else (form.get("by", ""), "", form.get("unit", ""))
    try:
        return int(float(by.replace(",", ".")) * UNITS[unit])
    except (ValueError, KeyError, OverflowError):
        return None


def _sentence(action: str, reply: Reply) -> str:
    """The API's refusal in a sentence."""
    if reply.status == 410:  # noqa: PLR2004
        return "The instance has ended. Nothing was done."
    if reply.status == 404:  # noqa: PLR2004
        return "There is no such instance any more. Nothing was done."
    text = ""
    try:
        body = json.loads(reply.body or b"null")
    except ValueError:
        body = None
    if isinstance(body, dict):
        text = str(body.get("ExceptionMessage") or body.get("Message") or "")
    elif isinstance(body, str):
        text = body
    return f"The host refused to {action} it ({reply.status}). {text}".strip()
