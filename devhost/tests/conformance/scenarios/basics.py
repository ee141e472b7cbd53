"""What every host does every day: chains, races, retries, children, entities, starts over the HTTP API."""

from host import Host

from scenarios.registry import scenario


@scenario()
def chain(host: Host):
    """Three activities, then every operation on the finished instance, then its purge."""
    p = host.start("chain", ["a", "b", "c"])
    status = host.wait(p)
    host.expect(status.get("output") == ["<a>", "<b>", "<c>"], f"chain: {status}")
    look = p["statusQueryGetUri"]
    host.get("history", look + "&showHistory=true")
    host.get("history+output", look + "&showHistory=true&showHistoryOutput=true")
    host.get("no input", look + "&showInput=false")
    host.event(p, "Approval", "late", "event after the end")
    for op in ("terminate", "suspend", "resume"):
        host.op(p, op, label=f"{op} after the end")
    host.http("rewind after the end", "POST", host.url(p["id"], "/rewind", "reason=x&"))
    host.http("restart", "POST", host.url(p["id"], "/restart", "restartWithNewInstanceId=true&"))
    host.pause(1)
    host.http("purge", "DELETE", p["purgeHistoryDeleteUri"])
    host.get("status after purge", look)
    host.http("purge again", "DELETE", p["purgeHistoryDeleteUri"])


@scenario()
def chain_without_input(host: Host):
    """A start without a body."""
    host.wait(host.start("chain"))


@scenario()
def race_event(host: Host):
    """An event beats a timer of 300 s."""
    p = host.start("race", {"seconds": 300})
    host.pause(2)
    host.get("waiting", p["statusQueryGetUri"])
    host.event(p, "Approval", {"decision": "Approved"})
    status = host.wait(p)
    wanted = {"by": "event", "value": {"decision": "Approved"}}
    host.expect(status.get("output") == wanted, f"race_event: {status}")


@scenario()
def race_event_payloads(host: Host):
    """Events of every JSON kind."""
    bodies = ("Approved", None, True, 5, ["x"], {"a": {"b": None}}, "2026-01-01T00:00:00Z")
    started = [(body, host.start("race", {"seconds": 300}, label=f"start for {body!r}")) for body in bodies]
    host.at(2)
    for body, p in started:
        host.event(p, "Approval", body, f"event {body!r}")
    for body, p in started:
        host.end(p, f"final for {body!r}")


@scenario()
def race_event_odd_requests(host: Host):
    """Events that are no JSON, have another type, no body, or a name in lower case."""
    p = host.start("race", {"seconds": 300})
    host.at(2)
    host.event(p, "Approval", b"not json", "invalid json")
    host.event(p, "Approval", b"plain", "text/plain", content_type="text/plain")
    host.http("no content", "POST", p["sendEventPostUri"].replace("{eventName}", "Approval"))
    host.event(p, "approval", "lower", "name in lower case")
    host.pause(2)
    host.history(p, "afterwards")
    host.kill(p)


@scenario()
def event_before_wait(host: Host):
    """An event that comes with the start."""
    p = host.start("race", {"seconds": 300})
    host.event(p, "Approval", "at once")
    host.wait(p)


@scenario()
def race_timer(host: Host):
    """Nobody raises the event."""
    status = host.wait(host.start("race", {"seconds": 3}))
    host.expect(status.get("output") == {"by": "timer"}, f"race_timer: {status}")


@scenario()
def failing_activity(host: Host):
    """An activity fails, the instance with it; rewound, it fails again."""
    p = host.start("fails")
    status = host.wait(p)
    host.expect(status.get("runtimeStatus") == "Failed", f"fails: {status}")
    host.history(p)
    host.get("500 asked for", p["statusQueryGetUri"] + "&returnInternalServerErrorOnFailure=true")
    host.op(p, "rewind", "again")
    host.wait(p, label="after rewind")


@scenario()
def retries(host: Host):
    """Two attempts, both fail, the orchestrator catches it."""
    host.wait(host.start("retries"))


@scenario()
def sub_orchestrations(host: Host):
    """Two children at once."""
    p = host.start("parent")
    status = host.wait(p)
    host.expect(status.get("output") == [["<p>", "<q>"], ["<r>"]], f"parent: {status}")
    host.get("history", p["statusQueryGetUri"] + "&showHistory=true")


