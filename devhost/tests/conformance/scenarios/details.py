"""HTTP in detail: ids, content types, bodies, verbs, paths."""

from urllib.parse import quote

from host import Host

from scenarios.registry import scenario


@scenario()
def start_ids(host: Host):
    """Which ids may be given, through the HTTP API and through the client."""
    orchestrators, starter = f"{host.hook}/orchestrators/chain", "/api/orchestrators/chain"

    def follow(payload: object, label: str) -> None:
        if isinstance(payload, dict) and "statusQueryGetUri" in payload:
            host.wait(payload, seconds=10, label=f"final {label}", expected=False)

    odd = ("a b", "a/b", "a\\b", "a#b", "a?b", "@a", "a\tb", "a+b", "a%b", "ä", "A-Upper", "a.b", "a:b", "a'b", "-")
    for one in odd:
        name = one if one == "-" else one + host.run
        payload = host.http(f"api {one!r}", "POST", f"{orchestrators}/{quote(name, safe='')}?{host.query}")[2]
        follow(payload, repr(one))
        host.http(f"client {one!r}", "POST", f"{starter}?id={quote('c-' + name, safe='')}")
    for n in (100, 101, 255, 256, 257, 300):
        name = (f"{host.run}-" + "x" * n)[:n]
        payload = host.http(f"api {n} characters", "POST", f"{orchestrators}/{name}?{host.query}")[2]
        follow(payload, f"{n} characters")
        name = (f"c-{host.run}-" + "x" * n)[:n]
        host.http(f"client {n} characters", "POST", f"{starter}?id={name}")


@scenario()
def content_types(host: Host):
    """Which content types an event and a start may have."""
    types = (
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "text/json",
        "application/problem+json",
        "application/x-www-form-urlencoded",
        None,
    )
    started = [(kind, host.start("race", {"seconds": 300}, label=f"start {kind}")) for kind in types]
    host.at(3)
    for kind, p in started:
        if host.event(p, "Approval", "x", f"event as {kind}", content_type=kind) == 202:
            host.wait(p, label=f"final {kind}", seconds=15)
        else:
            host.op(p, "terminate")
    for kind in ("text/plain", None):
        url = f"{host.hook}/orchestrators/race?{host.query}"
        p = host.http(f"start as {kind}", "POST", url, {"seconds": 1}, content_type=kind)[2]
        if isinstance(p, dict) and "statusQueryGetUri" in p:
            host.wait(p, label=f"started as {kind}", seconds=15)


@scenario()
def event_bodies(host: Host):
    """What is taken for JSON in the body of an event."""
    bodies = (
        b"",
        b" ",
        b"{",
        b"1 2",
        b'{"a":1}x',
        b"nul",
        b"'single'",
        b"NaN",
        b"// comment\n5",
        b"2026-01-01",
        b'"2026-01-01T10:00:00+02:00"',
        b'{"big": 12345678901234567890, "f": 1.10}',
        b'"\xc3\xa4"',
        b'"\xe4"',
    )
    started = [(body, host.start("race", {"seconds": 300}, label=f"start {body!r}")) for body in bodies]
    host.at(3)
    for body, p in started:
        if host.event(p, "Approval", body, f"event {body!r}") != 202:
            host.op(p, "terminate")
    for body, p in started:
        host.wait(p, label=f"final {body!r}", seconds=15, expected=False)
        host.op(p, "terminate", label="terminate, if it runs")


@scenario()
def methods_and_paths(host: Host):
    """Verbs, slashes, upper case and query keys; reasons given in every way."""
    me, q = host.id("paths"), host.query
    p = host.start("race", {"seconds": 300}, me)
    host.wait(p, until=("Running",))
    _verbs(host, me)
    _spellings(host, me)
    host.http("UPPER op", "POST", host.url(me, "/SUSPEND", "REASON=x&"))
    host.wait(p, until=("Suspended",), seconds=15, label="suspended", expected=False)
    host.http("op/", "POST", host.url(me, "/resume/", "reason=x&"))
    host.wait(p, until=("Running",), seconds=15, label="resumed", expected=False)
    host.http("op without reason", "POST", host.url(me, "/suspend"))
    host.wait(p, until=("Suspended",), seconds=15, label="suspended, no reason", expected=False)
    host.http("op with a body", "POST", host.url(me, "/resume", "reason=number%205&"), {"reason": "body"})
    host.wait(p, until=("Running",), seconds=15, label="resumed, reason with a space", expected=False)
    host.get("no key", f"{host.hook}/instances/{me}")
    hub = next(part for part in q.split("&") if part.startswith("taskHub="))
    host.get("other connection", f"{host.hook}/instances/{me}?connection=Nowhere&{hub}")
    host.get("percent-encoded id", host.url("".join(f"%{ord(letter):02x}" for letter in me)))
    host.http("raiseEvent/", "POST", host.url(me, "/RAISEEVENT/Approval/"), "with a slash")
    host.wait(p, seconds=15, expected=False)
    host.op(p, "terminate", "5%20days", "terminate, if it runs")


def _verbs(host: Host, me: str) -> None:
    for method in ("HEAD", "OPTIONS", "PUT", "PATCH"):
        host.http(f"{method} status", method, host.url(me))
        host.http(f"{method} list", method, f"{host.hook}/instances?{host.query}")
        host.http(f"{method} start", method, f"{host.hook}/orchestrators/chain?{host.query}")
        host.http(f"{method} raiseEvent", method, host.url(me, "/raiseEvent/Approval"))
        host.http(f"{method} GET function", method, "/api/plain")
        host.http(f"{method} nothing", method, "/api/nope")


def _spellings(host: Host, me: str) -> None:
    q = host.query
    host.get("status/", host.url(me, "/"))
    host.get("list/", f"{host.hook}/instances/?instanceIdPrefix={me}&{q}")
    host.get("list", f"{host.hook}/instances?instanceIdPrefix={me}&{q}")
    host.get("entities/", f"{host.hook}/entities/nothere/?{q}")
    host.get("function/", "/api/plain/")
    host.get("FUNCTION", "/API/PLAIN?NAME=x")
    host.get("hook root", f"{host.hook}?{q}")
    host.get("two slashes", f"{host.hook}//instances/{me}?{q}")
    host.get("UPPER literals", f"{host.base}/RUNTIME/WEBHOOKS/DURABLETASK/INSTANCES/{me}?{q}")
    host.get("UPPER keys", host.url(me, more="SHOWINPUT=FALSE&SHOWHISTORY=TRUE&"))
    host.get("showInput=0", host.url(me, more="showInput=0&"))
    host.get("showInput twice", host.url(me, more="showInput=false&showInput=false&"))
    host.get("UPPER id", host.url(me.upper()))


@scenario()
def encoded_id(host: Host):
    """An id with blanks, percent-encoded more and less than needed."""
    me = quote(f"enc id {host.run}")
    for one in (me, me.replace("e", "%65")):
        host.http(f"start {one}", "POST", f"{host.hook}/orchestrators/race/{one}?{host.query}", {"seconds": 300})
        host.pause(2)
        host.get(f"status {one}", host.url(one))
    host.get("by prefix", f"{host.hook}/instances?instanceIdPrefix=enc%20id%20{host.run}&{host.query}")
    host.http("event", "POST", host.url(me, "/raiseEvent/Appro%76al"), "x")
    host.pause(2)
    host.get("after the event", host.url(me))
    host.http("terminate, if it runs", "POST", host.url(me, "/terminate"))
