"""Every recorded history, at every moment of its life, agrees with the code that made it."""

from collections import Counter
from pathlib import Path

import pytest
import recorded

from devhost.cli.replay import present
from devhost.durabletask import history as h
from devhost.rehearsal.recorded import Verdict
from devhost.rehearsal.replay import with_decisions
from devhost.rehearsal.reports import rehearse
from devhost.rehearsal.status_answers import case_of

APP = Path(__file__).parents[1] / "conformance" / "app"
AGREE = (Verdict.GOES_ON, Verdict.SAME, Verdict.SKIPPED)

# The SDK warns of events that nobody awaits, and of results that come for nothing.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
OWN_FIELDS = ("EventId", "TaskScheduledId", "TimerId", "FireAt", "Name", "Result", "Reason", "Input")


@pytest.fixture(scope="module")
def app():
    """The recorded app: its runner, and whether it has asked for its version."""
    with present(APP) as loaded:
        yield loaded


def test_stored_histories_agree(app):
    """From the database: none of 633 moments diverges or differs; open ones go on, ended ones end the same."""
    runner, asked = app
    reports = [rehearse(recorded.stored(one, runner.functions), runner, asked) for one in recorded.EPISODES]
    assert [one for one in reports if one.verdict not in AGREE] == []
    assert Counter(one.verdict for one in reports)[Verdict.GOES_ON] > 350
    assert Counter(one.verdict for one in reports)[Verdict.SAME] > 200


def test_histories_in_status_answers_agree(app):
    """From status answers: the same, but for rewound ones, which cannot be told."""
    runner, asked = app
    for episode in recorded.EPISODES:
        case = case_of(recorded.status(episode, runner.functions), str(episode))
        verdict = rehearse(case, runner, asked).verdict
        if recorded.is_rewound(episode.history):
            assert verdict is Verdict.CANNOT_TELL, episode
        else:
            assert verdict in AGREE, episode


def test_both_forms_wait_for_the_same(app):
    """An open instance waits for the same tasks, read from the database or from a status answer."""
    runner, asked = app
    for episode in recorded.EPISODES:
        one = rehearse(recorded.stored(episode, runner.functions), runner, asked)
        other = rehearse(case_of(recorded.status(episode, runner.functions), ""), runner, asked)
        if one.verdict is other.verdict is Verdict.GOES_ON:
            assert other.sentence == one.sentence, episode


def test_numbers_and_order_come_back(app):
    """What a status answer leaves out is got back: numbers of tasks, which timer fired, the order of all messages."""
    runner, _ = app
    for episode in recorded.EPISODES:
        rows, _ = recorded.rows_after(episode, runner.functions)
        case = case_of(recorded.status(episode, runner.functions), str(episode))
        if not case.why:
            assert _told(case.rows, decisions=False) == _told(rows, decisions=False), episode
            assert sorted(_told(case.rows, decisions=True)) == sorted(_told(rows, decisions=True)), episode


def test_the_clock_comes_back_within_its_slack(app):
    """Each turn's estimated clock lies no further from the recorded one than the slack says."""
    runner, _ = app
    for episode in recorded.EPISODES:
        rows, _ = recorded.rows_after(episode, runner.functions)
        case = case_of(recorded.status(episode, runner.functions), str(episode))
        timers = {row["EventId"]: clock for row, clock in _clocked(rows) if row["EventType"] == h.TIMER_CREATED}
        for row, clock in _clocked(case.rows):
            if row["EventType"] == h.TIMER_CREATED:
                assert abs(clock - timers[row["EventId"]]) <= case.slack, episode


@pytest.mark.parametrize("name", ["chain", "fan_out", "kept_wait", "retry3", "select_loop"])
def test_a_removed_first_step_is_found_everywhere(app, name):
    """The comparison can fail: with the first decision's row renamed, every history that has one diverges there."""
    runner, asked = app
    found = 0
    for episode in (one for one in recorded.EPISODES if one.name == name):
        case = recorded.stored(episode, runner.functions)
        place = next((n for n, row in enumerate(case.rows) if row["EventType"] == h.TASK_SCHEDULED), None)
        if place is not None and case.status != "Terminated":
            case.rows[place] = {**case.rows[place], "Name": "somebody_else"}
            report = rehearse(case, runner, asked)
            found += 1
            assert (report.verdict, report.divergence.row) == (Verdict.DIVERGES, place + 1), episode
    assert found


def test_decisions_of_the_last_turn_count(app):
    """A recorded answer's decisions are rows to be: they are part of the history that is rehearsed."""
    runner, _ = app
    first = next(one for one in recorded.EPISODES if one.name == "chain")
    rows = with_decisions(first.history, recorded.answer_of(first.answer), runner.functions)
    assert [row["EventType"] for row in rows][-1] == h.TASK_SCHEDULED


def _told(rows, *, decisions):
    kinds = (h.TASK_SCHEDULED, h.SUB_CREATED, h.TIMER_CREATED, h.EVENT_SENT)
    hidden = (h.ORCHESTRATOR_STARTED, h.ORCHESTRATOR_COMPLETED, h.EXECUTION_COMPLETED)
    return [
        str([row["EventType"], *(row.get(field) for field in OWN_FIELDS)])
        for row in rows
        if (row["EventType"] in kinds) is decisions and row["EventType"] not in hidden
    ]


def _clocked(rows):
    clock = 0
    for row in rows:
        if row["EventType"] == h.ORCHESTRATOR_STARTED:
            clock = recorded.parse(row["Timestamp"])
        yield row, clock
