"""``python -m devhost replay``: what it takes, what it says, how it ends."""

import json
import re
import sqlite3

import pytest
from called import devhost
from checkout import REVIEWS, TESTS

from devhost.durabletask.functions import Functions
from devhost.durabletask.model import Instance
from devhost.rehearsal.recorded import Verdict
from devhost.rehearsal.sources import Unusable, cases, files
from devhost.store.changes import Change
from devhost.store.database import Store

APP = TESTS / "conformance/app"
RECORDED = TESTS / "rehearsal/histories"
FUNCTIONS = Functions({"approval"}, {"orchfunction"}, set())
STATUS = {
    "name": "chain",
    "instanceId": "case-1",
    "runtimeStatus": "Running",
    "input": None,
    "output": None,
    "lastUpdatedTime": "2026-11-24T10:00:40Z",
    "historyEvents": [
        {
            "EventType": "ExecutionStarted",
            "Input": '"[1]"',
            "Timestamp": "2026-11-24T10:00:00Z",
            "FunctionName": "chain",
        },
        {"EventType": "TaskScheduled", "Name": "echo", "Input": None, "Timestamp": "2026-11-24T10:00:00.1Z"},
    ],
}


def found(path):
    """The cases of a file."""
    return list(cases(path, FUNCTIONS))


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        (json.dumps(STATUS), [""]),
        (json.dumps(STATUS, indent=1), [""]),
        (f"[{json.dumps(STATUS)}, {json.dumps(STATUS)}]", [":1", ":2"]),
        (f"{json.dumps(STATUS)}\n\n{json.dumps(STATUS)}\n", [":1", ":3"]),
        (f"\ufeff{json.dumps(STATUS)}", [""]),
        ("[]", []),
        ("", []),
    ],
)
def test_status_answers_in_every_form(tmp_path, text, sources):
    """One object, a list, or one a line; each case tells its place in the file."""
    path = tmp_path / "status.json"
    path.write_text(text, encoding="utf-8")
    assert [case.source for case in found(path)] == [f"{path}{place}" for place in sources]
    assert all(case.instance_id == "case-1" and len(case.rows) == 4 for case in found(path))


def test_recorded_turns_are_one_case_an_execution(tmp_path):
    """A file of turns is replayed as the last turn, with its decisions, of each execution."""
    case = found(RECORDED / "approved.json")[0]
    assert (case.name, case.status) == ("OrchFunction", "Completed")
    document = json.loads((RECORDED / "approved.json").read_text(encoding="utf-8"))
    other = json.loads(json.dumps(document).replace("48573768-13b3-4a3f-a8d8-fead6934a38c", "0" * 32))
    both = tmp_path / "both.json"
    both.write_text(json.dumps({"episodes": document["episodes"] + other["episodes"]}), encoding="utf-8")
    assert [case.source for case in found(both)] == [f"{both}, execution 1", f"{both}, execution 2"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "it is no JSON"),
        (b"17", "is no JSON object"),
        (b'{"a": 1}', "holds no history; give devhost's database, a status answer"),
        (b"\xff\xfe\x00", "neither a database nor text in UTF-8"),
        (b"SQLite format 3\0 and then nothing of it", "the database cannot be read"),
    ],
)
def test_an_unusable_file_is_named(tmp_path, content, why):
    """What holds no histories is refused, with the file's name and what would do."""
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(Unusable, match=re.escape(why)) as refused:
        found(path)
    assert str(path) in str(refused.value)


