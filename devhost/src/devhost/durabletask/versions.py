"""Which versions of an orchestration this host runs (host.json: ``defaultVersion``, ``versionMatchStrategy``).

A start without a version gets the default one. An instance whose version the host does not run stays as it is, Pending
if it has never run, for ever or until another host runs it; with ``versionFailureStrategy`` ``Fail`` it fails at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from devhost.durabletask.model import Instance

MISMATCH: Final = {
    "ErrorType": "VersionMismatch",
    "ErrorMessage": "Orchestration version did not comply with Worker Versioning",
    "StackTrace": None,
    "InnerFailure": None,
    "IsNonRetriable": True,
    "Properties": None,
}
_NUMBERS: Final = re.compile(r"\s*\+?\d+\s*(?:\.\s*\+?\d+\s*){1,3}")


@dataclass(frozen=True, slots=True)
class Versions:
    """The settings of host.json about versions.

    Attributes:
        default: of this host, and of instances that are started without one; None for none.
        match: ``CurrentOrOlder``, ``Strict`` or ``None``, which accepts them all.
        fails: an instance of another version fails, instead of staying as it is.
    """

    default: str | None = None
    match: str = "CurrentOrOlder"
    fails: bool = False

    def refuses(self, version: str | None) -> bool:
        """Whether an instance of this version is not for this host."""
        if self.match == "Strict":
            return version != self.default
        return self.match == "CurrentOrOlder" and is_newer(version, self.default)


def not_mine(instance: Instance, versions: Versions) -> str:
    """Why an instance stays as it is, and what can be done."""
    own = f"version {versions.default}" if versions.default else "no defaultVersion in host.json"
    rule = "only that version" if versions.match == "Strict" else "that version and older ones"
    return (
        f"it has version {instance.version or '(none)'}, but this host has {own} and takes {rule}: it stays "
        f"{instance.status} for ever, as in Azure, until a host takes it"
    )


def is_newer(version: str | None, other: str | None) -> bool:
    """Whether ``version`` comes after ``other``: as numbers if both are two to four of them, else as texts.

    None, an empty and a blank one are the oldest of all.
    """
    one, two = ("" if text is None or not text.strip() else text for text in (version, other))
    if _NUMBERS.fullmatch(one) and _NUMBERS.fullmatch(two):
        return [int(part) for part in one.split(".")] > [int(part) for part in two.split(".")]
    return one.upper() > two.upper()
