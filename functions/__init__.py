"""Bindings: a request becomes a value, a value becomes an answer. There is no rule about proposals here.

Importing the package makes the Durable SDK read plain JSON only, before it can read anything. It also makes each of
Python's warnings one plain line.
"""

from adapters.logs import plain_warnings
from adapters.settings import insist_on_plain_json

insist_on_plain_json()
plain_warnings()
