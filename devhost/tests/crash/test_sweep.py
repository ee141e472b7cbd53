"""A kill before and after every commit of a load with all features changes no outcome, but for activities run twice.

The list of points is the list of commits of the uninterrupted run, which is the same each time: time is virtual, and
everything runs on one thread.
"""

import http.server
import json
import sqlite3
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import unified_diff
from itertools import chain, zip_longest
from pathlib import Path

import pytest
from client import HUB
from client import Client as HttpClient
from stories import ENDS, Client, Json, Lost, Story, stories

from devhost.testing.host import DurableHost, HostDied, Refused
from devhost.testing.process import READY_WITHIN_S, HostProcess, until

APP = Path(__file__).parent / "sweep_app"
DYING = Path(__file__).parent / "dying_host.py"
LEAST_POINTS = 300
# The SDK warns of an event that was there before its wait, which is one of the stories.
pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate")
TABLES = ("instances", "messages", "tasks")
NEVER = {"before_commit": 1_000_000}


class InProcess:
    """Access to a test host.

    Args:
        host: that may die.
    """

    def __init__(self, host: DurableHost) -> None:
        self._host, self._began = host, host.now

    def ask(self, method, path, body=None, headers=None):
        """An answer of the management API."""
        raw = b"" if body is None else json.dumps(body).encode()
        try:
            answer = self._host.manage(method, path, raw, {"Content-Type": "application/json", **(headers or {})})
        except HostDied as died:
            raise Lost from died
        except Refused as refused:
            return refused.status, {}, refused.body
        return answer.status, answer.headers, answer.json()

    def wait_until(self, seconds):
        """Moves virtual time on."""
        left = self._began + timedelta(seconds=seconds) - self._host.now
        try:
            self._host.advance(max(left, timedelta()))
        except HostDied as died:
            raise Lost from died


class OverHttp:
    """Access to hosts in processes of their own, in virtual time.

    Args:
        host: one after the other, on one port.
    """

    def __init__(self, host: HostProcess) -> None:
        self._host = host
        self._began = self._now()

    def ask(self, method, path, body=None, headers=None):
        """An answer of the management API."""
        return self._ask(method, f"{HUB}/{path}", body, headers)

    def wait_until(self, seconds):
        """Moves virtual time on; a clock that a crash has set back is behind by what nobody wrote down."""
        left = self._began + timedelta(seconds=seconds) - self._now()
        self._ask("POST", "/devhost/clock", {"advance": max(0.0, left.total_seconds())})

    def settle(self):
        """Comes back when nothing is left to do."""
        self._now()

    def _now(self) -> datetime:
        return datetime.fromisoformat(self._ask("POST", "/devhost/clock", {"advance": 0})[2]["now"][:19])

    def _ask(self, method, path, body=None, headers=None):
        client = HttpClient(self._host.port)
        try:
            answer = client.send(method, path, body, headers)
        finally:
            client.close()
        if answer is None:
            raise Lost
        return answer[0], answer[1], json.loads(answer[2]) if answer[2] else None


