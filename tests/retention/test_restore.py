"""Open cases come back from an export, on a host that knows nothing of them."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import loaded
import pytest
from places import ROOT

from devhost.testing.process import HostProcess, until

SCRIPT = ROOT / "scripts/restore.py"
restore = loaded.script("restore")
API = "/runtime/webhooks/durabletask"
PROPOSAL = json.loads((ROOT / "examples/bridge-refurbishment.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def status(host, case):
    """The status of a case; None if there is none."""
    return host.ask("GET", f"{API}/instances/{case}")


def run(export, host, *options):
    """The script: exit code and what it has said."""
    command = [sys.executable, "-I", SCRIPT, export, "--base-url", host.origin, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def hosts(tmp_path):
    """A host with cases, and another one that has none."""
    made = [HostProcess(ROOT, tmp_path / name, APPROVAL_TIMEOUT="PT48H") for name in ("lost", "new")]
    for each in made:
        each.start()
    yield made
    for each in made:
        each.close()


def test_open_cases_come_back_and_go_on(hosts, tmp_path):
    """Under their ids, with their proposals and deadlines; a decision ends them; a second run changes nothing."""
    lost, new = hosts
    begun = [
        lost.ask("POST", "/api/orchestrators/OrchFunction", PROPOSAL, Idempotency_Key="bridge")["id"],
        lost.ask("POST", "/api/orchestrators/OrchFunction")["id"],
    ]
    over = lost.ask("POST", "/api/orchestrators/OrchFunctionChain")["id"]
    held = lost.ask("POST", "/api/orchestrators/OrchFunction")["id"]
    lost.ask("POST", f"{API}/instances/{held}/suspend")
    until(lambda: status(lost, held)["runtimeStatus"] == "Suspended" or None, "it is held")
    until(lambda: status(lost, over)["runtimeStatus"] == "Completed" or None, "it is over")
    export = tmp_path / "export.jsonl"
    reading = [sys.executable, "-m", "devhost", "export", "--base-url", lost.origin, "--output", export]
    subprocess.run(reading, cwd=ROOT, check=True, capture_output=True, timeout=60)
    before = {case: status(lost, case) for case in (*begun, held)}
    lost.kill()

    code, said = run(export, new)
    assert (code, said.count("would be started")) == (0, 4), said  # three cases and the last line
    assert all(status(new, case) is None for case in before)

    code, said = run(export, new, "--apply")
    assert (code, "3 started" in said) == (0, True), said
    for case in begun:
        after = until(lambda case=case: (status(new, case) or {}).get("customStatus"), "it waits again")
        was = before[case]["customStatus"]
        assert {name: after[name] for name in ("stage", "title", "author", "asked", "then")} == {
            name: was[name] for name in ("stage", "title", "author", "asked", "then")
        }
        moved = datetime.fromisoformat(after["due"]) - datetime.fromisoformat(was["due"])
        assert abs(moved) <= timedelta(seconds=5)
    until(lambda: status(new, held)["runtimeStatus"] == "Suspended" or None, "it is held again")

    code, said = run(export, new, "--apply")
    assert (code, "3 there already" in said) == (0, True), said
    again = new.ask("POST", "/api/orchestrators/OrchFunction", PROPOSAL, Idempotency_Key="bridge")
    assert again["id"] == begun[0]  # who sends the proposal again gets the restored case
    new.ask("POST", f"{API}/instances/{begun[0]}/raiseEvent/Approval", "Approved")
    until(lambda: status(new, begun[0])["runtimeStatus"] == "Completed" or None, "it is over")
    assert status(new, begun[0])["output"] == ["Your project design proposal has been -  Approved!"]


def case(**more):
    """A status answer of an open case."""
    given = {"schemaVersion": 1, "proposal": {"title": "t"}, "policy": {"timeout": "P10D"}, "digest": "d"}
    return {
        "name": "OrchFunction", "instanceId": "a", "runtimeStatus": "Running", "input": json.dumps(given),
        "customStatus": {"stage": "waiting", "due": "2026-11-25T12:00:00Z", "decided": None}, **more,
    }  # fmt: skip


def test_a_case_gets_the_time_that_is_left():
    """And all else of its input as it was."""
    one = restore.plan(case(), NOW)
    assert one.given == {
        "schemaVersion": 1, "proposal": {"title": "t"}, "policy": {"timeout": "PT86400S"}, "digest": "d",
    }  # fmt: skip


def test_a_case_whose_time_is_over_escalates_at_once():
    """It lost its time while nobody could decide; the note says so."""
    one = restore.plan(case(customStatus={"due": "2026-11-24T11:59:59Z"}), NOW)
    assert one.given["policy"]["timeout"] == "PT1S"
    assert "escalates at once" in one.note


def test_a_case_that_had_not_begun_gets_all_of_its_time():
    """It was Pending."""
    one = restore.plan(case(runtimeStatus="Pending", customStatus=None), NOW)
    assert one.given["policy"]["timeout"] == "P10D"


def test_a_decision_that_was_not_recorded_is_said_again():
    """Who decided need not decide twice."""
    decided = {"outcome": "Rejected", "by": "kim", "at": "2026-11-24T11:00:00Z", "comment": "no bearings"}
    one = restore.plan(case(customStatus={"due": "2026-11-25T12:00:00Z", "decided": decided}), NOW)
    assert one.decided == {"outcome": "Rejected", "by": "kim", "comment": "no bearings"}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"name": "DesignReview"}, "only OrchFunction"),
        ({"parentInstanceId": "p"}, "parent"),
        ({"input": "{}"}, "input"),
        ({"input": "[1]"}, "input"),
    ],
)
def test_what_cannot_be_restored_is_named_with_the_reason(more, reason):
    """It is not started as something else."""
    assert reason in restore.plan(case(**more), NOW)


def test_a_broken_line_does_not_keep_the_others_from_coming_back(tmp_path, hosts):
    """It is named, the cases around it are started, and the exit code is 1."""
    export = tmp_path / "export.jsonl"
    export.write_text(
        "\n".join([json.dumps(case()), "nonsense", json.dumps(case(instanceId="b")), '{"instanceId": "c'])
    )
    code, said = run(export, hosts[1], "--apply")
    assert code == 1
    assert [line.partition(":")[0] for line in said.splitlines()[:-1]] == [
        f"line 2 of {export}", f"line 4 of {export}", "a", "b",
    ]  # fmt: skip
    assert status(hosts[1], "a")["name"] == status(hosts[1], "b")["name"] == "OrchFunction"


def test_a_key_never_goes_over_plain_http():
    """Nor into a URL."""
    with pytest.raises(restore.Unusable, match="https"):
        restore.Host("http://example.com", "key")
    with pytest.raises(restore.Unusable, match="no key"):
        restore.Host("https://example.com?code=key", None)
    assert "RESTORE_CODE" not in os.environ
