"""A run over many cases on the local host, in virtual time, killed in between."""

import json
import sqlite3
from collections import Counter
from datetime import timedelta

import pytest
from places import ROOT

from devhost.testing.process import HostProcess, until

YOUNG, RUNNING = 300, 500
API = "/runtime/webhooks/durabletask"
RUN = f"{API}/instances/HistoryRetention?showInput=false"
DAY = timedelta(days=1) // timedelta(microseconds=1) * 10  # in ticks
PROPOSAL = json.loads((ROOT / "examples/bridge-refurbishment.json").read_text(encoding="utf-8"))
# What belongs to one case, copied under new ids: created so many days earlier, last changed so many days ago.
COPY = (
    """INSERT INTO instances SELECT :prefix || printf('%05d', k), execution_id, name, parent_id, generation, status,
       input, output, custom_status, created - 200 * :day, updated - :age * :day, version
       FROM instances, numbers WHERE id = :of""",
    """INSERT INTO history SELECT :prefix || printf('%05d', k), episode,
       replace(rows, :of, :prefix || printf('%05d', k)) FROM history, numbers WHERE instance_id = :of""",
    """INSERT INTO messages (instance_id, execution_id, due, at, body) SELECT :prefix || printf('%05d', k),
       execution_id, due, at, body FROM messages, numbers WHERE instance_id = :of""",
)
NUMBERS = "WITH RECURSIVE numbers(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM numbers WHERE k < :count) "


class Site:
    """A host of the app in virtual time, and what can be asked of it."""

    def __init__(self, state, mode):
        self.state = state
        self.host = HostProcess(
            ROOT, state, "--virtual-time", "--sync", "NORMAL", RETENTION_MODE=mode, RETENTION_DAYS=None
        )
        self.database = state / "DesignApproval.db"

    def ask(self, method, path, body=None):
        """The answer, parsed; None for 404."""
        return self.host.ask(method, path, body)

    def start(self):
        """A case of the app, as people start it; its id."""
        return self.ask("POST", "/api/orchestrators/OrchFunction", PROPOSAL)["id"]

    def decide(self, case):
        """Approve it, and wait until it is over."""
        self.ask("POST", f"{API}/instances/{case}/raiseEvent/Approval", "Approved")
        until(
            lambda: self.ask("GET", f"{API}/instances/{case}")["runtimeStatus"] == "Completed" or None,
            "the case is over",
        )

    def sweep(self):
        """Run the timer's function, and wait until its run is over: the run's status."""
        self.ask("POST", "/admin/functions/PurgeHistory", {})
        return self.swept()

    def swept(self):
        """The status of the run, once it is over."""

        def over():
            status = self.ask("GET", RUN)
            return status if status and status["runtimeStatus"] not in ("Pending", "Running") else None

        status = until(over, "the run is over", 120)
        assert status["runtimeStatus"] == "Completed", status
        return status["output"]

    def slices(self):
        """How many slices have a blob."""
        return sum(1 for _ in (self.state / "blobs").rglob("*.jsonl"))

    def copy(self, case, prefix, count, age):
        """Put copies of a real case into the database of the host that is down."""
        with sqlite3.connect(self.database) as database:
            for statement in COPY:
                given = {"of": case, "prefix": prefix, "count": count, "age": age, "day": DAY}
                database.execute(NUMBERS + statement, given)
        database.close()

    def left(self):
        """How many instances there are, by the first letters of their ids."""
        database = sqlite3.connect(self.database)
        found = Counter(row[0].rstrip("0123456789") for row in database.execute("SELECT id FROM instances"))
        database.close()
        return found

    def exported(self):
        """The ids in all blobs, as often as they occur."""
        files = (self.state / "blobs/case-history").rglob("*.jsonl")
        return Counter(
            json.loads(line)["instanceId"] for file in files for line in file.read_text("utf-8").splitlines()
        )


@pytest.fixture
def site(tmp_path):
    """Makes a site; its host is ended after the test."""
    made = []

    def make(mode):
        made.append(Site(tmp_path / "state", mode))
        made[-1].host.start()
        return made[-1]

    yield make
    for each in made:
        each.host.close()


@pytest.mark.parametrize(("old", "slices"), [(600, 2), pytest.param(20_000, 60, marks=pytest.mark.long)])
def test_every_old_case_is_exported_once_and_purged_and_nothing_else_is_touched(site, old, slices):
    """Thousands of finished cases beside 500 running and 300 young ones; the host dies on the way and goes on."""
    it = site("purge")
    over, open_ = it.start(), it.start()
    it.decide(over)
    it.host.kill()
    it.copy(over, "old-", old, 100)
    it.copy(over, "young-", YOUNG, 10)
    it.copy(open_, "running-", RUNNING, 150)
    it.host.start()
    it.ask("POST", "/admin/functions/PurgeHistory", {})
    until(lambda: it.slices() > slices or None, "some slices are done")
    it.host.kill()
    left = it.left()["old-"]
    assert 0 < left < old
    assert old - left <= len(it.exported())  # what is gone stands in a blob
    it.host.start()
    output = it.swept()
    assert (output["due"], output["exported"], output["purged"], output["unreadable"]) == (old, old, old, 0)
    assert it.exported() == {f"old-{number:05}": 1 for number in range(1, old + 1)}
    left = it.left()
    assert left["old-"] == 0
    assert (left["young-"], left["running-"]) == (YOUNG, RUNNING)
    assert it.ask("GET", f"{API}/instances/{open_}")["runtimeStatus"] == "Running"
    it.decide("running-00001")  # still alive, and not only in the list


def test_what_is_exported_is_the_status_answer_of_the_case(site):
    """Input, outcome and history, as `devhost export` writes it; what is left in the engine is the run itself."""
    it = site("purge")
    case = it.start()
    it.decide(case)
    answer = it.ask("GET", f"{API}/instances/{case}?showHistory=true&showHistoryOutput=true")
    it.ask("POST", "/devhost/clock", {"advance": 91 * 86400})  # the timer's own nights come on the way
    until(lambda: True if it.ask("GET", f"{API}/instances/{case}") is None else None, "the case is gone")
    it.swept()
    (file,) = (it.state / "blobs/case-history").rglob("*.jsonl")
    assert json.loads(file.read_text("utf-8")) == answer


def test_a_dry_run_changes_nothing(site):
    """It says how many would go, and which are the first."""
    it = site("dry")
    case = it.start()
    it.decide(case)
    it.host.kill()
    it.copy(case, "old-", 150, 100)
    it.host.start()
    output = it.sweep()
    assert (output["due"], output["exported"], output["purged"]) == (150, 0, 0)
    assert output["sample"] == [f"old-{number:05}" for number in range(1, 6)]
    assert it.left()["old-"] == 150
    assert not (it.state / "blobs").exists()


def test_an_export_that_cannot_be_written_leaves_every_case(site):
    """The run fails, and the cases are there for the next one."""
    it = site("purge")
    case = it.start()
    it.decide(case)
    it.host.kill()
    it.copy(case, "old-", 3, 100)
    it.host.start()
    (it.state / "blobs").write_text("a file where a folder should be")
    it.ask("POST", "/admin/functions/PurgeHistory", {})
    until(lambda: it.ask("GET", RUN), "the run has begun")

    def failed():
        it.ask("POST", "/devhost/clock", {"advance": 60})
        status = it.ask("GET", RUN)
        return status if status["runtimeStatus"] == "Failed" else None

    assert "ExportCases" in until(failed, "the run has failed")["output"]
    assert it.left()["old-"] == 3
    (it.state / "blobs").unlink()
    assert it.sweep()["purged"] == 3
