"""What keeps the host from starting is reported in one sentence on stderr, with exit code 2, and changes nothing."""

import errno
import json
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from devhost.errors import BadState
from devhost.testing.forks import Fork
from devhost.testing.process import command, quiet_port
from devhost.web.keys import Keys

WITHIN_S = 30
APP = """
import azure.functions as func
app = func.FunctionApp()

@app.route(route="hello")
def hello(req: func.HttpRequest) -> str:
    return "hello"
"""


@pytest.fixture
def app(tmp_path):
    """The folder of a small app that starts."""
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "function_app.py").write_text(APP, encoding="utf-8")
    (folder / "host.json").write_text(json.dumps({"version": "2.0"}), encoding="utf-8")
    return folder


@pytest.fixture
def refusal(tmp_path, app):
    """Starts a host that must not come up, and gives its sentence."""

    def start(port: int | None = None) -> str:
        asked = command(app, tmp_path / "state", port or quiet_port())
        files = tmp_path / "stdout.txt", tmp_path / "stderr.txt"
        with files[0].open("w") as out, files[1].open("w") as err:
            code = Fork(asked[1:], os.environ, out.fileno(), err.fileno()).wait(WITHIN_S)
        printed, told = (file.read_text(encoding="utf-8") for file in files)
        assert code == 2, told
        (line,) = told.splitlines()
        assert "ready" not in printed
        assert "Traceback" not in printed + line
        assert len(line.split()) >= 6
        return line

    return start


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_is_none_is_refused(refusal, port):
    """The sentence names it, and the ports that there are."""
    line = refusal(port)
    assert f"--port: {port} is no port" in line
    assert "65535" in line


def test_a_second_host_on_the_same_state_is_refused(make_host, make_client, refusal):
    """The second host says that another one uses the folder; the first one goes on."""
    host = make_host()
    host.start()
    line = refusal()
    assert "another devhost uses this state folder" in line
    assert "--state" in line
    assert make_client(host).start("still-there", "PT1H")


def test_the_lock_goes_with_a_killed_host(make_host):
    """A host that was killed does not keep the next one from starting."""
    host = make_host()
    host.start()
    host.kill()
    host.start()


def test_a_taken_port_is_refused(refusal):
    """The sentence names the address and how to choose another port."""
    with socket.create_server(("127.0.0.1", quiet_port())) as taken:
        port = taken.getsockname()[1]
        line = refusal(port)
    assert f"127.0.0.1:{port}" in line
    assert "--port" in line


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def broken(:\n", "line 1"),
        ("raise RuntimeError('no database today')\n", "no database today"),
        ("import azure.functions as func\n", "app"),
        ("import no_such_module_anywhere\n", "no_such_module_anywhere"),
        (APP + APP.replace("app = func.FunctionApp()", ""), "hello"),
        (APP.replace("req: func.HttpRequest", "request: func.HttpRequest"), "hello"),
        (APP.replace("def hello(req", "def hello(req, more"), "hello"),
    ],
    ids=["syntax", "raises", "no app", "import", "name twice", "wrong parameter", "parameter without binding"],
)
def test_a_broken_app_is_refused(app, refusal, source, told):
    """An app that Azure would not index is refused with what is wrong in it, and where."""
    (app / "function_app.py").write_text(source, encoding="utf-8")
    line = refusal()
    assert told in line
    assert str(app) in line


def test_a_folder_without_an_app_is_refused(app, refusal):
    """A folder with no function_app.py is distinguished from a broken app."""
    (app / "function_app.py").unlink()
    assert "function_app.py" in refusal()


def test_a_folder_that_is_not_there_is_refused(app, refusal):
    """An app folder that does not exist is named."""
    shutil.rmtree(app)
    assert str(app) in refusal()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"version": "2.0",}', "line 1"),
        ("", "host.json"),
        ("[]", "object"),
        ('{"version": "1.0"}', "version"),
        ('{"version": "2.0", "extensions": {"durableTask": {"hubName": "no good"}}}', "Task hub name 'no good'"),
    ],
    ids=["comma", "empty", "list", "version", "hub name"],
)
def test_a_broken_host_json_is_refused(app, refusal, text, told):
    """A host.json that cannot be used is named, with the place in it."""
    (app / "host.json").write_text(text, encoding="utf-8")
    line = refusal()
    assert "host.json" in line
    assert told in line


def test_a_database_of_a_newer_devhost_is_refused_and_left_alone(app, refusal, tmp_path):
    """The sentence names both schemas, and the file stays as it was."""
    database = _database(app, tmp_path)
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA user_version=99")
    before = database.read_bytes()
    line = refusal()
    assert "schema 99" in line
    assert str(database) in line
    assert database.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(app, refusal, tmp_path):
    """A file under the database's name that holds something else is not written over."""
    database = _database(app, tmp_path)
    database.write_bytes(b"minutes of the meeting\n" * 100)
    line = refusal()
    assert str(database) in line
    assert database.read_bytes() == b"minutes of the meeting\n" * 100


