"""Timers left open, longer than six days, or beside a failure; custom statuses on the way."""

from host import Host

from scenarios.registry import scenario


@scenario()
def uncancelled(host: Host):
    """The event won; the open timer keeps the instance."""
    p = host.start("uncancelled")
    host.at(2)
    host.event(p, "Approval", "yes")
    host.at(5)
    host.history(p, "event and activity done, timer open")
    host.end(p, seconds=20)


@scenario()
def long_race(host: Host):
    """A timer of ten days takes no cancel."""
    p = host.start("long_race")
    host.at(2)
    host.event(p, "Approval", "yes")
    host.at(7)
    host.kill_if_alive(p, host.history(p, "5 s after the event"))


@scenario()
def five_day_race(host: Host):
    """A timer of five days does."""
    p = host.start("five_day_race")
    host.at(2)
    host.event(p, "Approval", "yes")
    host.end(p, seconds=15)


@scenario()
def renewed_timer(host: Host):
    """The wait is kept, the timer renewed after an activity's result; events before, after, and after an expiry."""
    quiet, before, after, late = (host.start("renewed_timer", ["Escalation"], label=f"start {n}") for n in range(1, 5))
    both = host.start("renewed_timer", ["Notify", "Escalation"], label="start with two activities")
    host.at(1)
    host.event(before, "Approval", "before")
    host.at(4)
    host.event(after, "Approval", "after")
    host.history(quiet, "the first timer is cancelled, the second one open")
    host.history(both, "renewed twice")
    host.at(10.5)
    host.event(late, "Approval", "late")
    for name, one in {"quiet": quiet, "before": before, "after": after, "late": late, "two": both}.items():
        host.end(one, name, seconds=30)


def _more(name: str, *start: str, last: bool = False) -> dict[str, object]:
    """An event that starts activities."""
    return {"name": name, "start": start, "last": last}


@scenario()
def several_activities(host: Host):
    """Activities beside a wait and a timer: together, apart, with events between, and after the last event."""
    three, apart, between, burst = (
        host.start("several_activities", given, label=f"start {len(given)}")
        for given in (["Escalation"] * 3, ["Notify", "Escalation"], ["Escalation"], [])
    )
    host.at(1)
    host.event(between, "Approval", _more("first", "Escalation"))
    host.event(burst, "Approval", _more("first", "Notify", "Escalation"))
    host.event(burst, "Approval", _more("second", "Notify", last=True))
    host.at(5)
    host.history(three, "three results, one timer open")
    host.history(between, "an event between")
    host.event(three, "Approval", _more("last", "Notify", "Notify", last=True))
    host.at(12)
    for one in (apart, between):
        host.event(one, "Approval", _more("last", "Escalation", last=True))
    for name, one in {"three": three, "apart": apart, "between": between, "burst": burst}.items():
        host.end(one, name, seconds=30)


@scenario()
def all_fails_early(host: Host):
    """An activity failed beside an open timer: the next one waits for the timer."""
    p = host.start("all_fails_early")
    host.at(4)
    host.history(p, "activity failed, timer open")
    host.end(p, seconds=20)


@scenario()
def raise_with_open_timer(host: Host):
    """The orchestrator raised; the open timer keeps the instance."""
    p = host.start("raise_with_open_timer")
    host.at(1.5)
    host.event(p, "Approval", "yes")
    host.at(4)
    host.history(p, "raised, timer open")
    host.end(p, seconds=20)


@scenario()
def retry3(host: Host):
    """Three attempts of which none, two or all fail."""
    started = [(n, host.start("retry3", n, label=f"start, fails {n} times")) for n in (0, 2, 3)]
    for n, p in started:
        host.end(p, f"fails {n} times")
        if n == 3:
            host.history(p, "timers")


@scenario()
def big_status(host: Host):
    """Custom statuses around the limit of 16 KB."""
    sizes = (8000, 8600, 8703, 8704, 9000)
    for n, p in [(n, host.start("big_status", n, label=f"start {n}")) for n in sizes]:
        host.wait(p, label=f"{n} characters")
        shown = host.steps[-1]["body"]
        if isinstance(shown, dict) and isinstance(shown.get("customStatus"), str):
            shown["customStatus"] = f"<{len(shown['customStatus'])} characters>"


@scenario()
def falsy_status(host: Host):
    """A falsy custom status clears the one before."""
    values = (0, "", {}, [], None, False)
    started = [(value, host.start("falsy_status", value, label=f"start {value!r}")) for value in values]
    host.at(4)
    for value, p in started:
        host.get(f"while {value!r}", p["statusQueryGetUri"])
    for value, p in started:
        host.wait(p, label=f"final {value!r}")


@scenario()
def status_steps(host: Host):
    """The custom status of each step."""
    p = host.start("status_steps")
    for n in (1, 3, 5):
        host.at(n - 0.01)  # timers fire on whole seconds, where time is virtual even to the tick
        host.get(f"after {n} s", p["statusQueryGetUri"])
    host.end(p)


@scenario()
def fan_out(host: Host):
    """One, five and twenty activities at once."""
    for n, p in [(n, host.start("fan_out", n, label=f"start {n}")) for n in (1, 5, 20)]:
        status = host.end(p, f"{n} activities")
        host.expect(status.get("output") == [f"<{i}>" for i in range(n)], f"fan_out {n}: {status.get('output')}")


@scenario()
def fan_out_none(host: Host):
    """None at once."""
    p = host.start("fan_out", 0)
    host.at(4)
    host.kill_if_alive(p, host.history(p, "after 4 s"))


@scenario()
def guid_and_time(host: Host):
    """The SDK's ids and its clock."""
    out = host.end(host.start("guid_and_time")).get("output") or {}
    host.expect(bool(out.get("all different") and out.get("clock moved")), f"guid_and_time: {out}")
