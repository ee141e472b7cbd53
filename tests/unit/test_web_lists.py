"""The inbox, what was just done, and the mails of the outbox."""

from datetime import UTC, datetime

import pytest

from service.inbox import OpenCase
from web.just_done import JustDone, cookie_of, just_done
from web.lists import MOST_ROWS, heading, inbox_page, last_decided, still_waiting
from web.outbox import text_parts
from web.views import Frame, TextPart
from web.words import Reader

READER = Reader(datetime(2026, 11, 26, 9, 30, tzinfo=UTC))
FRAME = Frame("Northshire highways", "Noor Haddad")
NAMES = {"noor": "Noor Haddad", "ruth": "Ruth Pemberton"}
DONE = JustDone("P-7K3M9QXV", 1, "approve", "noor")


def row(own_id="P-7K3M9QXV", level=1, turn=("noor",), due="2026-11-27T09:30:00Z", **shown):
    """An open case of Dana's."""
    return OpenCase(
        own_id, "Mill Lane bridge", "dana", "Dana Okafor", "80000.00 GBP", turn, "", due, level, "51", shown
    )


@pytest.mark.parametrize(
    ("count", "says"),
    [(0, "Nothing waits for you"), (1, "1 waits for you"), (3, "3 wait for you"), (1200, "1,200 wait for you")],
)
def test_how_many_wait(count, says):
    """In a heading."""
    assert heading(count) == says


def test_what_was_just_decided_is_left_out_at_its_level_only():
    """The same person may be asked again at the next one."""
    assert still_waiting([row()], [DONE]) == []
    assert len(still_waiting([row(level=2)], [DONE])) == 1
    assert len(still_waiting([row()], [JustDone("P-7K3M9QXV", 0, "submit", "noor")])) == 1


def test_a_row_says_what_and_by_when():
    """Late ones say so; what was escalated says so."""
    late = row(due="2026-11-26T09:00:00Z", level=1)
    escalated = row(own_id="P-00000001", level=1)
    page = inbox_page([late, escalated], [], NAMES, READER, FRAME)
    assert page.heading == "2 wait for you"
    assert [(each.is_late, str(each.due)) for each in page.rows] == [
        (True, "overdue since Thu 26 Nov 09:00"), (False, "due tomorrow 09:30"),
    ]  # fmt: skip
    assert page.rows[0].amount == "£80,000.00"
    case = OpenCase("P-1", "x", "", "", None, (), "", "", None, "51", {"level": {"escalation": 1}})
    assert inbox_page([case], [case], NAMES, READER, FRAME).rows[0].why == "It was escalated to you."
    assert inbox_page([], [case], NAMES, READER, FRAME).mine[0].author == "The next people are being asked"


def test_very_many_are_cut_and_counted():
    """A page stays small."""
    page = inbox_page([row()] * (MOST_ROWS + 7), [row()], NAMES, READER, FRAME, [DONE])
    assert len(page.rows) == MOST_ROWS
    assert page.more.startswith("7 more")
    assert page.mine[0].author == "With Noor Haddad"
    assert page.decided[0].words == "You have just approved P-7K3M9QXV."


def test_what_was_decided_last_is_with_others_now():
    """Nothing is said of a case that has come back to the same person."""
    closed = [{"level": 1, "is": "approved", "by": "noor", "at": "2026-11-26T09:12:00Z"}]
    skipped = [{"level": 1, "is": "skipped", "by": None, "at": "2026-11-26T09:12:00Z"}]
    said = last_decided([row(turn=("ruth",), closed=closed), row(closed=closed), row(closed=skipped)], "noor", READER)
    assert said == "Last: you approved Mill Lane bridge on Thu 26 Nov 09:12. It is with others now."
    assert last_decided([row(closed=closed)], "noor", READER) == ""


def test_what_was_just_done_is_this_persons_and_short():
    """The latest first; anything else in the cookie is passed over."""
    cookie = cookie_of(DONE, [JustDone("P-00000000", 0, "submit", "noor"), DONE])
    assert (
        cookie == "done=P-7K3M9QXV.1.approve.noor_P-00000000.0.submit.noor; Path=/; Max-Age=20; HttpOnly; SameSite=Lax"
    )
    header = f"session=x; {cookie.partition(';')[0]}"
    assert just_done(header, "noor")[0] == DONE
    assert just_done(header, "dana") == ()
    assert just_done("done=<script>_P-7K3M9QXV.1.dance.noor_", "noor") == ()
    assert just_done("", "noor") == ()
    many = cookie_of(DONE, [JustDone(f"P-0000000{number}", 1, "reject", "noor") for number in range(10)])
    assert len(just_done(many.partition(";")[0], "noor")) == 8


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("no link", (TextPart("no link"),)),
        (
            "see http://localhost:7071/inbox now",
            (TextPart("see "), TextPart("http://localhost:7071/inbox", "/inbox"), TextPart(" now")),
        ),
        ("http://evil.example/x", (TextPart("http://evil.example/x"),)),
        ("http://localhost:7071.evil.example/x", (TextPart("http://localhost:7071.evil.example/x"),)),
        ("http://localhost:7071//evil.example", (TextPart("http://localhost:7071//evil.example"),)),
        ("", ()),
    ],
)
def test_only_links_of_ours_are_links(text, parts):
    """Without their host, so that they lead to the app that shows them."""
    assert text_parts(text, "http://localhost:7071/") == parts


def test_without_a_base_url_nothing_is_a_link():
    """The text is there anyway."""
    assert text_parts("http://localhost:7071/inbox", "") == (TextPart("http://localhost:7071/inbox"),)
