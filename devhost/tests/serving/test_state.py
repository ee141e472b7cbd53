"""The state folder: whose it is, and whose the files in it are."""

import os
import stat
import subprocess
import sys

import pytest

from devhost.app.bindings.blobs import Blobs
from devhost.private_files import make_file_private, make_private, write_private
from devhost.runtime.timers import KeptInFile
from devhost.store.database import Store
from devhost.testing.process import HostProcess

APP = """
import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def keeps(context):
    return context.get_input()
"""


@pytest.fixture(autouse=True)
def _open_umask():
    """What an account has that shares everything by default."""
    old = os.umask(0)
    yield
    os.umask(old)


def mode(path):
    """The permissions."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_is_its_owners_alone(tmp_path):
    """Folders above it too, where they are made."""
    make_private(tmp_path / "a" / "state")
    assert mode(tmp_path / "a" / "state") == 0o700


def test_a_folder_of_an_earlier_run_becomes_its_owners_alone(tmp_path):
    """It holds nothing but what a host keeps."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o755)
    for name in ("lock", "keys.json", "timers.json", "Hub.db", "Hub.db-wal", "Hub.db-shm"):
        (folder / name).write_text("")
    (folder / "blobs").mkdir()
    make_private(folder)
    assert mode(folder) == 0o700


def test_a_folder_with_other_peoples_files_stays_as_it_is(tmp_path):
    """Anyone who gives --state /tmp may not lock everybody else out."""
    tmp_path.chmod(0o755)
    (tmp_path / "lock").write_text("")
    (tmp_path / "letter.txt").write_text("")
    make_private(tmp_path)
    assert mode(tmp_path) == 0o755
    empty = tmp_path / "shared"
    empty.mkdir()
    empty.chmod(0o1777)
    make_private(empty)
    assert mode(empty) == 0o1777


def test_files_in_it_are_their_owners_alone(tmp_path):
    """Database, its log, blobs, and what is kept of timers, in whatever folder they lie."""
    store = Store(tmp_path / "Hub.db")
    for name in ("Hub.db", "Hub.db-wal", "Hub.db-shm"):
        assert mode(tmp_path / name) == 0o600, name
    store.close()
    blobs = Blobs(tmp_path / "blobs")
    blobs.write("cases/2026/a.json", b"1")
    assert mode(tmp_path / "blobs" / "cases" / "2026" / "a.json") == 0o600
    assert mode(tmp_path / "blobs") == 0o700
    KeptInFile(tmp_path / "timers.json")["tick"] = {"next": ""}
    assert mode(tmp_path / "timers.json") == 0o600


def test_a_database_of_an_earlier_run_becomes_its_owners_alone(tmp_path):
    """Whatever the permissions were that it was made with."""
    Store(tmp_path / "Hub.db").close()
    (tmp_path / "Hub.db").chmod(0o644)
    Store(tmp_path / "Hub.db").close()
    assert mode(tmp_path / "Hub.db") == 0o600


def test_the_locks_of_an_open_database_are_kept(tmp_path):
    """Another process that looks at it and goes away leaves its log: it is not the last one."""
    path = tmp_path / "Hub.db"
    store = Store(path)
    store.read_only().close()
    Store(path).close()
    look = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); list(db.execute('SELECT 1 FROM tasks')); db.close()"
    subprocess.run([sys.executable, "-c", look, str(path)], check=True)
    assert (tmp_path / "Hub.db-wal").exists()
    store.close()


def test_what_its_owner_may_not_write_stays_so(tmp_path):
    """Only the rights of others are taken away; a read-only state is refused at the start."""
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "Hub.db").write_text("")
    (folder / "Hub.db").chmod(0o444)
    folder.chmod(0o555)
    make_private(folder)
    make_file_private(folder / "Hub.db")
    assert (mode(folder), mode(folder / "Hub.db")) == (0o500, 0o400)


def test_a_file_that_is_written_takes_the_place_of_the_old_one_whole(tmp_path):
    """And a rest of an earlier attempt does not give it its permissions."""
    (tmp_path / "a.new").write_text("rest")
    (tmp_path / "a.json").write_text("old")
    write_private(tmp_path / "a.json", "new")
    assert (tmp_path / "a.json").read_text() == "new"
    assert mode(tmp_path / "a.json") == 0o600
    assert not (tmp_path / "a.new").exists()


def test_a_running_host_leaves_nothing_that_others_can_read(tmp_path):
    """The whole folder, after a start."""
    (tmp_path / "function_app.py").write_text(APP)
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    host = HostProcess(tmp_path, tmp_path / "state")
    host.start()
    try:
        assert host.ask("POST", "/runtime/webhooks/durabletask/orchestrators/keeps")
        found = [tmp_path / "state", *(tmp_path / "state").rglob("*")]
        assert len(found) > 4
        assert {str(path) for path in found if mode(path) & 0o077} == set()
    finally:
        host.close()
