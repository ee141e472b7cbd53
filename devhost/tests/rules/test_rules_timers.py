"""Timer functions of an app: when they run, what they get, and what a restart makes of them (contract 6.4)."""

import json
from datetime import UTC, datetime, timedelta

import azure.durable_functions as df
import azure.functions as func
import pytest

from devhost.app.indexer import index
from devhost.runtime.timers import KeptInFile, Timers
from devhost.timekeeping.ticks import parse, stamp

MINUTE = timedelta(minutes=1)
NEVER = "0001-01-01T00:00:00+00:00"
START = datetime(2026, 1, 1, 12, 0, 30, tzinfo=UTC)


@pytest.fixture
def seen():
    """What the timer functions were given, in order."""
    return []


@pytest.fixture
def make(seen):
    """Makes an app with one timer function, which notes what triggers it."""

    def made(schedule, work=lambda: None, **options):
        app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)

        @app.timer_trigger(arg_name="timer", schedule=schedule, **options)
        def tick(timer: func.TimerRequest) -> None:
            seen.append(timer)
            work()

        return app

    return made


def test_a_timer_runs_by_its_schedule_as_time_passes(durable_host, make, seen):
    """``advance`` lets it run each time it falls due on the way, by the host's clock."""
    host = durable_host(make("0 */5 * * * *"), start=START)
    host.advance(MINUTE * 4)
    assert seen == []
    host.advance(MINUTE * 11)
    assert len(seen) == 3


def test_a_timer_is_told_its_last_and_next_run(durable_host, make, seen):
    """At first there is no last one; times are the zone's with its offset, and ``past_due`` is false."""
    host = durable_host(make("0 */5 * * * *"), start=START)
    host.advance(MINUTE * 10)
    first, second = seen
    assert first.schedule_status == {"Last": NEVER, "Next": "2026-01-01T12:05:00+00:00", "LastUpdated": NEVER}
    assert second.schedule_status["Last"].startswith("2026-01-01T12:05:00")
    assert second.schedule_status["LastUpdated"] == second.schedule_status["Last"]
    assert second.schedule_status["Next"] == "2026-01-01T12:10:00+00:00"
    assert (first.past_due, first.schedule) == (False, {"AdjustForDST": True})


@pytest.mark.parametrize(
    ("schedule", "options"),
    [("*/30 * * * * *", {}), ("00:00:30", {}), ("0 * * * * *", {"use_monitor": False})],
)
def test_a_timer_without_a_monitor_is_told_nothing(durable_host, make, seen, schedule, options):
    """More than once a minute, or ``useMonitor`` false; a time span does not adjust for summer time."""
    host = durable_host(make(schedule, **options), start=START)
    host.advance(MINUTE)
    assert [timer.schedule_status for timer in seen] == [{}] * len(seen)
    assert seen[0].schedule == {"AdjustForDST": schedule != "00:00:30"}


def test_run_on_startup_runs_at_each_start(durable_host, make, seen):
    """It is not past due then, and the schedule goes on from there."""
    host = durable_host(make("0 0 0 * * *", run_on_startup=True), start=START)
    assert [timer.past_due for timer in seen] == [False]
    host.restart_host()
    assert len(seen) == 2


def test_a_missed_run_is_made_up_for_once(durable_host, make, seen):
    """Whatever fell into the time without a host is one run at the next start, past due."""
    host = durable_host(make("0 */5 * * * *"), start=START)
    host.advance(MINUTE * 5)
    host.restart_host(after=MINUTE * 27)
    assert [timer.past_due for timer in seen] == [False, True]
    assert seen[1].schedule_status["Next"] == "2026-01-01T12:10:00+00:00"
    host.advance(MINUTE * 3)
    assert [timer.past_due for timer in seen] == [False, True, False]


