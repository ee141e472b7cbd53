"""The orchestrator against random schedules of an engine that walks its actions as the real one does."""

import json
import math
import random
from datetime import timedelta

import pytest

from approval import decision, messages
from approval.case import new_input
from approval.policy.durations import duration
from approval.policy.one_level import OneLevelPolicy
from functions import review_flow

SCHEDULES = 1_200
LOTS = 12
YES = ("Approved", "yes", True, None, "null", '"Approved"', {"decision": "approve", "by": "dana"}, '{"approved": true}')
NO = ("Rejected", "no", False, "false", {"decision": "reject", "comment": "x"}, '"{\\"decision\\": \\"no\\"}"')
UNREADABLE = (b"undefined", b"/* x */", b'{"decision": "approve", "__class__": 1, "__module__": 2, "__data__": 3}')
JUNK = (0, 1, "", "maybe", [], ["Approved"], {}, {"decision": 5}, "{", "x" * 20_000, *UNREADABLE)
TIMEOUTS = ("PT2S", "PT5S", "PT20S", "PT1M", "P12D")

ORCHESTRATOR = review_flow.OrchFunction.build().get_user_function().orchestrator_function


def flaky(rng, share):
    """The two activities; each call fails with this probability."""

    def wrap(function):
        def run(given):
            if rng.random() < share:
                raise OSError("the mail server is down")
            return function(given)

        return run

    return {"Approval": wrap(messages.decided), "Escalation": wrap(messages.escalated)}


def schedule(rng, timeout_s):
    """Random events: early, in bursts, around the deadline, after it; clear ones and junk."""
    span = rng.choice((0.5, timeout_s, timeout_s * 1.3, timeout_s + 1.2))
    kinds = rng.choice(((JUNK,), (JUNK, JUNK, JUNK, YES, NO), (YES, NO), ()))
    if not kinds:
        return []
    return sorted(((rng.uniform(0, span), rng.choice(rng.choice(kinds))) for _ in range(rng.randint(1, 8))), key=first)


def first(pair):
    """When an event comes."""
    return pair[0]


@pytest.mark.parametrize("lot", [0, *(pytest.param(lot, marks=pytest.mark.long) for lot in range(1, LOTS))])
def test_every_schedule_ends_in_the_one_right_outcome(engine, lot):
    """Early, double, junk and late events, slow and failing activities: one outcome, in time, without a stall."""
    for seed in range(lot, SCHEDULES, LOTS):
        rng = random.Random(seed)
        timeout = rng.choice(TIMEOUTS)
        timeout_s = duration_s(timeout)
        events = schedule(rng, timeout_s)
        share = rng.choice((0, 0, 0.3))
        instance = engine.Instance(
            ORCHESTRATOR, flaky(rng, share), rng, new_input(None, OneLevelPolicy(timeout), "sha256:0")
        )
        for at_s, payload in events:
            instance.raise_event(at_s, "Approval", payload)
        if rng.random() < 0.2:
            instance.raise_event(rng.uniform(0, timeout_s), "approval", "Rejected")
        check(instance.run(), events, timeout_s, engine, seed)


def duration_s(timeout):
    """A duration of whole days or less, in seconds."""
    span = duration(timeout)
    return timedelta(days=span.days, hours=span.hours, minutes=span.minutes, seconds=span.seconds).total_seconds()


def check(instance, events, timeout_s, engine, seed):
    """The case has ended in the one outcome that these events allow, and has cost no more than they need."""
    told = (seed, events, instance.output, instance.custom_status)
    assert instance.status == "Completed", told
    assert not instance.stalled, told
    assert len(instance.output) == 1, told
    clear = [(at, said) for at, said in ((at, decision.read(payload)) for at, payload in events) if is_clear(said)]
    possible = set()
    if clear and clear[0][0] < timeout_s + 1.5:
        possible.add(messages.decided(clear[0][1].outcome))
    if not clear or clear[0][0] > timeout_s - 1.1:
        possible.add(messages.escalated(messages.HEAD_OF_DEPARTMENT))
    assert instance.output[0] in possible, told
    failures = len(instance.rows(engine.FAILED))
    ignored = instance.custom_status["ignored"]["count"]
    # Each junk event renews the timer once, each hop and each failure needs one more: it never spins.
    hops = math.ceil(timeout_s / timedelta(days=5).total_seconds())
    assert len(instance.rows(engine.TIMER)) <= hops + ignored + failures, told
    assert len(instance.rows(engine.SCHEDULED)) == 1 + failures, told
    before = [at for at, _ in clear[:1]] + [timeout_s]
    assert ignored <= sum(at <= min(before) + 1.5 for at, payload in events), told
    assert len(json.dumps(instance.custom_status)) <= 8_000, told


def is_clear(said):
    """Whether an event is a decision."""
    return isinstance(said, decision.Decision)


def test_the_plain_case_takes_three_turns_and_one_timer(engine):
    """One event, one activity: three turns, one timer, completed with the activity's result."""
    instance = engine.Instance(ORCHESTRATOR, flaky(random.Random(1), 0), random.Random(1))
    instance.raise_event(3, "Approval", "Approved")
    instance.run()
    assert (instance.turns, len(instance.rows(engine.TIMER)), instance.status) == (3, 1, "Completed")
    assert instance.output == ["Your project design proposal has been -  Approved!"]
    assert instance.now < 14


