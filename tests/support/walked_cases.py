"""The loop with cases that have levels, on the model of the engine's walk: random schedules, and what has to hold."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from levels import sealed_input
from random_cases import CASE, fast_seals, policy_file, submission

from approval import messages
from approval.acts import Act, Kind, Name
from approval.instants import written
from approval.level_status import MOST_JSON
from approval.open_level import open_level
from approval.opening import Request
from approval.policy.durations import read_span
from approval.policy.frozen import FrozenPolicy
from approval.policy.model import Approvers, Level, OnExpiry, People, Policy
from approval.record import joined
from functions import review_flow

ORCHESTRATOR = review_flow.OrchFunction.build().get_user_function().orchestrator_function
KEYS = {"2026-11": "of the tests"}
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SPANS = [read_span(text) for text in ("3 seconds", "8 seconds", "30 seconds", "2 minutes", "11 days")]
JUNK = ("Approved", None, True, 5, {"act": "{}", "key": "2026-11", "seal": "?"}, b"undefined", b"/* x */", "x" * 9_000)
SCHEDULES = 4_000
REPLAYED = 19  # one case in so many is replayed at each turn, the others at their end
ENDS = {"approved", "rejected", "expired", "withdrawn", "fault"}


class World:
    """The activities of a case, and the people who see what they have brought about."""

    def __init__(self, rng, seal):
        self.rng, self.seal = rng, seal
        self.file = policy_file(rng, SPANS, calm=True)
        self.submission = submission(rng, self.file)
        self.given = sealed_input(self.submission)
        self.run, self.openings, self.announced, self.numbers, self.instance = None, [], [], 0, None
        self.share = rng.choice((0, 0, 0.2))

    def activities(self):
        """By name; each call fails with a probability."""
        return {
            "OpenLevel": self._flaky(self._open), "Announce": self._flaky(self._announce),
            "Approval": self._flaky(messages.decided), "Escalation": self._flaky(messages.escalated),
        }  # fmt: skip

    def _flaky(self, function):
        def run(given):
            if self.rng.random() < self.share:
                raise OSError("the network is down")
            return function(given)

        return run

    def _open(self, given):
        request = Request.from_json(given)
        opening = request.opening or f"{self.rng.getrandbits(128):032x}"
        found = open_level(request, self.submission, self.file, "sha256:d", KEYS, opening)
        if found.opening:
            self.run = self.run or found.opening.opening
            self.openings.append(found.opening)
            self._plan(found.opening)
        return found.to_json()

    def _plan(self, opening):
        """Who acts while this level is open, and after it."""
        span = min((opening.due - opening.opened_at).total_seconds() * 1.1, self.rng.choice((3, 100, 900_000)))
        for _ in range(self.rng.choice((0, 2, 2, 3, 5))):
            self.instance.call_at(self.instance.now + self.rng.uniform(0, span), self._send)

    def _send(self):
        """Somebody acts; what is sent may come twice, and as text in a text."""
        payload = self.seal(self.act())
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            at_s = self.instance.now + self.rng.choice((0, 0, 0.1, 5))
            self.instance.raise_event(at_s, "Approval", json.dumps(payload) if self.rng.random() < 0.2 else payload)

    def _announce(self, given):
        self.announced.append({"entries": given["entries"]})
        return self.announced[-1]

    def act(self):
        """What somebody sends, who has looked at the case a moment ago."""
        rng = self.rng
        self.numbers += 1
        opening = rng.choice(self.openings[-2:]) if self.openings else None
        asked = [person for group in opening.groups for person in group.asked] if opening else []
        asked += [opening.target.id] * 3 if opening and opening.target else []
        person = rng.choice([*asked, *asked, *asked, self.submission.author.id, "p7"])
        kind = rng.choice((Kind.APPROVE, Kind.APPROVE, Kind.APPROVE, Kind.REJECT, Kind.ABSTAIN))
        level = opening and opening.level
        if rng.random() < 0.05:
            kind, person, level, opening = Kind.WITHDRAW, self.submission.author.id, None, None
        return Act(
            f"{self.numbers:032x}", kind, Name(person, f"Person {person}"), "local", written(EPOCH), CASE, 1,
            self.run or "", level, opening and opening.opening, "Because.",
        )  # fmt: skip


class TwoLevels(World):
    """Two levels with one approver each, who are asked and act in order; nothing fails."""

    def __init__(self, rng, seal):
        super().__init__(rng, seal)
        levels = tuple(
            Level(f"Level {n}", (Approvers(People((person,))),), read_span("10 days"), OnExpiry("p7"))
            for n, person in enumerate(("p1", "p2"), 1)
        )
        policy = Policy("only", "Only", levels)
        self.file, self.share = replace(self.file, policies={"only": policy}), 0
        frozen = FrozenPolicy.of(self.file, policy, "sha256:f")
        author = Name("p5", "Person p5")
        self.submission = replace(self.submission, author=author, contributors=(), policy=frozen)
        self.given = sealed_input(self.submission)

    def _plan(self, opening):
        """Nobody but those two."""

    def act(self):
        """Who is asked approves."""
        self.numbers += 1
        opening = self.openings[-1]
        (person,) = opening.groups[0].asked
        return Act(
            f"{self.numbers:032x}", Kind.APPROVE, Name(person, person), "local", written(EPOCH), CASE, 1, self.run,
            opening.level, opening.opening, None,
        )  # fmt: skip


def played(engine, seed, seal):
    """An instance at its end, with its world."""
    rng = random.Random(seed)
    world = World(rng, seal)
    replays = seed % REPLAYED == 0
    instance = engine.Instance(ORCHESTRATOR, world.activities(), rng, world.given, own_id=CASE, replays=replays)
    world.instance = instance
    for _ in range(rng.choice((0, 0, 0, 2, 6))):
        instance.raise_event(rng.uniform(0, rng.choice((2, 20, 400_000))), "Approval", rng.choice(JUNK))
    return instance.run(), world


def walk_lot(engine, seeds):
    """Play and check these seeds; gives the states in which the cases have ended."""
    ends = set()
    with fast_seals() as seal:
        for seed in seeds:
            instance, world = played(engine, seed, seal)
            check(engine, instance, world, seed)
            ends.add(instance.custom_status["state"])
    return ends


def check(engine, instance, world, seed):
    """The instance has ended, its record is in the results of ``Announce``, and it made no more tasks than it needs."""
    status = instance.custom_status
    told = (seed, instance.status, instance.output, status)
    assert not instance.stalled, told
    assert status["state"] in ENDS, told
    assert instance.status == ("Failed" if status["state"] == "fault" else "Completed"), told
    record = joined(world.announced)
    assert record[-1]["what"] in ("ended", "fault", "unsealed"), told
    assert [entry["n"] for entry in record] == list(range(1, len(record) + 1)), told
    if instance.status == "Completed":
        escalated = sum(entry["what"] == "escalated" for entry in record)
        expected = 0 if status["state"] == "withdrawn" else escalated + 1
        assert len(instance.output) == expected, told
    heard = len(instance.rows(engine.RAISED))
    failed = len(instance.rows(engine.FAILED))
    reminded = sum(entry["what"] == "reminded" for entry in record)
    # A timer for the start, for each event, failure, reminder, opening and answer; and for each hop of a long wait.
    needed = (
        2 + heard + 2 * failed + reminded + 2 * len(world.openings) + instance.now / timedelta(days=5).total_seconds()
    )
    assert len(instance.rows(engine.TIMER)) <= needed + 1, told
    assert len(json.dumps(status)) <= MOST_JSON, told
    assert status["acts"] + status["unsealed"] <= heard, told
