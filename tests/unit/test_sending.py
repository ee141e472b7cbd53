"""When a notice is looked for, tried again and given up."""

from datetime import UTC, datetime, timedelta

import pytest

from service.sending import GIVEN_UP_AFTER, LONGEST_PAUSE, News, Sending

START = datetime(2026, 11, 25, 16, 40, tzinfo=UTC)
NEWS = News("P-7K3M9QXV", 3)
FOUND = {"found": True, "to": ["noor", "ruth"]}
ABSENT = {"found": False, "to": []}


def answers(**outcomes):
    """What SendNotice gave: for each person an outcome, and a reason behind a colon."""
    parted = {person: said.partition(":") for person, said in outcomes.items()}
    return [{"person": person, "is": said[0], "why": said[2] or None} for person, said in parted.items()]


@pytest.mark.parametrize(
    "given",
    [None, "x", [], {}, {"case": "P-1"}, {"case": 1, "move": 1}, {"case": "P-1", "move": "1"},
     {"case": "P-1", "move": 0}, {"case": "P-1", "move": True}, {"case": "P-1", "move": 1.0},
     {"case": "P-1", "move": 10**9}],
)  # fmt: skip
def test_what_names_no_move_is_no_news(given):
    """Whoever has started it."""
    assert News.from_input(given) is None
    assert News.from_input({"case": "P-1", "move": 1, "to": "evil@evil.example"}) == News("P-1", 1)


def test_it_looks_again_for_a_minute_and_then_ends_silently():
    """A move that is not in the record then is none."""
    sending, now = Sending(NEWS, START), START
    while sending.is_on:
        sending = sending.looked(ABSENT, now)
        now = sending.wakes_at or now
    assert now - START == timedelta(minutes=1)
    assert (sending.has_failed, sending.done, sending.people) == (False, {}, None)


def test_once_it_has_found_the_move_it_sends_at_once():
    """To everybody who has to hear of it."""
    sending = Sending(NEWS, START).looked(ABSENT, START).looked(FOUND, START)
    assert (sending.is_on, sending.wakes_at, sending.left) == (True, None, ("noor", "ruth"))


def test_a_move_that_nobody_has_to_hear_of_ends_it():
    """Nothing is sent."""
    sending = Sending(NEWS, START).looked({"found": True, "to": []}, START)
    assert (sending.is_on, sending.has_failed) == (False, False)


def test_who_has_got_it_is_not_tried_again():
    """And neither is who need not hear of it any more."""
    sending = Sending(NEWS, START).looked(FOUND, START)
    sending = sending.tried(answers(noor="sent", ruth="not sent:server-unreachable"), START)
    assert (sending.left, sending.why, sending.wakes_at) == (
        ("ruth",),
        "server-unreachable",
        START + timedelta(minutes=1),
    )
    sending = sending.tried(answers(ruth="over"), sending.wakes_at)
    assert (sending.is_on, sending.has_failed, sending.done) == (False, False, {"noor": "sent", "ruth": "over"})


@pytest.mark.parametrize("result", [None, answers(noor="not sent:x", ruth="not sent:x")])
def test_it_is_tried_for_three_days_with_growing_pauses_and_then_fails(result):
    """Twice as long each time, at most six hours; an activity that fails counts as a try."""
    sending, now, pauses = Sending(NEWS, START).looked(FOUND, START), START, []
    while True:
        sending = sending.tried(result, now)
        if not sending.is_on:
            break
        pauses.append(sending.wakes_at - now)
        now = sending.wakes_at
    assert pauses[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert pauses == sorted(pauses)
    assert max(pauses) == LONGEST_PAUSE
    assert GIVEN_UP_AFTER - LONGEST_PAUSE < now - START <= GIVEN_UP_AFTER
    assert sending.has_failed
    assert str(sending.failure()).startswith(
        "2 of 2 people could not be sent the notice of move 3 of P-7K3M9QXV within 3 days: "
    )


def test_a_record_that_cannot_be_read_is_tried_as_long():
    """It is not taken for one that does not hold the move."""
    sending, now = Sending(NEWS, START), START
    while sending.is_on:
        sending = sending.looked(None, now)
        now = sending.wakes_at or now
    assert sending.has_failed
    assert "record-unreadable" in str(sending.failure())
    assert now - START > GIVEN_UP_AFTER - LONGEST_PAUSE


def test_the_status_says_who_waits_for_it_and_why():
    """By id; no address is in it."""
    sending = Sending(NEWS, START).looked(FOUND, START)
    assert sending.tried(answers(noor="sent", ruth="not sent:recipient-refused 550"), START).status() == {
        "case": "P-7K3M9QXV",
        "move": 3,
        "done": {"noor": "sent"},
        "left": ["ruth"],
        "failures": 1,
        "why": "recipient-refused 550",
        "triesAgainAt": "2026-11-25T16:41:00Z",
    }
