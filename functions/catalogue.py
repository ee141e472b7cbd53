"""The registry of the orchestrations that people may start by name, and how a body becomes the input of each.

An activity is never in here: the engine would start it as an orchestration that cannot run. Adding an orchestration
is one line; a test holds the names against those that the app declares. No setting is read here: who starts an
orchestration brings what applies.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from approval.case import new_input
from approval.json_values import JsonValue
from approval.policy.one_level import OneLevelPolicy
from approval.text import clip, one_line
from service.errors import UnknownOrchestration
from service.idempotency import digest

_NAME_LENGTH = 80
# The policy for every proposal that does not ask for another one; read only where it is needed, as it may be unusable.
CompanyPolicy = Callable[[], OneLevelPolicy]


def _as_it_is(body: JsonValue, _: CompanyPolicy) -> JsonValue:
    return body


@dataclass(frozen=True, slots=True)
class Orchestration:
    """One that can be started through ``/api/orchestrators/{name}``.

    Attributes:
        name: the durable name, exactly.
        read: body and company policy to input; refuses by raising ``InvalidFields``.
        digest_of: stored input to the fingerprint of the body that it came from.
        is_case: its instances are cases, and have ids of ``approval.case_id``.
    """

    name: str
    read: Callable[[JsonValue, CompanyPolicy], Any] = _as_it_is
    digest_of: Callable[[Any], object] = digest
    is_case: bool = False


def catalogue(patterns: Mapping[str, Callable[[JsonValue], JsonValue]]) -> Mapping[str, Orchestration]:
    """The orchestrations by name: the app's own, and these patterns with their readers."""
    listed = (
        Orchestration("OrchFunction", read=_case_input, digest_of=_case_digest, is_case=True),
        Orchestration("OrchFunctionChain"),
        *(Orchestration(name, read=_without_policy(read)) for name, read in patterns.items()),
    )
    return {orchestration.name: orchestration for orchestration in listed}


def find(known: Mapping[str, Orchestration], name: str) -> Orchestration:
    """The orchestration of exactly that name.

    Raises:
        UnknownOrchestration: there is none; it names the known ones and the nearest of them.
    """
    if name in known:
        return known[name]
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(name.casefold()[:_NAME_LENGTH], folded, n=1, cutoff=0.7)
    raise UnknownOrchestration(clip(one_line(name), _NAME_LENGTH), sorted(known), folded[near[0]] if near else None)


def _case_input(body: JsonValue, company_policy: CompanyPolicy) -> dict[str, Any]:
    from approval.proposal import read_proposal  # noqa: PLC0415 - the app's start does not pay for it

    company = company_policy()
    if body is None:
        return new_input(None, company, digest(body))
    proposal = read_proposal(body)
    policy = proposal.policy.over(company) if proposal.policy else company
    return new_input(proposal, policy, digest(body))


def _case_digest(stored: object) -> object:
    return stored.get("digest") if isinstance(stored, Mapping) else None


def _without_policy(read: Callable[[JsonValue], JsonValue]) -> Callable[[JsonValue, CompanyPolicy], JsonValue]:
    return lambda body, _: read(body)
