"""What is due, what a run says of itself, and what a line of the export is."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from approval import instants
from service import retention
from service.retention import Mode, Run

NOW = datetime(2026, 11, 24, 2, 30, 0, 123456, UTC)
BEFORE = datetime(2026, 8, 26, 2, 30, tzinfo=UTC)


def answer(status="Completed", updated="2026-08-26T02:29:59Z", instance_id="a", **more):
    """A status answer as a list has it."""
    return {
        "name": "OrchFunction",
        "instanceId": instance_id,
        "runtimeStatus": status,
        "createdTime": "2026-08-01T00:00:00Z",
        "lastUpdatedTime": updated,
        **more,
    }


@pytest.mark.parametrize("status", ["Completed", "Failed", "Terminated", "Canceled"])
def test_what_is_over_and_old_is_due(status):
    """In each of the engine's terminal states."""
    assert retention.is_due(answer(status), BEFORE)


@pytest.mark.parametrize("status", ["Running", "Pending", "Suspended", "ContinuedAsNew", "completed", "Whatever"])
def test_what_is_not_over_is_never_due(status):
    """However old it is, and whatever a newer engine may call it."""
    assert not retention.is_due(answer(status, "2001-01-01T00:00:00Z"), BEFORE)


def test_what_changed_at_the_cut_off_or_later_is_not_due():
    """To the second."""
    assert not retention.is_due(answer(updated="2026-08-26T02:30:00Z"), BEFORE)
    assert not retention.is_due(answer(updated="2026-11-01T00:00:00Z"), BEFORE)


def test_an_entity_is_never_due():
    """Its state is alive, whatever its status says."""
    assert not retention.is_due(answer(instance_id="@opencases@all"), BEFORE)


def test_a_run_begins_with_the_cut_off_of_its_own_clock():
    """Ninety days before, in whole seconds; the first slice has the number one and begins with the list."""
    run = Run.from_input(retention.start(Mode.PURGE, 90), NOW)
    assert (run.before, run.began) == (BEFORE, NOW.replace(microsecond=0))
    assert (run.number, run.token, run.is_over) == (1, "", False)
    assert run.blob == "v1/2026-11-24T02-30-00Z/00001.jsonl"


def test_a_run_that_goes_on_keeps_its_cut_off():
    """A run that takes days does not move its own goal."""
    run = Run.begun(Mode.PURGE, 90, NOW)
    later = run.went_on({"ids": ["a"], "token": "t"}, {"changed": [], "exported": 1, "unreadable": 0, "purged": 1})
    again = Run.from_input(json.loads(json.dumps(later.to_input())), NOW + timedelta(days=3))
    assert again == later
    assert (again.before, again.number, again.token) == (BEFORE, 2, "t")


def test_figures_add_up_and_the_last_page_ends_the_run():
    """What was due, exported, purged and unreadable, over all slices."""
    run = Run.begun(Mode.PURGE, 90, NOW)
    run = run.went_on({"ids": ["a", "b"], "token": "t"}, {"changed": [], "exported": 2, "unreadable": 0, "purged": 2})
    run = run.went_on({"ids": ["c", "d"], "token": ""}, {"changed": [], "exported": 1, "unreadable": 1, "purged": 0})
    assert (run.due, run.exported, run.purged, run.unreadable) == (4, 3, 2, 1)
    assert (run.sample, run.is_over) == (("a", "b", "c", "d"), True)


def test_a_page_with_changed_cases_is_listed_again_without_them():
    """Under another number, so that no blob is written over; on the next page they are forgotten."""
    run = Run.begun(Mode.PURGE, 90, NOW)
    again = run.went_on({"ids": ["a", "b"], "token": ""}, {"changed": ["a"]})
    assert (again.token, again.number, again.passed, again.due, again.is_over) == ("", 2, ("a",), 0, False)
    assert again.blob != run.blob
    assert again.went_on({"ids": ["b"], "token": ""}, {"changed": [], "exported": 1, "purged": 1}).passed == ()


@pytest.mark.parametrize("given", [None, [], "x", {}, {"schemaVersion": 2, "mode": "purge", "days": 90}])
def test_an_input_that_is_not_ours_is_refused(given):
    """Nothing is purged because somebody started it with something else."""
    with pytest.raises(ValueError, match="PurgeHistory"):
        Run.from_input(given, NOW)


def test_an_input_that_says_off_or_nonsense_is_refused():
    """A mode is dry or purge."""
    with pytest.raises(ValueError, match="nonsense"):
        Run.from_input({"schemaVersion": 1, "mode": "nonsense", "days": 90}, NOW)


def test_the_docstring_shows_the_input_as_it_is():
    """The keys of the example are the keys of a run."""
    example = Run.__doc__.split("Example::")[1].split("Attributes:")[0]
    assert list(json.loads(example)) == list(Run.begun(Mode.PURGE, 90, NOW).to_input())


def test_an_export_gives_back_what_went_in():
    """Whatever a person has written: line separators, lone surrogates, nothing at all."""
    answers = [answer(input="a\u2028b\x85c\nd \ud800 „ä“"), answer(instance_id="b", output=None)]
    content = retention.to_lines(answers)
    assert content.count(b"\n") == 2
    assert retention.from_lines(content) == answers


def test_an_export_that_is_none_is_refused():
    """A line that is no status answer means that somebody has written to the blob."""
    with pytest.raises(ValueError, match="Line 1"):
        retention.from_lines(b'{"no": "id"}\n')


def test_only_the_very_case_that_was_exported_is_the_same():
    """Another life under the same id, or a later change, is not."""
    exported = answer()
    assert retention.is_same(answer(input="shown or not"), exported)
    assert not retention.is_same(answer("Failed"), exported)
    assert not retention.is_same(answer(updated="2026-08-26T02:29:58Z"), exported)
    assert not retention.is_same(answer() | {"createdTime": "2026-08-02T00:00:00Z"}, exported)


def test_what_an_instance_was_continued_with_comes_back_whole():
    """Every figure and every list, also those that are rarely more than nothing."""
    run = Run.begun(Mode.PURGE, 90, NOW)
    run = run.went_on({"ids": ["a"], "token": "t"}, {"changed": [], "exported": 1, "unreadable": 1, "purged": 0})
    run = run.went_on({"ids": ["b"], "token": "t"}, {"changed": ["b"]})
    assert (run.unreadable, run.passed) == (1, ("b",))
    assert Run.from_input(run.to_input(), NOW) == run


def test_a_slice_without_figures_adds_nothing():
    """A dry run counts what is due, and nothing else."""
    run = Run.begun(Mode.DRY, 90, NOW).went_on({"ids": ["a"], "token": ""}, {})
    assert (run.due, run.exported, run.purged, run.unreadable) == (1, 0, 0, 0)


def test_an_export_is_compact_utf_8():
    """No blanks, and every character as it is."""
    assert retention.to_lines([{"instanceId": "a", "output": "Größe \ud800"}]) == (
        b'{"instanceId":"a","output":"Gr\xc3\xb6\xc3\x9fe \xed\xa0\x80"}\n'
    )


def test_moments_are_utc_wherever_the_machine_is(monkeypatch):
    """The machine's own zone changes no text."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert instants.read("2026-11-24T02:30:00Z").utcoffset() == timedelta(0)
        assert instants.written(NOW).startswith("2026-11-24T02:30:")
    finally:
        monkeypatch.undo()
        time.tzset()