def test_without_a_monitor_a_missed_run_stays_missed(durable_host, make, seen):
    """Nobody knows of it."""
    host = durable_host(make("0 */5 * * * *", use_monitor=False), start=START)
    host.restart_host(after=MINUTE * 27)
    assert seen == []


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ({"next": "2026-01-01T12:01:00Z", "updated": "2026-01-01T11:57:30Z"}, []),
        ({"next": "soon"}, ["tick: what was kept of its last run cannot be read; it counts as one that never ran"]),
    ],
    ids=["another schedule", "unreadable"],
)
def test_what_was_kept_of_another_schedule_is_not_past_due(make, tmp_path, mocker, kept, told):
    """The timer counts as one that never ran, from now on."""
    log, states = mocker.Mock(), {"tick": kept}
    timers = Timers(index(make("0 */5 * * * *"), tmp_path).functions, mocker.Mock(), states, log)
    now = parse("2026-01-01T12:27:00Z")
    timers.start(now)
    assert timers.due(now) == []
    assert stamp(timers.next_due) == "2026-01-01T12:30:00Z"
    assert states["tick"] == {"next": "2026-01-01T12:30:00Z", "updated": "2026-01-01T12:27:00Z"}
    assert [f"{call.args[0]}: {call.args[1]}" for call in log.complain.call_args_list] == told


def test_a_timer_never_runs_twice_at_once(durable_host, make, seen):
    """One that sleeps over three of its moments runs once more right after, and then by its schedule again."""
    import time  # noqa: PLC0415 - the test host puts its own sleep there

    pauses = [150.0]
    host = durable_host(
        make("0 * * * * *", lambda: time.sleep(pauses.pop() if pauses else 0)), threads=True, start=START
    )
    host.advance(MINUTE)
    assert len(seen) == 1
    host.advance(MINUTE * 1)
    assert len(seen) == 1
    host.advance(MINUTE * 1)
    assert len(seen) == 2
    host.advance(MINUTE)
    assert len(seen) == 3


def test_a_failed_run_changes_nothing(durable_host, make, seen):
    """It is reported, and the next one comes."""

    def fail():
        raise ValueError("no")

    host = durable_host(make("0 * * * * *", fail), start=START)
    host.advance(MINUTE * 2)
    assert len(seen) == 2
    assert host.complaints == ["tick: ValueError: no"] * 2


def test_a_timer_may_start_orchestrations(durable_host):
    """As a function with a durable client does."""
    app = df.DFApp()

    @app.timer_trigger(arg_name="timer", schedule="0 0 * * * *")
    @app.durable_client_input(client_name="client")
    async def hourly(timer: func.TimerRequest, client) -> None:  # noqa: ARG001 - the binding's name
        await client.start_new("report")

    @app.orchestration_trigger(context_name="context")
    def report(context):
        yield context.create_timer(context.current_utc_datetime + MINUTE)
        return "sent"

    host = durable_host(app, start=START)
    host.advance(MINUTE * 61)
    found = host.manage("GET", "instances").json()
    assert [one["output"] for one in found] == ["sent"]


def test_a_schedule_that_has_no_moment_to_come_is_told(durable_host, make, seen):
    """30 February: the function is there and never runs."""
    host = durable_host(make("0 0 0 30 2 *"), start=START)
    host.advance(timedelta(days=800))
    assert seen == []
    assert host.complaints == ["tick: its schedule has no moment to come: it will never run"]


def test_an_unreadable_schedule_is_the_functions_error(make, tmp_path, monkeypatch):
    """The host's words; the other functions run. ``%NAME%`` is a setting."""
    monkeypatch.setenv("NIGHTLY", "0 0 3 * * *")
    app = make("every night")

    @app.timer_trigger(arg_name="timer", schedule="%NIGHTLY%")
    def nightly(timer: func.TimerRequest) -> None:
        """Does nothing."""

    loaded = index(app, tmp_path)
    assert loaded.errors == {
        "tick": "Microsoft.Azure.WebJobs.Host: Error indexing method 'Functions.tick'. "
        "Microsoft.Azure.WebJobs.Extensions: The schedule expression 'every night' was not recognized as a valid cron "
        "expression or timespan string."
    }
    assert loaded.function("nightly").schedule.expression == "0 0 3 * * *"


def test_states_are_kept_in_a_file(tmp_path):
    """The next host finds them; a file that cannot be read counts as empty."""
    path = tmp_path / "timers.json"
    KeptInFile(path)["tick"] = {"next": "2026-01-01T12:05:00Z", "updated": "2026-01-01T12:00:00Z"}
    assert KeptInFile(path)["tick"]["next"] == "2026-01-01T12:05:00Z"
    assert json.loads(path.read_text(encoding="utf-8")).keys() == {"tick"}
    path.write_text("{", encoding="utf-8")
    assert KeptInFile(path) == {}
