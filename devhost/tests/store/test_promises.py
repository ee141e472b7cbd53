"""What the store promises: an inbox in order, changes that are whole, and none that harms another."""

import asyncio
import sqlite3

import pytest

from devhost.durabletask.model import Instance
from devhost.store.changes import Change
from devhost.store.database import Store


def sent(*messages):
    """A change that sends these to the instance ``case``: body, when it was sent, when it is due."""
    change = Change()
    for body, at, due in messages:
        change.send("case", None, body, at, due)
    return change


def instance(instance_id):
    """A change that writes an instance of this id."""
    change = Change()
    change.put_instance(Instance(instance_id, "e", "Orch", None, 0, "Running", None, None, None, 1, 1))
    return change


def bad():
    """A change that writes an instance and then cannot be carried out."""
    change = instance("bad")
    change.statements.append(("INSERT INTO no_such_table VALUES (1)", ()))
    return change


@pytest.fixture
def store(tmp_path):
    """A store in a file, as a host that serves has it."""
    opened = Store(tmp_path / "hub.db")
    yield opened
    opened.close()


def commit(store, *changes):
    """What came of these changes, committed at the same time: None or the error."""

    async def all_at_once():
        return await asyncio.gather(*[store.commit(change) for change in changes], return_exceptions=True)

    return asyncio.run(all_at_once())


def bodies(store, now):
    """The inbox at this moment."""
    return [message.body for message in store.inbox("case", now)]


def test_a_timer_arrives_when_it_is_due(store):
    """One that was set first and falls due later comes after what has arrived in between."""
    commit(store, sent(("timer", 1, 30), ("event at 20", 20, None), ("event at 40", 40, None)))
    assert bodies(store, 50) == ["event at 20", "timer", "event at 40"]


def test_timers_arrive_in_the_order_in_which_they_are_due(store):
    """The order in which they were set does not matter."""
    commit(store, sent(("late", 1, 30), ("early", 2, 20)))
    assert bodies(store, 50) == ["early", "late"]


def test_what_arrives_at_the_same_moment_stays_in_the_order_of_sending(store):
    """Among messages of one moment the first one sent is the first one taken in."""
    commit(store, sent(("first", 5, None), ("second", 1, 5), ("third", 5, None)))
    assert bodies(store, 5) == ["first", "second", "third"]


def test_a_timer_that_is_not_due_is_not_in_the_inbox(store):
    """It is there from its moment on, that moment included."""
    commit(store, sent(("timer", 1, 30)))
    assert bodies(store, 29) == []
    assert bodies(store, 30) == ["timer"]


def test_the_inbox_holds_the_messages_of_one_instance(store):
    """Those of another one are not in it."""
    other = Change()
    other.send("other", None, "for the other", 1)
    commit(store, sent(("mine", 1, None)), other)
    assert bodies(store, 9) == ["mine"]


def test_a_bad_change_fails_alone(store):
    """Those that wait together with it are committed, before and behind it."""
    first, failed, last = commit(store, instance("first"), bad(), instance("last"))
    assert (first, last) == (None, None)
    assert isinstance(failed, sqlite3.Error)
    assert "no_such_table" in str(failed)
    assert [one.id for one in store.walk()] == ["first", "last"]


def test_a_change_is_written_whole_or_not_at_all(store):
    """Nothing of a bad change stays, not even the statements before the bad one."""
    commit(store, bad())
    assert store.instance("bad") is None


def test_after_a_bad_change_the_store_goes_on(store):
    """The next commit is a good one."""
    commit(store, bad())
    assert commit(store, instance("next")) == [None]
    assert store.instance("next") is not None


def test_changes_that_wait_together_share_a_commit(store, monkeypatch):
    """Three changes at the same time are one transaction."""
    batches, write = [], store._write
    monkeypatch.setattr(store, "_write", lambda changes: (batches.append(len(changes)), write(changes)))
    commit(store, instance("a"), instance("b"), instance("c"))
    assert batches == [3]


def test_a_commit_is_answered_when_it_is_in_the_file(store):
    """A second connection sees it then."""
    commit(store, instance("case"))
    reader = store.read_only()
    try:
        assert reader.instance("case") is not None
    finally:
        reader.close()


def test_a_read_only_store_writes_nothing(store):
    """SQLite itself refuses it."""
    reader = store.read_only()
    try:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._db.execute("DELETE FROM instances")
    finally:
        reader.close()


def test_what_waits_is_committed_by_closing(tmp_path):
    """A change that was submitted right before the end is there at the next start."""

    async def hand_over_and_close():
        store = Store(tmp_path / "hub.db")
        waiting = store.commit(instance("case"))
        store.close()
        await waiting

    asyncio.run(hand_over_and_close())
    store = Store(tmp_path / "hub.db")
    assert store.instance("case") is not None
    store.close()


def test_timers_are_found_by_their_moment(store):
    """Which instances have one that fires, and when the next one is due."""
    other = Change()
    other.send("other", None, "timer", 1, 20)
    commit(store, sent(("event", 1, None), ("timer", 1, 30)), other)
    assert store.fired(19) == []
    assert store.fired(20) == ["other"]
    assert sorted(store.fired(30)) == ["case", "other"]
    assert store.next_due(0) == 20
    assert store.next_due(20) == 30
    assert store.next_due(30) is None
    assert store.ready(0) == ["case"]
