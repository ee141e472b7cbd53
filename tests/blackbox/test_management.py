"""The links beside the event: terminate, suspend, resume, restart, rewind, purge."""

import uuid

import pytest
from caller import APPROVED, REJECTED, proposal, send


@pytest.fixture
def case(caller):
    """A case that waits."""
    started = caller.started(body=proposal())
    started.waits()
    return started


def test_a_terminated_case_ends_with_the_reason(case):
    """Terminate ends the case at once; the reason is its output, and the custom status stays."""
    assert case.steered("terminatePostUri", "withdrawn by the author").status == 202
    status = case.ends()
    assert (status["runtimeStatus"], status["output"]) == ("Terminated", "withdrawn by the author")
    assert status["customStatus"]["stage"] == "waiting"
    assert case.look().status == 200
    assert case.raised("Approved").status == 410


def test_a_suspended_case_waits_for_resume(case):
    """A decision made while a case is suspended is carried out as soon as it is resumed."""
    assert case.steered("suspendPostUri", "on hold").status == 202
    case.shows("is suspended", lambda status: status["runtimeStatus"] == "Suspended")
    assert case.look().status == 202
    case.hears("Rejected")
    held = case.shows("has heard the event", lambda status: status["customStatus"]["stage"] == "rejected")
    assert held["runtimeStatus"] == "Suspended"
    assert case.steered("resumePostUri", "go on").status == 202
    assert case.output() == REJECTED


def test_a_case_can_be_terminated_while_it_is_suspended(case):
    """Suspension does not protect a case from being ended."""
    assert case.steered("suspendPostUri", "on hold").status == 202
    case.shows("is suspended", lambda status: status["runtimeStatus"] == "Suspended")
    assert case.steered("terminatePostUri", "enough").status == 202
    assert case.ends()["runtimeStatus"] == "Terminated"


def test_a_case_that_is_over_cannot_be_steered(case):
    """After the end every such link is gone, and nothing changes."""
    case.hears("Approved")
    before = case.ends()
    assert {case.steered(f"{verb}PostUri").status for verb in ("terminate", "suspend", "resume")} == {410}
    assert case.look().json == before


def test_only_a_failed_case_can_be_rewound(case):
    """Rewinding a case that has not failed is refused with its status."""
    answer = case.steered("rewindPostUri")
    assert (answer.status, "Running" in answer.json) == (412, True)


def test_a_running_case_cannot_be_purged(case):
    """Purging a case that is at work is refused, and it goes on."""
    answer = send("DELETE", case.links["purgeHistoryDeleteUri"])
    assert (answer.status, case.id in answer.json) == (412, True)
    case.hears("Approved")
    assert case.output() == APPROVED


def test_a_purged_case_is_forgotten(case):
    """After the purge of an ended case none of its links finds anything."""
    case.hears("Approved")
    case.ends()
    answer = send("DELETE", case.links["purgeHistoryDeleteUri"])
    assert (answer.status, answer.json) == (200, {"instancesDeleted": 1})
    assert case.look().status == 404
    assert case.raised("Approved").status == 404
    assert send("DELETE", case.links["purgeHistoryDeleteUri"]).status == 404


def test_a_purged_key_is_free_again(caller):
    """The key of a purged case starts a new one, even with another body."""
    key = str(uuid.uuid4())
    case = caller.started(body=proposal(), key=key)
    case.hears("Approved")
    case.ends()
    assert send("DELETE", case.links["purgeHistoryDeleteUri"]).status == 200
    again = caller.started(body=proposal(title="Another bridge"), key=key)
    again.hears("Rejected")
    assert again.output() == REJECTED


def test_a_restarted_case_is_a_new_one_with_the_same_proposal(case):
    """Restart gives a new instance with the input of the old one, which goes on undisturbed."""
    answer = case.steered("restartPostUri")
    assert answer.status == 202
    again = type(case)(answer.json)
    assert again.id != case.id
    again.hears("Rejected")
    assert again.output() == REJECTED
    assert again.look().json["input"] == case.look().json["input"]
    case.hears("Approved")
    assert case.output() == APPROVED