@dataclass(frozen=True)
class End:
    """What a run has left.

    Attributes:
        ends: of the instances whose ids the client has chosen.
        picture: of all instances and entities, with their histories.
        rows: how many there are in each table.
        calls: how often which activity ran with which input.
        commits: how many there were.
    """

    ends: dict[str, tuple[str, Json]]
    picture: list[str]
    rows: dict[str, int]
    calls: Counter[str]
    commits: int


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Of a server that says hello."""

    class Hello(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(200)  # without the date
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def run(tmp_path, monkeypatch) -> Callable[..., End]:
    """Plays a story on a fresh host, which dies at the given commit and is restarted over its file."""
    switch = tmp_path / "switch"
    monkeypatch.setenv("SWEEP_SWITCH", str(switch))

    def play(story: Story, kills: list[dict[str, int]]) -> End:
        switch.unlink(missing_ok=True)
        for file in tmp_path.glob("hub.db*"):
            file.unlink()
        host = DurableHost(APP, database=tmp_path / "hub.db")
        try:
            client, left = Client(InProcess(host), switch), iter(kills)
            host.die(**next(left, NEVER))
            for step in story:
                through(step, client, host, left)
            commits = host.commits
            host.restart_host()  # what is compared is what is on disk, and a start finds nothing left to do
            ends, picture = client.ends(), client.picture()
            assert not host.complaints
            calls = Counter(json.dumps(each) for each in host.calls)
        finally:
            host.close()
        with closing(sqlite3.connect(tmp_path / "hub.db")) as db:
            rows = {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}  # noqa: S608
        return End(ends, picture, rows, calls, commits)

    return play


def through(step: Callable[[Client], None], client: Client, host: DurableHost, left: Iterator[dict[str, int]]) -> None:
    """Plays a step until it is through; the host that comes up may die again while it does."""
    while True:
        try:
            step(client)
        except Lost:
            while True:
                try:
                    host.restart_host(**next(left, NEVER))
                    break
                except HostDied:
                    pass
        else:
            return


def points(commits: int) -> list[dict[str, int]]:
    """Before and after each commit."""
    return [{when: number} for number in range(1, commits + 1) for when in ("before_commit", "after_commit")]


def changes(before: list[str], after: list[str]) -> list[str]:
    """How one picture differs from another one."""
    old, new = ("\n".join(picture).splitlines() for picture in (before, after))
    return list(unified_diff(old, new, "uninterrupted", "killed", n=4, lineterm=""))


def differences(wanted: End, got: End, kills: int) -> list[str]:
    """How a run ended otherwise than the uninterrupted one; an activity may have run once more for each kill."""
    told = changes(wanted.picture, got.picture)
    if got.rows != wanted.rows:
        told.append(f"{got.rows} rows instead of {wanted.rows}")
    told += [
        f"{call} ran {got.calls[call]} times instead of {count}"
        for call, count in wanted.calls.items()
        if not count <= got.calls[call] <= count + kills
    ]
    return told + [f"{call} ran, which nobody asked for" for call in got.calls.keys() - wanted.calls.keys()]


@pytest.mark.parametrize("third", [0, *(pytest.param(third, marks=pytest.mark.long) for third in (1, 2))])
@pytest.mark.parametrize("name", sorted(stories("")))
def test_a_kill_at_any_commit_changes_nothing(run, url, name, third):
    """The host dies before and after each commit of a story in turn, and every run of it ends as if it had not."""
    story = stories(url)[name]
    wanted = run(story, [])
    for point in points(wanted.commits)[third::3]:
        told = differences(wanted, run(story, [point]), 1)
        assert not told, f"{point}:\n" + "\n".join(told)


def test_the_list_of_points_is_long_and_the_same_each_time(run, url):
    """The stories have at least three hundred points, as many in each run, and end as they are meant to."""
    told = [story for _, story in sorted(stories(url).items())]
    first, second = ([run(story, []) for story in told] for _ in range(2))
    assert [end.commits for end in first] == [end.commits for end in second]
    assert 2 * sum(end.commits for end in first) >= LEAST_POINTS
    assert dict(chain.from_iterable(end.ends.items() for end in first)) == ENDS


def all_at_once(url: str) -> Story:
    """The steps of all stories in turn."""
    return [step for step in chain.from_iterable(zip_longest(*stories(url).values())) if step is not None]


@pytest.mark.parametrize("every", [1, 2, 3, 5, 8, 13])
def test_kills_over_and_over_change_nothing(run, url, every):
    """All stories at once on one host, which lives for a few commits only, again and again, end as without a kill."""
    story = all_at_once(url)
    wanted = run(story, [])
    kills = [{("after_commit" if n % 2 else "before_commit"): every + n % 2} for n in range(200)]
    told = differences(wanted, run(story, kills), len(kills))
    assert not told, "\n".join(told)


@pytest.mark.parametrize("commits", [2, pytest.param(10, marks=pytest.mark.long)])
def test_kill_9_of_a_process_at_its_commits_changes_nothing(make_host, run, url, tmp_path, commits):
    """Hosts in processes of their own, each killed at a commit of its own, end as a host without a kill."""
    story, switch = all_at_once(url), tmp_path / "switched"
    dying = make_host(APP, "--virtual-time", run=(sys.executable, str(DYING)), SWEEP_SWITCH=str(switch))
    points = iter([f"{when}:{number}" for number in range(1, commits + 1) for when in ("before", "after")])

    def up():
        dying.environment["DIE"] = next(points, "never:0")
        dying.spawn()
        assert dying.ready.wait(READY_WITHIN_S)  # or it has died by then

    up()
    access = OverHttp(dying)
    client = Client(access, switch)
    for step in story:
        while True:
            try:
                access.settle()
                step(client)
                break
            except Lost:
                until(lambda: dying.has_died() or None, "the end of the host")
                dying.close()
                up()
    assert next(points, None) is None
    told = changes(run(story, []).picture, client.picture())
    assert not told, "\n".join(told)
