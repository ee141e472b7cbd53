"""The orchestrations that people may start by name, and how a body becomes the input of each.

An activity is never in here: the engine would start it as an orchestration that cannot run. Adding an orchestration
is one line; a test holds the names against those that the app declares.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from adapters.settings import house_policy
from approval.case import stamp
from approval.errors import UnknownOrchestration
from approval.idempotency import digest
from approval.proposal import read_proposal
from approval.text import clip, one_line
from functions import patterns

_NAME_ROOM = 80


def _as_it_is(body: JsonValue) -> JsonValue:
    return body


@dataclass(frozen=True, slots=True)
class Orchestration:
    """One that can be started through ``/api/orchestrators/{name}``.

    Attributes:
        name: the durable name, exactly.
        read: body to input; refuses by raising from ``approval.errors``.
        digest_of: stored input to the fingerprint of the body that it came from.
    """

    name: str
    read: Callable[[JsonValue], Any] = _as_it_is
    digest_of: Callable[[Any], object] = digest


def _stamped(body: JsonValue) -> dict[str, Any]:
    house = house_policy()
    if body is None:
        return stamp(None, house, digest(body))
    proposal = read_proposal(body)
    policy = proposal.policy.over(house) if proposal.policy else house
    return stamp(proposal, policy, digest(body))


def _stamped_digest(stored: object) -> object:
    return stored.get("digest") if isinstance(stored, Mapping) else None


CATALOGUE: Mapping[str, Orchestration] = {
    orchestration.name: orchestration
    for orchestration in (
        Orchestration("OrchFunction", read=_stamped, digest_of=_stamped_digest),
        Orchestration("OrchFunctionChain"),
        *(Orchestration(name, read=read) for name, read in patterns.readers().items()),
    )
}


def find(name: str) -> Orchestration:
    """The orchestration of exactly that name.

    Raises:
        UnknownOrchestration: there is none; it names the known ones and the nearest of them.
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    known = {each.casefold(): each for each in CATALOGUE}
    near = difflib.get_close_matches(name.casefold()[:_NAME_ROOM], known, n=1, cutoff=0.7)
    raise UnknownOrchestration(clip(one_line(name), _NAME_ROOM), sorted(CATALOGUE), known[near[0]] if near else None)