@scenario()
def entity(host: Host):
    """An entity signalled and called by an orchestrator, one signalled over HTTP, one unknown."""
    one, two, entities = host.id("one"), host.id("two"), f"{host.hook}/entities"
    status = host.wait(host.start("count", one))
    host.expect(status.get("output") == 5, f"count: {status}")
    host.get("read", f"{entities}/counter/{one}?{host.query}")
    host.http("signal", "POST", f"{entities}/counter/{two}?op=add&{host.query}", 7)
    host.pause(4)
    host.get("read two", f"{entities}/counter/{two}?{host.query}")
    host.get("read none", f"{entities}/counter/{host.id('none')}?{host.query}")


@scenario()
def eternal(host: Host):
    """Continues as new three times, then ends."""
    status = host.wait(host.start("eternal"))
    host.expect(status.get("output") == 3, f"eternal: {status}")


@scenario()
def terminate(host: Host):
    """A running instance is terminated."""
    p = host.start("race", {"seconds": 300})
    host.wait(p, until=("Running",))
    host.op(p, "terminate", "because")
    host.wait(p)


@scenario()
def suspend_resume(host: Host):
    """An event reaches a suspended instance."""
    p = host.start("race", {"seconds": 300})
    host.wait(p, until=("Running",))
    host.op(p, "suspend", "hold")
    host.wait(p, until=("Suspended",), label="suspended")
    host.event(p, "Approval", "while suspended")
    host.pause(2)
    host.get("still", p["statusQueryGetUri"])
    host.op(p, "resume", "go-on")
    host.wait(p)


@scenario()
def same_id(host: Host):
    """An id is started again: while its instance runs, and after its end."""
    me = host.id("same-id")
    p = host.start("race", {"seconds": 300}, me)
    host.wait(p, until=("Running",))
    again = "start again while running"
    host.http(f"{again}, client", "POST", f"/api/orchestrators/race?id={me}", {"seconds": 301})
    host.http(f"{again}, http api", "POST", f"{host.hook}/orchestrators/race/{me}?{host.query}", {"seconds": 302})
    host.pause(2)
    host.wait(p, until=("Running",), label="after the second start")
    host.event(p, "Approval", "x")
    host.wait(p)
    host.wait(host.start("chain", ["z"], me, "start again after the end"), label="second life")


@scenario()
def http_api_starts(host: Host):
    """Starts over the management API with every kind of input, and some that are refused."""
    q, orchestrators = host.query, f"{host.hook}/orchestrators"
    inputs = (
        ("race", "dict", {"seconds": 2}),
        ("chain", "none", None),
        ("chain", "array", ["a"]),
        ("chain", "number", 5),
        ("chain", "string", "a"),
        ("chain", "json in string", '["a"]'),
    )
    started = [
        (label, host.http(f"api start {label}", "POST", f"{orchestrators}/{name}?{q}", body)[2])
        for name, label, body in inputs
    ]
    for label, p in started:
        host.wait(p, label=f"final {label}")
    host.http("with id", "POST", f"{orchestrators}/chain/{host.id('api-id')}?{q}")
    host.http("and wait", "POST", f"{orchestrators}/chain?timeout=20&pollingInterval=1&{q}")
    host.http("unknown name", "POST", f"{orchestrators}/nothere?{q}")
    host.http("invalid json", "POST", f"{orchestrators}/chain?{q}", b"{")
    host.get("get", f"{orchestrators}/chain?{q}")
    host.http("unknown via starter", "POST", "/api/orchestrators/nothere")


@scenario()
def unknown_instance(host: Host):
    """Every operation on an id that nobody started, and on operations that do not exist."""
    instance, q = f"{host.hook}/instances/no-such-id", host.query
    host.get("status", f"{instance}?{q}")
    host.http("event", "POST", f"{instance}/raiseEvent/X?{q}", "x")
    for op in ("terminate", "suspend", "resume", "rewind"):
        host.http(op, "POST", f"{instance}/{op}?reason=x&{q}")
    host.http("restart", "POST", f"{instance}/restart?{q}")
    host.http("purge", "DELETE", f"{instance}?{q}")
    host.http("bad operation", "POST", f"{instance}/dance?{q}")
    host.http("put", "PUT", f"{instance}?{q}")
    host.get("bad path", f"{host.hook}/nothing?{q}")


@scenario()
def plain_http(host: Host):
    """An HTTP function, by the right and the wrong verb, and a route that nobody has."""
    host.get("plain", "/api/plain?name=x")
    host.http("wrong method", "POST", "/api/plain")
    host.get("no such route", "/api/nope")
