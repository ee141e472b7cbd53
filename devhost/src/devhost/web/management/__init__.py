"""The management API of the durable extension (contract 1): a request comes in as a value, a reply goes out as one.

``api`` finds the handler of a request. ``starts``, ``instances``, ``operations`` and ``entities`` hold the handlers.
"""

from devhost.web.management.api import Management
from devhost.web.management.links import PUBLIC, Names, management_urls
from devhost.web.management.replies import JSON, SOMETHING_WRONG, Reply, exception
from devhost.web.management.requests import Request

__all__ = [
    "JSON",
    "PUBLIC",
    "SOMETHING_WRONG",
    "Management",
    "Names",
    "Reply",
    "Request",
    "exception",
    "management_urls",
]
