"""Submitting a proposal under the policy file: the one way in, for people, machines and the starter.

1. The policy file decides everything about the case; a body that wants to say it is refused.
2. The same request of the same person sent twice is one case. An id that is taken by anything else is passed over, so a
   start is never made over an instance that exists: its record would be erased.
3. Under no policy file a proposal takes the built-in policy, and the case is as the starter starts it.

Source: docs/decisions/0024-ids-of-cases.md
"""

import contextlib
import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from adapters import cases, directory, logs, sealing, settings
from adapters.engine import Engine
from adapters.identity import Signed
from approval import case_id
from approval.errors import FieldError, InvalidFields, UnreadableInput
from approval.json_values import JsonValue
from approval.policy.model import PolicyFile
from approval.seals import Purpose
from approval.submission import Submission, stored_input
from functions.catalogue import catalogue
from functions.instances import held, looked, start, started
from service.errors import InstanceLive, KeyReused
from service.idempotency import check_key, digest

if TYPE_CHECKING:
    from approval.typed_proposal import TypedProposal

ORCHESTRATION = catalogue({})["OrchFunction"]
MACHINE = "machine"
_MOST_TRIES = 20
_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Submitted:
    """A case that a request has started, now or when it was sent before.

    Attributes:
        case_id: its id.
        is_new: it was started now.
        submission: what is in its input; None under the built-in policy.
    """

    case_id: str
    is_new: bool
    submission: Submission | None


async def submit(engine: Engine, body: JsonValue, key: str | None, by: Signed | None) -> Submitted:
    """The case of a proposal.

    Args:
        engine: the instances of this app.
        body: as ``service.body`` has read it.
        key: of the request, if it had one.
        by: the person who submits; None for a machine, whose body names the author.

    Raises:
        InvalidFields: the body is refused.
        KeyReused: the person has started another case with this key.
        InstanceLive: the engine reports an id as taken and does not show by which instance.
        NotStarted: the engine did not answer as it should.
        MissingSetting, InvalidSetting: a setting that this needs is missing, or not usable.
        BadIdempotencyKey: the key is not usable.
    """
    if key is not None:
        check_key(key)
    file = directory.policy_file()
    found = await (_under_the_built_in(engine, body, key, by) if file is None else _under(file, engine, body, key, by))
    event = "started" if found.is_new else "alreadyStarted"
    logs.log_event(event, instance=found.case_id, orchestration=ORCHESTRATION.name)
    return found


async def _under(file: PolicyFile, engine: Engine, body: JsonValue, key: str | None, by: Signed | None) -> Submitted:
    from approval.typed_proposal import read_typed  # noqa: PLC0415 - the app's start does not pay for it

    proposal = read_typed(body, file, by.person_id if by else None)
    way = by.how if by else MACHINE
    sender = f"{MACHINE if by is None else 'person'}\0{proposal.author.id}"
    named = f"{sender}\0{key}".encode()
    key_hash = None if key is None else f"sha256:{hashlib.sha256(named).hexdigest()}"
    for own_id in _ids(sender, key):
        given = _Given(proposal, file, own_id, way, digest(body), key_hash)
        async with held(own_id):
            found = await given.started(engine)
        if found is not None:
            return found
    raise InstanceLive(own_id)


def _ids(sender: str, key: str | None) -> Iterator[str]:
    """The ids to try, one after the other: of this very request, or random ones."""
    secret = settings.id_key()
    for number in range(1, _MOST_TRIES + 1):
        if key is None:
            yield case_id.of_random(secrets.token_bytes(case_id.RANDOM_BYTES))
        else:
            yield case_id.of_request(secret, sender, key, number)


@dataclass(frozen=True, slots=True)
class _Given:
    """A proposal with an id to try."""

    proposal: "TypedProposal"
    file: PolicyFile
    own_id: str
    how: str
    digest: str
    key_hash: str | None

    async def started(self, engine: Engine) -> Submitted | None:
        """The case, started now or before; None if the id is taken by another one."""
        sealed, is_new = sealing.seal(self._submission().to_text(), Purpose.INPUT), False
        for _ in range(_LOOKS):
            answer = await looked(engine, self.own_id)
            if answer is not None:
                return self._already(answer, is_new=is_new)
            # Another process may start the same id: then the next look shows whose request came through.
            with contextlib.suppress(InstanceLive):
                await started(engine, ORCHESTRATION.name, stored_input(sealed), self.own_id)
                is_new = True
        raise InstanceLive(self.own_id)

    def _already(self, answer: dict[str, Any], *, is_new: bool) -> Submitted | None:
        """The case that is there, if this very request has started it.

        Raises:
            KeyReused: the same person's same key has, with another body.
        """
        try:
            case = cases.case_of(answer)
        except UnreadableInput:
            return None
        if case is None:
            return None
        there = case.submission
        is_ours = there.author.id == self.proposal.author.id and there.key_hash == self.key_hash
        if not is_ours or (self.key_hash is None and not is_new):
            return None
        if there.digest != self.digest:
            raise KeyReused(self.own_id, case.runtime_status)
        return Submitted(self.own_id, is_new, there)

    def _submission(self) -> Submission:
        return self.proposal.submitted(
            self.file,
            directory.digest(),
            case=self.own_id,
            how=self.how,
            at=datetime.now(UTC),
            digest=self.digest,
            key_hash=self.key_hash,
        )


async def _under_the_built_in(engine: Engine, body: JsonValue, key: str | None, by: Signed | None) -> Submitted:
    """The case as the starter starts it."""
    named = f"{by.person_id if by else MACHINE}\0{key}".encode()
    own_key = None if key is None else hashlib.sha256(named).hexdigest()
    whole = {} if body is None else body if by is None else with_author(body, by)  # a proposal, and no run without one
    own_id, is_new = await start(engine, ORCHESTRATION, whole, own_key, settings.company_policy)
    return Submitted(own_id, is_new, None)


def with_author(body: JsonValue, by: Signed) -> JsonValue:
    """The body of a proposal under the built-in policy, with the name of the person who submits it.

    Raises:
        InvalidFields: it names an author itself.
    """
    if not isinstance(body, dict):
        return body
    if "author" in body:
        what = "You are the author, as you are signed in. Leave it out."
        raise InvalidFields([FieldError("author", "not-allowed", what)])
    return {**body, "author": directory.people()[by.person_id].name}
