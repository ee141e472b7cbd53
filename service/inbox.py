"""What waits for whom: the open cases, as their custom statuses show them, from one scan of the engine's list. Pure.

1. A case is open if its instance runs or is suspended, is a case of ours by its id and name, and shows that somebody
   has the turn.
2. A case under a policy file is somebody's once its first level is open: ``OpenLevel`` has checked its seal then. Its
   status says so by ``run``. What anybody else has started is nobody's case and in nobody's inbox.
3. A case of one level is shown as ``service.one_level_case`` says. With a policy file in force such cases are in no
   inbox.
4. A status that cannot be read is passed over: the figures and the operator's pages show it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from approval.case_id import ORCHESTRATION, PREFIX
from service.case_reading import WITH_APPROVERS
from service.one_level_case import OneLevelPeople, status_with_levels

_RUNTIMES = frozenset({"Running", "Suspended"})  # a suspended case still takes votes


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case, as a list shows it.

    Attributes:
        id: of the case.
        title: clipped by the status.
        author: id and name; a case of one level knows a name only, so its id may be empty.
        amount: with its currency, ``80000.00 GBP``; None if it has none.
        turn: the ids of those who have the turn; empty while a level is being opened.
        since: when they were asked, as in ``approval.instants``; empty if nobody is.
        due: when their time is over; empty if nobody is asked.
        level: its number; None while a level is being opened.
        run: the opening of the first level.
        shown: the whole custom status, of a case of one level as ``service.one_level_case`` makes it.
    """

    id: str
    title: str
    author_id: str
    author_name: str
    amount: str | None
    turn: tuple[str, ...]
    since: str
    due: str
    level: int | None
    run: str
    shown: Mapping[str, Any] = field(repr=False)


@dataclass(slots=True)
class Inbox:
    """Everybody's open cases; page after page of the engine's list goes in.

    Attributes:
        one_level: the people of cases of one level; None if those are in no inbox.
        complete: whether the whole list was seen.
    """

    one_level: OneLevelPeople | None
    complete: bool = False
    _cases: dict[str, OpenCase] = field(default_factory=dict)
    _by_person: dict[str, list[OpenCase]] = field(default_factory=dict)

    def add(self, answers: Iterable[Mapping[str, Any]]) -> None:
        """Take these status answers in."""
        for answer in answers:
            case = open_case(answer, self.one_level)
            if case is not None and case.id not in self._cases:
                self._cases[case.id] = case
                for person in case.turn:
                    self._by_person.setdefault(person, []).append(case)

    def rows(self, person: str) -> list[OpenCase]:
        """The cases in which this person has the turn, those that are due first before the others."""
        return sorted(self._by_person.get(person, ()), key=lambda case: (case.due or "~", case.id))

    def written_by(self, person: str) -> list[OpenCase]:
        """The open cases of this author, in order of their ids."""
        return sorted((case for case in self._cases.values() if case.author_id == person), key=lambda case: case.id)

    def __len__(self) -> int:
        return len(self._cases)

    def __iter__(self) -> Iterator[OpenCase]:
        return iter(self._cases.values())


def status_of(answer: Mapping[str, Any], one_level: OneLevelPeople | None) -> Mapping[str, Any] | None:
    """The custom status of somebody's case, in the form of cases with levels; None if it is nobody's.

    Args:
        answer: without its input, as lists have it.
        one_level: as for ``Inbox``.
    """
    own_id, status = answer.get("instanceId"), answer.get("customStatus")
    if answer.get("name") != ORCHESTRATION or not isinstance(own_id, str) or not own_id.startswith(PREFIX):
        return None
    if not isinstance(status, Mapping):
        return None
    if "state" in status:
        return status if isinstance(status.get("run"), str) else None
    try:
        return None if one_level is None else status_with_levels(status, one_level)
    except (KeyError, TypeError, AttributeError):
        return None


def open_case(answer: Mapping[str, Any], one_level: OneLevelPeople | None) -> OpenCase | None:
    """The open case that a status answer of the engine's list shows; None if it shows none.

    Args:
        answer: without its input, as lists have it.
        one_level: as for ``Inbox``.
    """
    if answer.get("runtimeStatus") not in _RUNTIMES:
        return None
    shown = status_of(answer, one_level)
    if shown is None or shown["state"] != WITH_APPROVERS:
        return None
    try:
        return _opened(str(answer["instanceId"]), shown)
    except (KeyError, TypeError, AttributeError):
        return None


def _opened(own_id: str, shown: Mapping[str, Any]) -> OpenCase:
    turn = shown["turn"] or {}
    return OpenCase(
        own_id,
        str(shown["title"]),
        str(shown["author"]["id"]),
        str(shown["author"]["name"]),
        shown["amount"],
        tuple(map(str, turn.get("with", ()))),
        str(turn.get("since") or ""),
        str(turn.get("due") or ""),
        shown["level"]["number"] if shown["level"] else None,
        shown["run"],
        shown,
    )