def test_an_expiry_takes_three_turns_and_one_timer_however_early_it_fires(engine):
    """The timer fires up to a second early, and is due all the same."""
    for seed in range(50):
        rng = random.Random(seed)
        instance = engine.Instance(ORCHESTRATOR, flaky(rng, 0), rng).run()
        assert (instance.turns, len(instance.rows(engine.TIMER)), instance.status) == (3, 1, "Completed")


def test_a_loop_that_asks_the_clock_again_spins_where_ours_does_not(engine):
    """An orchestrator that compares the clock with its deadline makes timer after timer in the last second."""

    def asks_the_clock(context):
        due = context.current_utc_datetime + timedelta(seconds=5)
        while context.current_utc_datetime < due:
            yield context.create_timer(due)
        return "due"

    spun = [
        len(engine.Instance(asks_the_clock, {}, random.Random(seed)).run().rows(engine.TIMER)) for seed in range(20)
    ]
    rng = random.Random(1)
    ours = engine.Instance(ORCHESTRATOR, flaky(rng, 0), rng, new_input(None, OneLevelPolicy("PT5S"), "sha256:0")).run()
    assert max(spun) > 5
    assert len(ours.rows(engine.TIMER)) == 1


def test_the_engine_here_stalls_a_timer_that_is_kept_for_a_new_wait(engine):
    """The harness is a fair judge: the well-known wrong loop never ends on it, as it does on the real engine."""

    def keeps_the_timer(context):
        timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=5))
        while True:
            vote = context.wait_for_external_event("Approval")
            if (yield context.task_any([vote, timer])) == timer:
                return (yield context.call_activity("Escalation", "Eli"))

    rng = random.Random(1)
    instance = engine.Instance(keeps_the_timer, flaky(rng, 0), rng)
    instance.raise_event(1, "Approval", "maybe")
    instance.run()
    assert instance.status == "Running"
    assert not instance.rows(engine.SCHEDULED)


def test_an_instance_that_is_not_replayed_at_each_turn_is_replayed_at_its_end(engine):
    """A loop that a replay takes another way is noticed: this one counts its runs outside of its history."""
    runs = []

    def counts_its_runs(context):
        runs.append(context.instance_id)
        return (yield context.call_activity("Approval", f"run {len(runs)}"))

    instance = engine.Instance(counts_its_runs, {"Approval": str}, random.Random(1), replays=False)
    with pytest.raises(AssertionError, match="a replay gives another answer than going on"):
        instance.run()
    assert len(runs) == 2


def test_twelve_days_are_waited_for_in_hops_of_at_most_five(engine):
    """A long time to decide is cut into timers that the engine can cancel; the last one is the deadline."""
    rng = random.Random(1)
    given = new_input(None, OneLevelPolicy("P12D"), "sha256:0")
    instance = engine.Instance(ORCHESTRATOR, flaky(rng, 0), rng, given).run()
    fire = [round(engine.seconds(row["FireAt"]) / 86_400) for row in instance.rows(engine.TIMER)]
    assert fire == [5, 10, 12]
    assert instance.output == [messages.escalated("Head of department")]


def test_an_event_after_the_decision_changes_nothing(engine):
    """While the last activity runs, later events are not waited for and cannot hold the end."""
    for seed in range(30):
        rng = random.Random(seed)
        instance = engine.Instance(ORCHESTRATOR, flaky(rng, 0), rng)
        for at_s, payload in ((2, "no"), (2.1, "yes"), (2.2, 5), (2.3, "yes"), (4, "yes")):
            instance.raise_event(at_s, "Approval", payload)
        instance.run()
        assert instance.output == ["Your project design proposal has been -  Rejected!"]
        assert instance.status == "Completed"


def test_a_failing_activity_is_tried_again_until_it_works(engine):
    """The decision is final while the activity fails; the case completes with the right message afterwards."""
    calls = []

    def approval(outcome):
        calls.append(outcome)
        if len(calls) < 4:
            raise OSError("down")
        return messages.decided(outcome)

    instance = engine.Instance(ORCHESTRATOR, {"Approval": approval}, random.Random(3))
    instance.raise_event(1, "Approval", {"decision": "yes", "by": "dana"})
    instance.run()
    assert instance.output == [messages.decided("Approved")]
    assert calls == ["Approved"] * 4
    assert instance.custom_status["trouble"] is None


def test_an_activity_that_never_works_fails_the_case_with_a_clear_text(engine):
    """After a month of attempts the instance fails, and says that the decision is final."""

    def approval(_):
        raise OSError("down")

    instance = engine.Instance(ORCHESTRATOR, {"Approval": approval}, random.Random(3))
    instance.raise_event(1, "Approval", "no")
    instance.run()
    assert instance.status == "Failed"
    assert "was rejected, and that stands" in instance.output
    assert instance.custom_status["trouble"]["triesAgainAt"] is None
