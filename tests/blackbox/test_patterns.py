"""The pattern gallery. All instances are started first and then collected, so that their waits overlap.

A host with ``PATTERNS=off`` has none of it; there these tests are skipped.
"""

import json
import subprocess
import sys
import time
import uuid

import pytest
from caller import APPROVED, ESCALATED, REJECTED, Case, send, until

CHAINED = "P-51508D: please review 'Mill Lane bridge', about 6 hours of work."
REMINDER = "Reminder {} of 2: Manager, a project design proposal waits for your decision."
# name: orchestration, input, output, activities, timers
PLAIN = {
    "chain": ("FunctionChaining", {"title": "Mill Lane bridge"}, CHAINED, 3, 0),
    "chain without input": ("FunctionChaining", None, CHAINED, 3, 0),
    "fan-out": (
        "FanOutFanIn",
        {"attachments": 5, "unreadable": [2]},
        {"attachments": 5, "reviewed": 4, "findings": 4, "failed": [2]},
        5,
        0,
    ),
    "fan-out of none": (
        "FanOutFanIn",
        {"attachments": 0},
        {"attachments": 0, "reviewed": 0, "findings": 0, "failed": []},
        0,
        0,
    ),
    "fan-out of two hundred": (
        "FanOutFanIn",
        {"attachments": 200},
        {"attachments": 200, "reviewed": 200, "findings": 201, "failed": []},
        200,
        0,
    ),
    "report": ("AsyncHttpApi", {"seconds": 1}, {"report": "prepared in 1 s"}, 1, 0),
    "permit granted": (
        "Monitor",
        {"every": 2, "factor": 1, "most": 2, "within": 60, "grantedAt": 2},
        {"granted": True, "looks": 2},
        2,
        1,
    ),
    "permit not granted": (
        "Monitor",
        # The second look is early, the third at the deadline, even if a queue sleeps for seconds before each.
        {"every": 2, "factor": 4, "most": 8, "within": 9, "grantedAt": 0},
        {"granted": False, "looks": 3},
        3,
        2,
    ),
    "nobody there": ("HumanInteraction", {"seconds": 2}, ESCALATED, 1, 1),
    "reminders": (
        "DelayReminders",
        {"count": 2, "frequency": "SECONDLY", "interval": 2},
        [REMINDER.format(1), REMINDER.format(2)],
        2,
        2,
    ),
    "quote in time": ("QuoteWithTimeout", {"timeout": 30, "takes": 1}, True, 1, 1),
    # Ten seconds between answer and quote, so that a host that has just started is seen in them too.
    "quote too late": ("QuoteWithTimeout", {"timeout": 2, "takes": 12}, False, 1, 1),
}


@pytest.fixture(scope="module", autouse=True)
def gallery(caller) -> None:
    """The host offers it."""
    if caller.asked("FunctionChaining", {"title": 1}).status == 404:
        pytest.skip("the host runs with PATTERNS=off")


@pytest.fixture(scope="module")
def cases(caller) -> dict[str, Case]:
    """One instance for each line above; the late quote first, as it takes longest."""
    return {name: caller.started(PLAIN[name][0], PLAIN[name][1]) for name in reversed(PLAIN)}


def child(case: Case, number: int) -> Case:
    """A discipline's review, by the links of its parent."""
    own_id = f"{case.id}-{number}"
    review = Case({name: link.replace(case.id, own_id) for name, link in case.links.items()})
    until(lambda: review if review.look().status == 202 else None, f"{own_id} is there")
    review.waits()
    return review


def test_the_answer_of_a_late_quote_is_there_before_the_quote(cases):
    """The custom status says that it is too late while the instance is still Running."""
    status = cases["quote too late"].shows("is decided", lambda seen: seen["customStatus"])
    assert (status["customStatus"], status["runtimeStatus"]) == ({"inTime": False}, "Running")


@pytest.mark.parametrize("name", PLAIN)
def test_it_gives_its_output(name, cases):
    """The same on every host."""
    assert cases[name].output() == PLAIN[name][2]


@pytest.mark.parametrize("name", PLAIN)
def test_it_takes_its_activities_and_timers(name, cases):
    """They are the bill, and no host makes another one."""
    cases[name].ends()
    kinds = [row["EventType"] for row in cases[name].history()]
    assert kinds.count("TaskCompleted") + kinds.count("TaskFailed") == PLAIN[name][3]
    assert kinds.count("TimerCreated") == PLAIN[name][4]


@pytest.mark.parametrize(("payload", "output"), [("Approved", APPROVED), (False, REJECTED), ("perhaps", REJECTED)])
def test_the_bare_interaction_ends_with_the_first_event(payload, output, caller):
    """A clear yes is a yes, all else is a no."""
    case = caller.started("HumanInteraction", {"seconds": 60})
    case.waits()
    case.hears(payload)
    assert case.output() == output


