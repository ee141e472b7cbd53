"""What looks at a whole hub, or purges it: one after another, when all others are done."""

import json
from datetime import datetime
from urllib.parse import quote

from host import Host

from scenarios.registry import scenario

FAR = "createdTimeFrom=2100-01-01T00:00:00Z"


@scenario(last=True)
def listing(host: Host):
    """Lists by page, by state, by time."""
    prefix = host.id("page") + "-"
    started = [host.start("chain", [n], f"{prefix}{n}", f"start {n}") for n in range(5)]
    started.append(host.start("fails", instance_id=f"{prefix}5"))
    live = host.start("race", {"seconds": 300}, f"{prefix}6")
    for p in started:
        host.wait(p)
    host.wait(live, until=("Running",))
    some = f"{host.hook}/instances?instanceIdPrefix={prefix}&{host.query}"
    for top in (2, 3, 100):
        _pages(host, some, top)
    host.get("no top", some)
    host.get("top 0", f"{some}&top=0")
    host.get("top not a number", f"{some}&top=x")
    host.http("bad token", "GET", some, headers={"x-ms-continuation-token": "nonsense"})
    for states in ("Failed", "Running", "Completed,Failed", "Nonsense", "failed", "3", "", "Failed,Nonsense"):
        host.get(f"runtimeStatus={states}", f"{some}&runtimeStatus={states}&showInput=false")
    host.get("runtimeStatus twice", f"{some}&runtimeStatus=Failed&runtimeStatus=Running")
    host.get("from the future", f"{some}&{FAR}")
    host.get("until the past", f"{some}&createdTimeTo=2020-01-01T00:00:00Z")
    host.get("bad time", f"{some}&createdTimeFrom=yesterday")
    host.get("with history", f"{some}&showHistory=true&showHistoryOutput=true")
    host.get("other hub", f"{host.hook}/instances?taskHub=OtherHub&connection=Storage")
    host.get("through the client", f"/api/listed/{prefix}")
    host.kill(live)


def _pages(host: Host, url: str, top: int) -> None:
    token = None
    for page in range(12):
        headers = {"x-ms-continuation-token": token} if token else None
        token = host.http(f"top {top}, page {page}", "GET", f"{url}&top={top}", headers=headers)[1].get(
            "x-ms-continuation-token"
        )
        if not token:
            return


@scenario(last=True)
def entity_listing(host: Host):
    """Signals of every kind over HTTP, then the entity as state, as an instance and in the list."""
    entities, me, q = f"{host.hook}/entities", host.id("listed"), host.query
    counter = f"{entities}/counter/{me}"
    host.http("signal", "POST", f"{counter}?op=add&{q}", "3")
    host.http("signal as text", "POST", f"{counter}?op=add&{q}", b"4", content_type="text/plain")
    host.http("signal without op", "POST", f"{counter}?{q}")
    host.http("signal, bad json", "POST", f"{counter}?op=add&{q}", b"{")
    host.http("unknown entity", "POST", f"{entities}/nothere/{me}?op=add&{q}", 1)
    host.http("client-like signal", "POST", f"{entities}/Counter/{me}?op=add&{q}", json.dumps("5"))
    host.pause(5)
    host.get("read", f"{counter}?{q}")
    host.get("as an instance", host.url(quote(f"@counter@{me}"), more="showHistory=true&"))
    for label, more in (("with state", "fetchState=true&"), ("without", "")):
        found = host.http(f"list {label}", "GET", f"{entities}/counter?{more}{q}", record=False)[2]
        mine = [one for one in found if me in json.dumps(one)] if isinstance(found, list) else found
        host.steps.append({"step": f"list {label} (this run's)", "status": 200, "headers": {}, "body": mine})


@scenario(last=True)
def purge_many(host: Host):
    """What a purge by time takes along; everything older stays out of its range."""
    host.pause(2)
    since = host.clock.now()
    host.pause(1)
    many, q = f"{host.hook}/instances", host.query
    host.http("no time", "DELETE", f"{many}?{q}")
    host.http("bad time", "DELETE", f"{many}?createdTimeFrom=yesterday&{q}")
    host.http("nothing there", "DELETE", f"{many}?{FAR}&{q}")
    past = "createdTimeFrom=2001-01-01T00:00:00Z&createdTimeTo=2001-01-02T00:00:00Z"
    host.http("before the epoch", "DELETE", f"{many}?{past}&{q}")
    for label, states in (
        ("one", "runtimeStatus=Terminated&"),
        ("two", "runtimeStatus=Completed,Running&"),
        ("nonsense", "runtimeStatus=Nonsense&"),
        ("running", "runtimeStatus=Running&"),
        ("all", ""),
    ):
        _purge(host, label, since, states)


def _purge(host: Host, label: str, since: datetime, states: str) -> None:
    ids = {state: host.id(f"purge-{label}-{state}") for state in ("completed", "terminated", "running")}
    started = {
        state: host.start(
            "chain" if state == "completed" else "race",
            ["a"] if state == "completed" else {"seconds": 300},
            instance_id,
            f"{label}: start {state}",
        )
        for state, instance_id in ids.items()
    }
    host.wait(started["completed"])
    host.wait(started["terminated"], until=("Running",))
    host.wait(started["running"], until=("Running",))
    host.op(started["terminated"], "terminate")
    host.wait(started["terminated"])
    from_then = f"createdTimeFrom={since:%Y-%m-%dT%H:%M:%SZ}"
    host.http(f"{label}: purge", "DELETE", f"{host.hook}/instances?{from_then}&{states}{host.query}")
    for state, instance_id in ids.items():
        host.get(f"{label}: {state} afterwards", host.url(instance_id))
    for instance_id in ids.values():
        host.http("", "POST", host.url(instance_id, "/terminate"), record=False)
    host.pause(1.5)
    for instance_id in ids.values():
        host.http("", "DELETE", host.url(instance_id), record=False)
