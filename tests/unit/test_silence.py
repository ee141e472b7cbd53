"""What happens if nobody acts, as the preview says it, and as it then happens."""

from datetime import timedelta
from decimal import Decimal

import pytest
from companies import CASE, company, submission
from hypothesis import given, settings
from hypothesis import strategies as st
from random_policies import AT, IDS, VALUES, policy_files

from approval.errors import UnfitPolicyFile
from approval.instants import read, written
from approval.open_level import open_level
from approval.opening import Request
from approval.review.levels import LevelsReview
from approval.silence import after_silence, silence

COUNTY, SOFTWARE = company("county"), company("software")
SCHEME = {"kind": "scheme", "amount": Decimal(60_000), "category": 1, "departure": False}
STRUCTURE = {**SCHEME, "kind": "structure"}
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def told(record):
    """Kind and time of each entry, and who it is about."""
    found = []
    for entry in record:
        target = entry["opening"]["target"] if "opening" in entry else None
        who = ",".join(entry.get("to", [])) or (target or {}).get("id") or entry.get("state")
        found.append((entry["what"], read(entry["at"]) - AT, who))
    return found


def test_a_structure_that_nobody_looks_at_is_reminded_escalated_and_rejected():
    """Three days before the end, to Jo after ten days, and over after twenty."""
    assert told(silence(submission(COUNTY, "dana", STRUCTURE), COUNTY, AT)) == [
        ("submitted", 0 * DAY, None),
        ("opened", 0 * DAY, None),
        ("reminded", 7 * DAY, "noor,ruth"),
        ("escalated", 10 * DAY, "jo"),
        ("reminded", 17 * DAY, "jo"),
        ("levelClosed", 20 * DAY, None),
        ("ended", 20 * DAY, "expired"),
    ]


def test_a_scheme_goes_up_the_line_to_the_top():
    """Ruth, Amir, Jo, Kim, five days each."""
    record = silence(submission(COUNTY, "dana", SCHEME), COUNTY, AT)
    assert [each for each in told(record) if each[0] == "escalated"] == [
        ("escalated", 5 * DAY, "amir"),
        ("escalated", 10 * DAY, "jo"),
        ("escalated", 15 * DAY, "kim"),
    ]
    assert told(record)[-1] == ("ended", 20 * DAY, "expired")


def test_a_level_without_people_goes_on_at_once():
    """To Tom, who has three days, and then nobody has."""
    record = silence(submission(SOFTWARE, "ana", {"risk": "low", "personal_data": False}, ["bo"]), SOFTWARE, AT)
    assert told(record)[1:3] == [("opened", 0 * DAY, "tom"), ("escalated", 0 * DAY, "tom")]
    assert told(record)[-1] == ("ended", 3 * DAY, "expired")


def test_it_goes_on_from_any_moment_of_a_case():
    """The record so far stays as it was."""
    given = submission(COUNTY, "dana", STRUCTURE)
    review = LevelsReview.opened(given, CASE, None, AT)
    opened = open_level(Request(CASE, None, 1, AT), given, COUNTY, "", {}, "9f" * 16)
    review = review.done(review.open_key, opened.to_json(), AT)
    before = review.record
    after = after_silence(review, COUNTY)
    assert after.record[: len(before)] == before
    assert told(after.record)[-1] == ("ended", 20 * DAY, "expired")


def test_a_file_that_does_not_fit_any_more_has_no_forecast():
    """The fault is named, as it would be in the case."""
    given = submission(COUNTY, "dana", STRUCTURE)
    changed = company("software")
    with pytest.raises(UnfitPolicyFile):
        silence(given, changed, AT)


class Slow:
    """What really happens: activities take their time, and nobody acts."""

    def __init__(self, given, file, delays):
        self.file, self.delays = file, delays
        self.review, self.running, self.announced = LevelsReview.opened(given, CASE, None, AT), [], []

    def run(self):
        """The record that the results of ``Announce`` hold in the end."""
        clock, openings = AT, 0
        self._start(clock)
        while not self.review.is_over:
            soonest = min(self.running, key=lambda one: one[0], default=None)
            wakes_at = self.review.wakes_at
            if soonest and (wakes_at is None or soonest[0] <= wakes_at):
                self.running.remove(soonest)
                clock, effect = soonest
                result = ""
                if effect.activity == "OpenLevel":
                    openings += 1
                    request = Request.from_json(effect.input)
                    answered = open_level(request, self.review.submission, self.file, "", {}, f"{openings:032x}")
                    result = answered.to_json()
                elif effect.activity == "Announce":
                    result = {"entries": effect.input["entries"]}
                    self.announced += result["entries"]
                self.review = self.review.done(effect.key, result, clock)
            else:
                clock = max(clock, wakes_at)
                self.review = self.review.woke(clock)
            self._start(clock)
        return self.announced

    def _start(self, clock):
        self.running += [(clock + next(self.delays), effect) for effect in self.review.to_start]


@settings(max_examples=60)
@given(policy_files(), VALUES, st.sampled_from(IDS), st.data())
def test_a_forecast_without_acts_is_what_then_happens(file, values, author, data):
    """In the case's own times, while each activity takes up to three seconds; for random policies."""
    given = submission(file, author, values)
    forecast = silence(given, file, AT)
    seconds = st.integers(0, 3).map(lambda number: timedelta(seconds=number))
    delays = iter(lambda: data.draw(seconds), None)
    happened = Slow(given, file, delays).run()
    assert [one["what"] for one in happened] == [one["what"] for one in forecast]
    late = [read(one["at"]) - read(other["at"]) for one, other in zip(happened, forecast, strict=True)]
    assert all(timedelta(0) <= each <= timedelta(seconds=3 * len(late)) for each in late)


@settings(max_examples=60)
@given(policy_files(), VALUES, st.sampled_from(IDS))
def test_a_forecast_is_what_then_happens_to_the_second(file, values, author):
    """Where activities take no time that the case can tell, openings and times are the same."""
    given = submission(file, author, values)
    assert Slow(given, file, iter(lambda: timedelta(0), None)).run() == list(silence(given, file, AT))


def test_the_last_entry_is_the_end():
    """So a preview can say by when an author hears at the latest if nobody acts."""
    last = silence(submission(COUNTY, "dana", STRUCTURE), COUNTY, AT)[-1]
    assert (last["what"], last["at"]) == ("ended", written(AT + 20 * DAY))
