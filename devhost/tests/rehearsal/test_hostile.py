"""``python -m devhost replay`` on files that somebody has broken, by accident or on purpose."""

import ctypes
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from called import devhost
from checkout import DEVHOST, REVIEWS

from devhost.rehearsal.sources import Unusable, cases, files

DEEP = "[" * 100_000 + "]" * 100_000
TRICK = "\x1b[2J\u202e\u2028\ud800\x9b\x7f"
STARTED = {
    "EventType": "ExecutionStarted", "Timestamp": "2026-01-01T00:00:00Z", "FunctionName": "OrchFunction", "Input": None,
}  # fmt: skip
AT = "2026-01-01T00:00:01Z"


def answer(*events, **more):
    """A status answer of an open case that had its time to decide before it."""
    known = {
        "name": "OrchFunction", "instanceId": "a", "runtimeStatus": "Running", "lastUpdatedTime": AT,
        "createdTime": "2026-01-01T00:00:00Z", "historyEvents": [STARTED, *events],
    }  # fmt: skip
    return known | more


BROKEN_ANSWERS = {
    "an id that is a list": answer(instanceId=["a"]),
    "a status that is an object": answer(runtimeStatus={}),
    "a name that is a list": answer(historyEvents=[{**STARTED, "FunctionName": ["x"]}]),
    "an input that is an object": answer(historyEvents=[{**STARTED, "Input": {"a": 1}}]),
    "a time that is a number": answer(historyEvents=[{**STARTED, "Timestamp": 1e300}]),
    "a time that is no time": answer(historyEvents=[{**STARTED, "Timestamp": "yesterday"}]),
    "events that are numbers": answer(historyEvents=[1, 2]),
    "no time of the last change": {key: value for key, value in answer().items() if key != "lastUpdatedTime"},
    "an event whose name is a list": answer({"EventType": "EventRaised", "Timestamp": AT, "Name": [], "Input": 5}),
    "an end of an unknown kind": answer(
        {"EventType": "ExecutionCompleted", "Timestamp": AT, "OrchestrationStatus": ["x"]}, runtimeStatus="Completed"
    ),
    "turns that are a number": {"episodes": 5},
    "turns without a history": {"episodes": [{"payload": {"history": [{}, {"OrchestrationInstance": {}}]}}]},
    "something else": {"a": 1},
}
BROKEN_LINES = {
    "no JSON": b'{"instanceId": "a", "runti',
    "nested too deep": DEEP.encode(),
    "a number too long to read": b'{"a": ' + b"9" * 5000 + b"}",
    "binary": bytes(range(11, 256)),
    "a number": b"17",
    "null": b"null",
    "a lone surrogate": b'"\\ud800"',
    **{name: json.dumps(value).encode() for name, value in BROKEN_ANSWERS.items()},
}
GOOD = answer(instanceId="good")


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    """What is said of a file that has a good case after each broken line."""
    path = tmp_path_factory.mktemp("lines") / f"cases{TRICK[:6]}.jsonl"
    good = json.dumps(GOOD).encode()
    path.write_bytes(b"\n".join([good, *(line for broken in BROKEN_LINES.values() for line in (broken, good))]))
    said = devhost("replay", "--app", REVIEWS, path)
    return said, said.out.splitlines()


def test_a_broken_line_does_not_hide_the_next_case(replayed):
    """Every good case is replayed, and the exit code says that not all was."""
    said, lines = replayed
    assert said.code == 2
    assert sum("OrchFunction good. It waits for" in line for line in lines) == len(BROKEN_LINES) + 1
    assert "Traceback" not in said.out + said.err


@pytest.mark.parametrize("number", range(2, 2 * len(BROKEN_LINES) + 2, 2), ids=BROKEN_LINES)
def test_a_broken_line_is_one_sentence(replayed, number):
    """It is named with its place."""
    _, lines = replayed
    (line,) = [line for line in lines if f".jsonl:{number}: " in line]
    assert line.startswith("cannot tell ")
    assert line.endswith(".")


def test_what_is_said_moves_no_terminal(replayed, tmp_path):
    """Names of files, ids and the code's own words are shown, whatever is in them; a long text is cut."""
    said, _ = replayed
    path = tmp_path / "case.json"
    events = [{**STARTED, "Input": f"{TRICK}{'x' * 100_000}"}]
    path.write_text(json.dumps(answer(instanceId=TRICK, historyEvents=events)), encoding="utf-8")
    other = devhost("replay", "--app", REVIEWS, path, tmp_path / f"nothing{TRICK[:6]}")
    assert other.code == 2
    for line in (said.out + said.err + other.out + other.err).splitlines():
        assert line.isprintable()
        assert len(line) < 20_000
    assert "\\x1b[2J" in said.out
    assert "\\ud800" in other.out
    assert "\\x1b[2J" in other.err


