"""Pages as responses: the store is read and templates are filled in on a thread of their own."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aiohttp import web

from devhost.pages import views
from devhost.pages.format import DAY, HOUR, MINUTE
from devhost.timekeeping.clock import VirtualClock
from devhost.timekeeping.ticks import SECOND
from devhost.web.callers import is_open

if TYPE_CHECKING:
    from collections.abc import Callable

    from devhost.runtime.hub import Hub
    from devhost.store.read_only import ReadOnlyStore
    from devhost.timekeeping.clock import Clock

T = TypeVar("T")
UNITS: Final = {"seconds": SECOND, "minutes": MINUTE, "hours": HOUR, "days": DAY}
HEADERS: Final = {
    "Server": "devhost",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers send "Origin: null" from these forms
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
GONE: Final = (
    "There is no such instance: it was purged, or never started, or it is in another state folder.",
    "Upper and lower case make different ids. A client's answer (202) gives the id.",
)


@dataclass(frozen=True, slots=True)
class About:
    """The host, as its pages describe it.

    Attributes:
        hub: the task hub's name.
        address: that the host listens on.
        origin: its URL, without a path.
        has_keys: whether the host checks keys.
        hide: the text without the keys that must not be shown.
    """

    hub: str
    address: str
    origin: str
    has_keys: bool
    hide: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class _Site:
    """The values that every page shows."""

    hub: str
    address: str
    origin: str
    is_open: bool
    has_keys: bool
    is_virtual: bool
    now: views.Moment
    token: str
    here: str
    notice: str
    units: tuple[str, ...] = tuple(UNITS)


class Responder:
    """Makes responses.

    Args:
        hub: the running task hub.
        about: the host.

    Attributes:
        token: that every form of these pages sends.
        clock: the hub's.
    """

    def __init__(self, hub: Hub, about: About) -> None:
        self._open, self._about = hub.queries.read_only, about
        self.clock: Clock = hub.clock
        self.token = secrets.token_urlsafe(24)
        self._thread = ThreadPoolExecutor(1, "devhost-pages")
        self._reader: ReadOnlyStore | None = None

    def close(self) -> None:
        """Closes the connection to the store; call it before the store is closed."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        if self._reader is not None:
            self._reader.close()

    async def read(self, work: Callable[[ReadOnlyStore], T]) -> T:
        """The result of ``work``, which reads the store on this class's thread."""

        def do() -> T:
            if self._reader is None:
                self._reader = self._open()
            return work(self._reader)

        return await asyncio.get_running_loop().run_in_executor(self._thread, do)

    async def page(
        self, status: int, template: str, here: str = views.BASE, notice: str = "", **given: Any
    ) -> web.Response:
        """A template, filled in with what every page shows and the values that are given."""
        about, now = self._about, self.clock.peek()
        site = _Site(
            hub=about.hub,
            address=about.address,
            origin=about.origin,
            is_open=is_open(about.address),
            has_keys=about.has_keys,
            is_virtual=isinstance(self.clock, VirtualClock),
            now=views.moment(now, now),
            token=self.token,
            here=here,
            notice=notice,
        )

        def do() -> bytes:
            from devhost.pages.render import render  # noqa: PLC0415 - imported when the first page is asked for

            return about.hide(render(template, site=site, **given)).encode("utf-8", "replace")

        body = await asyncio.get_running_loop().run_in_executor(self._thread, do)
        return web.Response(status=status, body=body, content_type="text/html", charset="utf-8", headers=HEADERS)

    async def message(self, status: int, heading: str, paragraphs: tuple[str, ...], here: str) -> web.Response:
        """A page with a few sentences and a link back."""
        to_list = here.partition("?")[0] == views.BASE or status == 404  # noqa: PLR2004
        return await self.page(
            status,
            "message.html",
            here=views.BASE,
            heading=heading,
            paragraphs=paragraphs,
            back_url=views.BASE if to_list else here,
            back_text="To the instances" if to_list else "Back to the instance",
        )

    async def no_instance(self, here: str) -> web.Response:
        """The 404 for an instance that does not exist."""
        return await self.message(404, "No such instance", GONE, here)

    async def no_page(self, here: str) -> web.Response:
        """The 404 for an address that these pages do not have."""
        return await self.message(404, "No such page", ("There is nothing at this address.",), here)

    def redirect(self, url: str) -> web.Response:
        """A 303 to another page."""
        return web.Response(status=303, headers={**HEADERS, "Location": url})
