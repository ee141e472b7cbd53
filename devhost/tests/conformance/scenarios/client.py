"""What the Python client gives the app, through the app's own HTTP functions."""

from host import Host

from scenarios.registry import scenario


@scenario()
def client_raises(host: Host):
    """The double encoding: what `client.raise_event(value)` gives the orchestrator."""
    values = ("Approved", "", None, True, 0, {"decision": "Approved"}, ["a", 1])
    started = [(value, host.start("race", {"seconds": 300}, label=f"start {value!r}")) for value in values]
    host.at(3)
    for value, p in started:
        body = b"null" if value is None else value
        host.http(f"raise {value!r}", "POST", f"/api/raise/{p['id']}/Approval", body)
    for value, p in started:
        host.end(p, f"final {value!r}")
    host.http("to the finished", "POST", f"/api/raise/{started[0][1]['id']}/Approval", "late")
    host.http("to nobody", "POST", f"/api/raise/{host.id('nobody')}/Approval", "x")


@scenario()
def client_payload(host: Host):
    """The links that the client makes, also of an id that needs quoting."""
    host.get("payload", f"/api/payload/{host.id('some')}")
    host.get("payload of an odd id", "/api/payload/a%20b%26c")


@scenario()
def client_status(host: Host):
    """Status objects of a completed, a running, a failed and an unknown instance."""
    done, live, bad = host.start("chain", ["a"]), host.start("race", {"seconds": 300}), host.start("fails")
    host.wait(done)
    host.wait(bad)
    host.wait(live, until=("Running",))
    for label, p in (("completed", done), ("running", live), ("failed", bad)):
        host.get(label, f"/api/status/{p['id']}")
        host.get(f"{label}, history", f"/api/status/{p['id']}?history=1")
    host.get("unknown", f"/api/status/{host.id('nobody')}?history=1")
    host.get("unknown list", f"/api/listed/{host.id('nobody')}")
    host.kill(live)


@scenario()
def client_operations(host: Host):
    """Every operation of the client on an instance in every state."""
    p = host.start("race", {"seconds": 300})
    host.wait(p, until=("Running",))

    def call(label: str, op: str, instance_id: str, query: str = "") -> None:
        host.http(label, "POST", f"/api/client/{op}/{instance_id}{query}")

    for op in ("resume", "rewind", "purge", "suspend"):
        call(f"{op} running", op, p["id"])
    host.wait(p, until=("Suspended",), seconds=15, label="suspended", expected=False)
    for op in ("suspend", "rewind", "purge", "resume"):
        call(f"{op} suspended", op, p["id"])
    host.wait(p, until=("Running",), seconds=15, label="resumed", expected=False)
    call("wait for running", "wait", p["id"], "?ms=1500")
    call("terminate", "terminate", p["id"])
    host.end(p)
    call("wait for terminated", "wait", p["id"], "?ms=1500")
    for op in ("terminate", "suspend", "resume", "rewind", "purge", "purge"):
        call(f"{op} terminated", op, p["id"])
    for op in ("terminate", "suspend", "resume", "rewind", "restart", "wait"):
        call(f"{op} unknown", op, host.id("nobody"), "?ms=1000")
    done, bad = host.start("chain", ["a"]), host.start("fails")
    host.wait(done)
    host.wait(bad)
    call("wait for completed", "wait", done["id"], "?ms=1500")
    call("wait for failed", "wait", bad["id"], "?ms=1500")
    call("restart", "restart", done["id"])
    call("restart under its id", "restart", done["id"], "?new=false")
    host.wait(done, label="restarted")
