"""Who is asked at a level, by when, and who gets it if they do not decide: the answer of the activity ``OpenLevel``.

The levels are those that were frozen when the case started. People, groups, managers and limits are those of the policy
file today.

1. A group of approvers whose condition is false vanishes. If all vanish, or the level's own condition is false, the
   level is skipped, with the reason.
2. The author and the contributors are left out at every level, with the reason; with ``different_people`` everybody too
   whose approval or rejection counted at an earlier level.
3. The line of authority begins at the author's manager, whatever the author's own limit is, and goes upwards. Who has
   no limit that covers the amount is passed over; who is left out is passed over too, and listed.
4. A group is without people if fewer are left than it needs. A level with such a group goes at once where
   ``on_expiry`` says, and the answer says why.
5. On expiry a named person is asked, once; or the next in line, again and again up to the top, where one person has the
   turn. Nobody is asked who is left out, has voted at this level, or is the only one who has the turn: a named person
   is passed over, and in the line the next manager is taken. When nobody is found, the case expires.
6. ``within`` starts again with each escalation; reminders lie between opening and due. All spans are elapsed time.
7. What a level needs and the file has no more is a fault that is raised, and never an expiry.

Preview, path and forecast call the very same function.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from approval.acts import Kind, Name
from approval.errors import UnfitPolicyFile
from approval.opening import Group, LeftOut, Opened, OpenedAs, Opening, Request, Skipped
from approval.policy.fields import Value
from approval.policy.model import (
    ALL,
    MOST_ASKED,
    NEXT_IN_LINE,
    Approvers,
    GroupOf,
    Level,
    LineOfAuthority,
    ManagerOf,
    People,
    Person,
    PolicyFile,
)
from approval.policy.words import why_not
from approval.submission import Submission, genuine

_DECISIONS = frozenset({Kind.APPROVE, Kind.REJECT})
_NOT_OURS = "The input was not sealed by this app, or not for this instance."


def answer(
    request: Request,
    file: PolicyFile,
    digest: str,
    keys: Mapping[str, str],
    input_keys: Mapping[str, str],
    new_opening: str,
) -> Opened:
    """The answer of ``OpenLevel``: that of ``open_level``, or ``refused`` if the input is not ours.

    Args:
        request: of the review.
        file: the policy file in force.
        digest: of its text.
        keys: the public keys whose seals count for acts from now on, by name.
        input_keys: those whose seals count for inputs; the retired ones too.
        new_opening: 32 random hexadecimal digits.

    Raises:
        UnreadableInput: the input is ours, and this version of the app cannot read it.
        UnfitPolicyFile: the level needs what the file has no more.
    """
    submission = genuine(request.given, request.instance, input_keys)
    if submission is None:
        return Opened(OpenedAs.REFUSED, why=_NOT_OURS, directory=digest)
    return open_level(request, submission, file, digest, keys, new_opening)


def open_level(
    request: Request,
    submission: Submission,
    file: PolicyFile,
    digest: str,
    keys: Mapping[str, str],
    new_opening: str,
) -> Opened:
    """Open the first level from ``request.level`` on that is not skipped, or escalate the one that is open.

    Args:
        request: of the review; its time has whole seconds. Its ``given`` is not looked at.
        submission: the one in ``request.given``.
        file: the policy file in force.
        digest: of its text.
        keys: the public keys whose seals count for acts from now on, by name.
        new_opening: 32 random hexadecimal digits, for a level that opens.

    Raises:
        UnreadableInput: this version of the app cannot read the frozen levels.
        UnfitPolicyFile: the level needs what the file has no more.
    """
    levels = submission.policy.levels()
    if request.escalation:
        found = _At(request.level, levels, request, submission, file).escalated()
        return replace(found, keys=dict(keys), directory=digest)
    skipped: list[Skipped] = []
    for number in range(request.level, len(levels) + 1):
        why = _why_skipped(levels[number - 1], submission)
        if why is None:
            found = _At(number, levels, request, submission, file).opened(new_opening)
            return replace(found, skipped=tuple(skipped), keys=dict(keys), directory=digest)
        skipped.append(Skipped(number, levels[number - 1].name, why))
    return Opened(OpenedAs.OVER, skipped=tuple(skipped), keys=dict(keys), directory=digest)


def _why_skipped(level: Level, submission: Submission) -> str | None:
    """Why a level does not open for this proposal; None if it does."""
    values, fields = submission.values, submission.policy.fields
    if level.when is not None and not level.when.holds(values):
        return why_not(level.when, values, fields)
    if any(_is_asked(each, values) for each in level.approvers):
        return None
    reasons = (why_not(each.when, values, fields) for each in level.approvers if each.when is not None)
    return " and ".join(dict.fromkeys(reasons))


def _is_asked(approvers: Approvers, values: Mapping[str, Value]) -> bool:
    return approvers.when is None or approvers.when.holds(values)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A group with the people who were chosen for it: asked, or left out; and what to say if they are too few."""

    group: Group
    left_out: tuple[Person, ...] = ()
    otherwise: str = ""

    @property
    def is_without_people(self) -> bool:
        asked, need = self.group.asked, self.group.need
        return not asked if need == ALL else len(asked) < need


