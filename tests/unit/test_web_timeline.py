"""The record of a case in words."""

import pytest
from sample_pages import READER, RECORD_DONE

from web.timeline import MOST_SHOWN, ends_of, timeline

ENTRIES = timeline(RECORD_DONE, READER)


def test_every_entry_of_the_record_has_its_sentence():
    """Who did what, who is asked, what followed by itself."""
    assert [entry.words for entry in ENTRIES] == [
        "Dana Okafor submitted it",
        "Technical approval opened: Noor Haddad or Ruth Pemberton is asked",
        "2 messages from outside the app changed nothing",
        "Noor Haddad approved",
        "Technical approval: approved",
        "Line of authority opened: Eli Marsh is asked",
        "Eli Marsh was reminded",
        "The time was over: Line of authority goes to Ruth Pemberton",
        "Ruth Pemberton approved",
        "Line of authority: approved",
        "Finance was skipped: amount is at most 50,000 GBP",
        "The proposal is approved.",
        "Sam Osei approved too late; it does not count",
    ]


def test_who_is_left_out_is_said_with_the_reason():
    """Under the entry that opened the level."""
    assert "Dana Okafor is not asked: wrote it" in ENTRIES[5].notes


def test_a_comment_is_kept_as_it_was_written():
    """To the character."""
    assert ENTRIES[3].comment.startswith("Good. The data sheets")


def test_a_long_record_shows_its_ends():
    """And how many are between."""
    many = ENTRIES * 20
    shown, unseen, after = ends_of(many)
    assert (len(shown), unseen, after) == (MOST_SHOWN, len(many) - MOST_SHOWN, MOST_SHOWN // 2)
    assert ends_of(ENTRIES) == (ENTRIES, 0, 0)


@pytest.mark.parametrize(
    ("how", "name", "words"),
    [
        ("local", "Alex Author", "Alex Author submitted it"),
        ("machine", "Alex Author", "Submitted for Alex Author by another program"),
        ("machine", "Nobody", "Submitted by another program"),
    ],
)
def test_who_submitted_it_is_said(how, name, words):
    """A case of one level may name no author."""
    entry = {"n": 1, "at": "2026-11-25T10:02:00Z", "what": "submitted", "by": {"id": "", "name": name}, "how": how}
    assert [each.words for each in timeline((entry,), READER)] == [words]


def test_what_is_not_known_is_left_out_or_said_plainly():
    """A record of a later version can still be read."""
    at = "2026-11-25T10:02:00Z"
    entries = timeline(
        (
            {"n": 1, "at": at, "what": "consulted"},
            {"n": 2, "at": at, "what": "ended", "state": "overridden"},
            {"n": 3, "at": at, "what": "reminded", "to": ["somebody"]},
            {"n": 4, "at": at, "what": "fault", "why": "the group finance is gone"},
        ),
        READER,
    )
    assert [entry.words for entry in entries] == [
        "It ended as overridden.",
        "somebody was reminded",
        "A fault of ours: the group finance is gone",
    ]


def test_how_many_are_needed_is_said_where_it_is_not_one():
    """All of them, or so many of them."""

    def opened(need):
        group = {"because": "group board", "asked": ["a", "b", "c"], "need": need}
        opening = {"name": "Board", "groups": [group], "names": {}, "due": "2026-12-05T10:02:00Z"}
        (entry,) = timeline(({"n": 1, "at": "2026-11-25T10:02:00Z", "what": "opened", "opening": opening},), READER)
        return entry.words

    assert opened(1) == "Board opened: a, b or c is asked"
    assert opened(2) == "Board opened: a, b and c are asked, and 2 of them have to approve"
    assert opened("all") == "Board opened: a, b and c are asked, and all of them have to approve"
