"""What an instance of OrchFunction is started with: written by the starter, read by the orchestrator, frozen by both.

1. ``schemaVersion`` says how to read the rest. It is raised when an old reader would misread a new input.
2. The reader takes only what the review needs, and reads it leniently: a rule for proposals that becomes stricter
   tomorrow must not break a case that was accepted today.
3. No input at all is the original tutorial's run: no proposal, the default policy.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from approval.errors import UnreadableInput
from approval.json_values import kind_of
from approval.policy.one_level import OneLevelPolicy
from approval.submission import SCHEMA, Submission, is_sealed_schema, sealed_input

if TYPE_CHECKING:
    from approval.proposal import Proposal

SCHEMA_VERSION = 1  # of new inputs without a policy file; READERS lists what can be read


def new_input(proposal: "Proposal | None", policy: OneLevelPolicy, digest: str) -> dict[str, Any]:
    """The input of a new instance.

    Args:
        proposal: None for the original tutorial's run.
        policy: the resolved one; its wishes in the proposal are in it already.
        digest: fingerprint of the body, by which a repeated request is known.

    Example::

        {"schemaVersion": 1,
         "proposal": {"title": "Refurbish the Mill Lane bridge", "author": "dana@example.com"},
         "policy": {"timeout": "PT20S", "approver": "Manager", "escalateTo": "Head of department"},
         "digest": "sha256:74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b"}
    """
    return {
        "schemaVersion": SCHEMA_VERSION,
        "proposal": proposal.to_input() if proposal else None,
        "policy": policy.to_input(),
        "digest": digest,
    }


@dataclass(frozen=True, slots=True)
class Case:
    """What the review needs to know of an input."""

    policy: OneLevelPolicy
    title: str | None = None
    author: str | None = None

    @classmethod
    def from_input(cls, given: object) -> Self:
        """The case that an input describes.

        Raises:
            UnreadableInput: our starter has not written it, or a newer one has.
        """
        if given is None:
            return cls(OneLevelPolicy())
        if not isinstance(given, Mapping):
            raise UnreadableInput(f"The input is {_shown(given)}, not an object.")
        version = given.get("schemaVersion")
        if version is None:
            raise UnreadableInput("The input has no schemaVersion.")
        reader = READERS.get(version) if type(version) is int else None
        if reader is None:
            raise _unknown(version, READERS)
        return cls(*reader(given))


def read_input(given: object) -> Case | Submission:
    """The case that an input describes: with one approver, or, from schema 2 on, under a policy file.

    The seal of an input of schema 2 is not verified: ``approval.submission.genuine`` does that, where the keys are.

    Raises:
        UnreadableInput: our functions have not written it, or a newer version of them has.
    """
    if is_sealed_schema(given):
        sealed = sealed_input(given)
        if sealed is None:
            raise UnreadableInput("The input has no sealed text.")
        return Submission.from_text(sealed.text)
    known = (*READERS, SCHEMA)
    version = given.get("schemaVersion") if isinstance(given, Mapping) else None
    if version is not None and (type(version) is not int or version not in known):
        raise _unknown(version, known)
    return Case.from_input(given)


def _unknown(version: object, known: Iterable[int]) -> UnreadableInput:
    return UnreadableInput(
        f"The input has schemaVersion {_shown(version)}, "
        f"and this version of the app reads only {', '.join(map(str, known))}.",
        "Deploy the version of the app that started the instance, or start it again with this one.",
    )


def _read_1(given: Mapping[str, Any]) -> tuple[OneLevelPolicy, str | None, str | None]:
    proposal = given.get("proposal")
    if proposal is not None and not isinstance(proposal, Mapping):
        raise UnreadableInput("The input's proposal is not an object.")
    fields = proposal or {}
    return OneLevelPolicy.from_input(given.get("policy")), _text(fields.get("title")), _text(fields.get("author"))


# Every version that an instance may have been started with. A reader stays for as long as its instances may live.
READERS: Mapping[int, Callable[[Mapping[str, Any]], tuple[OneLevelPolicy, str | None, str | None]]] = {1: _read_1}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _shown(value: object) -> str:
    """A short number as it is, and what everything else is."""
    return str(value) if type(value) is int and abs(value) < 1_000_000 else kind_of(value)  # noqa: PLR2004 - long enough
