"""Orchestrators, children and entities that fail, stall or change their mind."""

from host import TERMINAL, Host

from scenarios.registry import scenario


@scenario()
def unknown_activity(host: Host):
    """Calls an activity that is not there: stalls for ever."""
    p = host.start("unknown_activity")
    host.at(5)
    host.kill_if_alive(p, host.history(p, "after 5 s"))


@scenario()
def unknown_sub(host: Host):
    """Calls an orchestrator that is not there: stalls for ever."""
    p = host.start("unknown_sub")
    host.at(5)
    host.kill_if_alive(p, host.history(p, "after 5 s"))


@scenario()
def sub_fails(host: Host):
    """A child that fails, and what its parent sees."""
    me = host.id("sub-fails")
    host.end(host.start("sub_fails", instance_id=me))
    host.get("child", host.url(f"{me}-child", more="showHistory=true&showHistoryOutput=true&"))


@scenario()
def sub_terminated(host: Host):
    """A child is terminated under its parent, a parent over its child."""
    one, two = host.id("parent-1"), host.id("parent-2")
    p, q = host.start("sub_terminated", instance_id=one), host.start("sub_terminated", instance_id=two)
    host.at(3)
    child = host.url(f"{two}-child", more="showHistory=true&showHistoryOutput=true&")
    host.get("child runs", child)
    host.http("terminate child", "POST", host.url(f"{one}-child", "/terminate", "reason=child-ended&"))
    host.end(p, "parent of a terminated child")
    host.op(q, "terminate", "parent-ended", "terminate parent")
    host.end(q, "terminated parent")
    host.pause(1)
    host.get("child of a terminated parent", child)
    host.http("terminate that child", "POST", host.url(f"{two}-child", "/terminate", "reason=enough&"))


@scenario()
def bad_outputs(host: Host):
    """Results that JSON cannot hold, of an orchestrator and of an activity."""
    for name in ("bad_output", "bad_activity_output"):
        host.end(host.start(name), name)


@scenario()
def yields_no_task(host: Host):
    """Yields of nothing, a number, a text, a list."""
    values = (None, 5, "text", [1])
    started = [(value, host.start("yields_none", value, label=f"start {value!r}")) for value in values]
    host.at(5)
    for value, p in started:
        status = host.history(p, f"yielded {value!r}")
        if status.get("runtimeStatus") not in TERMINAL:
            host.op(p, "terminate", "enough", f"terminate {value!r}")


@scenario()
def not_generator(host: Host):
    """A plain function as orchestrator: it returns, it raises."""
    host.end(host.start("not_generator_raises", "return"), "returns")
    host.end(host.start("not_generator_raises", "raise"), "raises")


@scenario()
def nondeterministic(host: Host):
    """Another activity on replay."""
    p = host.start("nondeterministic")
    status = host.wait(p, seconds=15, expected=False)
    host.history(p)
    host.kill_if_alive(p, status)


@scenario()
def signals(host: Host):
    """Two signals from an orchestrator that does nothing else."""
    me = host.id("signals")
    host.end(host.start("signals", instance_id=me))
    host.pause(4)
    host.get("entity", f"{host.hook}/entities/counter/{me}?{host.query}")


@scenario()
def entity_fails(host: Host):
    """An entity's operation fails its caller."""
    host.end(host.start("entity_fails"), seconds=20)


@scenario()
def http_call(host: Host):
    """An orchestrator calls this host: 200, 202 with a place to look, 404."""
    for where in ("plain", "accepted", "nope"):
        p = host.start("http_call", f"{host.base}/api/{where}", label=f"start {where}")
        status = host.wait(p, seconds=20, label=where, expected=False)
        host.history(p, f"{where}, history")
        host.kill_if_alive(p, status)
