"""The original tutorial's four journeys over HTTP, against any host of the app that gives a few seconds to decide.

By hand: ``python tests/support/journeys.py http://localhost:7071``.
"""

import json
import sys
import urllib.request

from devhost.testing.process import until

WITHIN_S = 60
CHAIN = ["Your project design proposal has been -  Approved!", "Your project design proposal has been -  Rejected!"]
ESCALATION = (
    "ESCALATION : You have not approved the project design proposal - reassigning to your Manager!  Head of department!"
)


def ask(url, method="GET", body=None):
    """The answer, parsed; None if there is no body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"null")


def start(base, name):
    """Start an orchestration as the original tutorial does: the links."""
    return ask(f"{base}/api/orchestrators/{name}", "POST")


def decide(links, word):
    """Raise the event once the case waits for it."""
    _until(links, lambda status: status["customStatus"] is not None)
    ask(links["sendEventPostUri"].replace("{eventName}", "Approval"), "POST", word)


def outcome(links):
    """The output, once the instance is over."""
    return _until(links, lambda status: status["runtimeStatus"] not in ("Pending", "Running"))["output"]


def chain(base):
    """Approval and rejection, one after the other."""
    return outcome(start(base, "OrchFunctionChain"))


def approve(base):
    """A case that is approved."""
    links = start(base, "OrchFunction")
    decide(links, "Approved")
    return outcome(links)


def reject(base):
    """A case that is rejected."""
    links = start(base, "OrchFunction")
    decide(links, "Rejected")
    return outcome(links)


def escalate(base):
    """A case that nobody decides."""
    return outcome(start(base, "OrchFunction"))


JOURNEYS = {chain: CHAIN, approve: CHAIN[:1], reject: CHAIN[1:], escalate: [ESCALATION]}


def _until(links, holds):
    """The status when this holds."""

    def look():
        status = ask(links["statusQueryGetUri"])
        return status if holds(status) else None

    return until(look, f"{links['id']} goes on", WITHIN_S)


if __name__ == "__main__":
    for journey, expected in JOURNEYS.items():
        found = journey(sys.argv[1].rstrip("/"))
        sys.stdout.write(f"{journey.__name__}: {'as it should be' if found == expected else f'WRONG, {found}'}\n")
