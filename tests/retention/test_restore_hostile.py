"""scripts/restore.py with an export, or a host, that may hold and answer anything."""

import json
import os
import subprocess
import sys

import loaded
import pytest
from places import ROOT
from scripted import API, Scripted, dripping

SCRIPT = ROOT / "scripts/restore.py"
restore = loaded.script("restore")
TRICK = "\x1b[2J\u202e\u2028\ud800\x9b\x7f"
DEEP = "[" * 100_000 + "]" * 100_000
START = "/runtime/webhooks/durabletask/orchestrators/OrchFunction/"
GIVEN = {"schemaVersion": 1, "proposal": {"title": "t"}, "policy": {"timeout": "P10D"}, "digest": "d"}


def case(**more):
    """A status answer of an open case."""
    return {
        "name": "OrchFunction", "instanceId": "b", "runtimeStatus": "Running", "input": json.dumps(GIVEN),
        "customStatus": {"stage": "waiting", "due": "2026-11-25T12:00:00Z", "decided": None}, **more,
    }  # fmt: skip


def shown(**more):
    """The same with this in its custom status."""
    return case(customStatus={"due": "2026-11-25T12:00:00Z", **more})


BAD_LINES = {
    "no JSON": b'{"instanceId": "b", "runti',
    "deep": DEEP.encode(),
    "binary": bytes(range(11, 256)),
    "a number": b"17",
    "a list": b'["instanceId"]',
    "no status": b'{"instanceId": "b"}',
    "an id that is a list": json.dumps(case(instanceId=["b"])).encode(),
    "a status that is an object": json.dumps(case(runtimeStatus={})).encode(),
    "a number of 5000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "an id that no address holds": json.dumps(case(instanceId=TRICK)).encode(),
    "a deep input": json.dumps(case(input=DEEP)).encode(),
    "an input that is a list": json.dumps(case(input=[1])).encode(),
    "a policy that is a list": json.dumps(case(input={**GIVEN, "policy": [1]})).encode(),
    "a time without a zone": json.dumps(shown(due="2026-11-25T12:00:00")).encode(),
    "a time that is a number": json.dumps(shown(due=5)).encode(),
    "a time that is none": json.dumps(shown(due=TRICK)).encode(),
    "a decision that is a list": json.dumps(shown(decided=["Approved"])).encode(),
    "a decision that is neither": json.dumps(shown(decided={"outcome": ["x"]})).encode(),
    "another name": json.dumps(case(name=TRICK)).encode(),
}


@pytest.fixture
def api():
    """A host that has nothing, and takes the cases a, b and c."""
    server = Scripted()
    for one in "abc":
        server.answers[START + one] = [(202, {}, {})]
    yield server
    server.close()


def run(export, origin, *options, **settings):
    """The script: exit code, standard output, standard error."""
    command = [sys.executable, "-I", SCRIPT, export, "--base-url", origin, *options]
    return subprocess.run(
        command, encoding="utf-8", timeout=60, check=False, env=os.environ | settings, capture_output=True,
    )  # fmt: skip


def started(api):
    """The cases that were started."""
    return [path.removeprefix(START) for method, path, *_ in api.asked if method == "POST"]


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_does_not_hide_the_next_case(tmp_path, api, bad):
    """It is one harmless sentence; the cases around it are started; the exit code is 1."""
    export = tmp_path / "export.jsonl"
    export.write_bytes(
        b"\n".join([json.dumps(case(instanceId="a")).encode(), bad, json.dumps(case(instanceId="c")).encode()])
    )
    done = run(export, api.origin, "--apply")
    assert (done.returncode, done.stderr) == (1, "")
    assert started(api) == ["a", "c"]
    (told,) = [line for line in done.stdout.splitlines() if ": not restored: " in line]
    assert all(line.isprintable() for line in done.stdout.splitlines())
    assert len(told) < 1000


