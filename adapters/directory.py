"""The people there are, and the policy file that is in force.

1. The policy file is read once, at the start of the app, and is in force until the next start: a change of the file in
   between counts for nobody, and no two requests see two files.
2. A file that is wrong stops the app: an app that decides by no rules, or by half of them, is worse than none. The text
   of the exception names each mistake with file, line, key, what is wrong and what would be right.
3. Without a policy file there are three people, for the built-in policy.
4. What reads a policy file is imported where there is one: the start of an app without one does not pay for it.

Source: docs/explanation/security.md, docs/reference/policy-file.md
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from types import MappingProxyType

from adapters import settings
from approval.policy.model import Person, PolicyFile
from approval.text import one_line

BUILT_IN: Mapping[str, Person] = MappingProxyType(
    {
        person.id: person
        for person in (
            Person("author", "Alex Author", "author@approval.example", manager="manager"),
            Person("manager", "Morgan Manager", "manager@approval.example", manager="head", title="Manager"),
            Person("head", "Harper Head", "head@approval.example", title="Head of department"),
        )
    }
)


class WrongPolicyFile(Exception):
    """The app cannot start with the policy file that ``APPROVAL_POLICIES`` names.

    Example of its text::

        The app does not start, as the policy file that APPROVAL_POLICIES names has 1 mistake:
        policies/county.toml:41: policy.scheme.level[2].within: It is "soon", and no time. Write for example: "10 days".
    """


@dataclass(frozen=True, slots=True)
class InForce:
    """What was read at the start.

    Attributes:
        file: None without a policy file.
        digest: ``sha256:`` and 64 hexadecimal digits of the file's bytes; empty without one.
    """

    file: PolicyFile | None = None
    digest: str = ""


_read: list[InForce] = []  # what is in force, once it has been read


def start() -> InForce:
    """Read the setting and the file that it names, and have it in force from now on.

    Raises:
        WrongPolicyFile: the file cannot be read or has mistakes.
    """
    path = settings.policies_path()
    found = InForce() if path is None else _in_force(path)
    _read[:] = [found]
    return found


def policy_file() -> PolicyFile | None:
    """The policy file in force; None where only the built-in policy is."""
    return _now().file


def digest() -> str:
    """The fingerprint of the file in force: ``sha256:…``; empty without one."""
    return _now().digest


def people() -> Mapping[str, Person]:
    """Everybody there is, by id: those of the policy file, or the three built-in ones."""
    file = policy_file()
    return BUILT_IN if file is None else file.people


def zone_of(person_id: str | None = None) -> tzinfo:
    """The zone that a person reads times in: their own, else that of the file, else UTC."""
    file = policy_file()
    person = people().get(person_id or "")
    name = (person.zone if person else None) or (file.zone if file else None)
    if not name:
        return UTC
    import zoneinfo  # noqa: PLC0415 - rule 4

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):  # the machine does not know its data
        return UTC


def _now() -> InForce:
    return _read[0] if _read else start()


def _in_force(path: Path) -> InForce:
    import zoneinfo  # noqa: PLC0415 - rule 4

    from approval.policy.file import MOST_BYTES, read, text_of  # noqa: PLC0415

    named = settings.APPROVAL_POLICIES
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES)
        text = text_of(raw)
    except UnicodeDecodeError as error:
        raise WrongPolicyFile(f"The app does not start, as the file that {named} names is no UTF-8.") from error
    except (OSError, ValueError) as error:
        reason = one_line(getattr(error, "strerror", None) or str(error))
        raise WrongPolicyFile(
            f"The app does not start, as the file that {named} names cannot be read: {one_line(str(path))}: {reason}. "
            "The setting is a path from the app's folder."
        ) from error
    found = read(text, zoneinfo.available_timezones())
    shown = path.relative_to(settings.APP_FOLDER) if path.is_relative_to(settings.APP_FOLDER) else path
    if isinstance(found, PolicyFile):
        return InForce(found, f"sha256:{hashlib.sha256(raw).hexdigest()}")
    count = f"{len(found)} mistake{'s' if len(found) > 1 else ''}"
    said = "\n".join(mistake.in_words(str(shown)) for mistake in found)
    raise WrongPolicyFile(f"The app does not start, as the policy file that {named} names has {count}:\n{said}")
