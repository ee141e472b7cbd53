"""Records of cases, written as a story: who was asked, who did what, in which move."""

from datetime import UTC, datetime, timedelta

from approval.acts import Act, Kind, Name, Verdict
from approval.instants import written
from approval.opening import Group, Opening

START = datetime(2026, 11, 25, 16, 40, tzinfo=UTC)
NAMES = {
    "dana": "Dana Okafor", "noor": "Noor Haddad", "ruth": "Ruth Pemberton", "jo": "Jo Lindqvist",
    "pat": "Pat Quinn", "sam": "Sam Teo", "amir": "Amir Shah", "eli": "Eli Marsh",
}  # fmt: skip
CASE = "P-7K3M9QXV"


def who(person):
    """A person by id and name."""
    return {"id": person, "name": NAMES.get(person, person.title())}


def name(person):
    """The same as a value."""
    return Name(**who(person))


def opening(level=1, groups=((("noor", "ruth"), 1),), then="jo", target=None, escalation=0, days=10, of="a"):
    """An opening: each group as the people asked and the number needed."""
    return Opening(
        level=level,
        name=f"Level {level}",
        opening=f"{of}{level}".ljust(32, "0"),
        escalation=escalation,
        opened_at=START,
        due=START + timedelta(days=days),
        groups=tuple(Group("a group", tuple(asked), need) for asked, need in groups),
        names={person: NAMES.get(person, person) for asked, _ in groups for person in asked},
        target=name(target) if target else None,
        then=name(then) if then else None,
    )


class Story:
    """A record that grows move by move; each method is one move with its entries."""

    def __init__(self, how="local"):
        self.record, self.move = [], 0
        self._open = None
        self.moved(("submitted", {"by": who("dana"), "how": how}))

    def moved(self, *entries):
        """One move with these entries; the story itself."""
        self.move += 1
        for what, members in entries:
            numbered = {"n": len(self.record) + 1, "move": self.move, "at": written(START), "what": what}
            self.record.append(numbered | members)
        return self

    def opened(self, *before, **given):
        """A level opens; ``before`` are entries of the same move."""
        self._open = opening(**given)
        return self.moved(*before, ("opened", {"opening": self._open.to_json()}))

    def escalated(self, target, why="time is over", groups=((("noor", "ruth"), 1),), escalation=1, then=None, level=1):
        """The level goes to somebody."""
        given = opening(level, groups, then, target, escalation)
        return self.moved(("escalated", {"level": level, "why": why, "opening": given.to_json()}))

    def reminded(self, *people):
        """Those who have not decided are reminded."""
        return self.moved(("reminded", {"level": 1, "to": list(people)}))

    def acted(self, person, act="approve", *after, verdict="counts", level=1):
        """Somebody does something, and ``after`` are the entries that follow in the same move."""
        done = Act("0" * 32, Kind(act), name(person), "local", written(START), CASE, 1, "run", level, "a1", None)
        entry = ("act", {"act": done.to_json(), "verdict": str(Verdict(verdict))})
        return self.moved(entry, *after)


def closed(by="noor", how="approved", level=1):
    """The entry of a level that is decided."""
    return "levelClosed", {"level": level, "name": f"Level {level}", "is": how, "by": who(by) if by else None}


def ended(state, by=None):
    """The entry of a case that is over."""
    return "ended", {"state": state, "by": who(by) if by else None, "why": None}