def test_a_state_folder_that_is_a_file_is_refused(refusal, tmp_path):
    """A file where the state folder should be is named and stays."""
    (tmp_path / "state").write_text("mine", encoding="utf-8")
    line = refusal()
    assert str(tmp_path / "state") in line
    assert (tmp_path / "state").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[" * 100_000, "nested too deep"),
        ('{"version": ' + "9" * 5000 + "}", "more digits"),
        ('{"version": "2.0", "functionTimeout": "99999999999999.00:00:00"}', "functionTimeout"),
        ('{"version": "2.0", "functionTimeout": "' + "9" * 5000 + '"}', "functionTimeout"),
        (
            '{"version": "2.0", "extensions": {"durableTask": {"maxConcurrentActivityFunctions": "'
            + "9" * 5000
            + '"}}}',
            "maxConcurrentActivityFunctions",
        ),
        ('{"version": "2.0", "extensions": {"durableTask": {"hubName": "%\\ud800\\u001b[2J%"}}}', "no setting"),
    ],
    ids=["deep", "digits", "days", "days of many digits", "count", "no name"],
)
def test_a_hostile_host_json_is_refused(app, refusal, text, told):
    """JSON that breaks a parser, and values that break a number, are one sentence too."""
    (app / "host.json").write_text(text, encoding="utf-8")
    line = refusal()
    assert told in line
    assert line.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"IsEncrypted": false, "Values": {"A": ' + "9" * 5000 + "}}",
        '{"IsEncrypted": false, "Values": {"A": "a\\u0000b"}}',
        '{"IsEncrypted": false, "Values": {"A\\u0000": "b"}}',
        '{"IsEncrypted": false, "Values": {"A=B": "b"}}',
        '{"IsEncrypted": false, "Values": {"A": "\\ud800"}}',
        '{"IsEncrypted": false, "Values": {"A\\u001b[2J": [1]}}',
    ],
    ids=["deep", "digits", "NUL", "NUL in a name", "equals sign in a name", "surrogate", "list"],
)
def test_settings_that_no_environment_holds_are_refused(app, refusal, text):
    """The sentence names local.settings.json."""
    (app / "local.settings.json").write_text(text, encoding="utf-8")
    line = refusal()
    assert "local.settings.json" in line
    assert line.isprintable()


@pytest.mark.parametrize("text", ["[" * 100_000, '{"master": "\\ud800"}', '{"system": {"durabletask_extension": 5}}'])
def test_keys_that_are_none_are_refused(refusal, tmp_path, text):
    """A file of keys that somebody has broken is named, with the way out."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state/keys.json").write_text(text, encoding="utf-8")
    line = refusal()
    assert str(tmp_path / "state/keys.json") in line
    assert "delete" in line


@pytest.mark.parametrize("room", [0, 4096, 33_000])
def test_a_full_disk_at_the_start_is_told_as_it_is(app, tmp_path, make_host, room):
    """The file that could not be written, and to free some space and start again, which then works."""
    ended = subprocess.run(
        command(app, tmp_path / "state", quiet_port()), capture_output=True, encoding="utf-8", timeout=30,
        check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )  # fmt: skip
    assert ended.returncode == 2, ended
    (line,) = ended.stderr.splitlines()
    assert str(tmp_path / "state") in line
    assert "disk" in line
    assert "start devhost again" in line
    assert "by itself" not in line
    make_host(app).start()


def test_a_database_that_is_held_at_the_start_is_told_as_it_is(app, refusal, tmp_path):
    """Another program has it: let it end, and start again."""
    database = _database(app, tmp_path)
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        line = refusal()
    assert str(database) in line
    assert "Another program holds the file" in line
    assert "start devhost again" in line
    assert "by itself" not in line


def test_keys_on_a_full_disk_are_told_as_they_are(tmp_path, monkeypatch):
    """What is beside the database has its own sentence."""
    monkeypatch.setattr("devhost.private_files.os.open", _full)
    with pytest.raises(
        BadState, match=r"keys\.json: the keys cannot be kept: No space left on device\. Free some"
    ) as told:
        _ = Keys(tmp_path).master
    assert "start devhost again" in str(told.value)


def _full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _database(app, tmp_path):
    """Where the host would keep the hub of this app."""
    (app / "host.json").write_text(
        json.dumps({"version": "2.0", "extensions": {"durableTask": {"hubName": "Small"}}}), encoding="utf-8"
    )
    (tmp_path / "state").mkdir()
    return tmp_path / "state" / "Small.db"


def test_a_trigger_that_is_not_played_is_said_loudly(tmp_path):
    """A queue function is listed and can be run by hand, and the console says that nothing else runs it."""
    app = tmp_path / "app"
    app.mkdir()
    (app / "host.json").write_text('{"version": "2.0"}', encoding="utf-8")
    (app / "function_app.py").write_text(
        "import azure.functions as func\n"
        "app = func.FunctionApp()\n"
        "@app.queue_trigger(arg_name='message', queue_name='letters', connection='AzureWebJobsStorage')\n"
        "def Letters(message: func.QueueMessage) -> None:\n"
        "    pass\n",
        encoding="utf-8",
    )
    started = [sys.executable, "-m", "devhost", "--app", app, "--port", "0", "--state", tmp_path / "state"]
    host = subprocess.Popen(started, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        said = []
        for line in host.stdout:
            said.append(line)
            if "devhost is ready" in line:
                break
        assert any("Letters: nothing triggers a queueTrigger here" in line for line in said)
    finally:
        host.kill()
        host.communicate()