def _row(**more):
    return json.dumps({"EventType": 12, "EventId": -1, "Timestamp": AT, **more})


BEGINNING = f"{_row()},{_row(EventType=0, Name='OrchFunction', Input=5)}"


@pytest.mark.parametrize(
    ("instance", "rows"),
    [
        ("a", "5,6"),
        ("a", 5),
        ("a", DEEP),
        ("a", b"\xff\xfe"),
        ("a", f"{_row()},{_row(EventType=0)}"),
        ("a", BEGINNING),
        (7, "5"),
        ("a\udc80", "5"),
    ],
    ids=["numbers", "no text", "deep", "bytes", "no name", "input", "id", "id that is no UTF-8"],
)
def test_a_broken_row_does_not_hide_the_next_instance(tmp_path, instance, rows):
    """A damaged history in a database is named, and the instance after it replayed."""
    path = tmp_path / "hub.db"
    good = ",".join([_row(), _row(EventType=0, Name="OrchFunction", Input="null", Version=None, Tags=None)])
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE instances (id, name, status, output)")
        db.execute("CREATE TABLE history (instance_id, episode, rows)")
        db.execute("PRAGMA user_version=3")
        for one, text in ((instance, rows), ("z", good)):
            name = one.encode("utf-8", "surrogateescape") if isinstance(one, str) else one
            db.execute("INSERT INTO instances VALUES (CAST(? AS TEXT), 'OrchFunction', 'Running', NULL)", (name,))
            db.execute("INSERT INTO history VALUES (CAST(? AS TEXT), 0, ?)", (name, text))
        db.commit()
    said = devhost("replay", "--app", REVIEWS, path)
    assert said.code == 2
    first, second, *_ = said.out.splitlines()
    assert first.startswith("cannot tell ")
    assert "OrchFunction z. " in second
    assert "Traceback" not in said.err


def test_a_file_that_cannot_be_used_does_not_hide_the_next(tmp_path):
    """Each is one line on standard error: what is not there, no file, an empty folder, no JSON, another's database."""
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "broken.json").write_text(DEEP, encoding="utf-8")
    (tmp_path / "other.db").write_bytes(b"SQLite format 3\0" + bytes(5000))
    (tmp_path / "good.json").write_text(json.dumps(GOOD), encoding="utf-8")
    names = ["nowhere.json", "pipe.json", "folder.json", "broken.json", "other.db", "n" * 300]
    said = devhost("replay", "--app", REVIEWS, *names, "good.json", cwd=tmp_path)
    assert said.code == 2
    told = said.err.splitlines()
    assert [name in line for name, line in zip(names, told, strict=True)] == [True] * len(names)
    assert "OrchFunction good. It waits for" in said.out


def test_what_may_not_be_read_is_said(tmp_path):
    """A file and a folder without permission are named with the system's own words."""
    (tmp_path / "case.json").write_text(json.dumps(GOOD), encoding="utf-8")
    (tmp_path / "case.json").chmod(0)
    (tmp_path / "folder").mkdir(mode=0)
    unreadable = [tmp_path / "case.json", tmp_path / "folder" / "a.json"]
    ended = subprocess.run(
        [sys.executable, "-m", "devhost", "replay", "--app", REVIEWS, *unreadable],
        capture_output=True, encoding="utf-8", timeout=60, check=False, preexec_fn=_be_like_anybody,
    )  # fmt: skip
    (tmp_path / "folder").chmod(0o700)
    assert ended.returncode == 2
    assert [line.rpartition(": ")[2] for line in ended.stderr.splitlines()] == ["Permission denied."] * 2


def _be_like_anybody() -> None:
    """Gives up root's right to read anywhere, so that the test means the same for root as for others."""
    drop_from_bounding_set = 24
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0)


def test_the_first_line_may_be_the_broken_one(tmp_path):
    """A file of lines is one even if its first line is damaged, or begins with a byte order mark."""
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"\xef\xbb\xbf{broken\n" + json.dumps(GOOD).encode() + b"\n")
    first, second = cases(path, None)
    assert first.is_broken
    assert second.instance_id == "good"


def test_a_list_on_several_lines_is_a_list(tmp_path):
    """Its first line is no JSON, and still nothing is broken."""
    path = tmp_path / "cases.json"
    path.write_text(f"[\n{json.dumps(GOOD)}\n]", encoding="utf-8")
    assert [case.is_broken for case in cases(path, None)] == [False]


def test_a_folder_that_is_named_too_long_is_refused():
    """The sentence is the system's."""
    with pytest.raises(Unusable, match="File name too long"):
        files([DEVHOST / ("n" * 300)])
