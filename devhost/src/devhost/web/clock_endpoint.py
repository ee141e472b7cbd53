"""``POST /devhost/clock`` moves virtual time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from devhost.timekeeping.clock import VirtualClock
from devhost.timekeeping.ticks import SECOND, brief, stamp
from devhost.web.exchange import json_response

if TYPE_CHECKING:
    from aiohttp import web

    from devhost.runtime.hub import Hub
    from devhost.web.kestrel import Response

LAST_MOMENT: Final = 221_845_392_000 * SECOND  # 9000-01-01: timers still fit in before the calendar ends


async def move_clock(request: web.BaseRequest, hub: Hub) -> Response:
    """Moves virtual time by ``{"advance": seconds}``; answers the new time."""
    clock = hub.clock
    if not isinstance(clock, VirtualClock):
        text = "Time is real here. Start devhost with --virtual-time or --movable-time to move it."
        return json_response(409, {"Message": text})
    try:
        ticks = int(float(json.loads(await request.read())["advance"]) * SECOND)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        text = 'The body must be {"advance": seconds}.'
        return json_response(400, {"Message": text})
    if clock.peek() + ticks > LAST_MOMENT:
        text = f"Time cannot be moved beyond {brief(LAST_MOMENT)}."
        return json_response(400, {"Message": text})
    await hub.advance(ticks)
    return json_response(200, {"now": stamp(clock.now())})
