"""What a case has to announce, batch by batch."""

from levels import T0

from approval.review.journal import Journal


def test_events_without_a_genuine_seal_are_one_entry_of_the_next_batch():
    """In the move of the entry before it, with the time at which the batch begins."""
    journal = Journal().noted(T0, {"what": "opened"}).with_unsealed().with_unsealed()
    assert journal.begun(T0).entries == (
        {"n": 1, "move": 1, "at": "2026-11-25T16:40:00Z", "what": "opened"},
        {"n": 2, "move": 1, "at": "2026-11-25T16:40:00Z", "what": "unsealed", "count": 2},
    )


def test_each_batch_counts_only_what_came_after_the_one_before():
    """The second batch has one more event, and a batch without any has no entry for them."""
    first = Journal().with_unsealed().begun(T0).done()
    second = first.with_unsealed().begun(T0).done()
    assert [entry["count"] for entry in second.entries] == [1, 1]
    assert second.begun(T0).entries == second.entries
    assert (second.batches, second.given, second.unannounced) == (2, 2, ())
