"""What disk and clock may do to a host: it says what is wrong, stores all or nothing, and goes on when it can."""

import asyncio
import ctypes
import itertools
import json
import os
import resource
import sqlite3
import subprocess
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from checkout import REVIEWS
from client import APPROVED, HUB

from devhost.runtime.hub import Hub
from devhost.store.changes import Change
from devhost.store.database import Store
from devhost.store.errors import Unstored
from devhost.testing.host import Refused
from devhost.testing.process import command, quiet_port, until
from devhost.timekeeping import clock
from devhost.timekeeping.clock import RealClock
from devhost.timekeeping.ticks import SECOND

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIVE = ("Pending", "Running")
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
APP_START, MANAGEMENT_START = "/api/orchestrators/OrchFunction", f"{HUB}/orchestrators/OrchFunction"


@pytest.fixture
def host(make_host):
    """A host with the app, which runs."""
    host = make_host()
    host.start()
    return host


@pytest.fixture
def database(tmp_path):
    """Where it keeps its hub."""
    return tmp_path / "state" / "Reviews.db"


def body(answer):
    """Status and parsed body of an answer."""
    assert answer is not None, "the host is gone"
    return answer[0], json.loads(answer[2]) if answer[2] else None


def refused(answer, *words):
    """Whether it is an honest refusal: 503, when to try again, and what to do."""
    status, said = body(answer)
    assert status == 503, said
    assert answer[1]["Retry-After"] == "5"
    for word in words:
        assert word in json.dumps(said)


def ended(client, instance_id):
    """Its output, once there is one."""
    return until(lambda: client.status(instance_id)["output"], f"the end of {instance_id}")


# ------------------------------------------------------------------ a full disk


