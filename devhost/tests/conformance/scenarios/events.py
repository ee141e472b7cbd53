"""Events in bursts, too early, too late, in the wrong case, and over continue-as-new."""

from datetime import timedelta

from host import TERMINAL, Host

from scenarios.registry import scenario


@scenario()
def select_loop_votes(host: Host):
    """Two votes with junk between them."""
    p = host.start("select_loop", {"votes": 2, "seconds": 30, "expiries": 3})
    host.at(2)
    host.event(p, "Approval", {"by": "a"})
    host.at(3.5)
    host.event(p, "Approval", None, "junk")
    host.at(5)
    host.history(p, "one vote")
    host.event(p, "Approval", {"by": "b"})
    host.end(p)


@scenario()
def select_loop_burst(host: Host):
    """Five events at once, one of them junk, for three votes."""
    p = host.start("select_loop", {"votes": 3, "seconds": 30, "expiries": 3})
    host.at(2)
    for body in ("a", None, "b", "c", "d"):
        host.event(p, "Approval", body)
    host.end(p)


@scenario()
def select_loop_at_once(host: Host):
    """Events that come before the first episode."""
    p = host.start("select_loop", {"votes": 3, "seconds": 6, "expiries": 2})
    for body in ("a", "b", "c"):
        host.event(p, "Approval", body)
    host.end(p)


@scenario()
def select_loop_during_activity(host: Host):
    """Events while an activity of the round before runs, which takes 1 s."""
    p = host.start("select_loop", {"votes": 4, "seconds": 30, "expiries": 3})
    host.at(2)
    for body in ("a", "b", "c", "d"):
        host.event(p, "Approval", body)
        host.pause(0.7)
    host.end(p)


@scenario()
def select_loop_expires(host: Host):
    """One vote of two, then two expiries."""
    p = host.start("select_loop", {"votes": 2, "seconds": 4, "expiries": 2})
    host.at(2)
    host.event(p, "Approval", "only")
    host.at(6)
    host.history(p, "after one expiry")
    host.end(p)


@scenario()
def kept_timer(host: Host):
    """The deadline passes unnoticed until another event comes."""
    p = host.start("kept_timer")
    host.at(2)
    host.event(p, "Approval", "one")
    host.at(4)
    host.history(p, "before the deadline")
    host.at(11)
    status = host.history(p, "5 s after the deadline")
    if status.get("runtimeStatus") not in TERMINAL:
        host.event(p, "Approval", "two", "unsticking event")
    host.end(p, seconds=15)


@scenario()
def kept_timer_without_event(host: Host):
    """Without an event the kept timer does its work."""
    host.end(host.start("kept_timer", {"seconds": 4}))


@scenario()
def kept_wait(host: Host):
    """Three rounds with one wait: the event comes in the third, or never."""
    p, q = host.start("kept_wait"), host.start("kept_wait")
    end = host.clock.now() + timedelta(seconds=30)
    while host.clock.now() < end:  # the third round begins when two reminders are done, however early timers fire
        url = p["statusQueryGetUri"] + "&showHistory=true"
        seen = host.http("rounds", "GET", url, record=False)[2].get("historyEvents") or []
        if sum(row["EventType"] == "TaskCompleted" for row in seen) >= 2:
            break
        host.pause(0.1)
    host.event(p, "Approval", "third round")
    host.end(p, "event in round three")
    host.end(q, "no event")


@scenario()
def early_event_one(host: Host):
    """One early event for two waits: Python is done with it, the engine wants a second."""
    p = host.start("early_events")
    host.at(1.5)
    host.event(p, "E", "one")
    host.at(9)
    status = host.history(p, "5 s after the timer")
    if status.get("runtimeStatus") not in TERMINAL:
        host.event(p, "E", "two", "unsticking event")
    host.end(p, seconds=15)


@scenario()
def early_event_two(host: Host):
    """Two early events for two waits: the second one twice."""
    p = host.start("early_events")
    host.at(1.5)
    host.event(p, "E", "one")
    host.event(p, "E", "two")
    host.end(p, seconds=20)


@scenario()
def wrong_case(host: Host):
    """`approval` instead of `Approval`: used up by the engine, unseen by Python."""
    p = host.start("wrong_case", "race")
    q = host.start("wrong_case", "alone")
    host.at(1.5)
    host.event(p, "approval", "lower", "race: wrong case")
    host.event(q, "approval", "lower", "alone: wrong case")
    host.end(p, "race")
    host.history(q, "alone, after 5 s")
    host.event(q, "Approval", "right", "alone: right case")
    host.end(q, "alone", seconds=15)


@scenario()
def continue_spaced(host: Host):
    """An event for each execution."""
    p = host.start("continue_with_events")
    for n, body in enumerate(("one", "two", "three")):
        host.at(2 + 2.5 * n)
        host.event(p, "Next", body)
    host.end(p, seconds=15)


@scenario()
def continue_burst(host: Host):
    """Three events at once for three executions."""
    p = host.start("continue_with_events")
    host.at(2)
    for body in ("one", "two", "three"):
        host.event(p, "Next", body)
    host.wait(p, seconds=8, label="after the burst", expected=False)
    host.history(p, "after the burst, history")
    for n in range(3):
        if host.get("state", p["statusQueryGetUri"]).get("runtimeStatus") in TERMINAL:
            break
        host.event(p, "Next", f"more {n}")
        host.pause(2)
    host.end(p, seconds=10)


@scenario()
def continue_drops(host: Host):
    """An event that nobody awaits before continue-as-new is dropped."""
    p = host.start("continue_with_events", {"got": [], "pause": 3})
    host.at(2)
    host.event(p, "Next", "one")
    host.at(3)
    host.event(p, "Next", "unread")
    host.at(9)
    host.history(p, "after continue")
    host.event(p, "Next", "three")
    host.at(14)
    host.history(p, "after the next")
    host.kill(p)