@dataclass(frozen=True, slots=True)
class _At:
    """One level of one case, at the moment of the request."""

    number: int
    levels: Sequence[Level]
    request: Request
    submission: Submission
    file: PolicyFile

    @property
    def level(self) -> Level:
        return self.levels[self.number - 1]

    def opened(self, opening: str) -> Opened:
        """The level as it opens; it may go to somebody else, or to nobody, at once."""
        chosen = self._chosen()
        groups = tuple(each.group for each in chosen)
        asked = _once(groups)
        if len(asked) > MOST_ASKED:
            raise self._unfit(f"{len(asked)} people would be asked, and at most {MOST_ASKED} are.")
        names = {each: self._person(each).name for each in asked}
        made = self._opening(opening, 0, groups, self._left_out(chosen), names, asked, None)
        why = " ".join(self._too_few(each) for each in chosen if each.is_without_people)
        if not why:
            return Opened(OpenedAs.OPENED, made)
        target = self._target(1, asked)
        if target is None:
            return Opened(OpenedAs.EXPIRED, made, why=why)
        names |= {target.id: target.name}
        made = self._opening(opening, 1, groups, made.left_out, names, (target.id,), target)
        return Opened(OpenedAs.OPENED, made, why=why)

    def escalated(self) -> Opened:
        """The open level as it goes to the next who may decide, or to nobody."""
        request, present = self.request, self.request.present
        target = self._target(request.escalation, request.asked)
        if target is None:
            return Opened(OpenedAs.EXPIRED, why="Nobody else may decide at this level.")
        if present is None:
            chosen = self._chosen()
            groups, left_out = tuple(each.group for each in chosen), self._left_out(chosen)
            names = {each: self._person(each).name for each in _once(groups)}
        else:
            groups, left_out, names = present.groups, present.left_out, dict(present.names)
        names |= {target.id: target.name}
        opening = request.opening or ""
        made = self._opening(opening, request.escalation, groups, left_out, names, (target.id,), target)
        return Opened(OpenedAs.ESCALATED, made)

    def _opening(
        self,
        opening: str,
        escalation: int,
        groups: tuple[Group, ...],
        left_out: tuple[LeftOut, ...],
        names: Mapping[str, str],
        turn: Sequence[str],
        target: Person | None,
    ) -> Opening:
        level, opened_at = self.level, self.request.at
        due, reminders = _times(level, opened_at)
        then = self._target(escalation + 1, turn)
        return Opening(
            level=self.number,
            name=level.name,
            opening=opening,
            escalation=escalation,
            opened_at=opened_at,
            due=due,
            groups=groups,
            names=names,
            reminders=reminders,
            left_out=left_out,
            target=_name(target),
            rejection=level.rejection,
            abstain=level.abstain,
            comment=level.comment,
            then=_name(then),
        )

    def _barred(self) -> dict[str, str]:
        """Everybody who may not vote at this level, with the reason."""
        submission = self.submission
        barred = {submission.author.id: "wrote it"}
        for one in submission.contributors:
            barred.setdefault(one.id, "contributed to it")
        if submission.policy.different_people:
            for vote in self.request.voted:
                if vote.level < self.number and vote.act in _DECISIONS:
                    barred.setdefault(vote.person, f"decided at {self.levels[vote.level - 1].name}")
        return barred

    def _left_out(self, chosen: Sequence[_Chosen]) -> tuple[LeftOut, ...]:
        barred = self._barred()
        people = {person.id: person for each in chosen for person in each.left_out}
        return tuple(LeftOut(Name(person.id, person.name), barred[person.id]) for person in people.values())

    def _chosen(self) -> list[_Chosen]:
        """The groups that are asked, with their people."""
        return [self._people(each) for each in self.level.approvers if _is_asked(each, self.submission.values)]

    def _people(self, approvers: Approvers) -> _Chosen:
        match approvers.asked:
            case People(ids):
                return self._of("named by the policy", approvers, [self._person(each) for each in ids])
            case GroupOf(name):
                if name not in self.file.groups:
                    raise self._unfit(f"There is no group {name} any more.")
                people = [self._person(each) for each in self.file.groups[name]]
                return self._of(f"group {name}", approvers, people)
            case ManagerOf(whose):
                return self._manager_of(self._author() if whose == "author" else self._last_approver(), approvers)
            case LineOfAuthority():
                return self._line(approvers.asked, approvers)

    def _of(self, because: str, approvers: Approvers, people: Sequence[Person]) -> _Chosen:
        barred = self._barred()
        asked = tuple(person.id for person in people if person.id not in barred)
        left_out = tuple(person for person in people if person.id in barred)
        return _Chosen(Group(because, asked, approvers.need), left_out)

    def _manager_of(self, person: Person | None, approvers: Approvers) -> _Chosen:
        if person is None:
            because, otherwise = "manager of the last approver", "Nobody has approved at an earlier level."
            return _Chosen(Group(because, (), approvers.need), otherwise=otherwise)
        manager = self._manager(person)
        if manager is None:
            because, otherwise = f"manager of {person.name}", f"{person.name} has no manager."
            return _Chosen(Group(because, (), approvers.need), otherwise=otherwise)
        return self._of(f"manager of {person.name}", approvers, [manager])

    def _last_approver(self) -> Person | None:
        votes = [vote for vote in self.request.voted if vote.level < self.number and vote.act is Kind.APPROVE]
        return self._person(votes[-1].person) if votes else None

    def _line(self, asked: LineOfAuthority, approvers: Approvers) -> _Chosen:
        author, barred = self._author(), self._barred()
        currency = self.submission.policy.fields[asked.of].currency
        authority = self.file.authorities.get(asked.authority)
        if authority is None or authority.currency != currency:
            raise self._unfit(f"There is no authority {asked.authority} in {currency} any more.")
        amount = self.submission.values[asked.of]
        assert isinstance(amount, Decimal)
        left_out = []
        for person in self._above(author):
            limit = authority.limits.get(person.id)
            if limit is None or limit < amount:
                continue
            if person.id in barred:
                left_out.append(person)
                continue
            because = f"authority {authority.name}, limit {limit:,f} {currency}"
            return _Chosen(Group(because, (person.id,), approvers.need), tuple(left_out))
        otherwise = (
            f"Nobody above {author.name} who may vote has a limit in {authority.name} of {amount:,f} {currency}."
        )
        return _Chosen(Group(f"authority {authority.name}", (), approvers.need), tuple(left_out), otherwise)

    def _too_few(self, chosen: _Chosen) -> str:
        """Why a group is without people."""
        asked, need = chosen.group.asked, chosen.group.need
        if chosen.otherwise:
            return chosen.otherwise
        if not asked:
            return f"Nobody is left to ask ({chosen.group.because})."
        left = f"Only {len(asked)} {'is' if len(asked) == 1 else 'are'} left"
        return f"{left}, and {need} are needed ({chosen.group.because})."

    def _target(self, escalation: int, turn: Sequence[str]) -> Person | None:
        """Who gets the level at this escalation, counted from 1, after those who have the turn; None if nobody."""
        to = self.level.on_expiry.escalate_to
        if to is None:
            return None
        here = [vote.person for vote in self.request.voted if vote.level == self.number]
        barred = {*self._barred(), *here, *(turn if len(turn) == 1 else ())}
        if to != NEXT_IN_LINE:
            person = self._person(to)
            return None if escalation > 1 or to in barred else person
        # Who has abstained alone has no turn any more; the line goes on from there.
        below = turn or here[-1:]
        if len(below) != 1:
            return None
        return next((person for person in self._above(self._person(below[0])) if person.id not in barred), None)

    def _above(self, person: Person) -> Iterator[Person]:
        """The managers of a person, upwards."""
        above = self._manager(person)
        while above is not None:
            yield above
            above = self._manager(above)

    def _manager(self, person: Person) -> Person | None:
        return None if person.manager is None else self._person(person.manager)

    def _author(self) -> Person:
        return self._person(self.submission.author.id)

    def _person(self, person: str) -> Person:
        found = self.file.people.get(person)
        if found is None:
            raise self._unfit(f"There is no person {person} any more.")
        return found

    def _unfit(self, what: str) -> UnfitPolicyFile:
        return UnfitPolicyFile(self.level.name, what)


def _times(level: Level, opened_at: datetime) -> tuple[datetime, tuple[datetime, ...]]:
    """When the level is due, and the reminders before that, in order."""
    due = opened_at + level.within.length
    reminders = {due - span.length if span.before_due else opened_at + span.length for span in level.remind}
    return due, tuple(sorted(at for at in reminders if opened_at < at < due))


def _once(groups: Sequence[Group]) -> list[str]:
    """Everybody who is asked in some group, once, in order."""
    return list(dict.fromkeys(person for group in groups for person in group.asked))


def _name(person: Person | None) -> Name | None:
    return None if person is None else Name(person.id, person.name)
