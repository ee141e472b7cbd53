"""Purge, rewind, restart, suspend and terminate, on instances in every state."""

from host import TERMINAL, Host

from scenarios.registry import scenario


@scenario()
def purge_running(host: Host):
    """Only what has ended is purged."""
    p = host.start("race", {"seconds": 300})
    host.wait(p, until=("Running",))
    status = host.http("purge running", "DELETE", p["purgeHistoryDeleteUri"])[0]
    host.get("status", p["statusQueryGetUri"])
    if status == 412:
        host.op(p, "suspend")
        host.wait(p, until=("Suspended",), seconds=15, label="suspended", expected=False)
        host.http("purge suspended", "DELETE", p["purgeHistoryDeleteUri"])
        host.kill(p)
        host.http("purge terminated", "DELETE", p["purgeHistoryDeleteUri"])
        host.get("status after", p["statusQueryGetUri"])


@scenario()
def rewind_states(host: Host):
    """Only what has failed is rewound."""
    p = host.start("race", {"seconds": 300})
    host.wait(p, until=("Running",))
    host.op(p, "rewind", label="rewind running")
    host.op(p, "suspend")
    host.wait(p, until=("Suspended",), seconds=15, label="suspended", expected=False)
    host.op(p, "rewind", label="rewind suspended")
    host.kill(p)
    host.op(p, "rewind", label="rewind terminated")
    q = host.start("chain", ["a"])
    host.wait(q)
    host.op(q, "rewind", label="rewind completed")


@scenario()
def rewind_failed(host: Host):
    """An activity that failed once is done again, also a child's."""
    one, two = host.start("flaky_once"), host.start("flaky_parent", instance_id=host.id("flaky-parent"))
    for label, p in (("alone", one), ("parent and child", two)):
        status = host.end(p, f"{label}: failed")
        host.expect(status.get("runtimeStatus") == "Failed", f"{label}: {status.get('runtimeStatus')}")
        host.op(p, "rewind", "again", f"{label}: rewind")
        host.get(f"{label}: right after", p["statusQueryGetUri"])
        host.pause(1)
        host.end(p, f"{label}: rewound", seconds=20)


@scenario()
def restart_flags(host: Host):
    """Restarts under the old and under a new id, of a completed, a running, a terminated and an unknown instance."""

    def restart(label: str, instance_id: str, more: str) -> dict[str, str] | None:
        got = host.http(label, "POST", host.url(instance_id, "/restart", more))[2]
        return got if isinstance(got, dict) and "statusQueryGetUri" in got else None

    own, new = "restartWithNewInstanceId=false&", "restartWithNewInstanceId=true&"
    done, live = host.start("chain", ["a"]), host.start("race", {"seconds": 300})
    host.wait(done)
    host.wait(live, until=("Running",))
    for label, p in (("completed", done), ("running", live)):
        for more in (own, new, ""):
            other = restart(f"restart {label} {more}", p["id"], more)
            states = ("Running", "Completed")
            if other and other["id"] != p["id"]:
                host.wait(other, until=states, seconds=15, label=f"{label} {more}", expected=False)
                if label == "running":
                    host.op(other, "terminate")
            host.pause(1)
            host.wait(p, until=states, seconds=15, label=f"{label} {more}: the old one")
    host.kill(live)
    for more in (own, new):
        host.http(f"restart unknown {more}", "POST", host.url(host.id("nobody"), "/restart", more))
    again = restart("restart terminated under its id", live["id"], own)
    host.pause(1)
    host.wait(live, until=("Running",), seconds=15, label="terminated, restarted", expected=again is not None)
    host.kill(live)


@scenario()
def suspend_twice(host: Host):
    """Suspend and resume in the wrong states; terminate while suspended."""
    p = host.start("race", {"seconds": 300})
    host.wait(p, until=("Running",))
    host.op(p, "resume", label="resume when not suspended")
    host.op(p, "suspend", "first", "suspend")
    host.wait(p, until=("Suspended",), label="suspended")
    host.op(p, "suspend", "second", "suspend again")
    host.op(p, "resume", "on", "resume")
    host.wait(p, until=("Running",), label="resumed")
    host.op(p, "suspend", "third", "suspend once more")
    host.wait(p, until=("Suspended",), label="suspended once more")
    host.op(p, "terminate", "while-suspended", "terminate suspended")
    host.end(p)


@scenario()
def suspend_over_timer(host: Host):
    """Timers fall due while their instances are suspended."""
    p, q = host.start("race", {"seconds": 4}), host.start("status_steps")
    host.at(1.5)
    host.op(p, "suspend", "race")
    host.op(q, "suspend", "steps")
    host.at(7.5)
    host.history(p, "race, timer due")
    host.history(q, "steps, timer due")
    host.op(p, "resume", "on")
    host.op(q, "resume", "on")
    host.end(p, "race")
    host.end(q, "steps")


@scenario()
def on_pending(host: Host):
    """Operations at once after the start, before or around the first episode."""
    for op in ("event", "suspend", "terminate", "rewind", "purge"):
        url = f"{host.hook}/orchestrators/race?{host.query}"
        p = host.http(f"start for {op}", "POST", url, {"seconds": 300})[2]
        if op == "event":
            host.event(p, "Approval", "early")
        elif op == "purge":
            host.http(op, "DELETE", p["purgeHistoryDeleteUri"])
        else:
            host.op(p, op)
        host.pause(3)
        status = host.history(p, f"after {op}")
        if status.get("runtimeStatus") not in (*TERMINAL, None):
            host.op(p, "terminate", "enough", f"terminate after {op}")


@scenario()
def terminate_reasons(host: Host):
    """The reason becomes the output: what does the status make of it?"""
    reasons = (
        "",
        "plain",
        "5%20days%20late",
        "true",
        "null",
        "%7B%22a%22%3A1%7D",
        "%22quoted%22",
        "%5Bnot%20json",
        "%C3%A4",
    )
    started = [(reason, host.start("race", {"seconds": 300}, label=f"start {reason}")) for reason in reasons]
    host.at(3)
    for reason, p in started:
        host.op(p, "terminate", reason, f"terminate {reason}")
    for reason, p in started:
        host.end(p, f"final {reason}")
