"""Cases with levels for tests: submissions, openings, sealed acts, and a review that is led through them by hand."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from approval.acts import Act, Kind, Name
from approval.instants import written
from approval.opening import Group, LeftOut, Opened, OpenedAs, Opening, Skipped
from approval.policy.frozen import FrozenPolicy
from approval.policy.model import Visibility
from approval.review.levels import LevelsReview
from approval.seals import Purpose, Sealed, signed_bytes
from approval.submission import Submission, stored_input

T0 = datetime(2026, 11, 25, 16, 40, tzinfo=UTC)
CASE = "P-7K3M9QXV"
DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGE = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEYS = {"2026-11": base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode()}
NAMES = {
    "dana": "Dana Okafor", "eli": "Eli Marsh", "noor": "Noor Haddad", "ruth": "Ruth Pemberton", "amir": "Amir Shah",
    "jo": "Jo Lindqvist", "pat": "Pat Keane", "sam": "Sam Osei", "kim": "Kim Adeyemi",
}  # fmt: skip


def name(person):
    """A person by id."""
    return Name(person, NAMES.get(person, person.capitalize()))


def submission(levels=1, author="dana", contributors=(), **more):
    """A proposal under a policy of so many levels; what a level needs comes with its opening."""
    given = [{"name": f"Level {number}", "escalateTo": more.get("to", "jo")} for number in range(1, levels + 1)]
    usual = {
        "when": None, "approvers": [], "rejection": "ends", "abstain": False, "within": "10 days", "remind": [],
        "comment": [],
    }  # fmt: skip
    policy = FrozenPolicy(
        name="structures", title="Structures", file="Northshire", zone="Europe/London", digest="sha256:f",
        visible_to=Visibility.STAFF, different_people=False, fields={},
        levels_given=tuple({**usual, **one, **more.get("level", {})} for one in given),
    )  # fmt: skip
    title = more.get("title", "Mill Lane bridge")
    return Submission(
        CASE, title, None, {}, (), name(author), tuple(map(name, contributors)), "local", T0, policy, "sha256:b"
    )


@lru_cache(maxsize=100_000)
def signature(text, purpose, key=PRIVATE):
    """The seal of a text, in base64."""
    return base64.b64encode(key.sign(signed_bytes(text, purpose))).decode()


def sealed_input(given):
    """The input of an instance."""
    text = given.to_text()
    return stored_input(Sealed(text, "2026-11", signature(text, Purpose.INPUT)))


def sealed(act, key=PRIVATE, key_name="2026-11"):
    """The event of an act."""
    text = act.to_text()
    return Sealed(text, key_name, signature(text, Purpose.ACT, key)).to_json(Purpose.ACT)


def group(*asked, need=1):
    """People who are asked side by side."""
    return Group("group technical-approval", asked, need)


def opening(level=1, *groups, at=T0, within=10 * DAY, **more):
    """A level that opens; noor and ruth are asked, one of them is needed, unless groups are given."""
    groups = groups or (group("noor", "ruth"),)
    asked = {person for each in groups for person in each.asked}
    target, then = more.pop("target", None), more.pop("then", "jo")
    return Opening(
        level=level, name=f"Level {level}", opening=more.pop("id", f"{level:032x}"),
        escalation=more.pop("escalation", 1 if target else 0), opened_at=at, due=at + within, groups=groups,
        names={person: name(person).name for person in sorted(asked)}, target=name(target) if target else None,
        then=name(then) if then else None, **more,
    )  # fmt: skip


def answer(opened=None, outcome=None, skipped=(), why=None, keys=KEYS):
    """An answer of ``OpenLevel``, as it is in the history."""
    outcome = outcome or (OpenedAs.OPENED if opened else OpenedAs.OVER)
    return json.loads(json.dumps(Opened(outcome, opened, tuple(skipped), why, keys, "sha256:d").to_json()))


def escalated(opened, target, at, then=None, within=10 * DAY):
    """The answer to an escalation of an open level."""
    after = replace(
        opened, escalation=opened.escalation + 1, opened_at=at, due=at + within, target=name(target),
        names={**opened.names, target: name(target).name}, then=name(then) if then else None, reminders=(),
    )  # fmt: skip
    return answer(after, OpenedAs.ESCALATED)


def skipped(level):
    """A level that does not open."""
    return Skipped(level, f"Level {level}", "amount is at most 50,000 GBP")


def left_out(person, why="wrote it"):
    """Somebody who is not asked."""
    return LeftOut(name(person), why)


class Led:
    """A review that a test leads from move to move; ``OpenLevel`` is answered by hand, everything else by itself.

    Attributes:
        review: as it is now.
        announced: the results of ``Announce``, in order.
        started: every effect that was started, in order.
        quiet: whether ``Announce`` and the messages are answered at once.
    """

    def __init__(self, levels=1, *, quiet=True, given=None, **more):
        self.submission = given or submission(levels, **more)
        self.review = LevelsReview.opened(self.submission, CASE, sealed_input(self.submission), T0)
        self.announced, self.started, self.quiet, self.acts, self.clock = [], [], quiet, 0, T0
        self._start()

    @property
    def run(self):
        """The first opening."""
        return self.review.course.run

    def pass_time(self, span):
        """Later; no timer fires by itself."""
        self.clock += span
        return self

    def opened(self, *given, **more):
        """``OpenLevel`` answers that a level is open."""
        level = given[0] if given else self.review.effects.find(self.review.open_key).effect.input["level"]
        return self.answered(answer(opening(level, *given[1:], at=self.clock, **more)))

    def escalated(self, target, then=None, within=10 * DAY):
        """``OpenLevel`` answers that the level goes to somebody."""
        return self.answered(escalated(self.review.course.opening, target, self.clock, then, within))

    def answered(self, result):
        """``OpenLevel`` gives a result."""
        return self._after(self.review.done(self.review.open_key, result, self.clock))

    def done(self, key, result):
        """An activity gives a result."""
        return self._after(self.review.done(key, result, self.clock))

    def failed(self, key):
        """An activity fails."""
        return self._after(self.review.failed(key, self.clock))

    def woke(self):
        """The timer fires, in time."""
        self.clock = max(self.clock, self.review.wakes_at)
        return self._after(self.review.woke(self.clock))

    def act(self, person, kind="approve", **more):
        """An act for what is open now, unless it says otherwise."""
        self.acts += 1
        open_now = self.review.course.opening
        level, opened = (open_now.level, open_now.opening) if open_now and kind != "withdraw" else (None, None)
        made = Act(
            f"{self.acts:06x}".ljust(32, "0"), Kind(kind), name(person), "local", written(self.clock), CASE, 1,
            self.run or "", level, opened, "Because.",
        )  # fmt: skip
        return replace(made, **more)

    def hear(self, person, kind="approve", **more):
        """Somebody acts; gives the verdict."""
        return self.hear_act(self.act(person, kind, **more))

    def hear_act(self, act):
        """An act arrives; gives the latest verdict."""
        self.raised(sealed(act))
        return None if self.review.acts.latest is None else str(self.review.acts.latest)

    def raised(self, payload):
        """Anything arrives."""
        return self._after(self.review.heard(payload, self.clock))

    def entries(self, *what):
        """The entries of the record of these kinds, or all."""
        return [entry for entry in self.review.record if not what or entry["what"] in what]

    @property
    def kinds(self):
        """The kinds of all entries, in order."""
        return [entry["what"] for entry in self.review.record]

    def _after(self, review):
        self.review = review
        self._start()
        return self

    def _start(self):
        starting = list(self.review.to_start)
        self.started += starting
        while self.quiet and starting:
            effect = starting.pop(0)
            if effect.activity == "OpenLevel":
                continue
            if effect.activity == "Announce":
                self.announced.append({"entries": effect.input["entries"]})
            result = self.announced[-1] if effect.activity == "Announce" else f"{effect.activity}: {effect.input}"
            self.review = self.review.done(effect.key, result, self.clock)
            self.started += self.review.to_start
            starting += self.review.to_start