def test_on_a_full_disk_nothing_is_accepted_and_then_all_goes_on(host, make_client, database):
    """No start, event or end is answered 202 while it cannot be stored; with space again everything works."""
    client = make_client(host)
    case = client.start("before", "PT1H")
    resource.prlimit(host.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    refused(client.send("POST", MANAGEMENT_START), str(database), "disk")
    assert client.send("POST", APP_START, {"title": "full", "author": "disk"})[0] == 503
    event = f"{HUB}/instances/{case}/raiseEvent/Approval"
    refused(client.send("POST", event, "Approved"), str(database))
    refused(client.send("POST", f"{HUB}/instances/{case}/terminate"), str(database))
    assert client.status(case)["runtimeStatus"] in LIVE
    resource.prlimit(host.pid, resource.RLIMIT_FSIZE, UNLIMITED)
    assert client.everything().keys() == {case}
    assert client.raise_event(case, "Approved") == 202
    assert ended(client, case) == APPROVED
    other = client.start("after", "PT1H")
    assert client.everything().keys() == {case, other}
    host.kill()
    host.start()
    assert make_client(host).status(case)["output"] == APPROVED
    assert "Traceback" not in host.text


@pytest.mark.parametrize("number", range(1, 7))
def test_a_disk_that_is_full_for_two_commits_changes_no_outcome(durable_host, monkeypatch, tmp_path, number):
    """Requests are refused and asked again; episodes and answers of activities are tried again by themselves."""
    monkeypatch.setattr("devhost.runtime.work.PAUSE_AFTER_FAILURE_S", 0.0)
    host = durable_host(REVIEWS, database=tmp_path / "hub.db")
    write, count, full = host._store._write, itertools.count(1), sqlite3.OperationalError("database or disk is full")

    def write_if_there_is_room(changes):
        if next(count) in (number, number + 1):
            raise full
        write(changes)

    monkeypatch.setattr(host._store, "_write", write_if_there_is_room)
    refusals = [_again_until_done(host, "POST", "orchestrators/OrchFunction/case")]
    refusals.append(_again_until_done(host, "POST", "instances/case/raiseEvent/Approval", b'"Approved"'))
    assert host.status("case").output == APPROVED
    assert [row["EventType"] for row in host.rows("case")].count(15) == 1  # the event, once
    assert sum(refusals) + sum("could not be stored" in each for each in host.complaints) >= 1
    assert next(count) - 1 == 6 + 2  # start, turn, event, turn, activity, turn; and two attempts


def _again_until_done(host, method, path, data=b""):
    """How often it was refused with 503 before it was done."""
    for refusals in itertools.count():
        status, _ = _answer(host, method, path, data)
        if status == 202:
            return refusals
        assert status == 503
    return None


# ------------------------------------------------------------------ a database that somebody holds


def test_a_commit_waits_for_another_program_and_then_goes_through(tmp_path):
    """Anyone who holds the database for a moment delays a commit, and not the host."""
    told = asyncio.run(_held(tmp_path / "hub.db", patience_s=30.0, until_turns=3))
    assert told is None


def test_a_commit_does_not_wait_for_ever(tmp_path):
    """After a while the commit fails, with the file's name, and nothing of it is stored."""
    told = asyncio.run(_held(tmp_path / "hub.db", patience_s=0.1, until_turns=None))
    assert isinstance(told, Unstored)
    assert str(tmp_path / "hub.db") in str(told)
    assert "Another program holds the file" in str(told)
    with closing(sqlite3.connect(tmp_path / "hub.db")) as db:
        assert db.execute("SELECT count(*) FROM messages").fetchone() == (0,)


async def _held(path, *, patience_s, until_turns):
    """How a commit ends while another connection holds the database; the event loop turns meanwhile."""
    store = Store(path, patience_s=patience_s)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        changes = [Change(), Change()]
        for number, change in enumerate(changes):
            change.send(f"case-{number}", None, "{}", 0)
        asked = [store.commit(change) for change in changes]
        turns = 0
        while not all(one.done() for one in asked):
            await asyncio.wait(asked, timeout=0.05)
            turns += 1
            if turns == until_turns:
                assert not any(one.done() for one in asked)
                other.execute("COMMIT")
        if other.in_transaction:
            other.execute("ROLLBACK")
    errors = [one.exception() for one in asked]
    store.close()
    assert errors[0] is errors[1]
    return errors[0]


def test_while_somebody_holds_the_database_the_host_still_answers(host, make_client, database):
    """Reading goes on, and a start that was asked for meanwhile is answered once it is stored."""
    client = make_client(host)
    case = client.start("before", "PT1H")
    answers = []
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        asking = threading.Thread(target=lambda: answers.append(make_client(host).start("meanwhile", "PT1H")))
        asking.start()
        for _ in range(5):
            assert client.status(case)["runtimeStatus"] in LIVE
        assert not answers
        other.execute("COMMIT")
    asking.join(30)
    assert client.status(answers[0])["runtimeStatus"] in LIVE


def test_timers_outlive_a_read_that_fails(monkeypatch, tmp_path):
    """When the nearest timer cannot be looked up, it is said once, and looked up again until it can."""
    monkeypatch.setattr("devhost.runtime.work.PAUSE_AFTER_FAILURE_S", 0.0)
    told, looks = asyncio.run(_rung(tmp_path / "hub.db", failures=3))
    assert looks == 4
    ((who, text),) = told
    assert who == "devhost"
    assert "no timer can fire" in text
    assert str(tmp_path / "hub.db") in text


async def _rung(path, failures):
    """What a hub says whose alarm rings while its store cannot be read so many times, and how often it looks."""
    told, looks, through = [], itertools.count(1), asyncio.Event()

    class Log:
        def complain(self, instance_id, text):
            told.append((instance_id, text))

    store = Store(path)

    def fired(_now):
        if next(looks) <= failures:
            raise sqlite3.OperationalError("disk I/O error")
        through.set()
        return []

    store.fired = fired
    hub = Hub(store, None, RealClock(), Log())
    hub._ring()
    await asyncio.wait_for(through.wait(), 10)
    await hub.stop()
    store.close()
    return told, next(looks) - 1


# ------------------------------------------------------------------ files that are damaged or gone


def test_a_database_of_garbage_keeps_the_host_from_starting(host, make_client, database, tmp_path):
    """The sentence names the file and what to do, and the file is left as it is."""
    client = make_client(host)
    for number in range(20):
        client.start(f"case-{number}", "PT1H")
    assert host.interrupt()[0] == 0
    whole = database.read_bytes()
    database.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    before = database.read_bytes()
    ended = subprocess.run(
        command(REVIEWS, tmp_path / "state", quiet_port()), capture_output=True, encoding="utf-8", timeout=30,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 2, ended
    (line,) = ended.stderr.splitlines()
    assert str(database) in line
    assert "put a copy of the file in its place" in line
    assert "Traceback" not in ended.stdout
    assert database.read_bytes() == before


def test_a_damaged_page_hurts_only_who_needs_it(durable_host, tmp_path):
    """The history that is damaged is answered with 503 and the file's name; other instances go on."""
    path = tmp_path / "hub.db"
    host = durable_host(REVIEWS, database=path)
    cases = [host.start("OrchFunction") for _ in range(2)]
    host.run_until_idle()
    host._store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with closing(sqlite3.connect(path)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name='history'").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xff" * 4096)
    host.restart_host()
    status, said = _answer(host, "GET", f"instances/{cases[0]}?showHistory=true")
    assert status == 503
    assert str(path) in said["ExceptionMessage"]
    assert "put a copy of the file in its place" in said["ExceptionMessage"]
    assert host.status(cases[1]).runtime_status == "Completed"


def test_a_log_cut_short_loses_its_end_and_nothing_by_halves(host, make_client, database):
    """After a crash that has cost the end of the write-ahead log, each case is there whole or not at all."""
    client = make_client(host)
    ids = [client.start(f"case-{number}", "PT1H") for number in range(30)]
    host.kill()
    log = database.with_name(f"{database.name}-wal")
    os.truncate(log, log.stat().st_size * 2 // 3)
    host.start()
    client = make_client(host)

    def all_wait():
        found = client.everything()
        return found if all(each["customStatus"] for each in found.values()) else None

    found = until(all_wait, "the first turn of all cases")
    assert found.keys() < set(ids)
    for case in found:
        assert client.raise_event(case, "Approved") == 202
        assert ended(client, case) == APPROVED


@pytest.mark.parametrize("what", ["Reviews.db", "Reviews.db-wal", "folder"])
def test_without_its_files_the_host_accepts_nothing(host, make_client, database, tmp_path, what):
    """Files that are taken away under the host make it refuse what it could not keep; put back, it goes on."""
    client = make_client(host)
    case = client.start("before", "PT1H")
    taken = database.parent if what == "folder" else database.parent / what
    taken.rename(tmp_path / "aside")
    refused(
        client.send("POST", f"{HUB}/instances/{case}/raiseEvent/Approval", "Approved"), "was removed", "Put the file"
    )
    (tmp_path / "aside").rename(taken)
    assert client.raise_event(case, "Approved") == 202
    assert ended(client, case) == APPROVED


def test_after_its_files_were_deleted_a_new_start_begins_empty(host, make_client, database):
    """Deleting the state while the host runs is reported, and the next start has an empty hub."""
    client = make_client(host)
    client.start("before", "PT1H")
    for file in database.parent.glob("Reviews.db*"):
        file.unlink()
    refused(client.send("POST", MANAGEMENT_START), "begins with an empty task hub")
    host.interrupt()
    host.start()
    assert make_client(host).everything() == {}


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    """The sentence names the folder; there is no traceback."""
    (tmp_path / "locked").mkdir(mode=0o555)
    ended = subprocess.run(
        command(REVIEWS, tmp_path / "locked" / "state", quiet_port()), capture_output=True, encoding="utf-8",
        timeout=30, check=False, preexec_fn=_be_like_anybody,
    )  # fmt: skip
    assert ended.returncode == 2, ended
    assert str(tmp_path / "locked" / "state") in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


def test_a_state_that_cannot_be_written_any_more_is_refused(host, make_client, database, tmp_path):
    """A database in a folder that has become read-only is named."""
    make_client(host).start("before", "PT1H")
    host.interrupt()
    for file in [*database.parent.iterdir(), database.parent]:
        file.chmod(0o555)
    try:
        ended = subprocess.run(
            command(REVIEWS, tmp_path / "state", quiet_port()), capture_output=True, encoding="utf-8",
            timeout=30, check=False, preexec_fn=_be_like_anybody,
        )  # fmt: skip
    finally:
        for file in [database.parent, *database.parent.iterdir()]:
            file.chmod(0o755)
    assert ended.returncode == 2, ended
    assert str(database.parent) in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


def _be_like_anybody() -> None:
    """Gives up root's right to write anywhere, so that the test means the same for root as for others."""
    drop_from_bounding_set = 24
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0)


# ------------------------------------------------------------------ clocks


class Machine:
    """The clocks of a machine: the wall's, which anybody may set, and the one that counts from its start."""

    def __init__(self, monkeypatch) -> None:
        self.wall = self.monotonic = 0
        self.set(NOON)
        monkeypatch.setattr(clock.time, "time_ns", lambda: self.wall)
        monkeypatch.setattr(clock.time, "monotonic_ns", lambda: self.monotonic)

    def set(self, to) -> None:
        """Sets the wall clock."""
        self.wall = int(to.timestamp()) * 10**9

    def run(self, time, *, asleep=False) -> None:
        """Lets time pass; a machine that sleeps counts it on the wall only."""
        passed = int(time.total_seconds()) * 10**9
        self.wall += passed
        self.monotonic += 0 if asleep else passed


@pytest.fixture
def machine(monkeypatch):
    """A machine whose clocks the test sets."""
    return Machine(monkeypatch)


def test_a_clock_that_is_set_back_does_not_stop_time(machine):
    """Time goes on at its pace from where it was, so timers come neither late nor twice."""
    here = RealClock()
    before = here.now()
    machine.set(NOON - timedelta(hours=1))
    machine.run(timedelta(seconds=10))
    assert here.now() == before + 10 * SECOND


def test_a_clock_that_jumps_forward_takes_time_along(machine):
    """What falls due by the jump is due, as after a sleep of the machine."""
    here = RealClock()
    before = here.now()
    machine.run(timedelta(hours=8), asleep=True)
    assert here.now() == before + 8 * 3600 * SECOND


def test_time_begins_no_earlier_than_what_is_written_down(machine):
    """A host that starts on a clock that was set back goes on from the newest entry of its store."""
    latest = RealClock().now() + 3600 * SECOND
    here = RealClock(latest)
    assert here.now() == latest
    machine.run(timedelta(seconds=1))
    assert here.now() == latest + SECOND


def test_after_the_clock_was_set_back_a_case_goes_on(host, make_client, database):
    """The host says so, rows of the history stay in order, and the time to decide is as long as it was."""
    client = make_client(host)
    case = client.start("before", "PT1H")
    due = until(lambda: client.status(case)["customStatus"], "the first turn")["due"]
    host.kill()
    later = 600 * SECOND
    with (
        closing(sqlite3.connect(database)) as db,
        db,
    ):  # ten minutes: as if it had been written before the clock was set
        db.execute("UPDATE instances SET created=created+?, updated=updated+?", (later, later))
        db.execute("UPDATE messages SET at=at+?, due=due+?", (later, later))
    host.start()
    assert "clock was set back" in host.text
    assert str(database) in host.text
    client = make_client(host)
    assert client.status(case)["customStatus"]["due"] == due
    for payload in ("perhaps", "Approved"):
        assert client.raise_event(case, payload) == 202
    assert ended(client, case) == APPROVED
    stamps = [row["Timestamp"][:19] for row in client.history(case)]
    assert stamps == sorted(stamps)
    assert client.status(case)["lastUpdatedTime"][:19] >= client.status(case)["createdTime"][:19]


def _answer(host, method, path, data=b""):
    """Status and body, refused or not."""
    try:
        answer = host.manage(method, path, data, {"content-type": "application/json"})
    except Refused as error:
        return error.status, error.body
    return answer.status, answer.json()