BAD_ANSWERS = {
    "HTML": (200, {}, b"<html>\x1b[2J"),
    "half": (None, {}, b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"inst'),
    "deep": (200, {}, DEEP.encode()),
    "no HTTP": (None, {}, b"\x00\x1b[2J nonsense\r\n\r\n"),
    "a list": (200, {}, [5]),
    "null": (200, {}, None),
    "a status that is a list": (200, {}, {"runtimeStatus": [TRICK]}),
    "an error": (500, {}, None),
}


@pytest.mark.parametrize("bad", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_a_bad_answer_does_not_hide_the_next_case(tmp_path, api, bad):
    """A case whose state nobody knows is not started, and is named; the others are started."""
    export = tmp_path / "export.jsonl"
    export.write_text("\n".join(json.dumps(case(instanceId=one)) for one in "abc"), encoding="utf-8")
    api.answers[f"{API}b"] = [bad]
    done = run(export, api.origin, "--apply")
    assert (done.returncode, done.stderr) == (1, "")
    assert started(api) == ["a", "c"]
    (told,) = [line for line in done.stdout.splitlines() if line.startswith("b: not restored: ")]
    assert told.isprintable()


def test_ids_that_no_address_holds_are_no_fault_of_the_host(tmp_path, api):
    """Three of them in a row are three sentences, and the case after them is started."""
    export = tmp_path / "export.jsonl"
    ids = ["\ud800", "x\udfff", TRICK, "a"]
    export.write_text("\n".join(json.dumps(case(instanceId=one)) for one in ids), encoding="utf-8")
    done = run(export, api.origin, "--apply")
    assert (done.returncode, done.stderr) == (1, "")
    assert started(api) == ["a"]
    assert done.stdout.count("not restored: no address can hold its id") == 3


@pytest.mark.parametrize("bad", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_a_host_that_is_none_is_given_up(tmp_path, api, bad):
    """After three cases in a row: one sentence, exit code 2, nothing started."""
    export = tmp_path / "export.jsonl"
    export.write_text("\n".join(json.dumps(case(instanceId=one)) for one in "abcde"), encoding="utf-8")
    for one in "abcde":
        api.answers[f"{API}{one}"] = [bad]
    done = run(export, api.origin, "--apply")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.isprintable()
    assert started(api) == []
    assert len(api.asked) == 3


def test_a_wrong_key_is_tried_once(tmp_path, api):
    """No further case is asked for with it."""
    export = tmp_path / "export.jsonl"
    export.write_text("\n".join(json.dumps(case(instanceId=one)) for one in "abc"), encoding="utf-8")
    api.answers[f"{API}a"] = [(401, {}, None)]
    done = run(export, api.origin, "--apply")
    assert (done.returncode, len(api.asked)) == (2, 1)
    assert "RESTORE_CODE" in done.stderr


def test_a_decision_that_could_not_be_said_again_is_left_to_a_person(tmp_path, api):
    """The case was started, and a second run will leave it alone: so it is named, and the exit code is 1."""
    export = tmp_path / "export.jsonl"
    decided = {"outcome": "Approved", "by": "kim", "comment": None}
    export.write_text(json.dumps(shown(decided=decided)), encoding="utf-8")
    api.answers[f"{API}b/raiseEvent/Approval"] = [(500, {}, None)]
    done = run(export, api.origin, "--apply")
    assert done.returncode == 1
    assert "b: started, but its decision was not sent again, do that by hand: the host answers 500" in done.stdout


def test_an_answer_that_drips_ends_in_time(monkeypatch):
    """A host that never comes to an end does not hold the restore."""
    monkeypatch.setattr(restore, "TIMEOUT_S", 0.05)
    with dripping() as origin, pytest.raises(restore.Unusable, match=r"no whole answer within 0\.05 s"):
        restore.Host(origin, None).state("a")


@pytest.mark.parametrize("what", ["folder", "nothing", "binary", "json", "too long"])
def test_a_file_that_is_no_export_is_one_sentence(tmp_path, api, what):
    """A folder, a file that is not there, a file of something else: exit code 2, and nothing is started."""
    export = tmp_path / ("n" * 300 if what == "too long" else f"export{TRICK[:5]}")
    if what == "folder":
        export.mkdir()
    elif what == "binary":
        export.write_bytes(bytes(range(256)) * 100)
    elif what == "json":
        export.write_text(json.dumps([case()], indent=1), encoding="utf-8")
    done = run(export, api.origin, "--apply")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.isprintable()
    assert started(api) == []


@pytest.mark.parametrize(("url", "key"), [("http://[x", ""), ("https://x:99999", ""), ("https://x.example", "a\nb")])
def test_an_address_or_a_key_that_is_none_is_one_sentence(tmp_path, url, key):
    """Nothing of the key is repeated."""
    export = tmp_path / "export.jsonl"
    export.write_text(json.dumps(case()), encoding="utf-8")
    done = run(export, url, RESTORE_CODE=key)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_an_outcome_that_could_not_be_written_is_no_success(tmp_path, api):
    """On a full disk under standard output the exit code is 2, and standard error says so."""
    export = tmp_path / "export.jsonl"
    export.write_text(json.dumps(case()), encoding="utf-8")
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [sys.executable, "-I", SCRIPT, export, "--base-url", api.origin], stdout=full, stderr=subprocess.PIPE,
            encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "standard output could not be written: No space left on device.\n")