def test_each_discipline_decides_by_an_event_of_its_own(caller):
    """The reviews have ids that the custom status tells, junk is ignored, and the result is joint."""
    names = ["Structure", "Fire safety"]
    case = caller.started("DesignReview", {"disciplines": names, "seconds": 60})
    status = case.shows("tells of its reviews", lambda seen: seen["customStatus"])
    assert status["customStatus"] == {"reviews": [["Structure", f"{case.id}-1"], ["Fire safety", f"{case.id}-2"]]}
    first, second = child(case, 1), child(case, 2)
    first.hears("what")
    first.hears("Approved")
    assert first.output() == {"discipline": "Structure", "outcome": "Approved"}
    assert case.look().json["runtimeStatus"] == "Running"
    second.hears({"decision": "reject"})
    assert case.output() == {
        "outcome": "Rejected",
        "disciplines": [["Structure", "Approved"], ["Fire safety", "Rejected"]],
    }


def test_an_open_case_is_counted_until_it_is_decided(caller):
    """One more when it starts, one less when it ends."""
    approver = f"approver-{uuid.uuid4().hex[:8]}"
    url = f"{caller.base_url}/api/patterns/OpenCases/{approver}"

    def count() -> int:
        answer = send("GET", url, headers=caller.own_headers)
        assert answer.json["approver"] == approver
        return answer.json["open"]

    assert count() == 0
    case = caller.started("CountedReview", {"approver": approver, "seconds": 60})
    until(lambda: True if count() == 1 else None, "the case is counted")
    case.hears("Approved")
    assert case.output() == {"outcome": "Approved", "stillOpen": 0}
    assert count() == 0


def test_the_waiting_endpoint_answers_with_the_output_if_it_is_in_time(caller):
    """Else with the links of a 202, which go on."""
    url = f"{caller.base_url}/api/patterns/AsyncHttpApi"
    answer = send("POST", f"{url}?wait=20", b'{"seconds": 0}', caller.own_headers)
    assert (answer.status, answer.json) == (200, {"report": "prepared in 0 s"})
    began = time.monotonic()
    answer = send("POST", f"{url}?wait=1", b'{"seconds": 4}', caller.own_headers)
    assert (answer.status, time.monotonic() - began < 3) == (202, True)
    assert answer.headers["location"] == answer.json["statusQueryGetUri"]
    assert Case(answer.json).output() == {"report": "prepared in 4 s"}


@pytest.mark.parametrize("wait", ["0", "31", "-1", "x", "1.5", "999999999999"])
def test_the_waiting_endpoint_waits_one_to_thirty_seconds(wait, caller):
    """What is not such a number is refused, and nothing is started."""
    url = f"{caller.base_url}/api/patterns/AsyncHttpApi?wait={wait}"
    answer = send("POST", url, b"{}", caller.own_headers)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "wait")


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("FanOutFanIn", {"attachments": 201}, "attachments"),
        ("Monitor", {"every": 2, "factor": 1, "within": 86_400}, "body"),
        ("DelayReminders", {"interval": 6}, "body"),
        ("DesignReview", {"disciplines": "Structure"}, "disciplines"),
        ("CountedReview", [], "body"),
    ],
)
def test_what_a_pattern_cannot_accept_is_refused_by_the_starter(name, body, field, caller):
    """With the field and a sentence, as problem+json."""
    answer = caller.asked(name, body)
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (422, "application/problem+json")
    (entry,) = answer.json["errors"]
    assert entry["field"] == field
    assert entry["detail"].endswith(".")


def test_without_the_starter_it_fails_with_the_same_advice(cases):
    """The extension's own address starts anything; the failure says what is wrong."""
    link = cases["chain"].links["statusQueryGetUri"]
    url = link.replace(f"/instances/{cases['chain'].id}?", "/orchestrators/FanOutFanIn?")
    started = send("POST", url, b'{"attachments": 201}', {"Content-Type": "application/json"})
    status = Case(started.json).ends()
    assert status["runtimeStatus"] == "Failed"
    assert status["output"] == (
        "Orchestrator function 'FanOutFanIn' failed: The input cannot be used, so nothing was done. "
        "attachments: Give a whole number from 0 to 200. Start it anew."
    )


def test_the_polling_client_prints_the_output(caller, root):
    """A program of the standard library alone, as the page shows it."""
    if caller.own_headers:
        pytest.skip("the example knows no keys")
    command = [sys.executable, root / "examples/poll.py", caller.base_url, "AsyncHttpApi", '{"seconds": 1}']
    done = subprocess.run([*command, "--every", "0.2"], capture_output=True, timeout=60, check=True)
    assert json.loads(done.stdout) == {"report": "prepared in 1 s"}
