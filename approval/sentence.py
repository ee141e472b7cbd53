"""The sentence about a case: who has to do something, since when, and what happens then. In plain words, in any zone.

It is made from the custom status alone, so every page, mail and list says the same. Names of people come in, since the
status has ids.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from approval.instants import day_in_words, read

MOST_NAMES = 3
NOBODYS = "This is nobody's case: its input was not written by this service."


def sentence(status: Mapping[str, Any], names: Mapping[str, str], zone: tzinfo, label: str = "") -> str:
    """What there is to say about a case.

    Examples::

        With Noor Haddad or Ruth Pemberton since Wed 25 Nov 10:02. Reminder Fri 4 Dec 10:02. If nobody decides by
        Wed 9 Dec 10:02 it goes to Jo Lindqvist, then it is rejected.

        Approved by Ruth Pemberton on Wed 25 Nov 10:02.

    Args:
        status: the custom status of a case under a policy file (``approval.level_status``).
        names: of people, by id; one that is not there is called by the id.
        zone: of the reader.
        label: what is written behind each time, such as UTC; nothing where the reader knows the zone.
    """
    clock = _Clock(zone, label)
    said = _state(status, names, clock)
    trouble = status["trouble"]
    if trouble is None:
        return said
    times = "once" if trouble["failures"] == 1 else f"{trouble['failures']} times"
    again = trouble["triesAgainAt"]
    then = f"is tried again on {clock.at(again)}" if again else "is not tried again now"
    return f"{said} The step {trouble['activity']} failed {times} and {then}."


def joined_names(ids: Sequence[str], names: Mapping[str, str], word: str = "or") -> str:
    """``Noor Haddad or Ruth Pemberton``; of many only the first three, then ``and 4 others``."""
    shown = [names.get(one, one) for one in ids[:MOST_NAMES]]
    more = len(ids) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} {'other' if more == 1 else 'others'}"
    *first, last = shown
    return f"{', '.join(first)} {word} {last}" if first else last


def time_in_words(at: datetime, zone: tzinfo) -> str:
    """``Wed 25 Nov 10:02``, the same in every locale."""
    local = at.astimezone(zone)
    return f"{day_in_words(local)} {local:%H:%M}"


class _Clock:
    def __init__(self, zone: tzinfo, label: str) -> None:
        self._zone, self._label = zone, f" {label}" if label else ""

    def at(self, text: str) -> str:
        return time_in_words(read(text), self._zone) + self._label


def _state(status: Mapping[str, Any], names: Mapping[str, str], clock: _Clock) -> str:
    decided, ended = status["decided"], status["endedAt"]
    on = f" on {clock.at(ended)}" if ended else ""
    match status["state"]:
        case "with approvers":
            return _turn(status["turn"], names, clock) if status["turn"] else "The next people are being asked."
        case "approved" | "rejected":
            by = f" by {decided['byName']}" if decided and decided["byName"] else ""
            return f"{str(status['state']).capitalize()}{by}{on}."
        case "expired":
            why = f": {status['why']}" if status["why"] else ""
            return f"Rejected{on}, since nobody has decided{why}."
        case "withdrawn":
            return f"Withdrawn by {status['author']['name']}{on}."
        case "refused":
            return NOBODYS
    return f"The case ended{on} without an outcome: {status['why']}. Put that right, and submit the proposal again."


def _turn(turn: Mapping[str, Any], names: Mapping[str, str], clock: _Clock) -> str:
    who = joined_names(turn["with"], names, "and" if turn["everyone"] else "or") if turn["with"] else "nobody"
    said = f"With {who} since {clock.at(turn['since'])}."
    if turn["next"]:
        said += f" {str(turn['next']['what']).capitalize()} {clock.at(turn['next']['at'])}."
    return f"{said} If nobody decides by {clock.at(turn['due'])} it {turn['then']}."
