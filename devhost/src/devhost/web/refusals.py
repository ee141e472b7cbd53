"""The 403 for a request that another site's page sent, or that asks for another host's name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from devhost.web.exchange import JSON_HEADERS, response_of

if TYPE_CHECKING:
    from devhost.runtime.ports import Log
    from devhost.web.kestrel import Response


class Refusals:
    """Makes them.

    Args:
        log: for the console, since a page does not see the response.
    """

    def __init__(self, log: Log) -> None:
        self._log, self._last = log, ""

    def body(self, why: str) -> bytes:
        """The body of the 403. The console gets the reason too, but not twice in a row."""
        if why != self._last:
            self._last = why
            self._log.complain("devhost", why)
        return json.dumps({"Message": why}).encode()

    def response(self, why: str) -> Response:
        """The whole 403."""
        return response_of(403, JSON_HEADERS, self.body(why))