def test_a_folder_stands_for_what_is_in_it(tmp_path):
    """Folders are looked through; one without histories is refused, and so is what is not there."""
    (tmp_path / "deep").mkdir()
    for name in ("b.json", "a.jsonl", "deep/c.db", "readme.md"):
        (tmp_path / name).touch()
    assert [path.name for path in files([tmp_path])] == ["a.jsonl", "b.json", "c.db"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(Unusable, match="holds no file that ends in"):
        files([tmp_path / "empty"])
    with pytest.raises(Unusable, match="no such file or folder"):
        files([tmp_path / "nowhere.json"])


# ---------------------------------------------------------------- databases


@pytest.fixture
def database(tmp_path):
    """A database of a host that still has it open: a waiting instance, one that has not begun, an entity."""
    path = tmp_path / "Reviews.db"
    store = Store(path, "NORMAL")
    change = Change()
    document = json.loads((RECORDED / "approved.json").read_text(encoding="utf-8"))
    rows = [json.dumps(row) for row in document["episodes"][1]["payload"]["history"][:4]]
    for name, status in (("waits", "Running"), ("fresh", "Pending"), ("@counter@k", "Running")):
        change.put_instance(Instance(name, "e", "OrchFunction", None, 0, status, None, None, None, 1, 1))
    change.add_episode("waits", 0, ",".join(rows))
    for sql, values in change.statements:
        store_of(store).execute(sql, values)
    yield path
    store.close()


def store_of(store):
    """The store's own connection, whatever it calls it."""
    return next(one for one in vars(store).values() if isinstance(one, sqlite3.Connection))


def test_a_database_in_use_is_read(database):
    """All instances of a database, while a host has it open: the waiting one with its rows, the others passed over."""
    before = database.read_bytes()
    told = {case.instance_id: case for case in found(database)}
    assert set(told) == {"waits", "fresh", "@counter@k"}
    assert [row["EventType"] for row in told["waits"].rows] == [12, 0, 10, 13]
    assert "entity" in told["@counter@k"].why
    assert "has not begun" in told["fresh"].why
    assert {told[name].verdict for name in ("fresh", "@counter@k")} == {Verdict.SKIPPED}
    assert database.read_bytes() == before


def test_a_database_of_its_own_state_replays(database):
    """The command over a database: the instance waits for what its history says."""
    said = devhost("replay", "--app", REVIEWS, database)
    assert said.code == 0
    assert "goes on" in said.out
    assert "It waits for the event 'Approval' or the timer of 2026-11-24T20:16:39.455815Z." in said.out
    assert said.out.splitlines()[-1] == "3 histories: goes on 1, skipped 2"


@pytest.mark.parametrize(("version", "why"), [(0, "none of devhost's"), (99, "schema 99, and this devhost knows")])
def test_another_database_is_refused(tmp_path, version, why):
    """Someone else's database, or one of a newer devhost, is no source."""
    path = tmp_path / "other.db"
    db = sqlite3.connect(path)
    db.executescript(f"CREATE TABLE t (a); PRAGMA user_version={version}")
    db.close()
    with pytest.raises(Unusable, match=why):
        found(path)


# ---------------------------------------------------------------- the command


def test_a_divergence_ends_with_one(tmp_path):
    """Exit code 1, and the whole of what is reported: place, what is there, what is asked for, what to do."""
    path = tmp_path / "case.json"
    changed = json.loads(json.dumps(STATUS).replace('"echo"', '"Notify"'))
    path.write_text(json.dumps(changed), encoding="utf-8")
    said = devhost("replay", "--app", APP, "case.json", cwd=tmp_path)
    assert said.code == 1
    first, where, advice, *rest = said.out.splitlines()
    assert first.startswith("diverges    case.json: chain case-1. The engine finds other steps than it has recorded")
    there, now = "the history has the activity 'Notify' as number 0", "the code now asks for the activity 'echo'"
    assert where.strip() == f"at turn 1, row 3: {there}; {now}"
    assert advice.startswith("What to do where it diverges: Let instances that have begun keep the old steps")
    assert rest == ["1 history: diverges 1"]


def test_what_cannot_be_told_fails_only_if_asked(tmp_path):
    """Exit code 0 for a history that cannot be told, 1 with --strict; the summary counts it either way."""
    path = tmp_path / "case.json"
    path.write_text(json.dumps({**STATUS, "historyEvents": None}), encoding="utf-8")
    for options, code in (((), 0), (("--strict",), 1)):
        said = devhost("replay", "--app", APP, path, *options)
        assert (said.code, said.out.splitlines()[-1]) == (code, "1 history: cannot tell 1")


def test_quiet_leaves_out_what_is_well(tmp_path):
    """With --quiet an instance that goes on is counted only."""
    path = tmp_path / "case.json"
    path.write_text(json.dumps(STATUS), encoding="utf-8")
    said = devhost("replay", "--app", APP, "--quiet", path)
    assert (said.code, said.out) == (0, "1 history: goes on 1\n")


@pytest.mark.parametrize(
    "arguments",
    [("--app", APP, "nowhere.json"), ("--app", TESTS / "nowhere", "case.json")],
)
def test_unusable_input_ends_with_two(tmp_path, arguments):
    """Exit code 2 and one sentence for a file or an app that is not there."""
    (tmp_path / "case.json").write_text(json.dumps(STATUS), encoding="utf-8")
    said = devhost("replay", *arguments, cwd=tmp_path)
    assert said.code == 2
    assert "nowhere" in said.err
    assert "Traceback" not in said.err


def test_the_plain_command_still_serves():
    """Without replay or export in front the options are those of the host."""
    said = devhost("--help")
    assert "--virtual-time" in said.out
    assert "replay (rehearse an upgrade" in said.out
