"""What this browser has just done, in a short-lived cookie: for the banner of the next page, and for lists.

A list may be some seconds old; it leaves out what was decided since.

1. It is for the eye only: nobody may do anything because of it, and one that somebody has made up changes no case.
2. One entry is the id of the case, the level, the act and who it was, as ``P-7K3M9QXV.1.approve.noor``; the latest is
   first. Somebody else who signs in with this browser has done none of it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

COOKIE = "done"
LASTS_S = 20
SUBMIT = "submit"
_MOST = 8
_ENTRY = re.compile(
    r"(P-[0-9A-Z]{8,26})\.(\d{1,4})\.(approve|reject|abstain|withdraw|submit)\.([a-z0-9-]{1,24})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class JustDone:
    """One thing that was done; the level is 0 where it was not about one.

    Example: ``JustDone("P-7K3M9QXV", 1, "approve", "noor")``
    """

    case: str
    level: int
    act: str
    person: str


def just_done(header: str, person: str) -> tuple[JustDone, ...]:
    """What the header ``Cookie`` of a request says that this person has done; anything else in it is passed over."""
    value = next(
        (part.strip()[len(COOKIE) + 1 :] for part in header.split(";") if part.strip().startswith(f"{COOKIE}=")), ""
    )
    found = (_ENTRY.fullmatch(each) for each in value[:1_000].split("_"))
    return tuple(JustDone(hit[1], int(hit[2]), hit[3], hit[4]) for hit in found if hit and hit[4] == person)[:_MOST]


def cookie_of(done: JustDone, before: Iterable[JustDone] = ()) -> str:
    """The value of ``Set-Cookie`` that adds this to what was done before."""
    entries = dict.fromkeys([done, *before])
    value = "_".join(f"{each.case}.{each.level}.{each.act}.{each.person}" for each in list(entries)[:_MOST])
    return f"{COOKIE}={value}; Path=/; Max-Age={LASTS_S}; HttpOnly; SameSite=Lax"
