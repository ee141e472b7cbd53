"""What an operator's tools ask: is it well, and how many cases are in which state?"""

import json

from caller import proposal, send, until

CANARY = "canary"


def figures(caller):
    """The figures; the first request has them."""
    answer = send("GET", f"{caller.base_url}/api/stats", headers=caller.own_headers)
    assert answer.status == 200, answer
    return answer.json


def test_health_needs_no_key_and_says_what_was_looked_at(caller):
    """200, with the app's version and every check in order."""
    answer = send("GET", f"{caller.base_url}/api/health")
    assert answer.status == 200, answer
    body = answer.json
    assert body["status"] == "healthy"
    assert body["version"]
    assert [(check["name"], check["ok"]) for check in body["checks"]] == [
        ("settings", True), ("engine", True), ("starts", True), ("baseUrl", True),
        ("policies", True), ("publicUrl", True),
    ]  # fmt: skip


def test_health_answers_head(caller):
    """The status alone."""
    answer = send("HEAD", f"{caller.base_url}/api/health")
    assert (answer.status, answer.body) == (200, b"")


def test_stats_count_a_case_from_its_start_to_its_end(caller):
    """It is open, then rejected, and nothing of what it says is repeated."""
    before = figures(caller)
    case = caller.started(body=proposal(title=f"{CANARY} bridge", author=f"{CANARY}@example.com"))
    case.waits()
    opened = until(lambda: _more(figures(caller), before, "open"), "the case is counted as open")
    assert opened["complete"] is True
    assert opened["ageSeconds"] <= 5
    case.hears({"decision": "no", "comment": CANARY})
    case.output()
    rejected = until(lambda: _more(figures(caller), before, "rejected"), "the case is counted as rejected")
    assert rejected["secondsToDecision"]["of"] > before["secondsToDecision"]["of"]
    assert CANARY not in json.dumps([opened, rejected])


def _more(now, before, name):
    return now if now[name] > before[name] else None
