"""The script that runs apps of others: its list, its steps, and what it says of a difference."""

import importlib.util
import re
import subprocess
import sys

import pytest
from checkout import DEVHOST

from devhost.testing.process import HostProcess

SCRIPT = DEVHOST / "scripts/compatibility.py"
_SPEC = importlib.util.spec_from_file_location("compatibility", SCRIPT)
compatibility = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(compatibility)

APP = """
from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("start", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client):
    return client.create_check_status_response(req, await client.start_new("Wait"))


@app.orchestration_trigger(context_name="context")
def Wait(context: df.DurableOrchestrationContext):
    said = yield context.wait_for_external_event("Word")
    context.set_custom_status("heard")
    yield context.create_timer(context.current_utc_datetime + timedelta(days=1))
    return {"case": context.instance_id, "said": said}
"""
START = {"send": "POST /api/start", "answers": 202}
WORD = {"send": "POST {sendEventPostUri}", "event": "Word", "body": "now", "answers": 202}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A host in virtual time with an app that waits."""
    folder = tmp_path_factory.mktemp("stranger")
    (folder / "function_app.py").write_text(APP)
    (folder / "host.json").write_text('{"version": "2.0"}')
    host = HostProcess(folder, folder / "state", "--virtual-time")
    host.start()
    yield host.origin
    host.close()


def report(url, *steps, elsewhere=False):
    """What is said of a run of these steps."""
    app = compatibility.App("one", "https://host/owner/one", "0" * 40, run=({"what": "it", "steps": steps},))
    return list(compatibility._journeys(app, url, elsewhere=elsewhere))


def test_the_list_can_be_read_and_the_page_tells_of_each_app():
    """At least eight apps have runs; each has a name of its own, a whole commit, and its row in the page."""
    apps = compatibility.read_list([])
    page = (DEVHOST / "docs/compatibility.md").read_text(encoding="utf-8")
    assert sum(bool(app.run) for app in apps) >= 8
    assert len({app.name for app in apps}) == len(apps)
    for app in apps:
        assert re.fullmatch("[0-9a-f]{40}", app.commit)
        assert bool(app.run) != bool(app.refused)
        assert f"\n| {app.name} |" in page
        assert app.commit[:7] in page


def test_a_run_goes_from_start_to_end(url):
    """Links of the start are filled in, the status is polled, and the instance's id is a placeholder."""
    told = report(
        url,
        START,
        {"reaches": "Running"},
        WORD,
        {"reaches": "Running", "customStatus": "heard"},
        {"advance": 86_401},
        {"reaches": "Completed", "output": {"case": "{id}", "said": "n*"}},
    )
    assert [line.split(",")[0] for line in told] == ["it: Completed: ExecutionStarted"]


def test_another_end_is_a_difference(url):
    """An instance that ends otherwise is reported with its status; so is an answer that was not expected."""
    ended = {"send": "POST {terminatePostUri}"}
    with pytest.raises(compatibility.Different, match="it: is Terminated with"):
        report(url, START, ended, {"reaches": "Completed"})
    with pytest.raises(compatibility.Different, match="POST /api/nobody: answers 404"):
        report(url, {"send": "POST /api/nobody", "answers": 202})


def test_virtual_time_is_left_out_on_another_host(url):
    """A run that moves time cannot be made elsewhere, and is not called good."""
    assert report(url, START, {"advance": 1}, elsewhere=True) == ["it: left out, it moves virtual time"]


@pytest.mark.parametrize(
    ("seen", "expected", "fit"),
    [
        ({"a": [1, "xyz"]}, {"a": ["*", "x*"]}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ([1], [1, 2], False),
        ("ab", "b*", False),
        (None, "x*", False),
        (None, "*", True),
    ],
)
def test_what_fits(seen, expected, fit):
    """A star matches anything, or the rest of a text; all else is equal or does not fit."""
    assert compatibility.fits(seen, expected) is fit


def test_a_changed_checkout_is_refused(tmp_path):
    """Another commit and a change of a file are each reported, and nothing is run."""
    place = tmp_path / "owner" / "one"
    place.mkdir(parents=True)
    git = ["git", "-C", place, "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "init", "-q"], check=True)
    (place / "host.json").write_text("{}")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "one"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    app = compatibility.App("one", "https://host/owner/one", commit)
    assert compatibility.unchanged(app, tmp_path) == place
    with pytest.raises(compatibility.Unusable, match="the list has 000"):
        compatibility.unchanged(app._replace(commit="0" * 40), tmp_path)
    (place / "host.json").write_text("[]")
    with pytest.raises(compatibility.Unusable, match="is changed"):
        compatibility.unchanged(app, tmp_path)


def test_how_to_get_them(tmp_path):
    """One command a repository, with its commit; a name that is not in the list is reported."""
    done = subprocess.run(
        [sys.executable, SCRIPT, "--get", tmp_path], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert len(done) == len({app.repository for app in compatibility.read_list([])})
    assert all(re.fullmatch(r"git clone https://\S+ (\S+) && git -C \1 checkout [0-9a-f]{40}", line) for line in done)
    wrong = subprocess.run(
        [sys.executable, SCRIPT, "--get", tmp_path, "--only", "x"], check=False, capture_output=True, text=True
    )
    assert (wrong.returncode, wrong.stderr.startswith("not in the list: x;")) == (2, True)
