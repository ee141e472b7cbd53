"""The review of a case under a policy file, as a value: what happened goes in, a new review comes out.

1. ``approval.review.transitions.NEXT`` is the whole machine. A pair that is not in it is refused, and the review stays
   as it was.
2. Time comes in with each event and never goes back. A timer that fired is due, however early it fired.
3. While the case is open there is always a time to wake up, so a wait never is without a timer. It is at most five days
   ahead, and a result alone does not move it.
4. Who is asked, until when, and what happens then comes from ``OpenLevel`` as a fact. While it runs nobody has the
   turn, a withdrawal ends the case, and its answer is dropped then.
5. Only acts that our functions have sealed for this case change anything (``approval.review.heard``). Each gets one
   verdict (``approval.review.verdicts``); the same act a second time gets none.
6. News are announced in batches, one at a time (``approval.review.journal``). Those of a move that calls ``OpenLevel``
   wait for its answer or its first failure; the first ones of all wait for its answer, since nobody may hear of an
   input that is not ours.
7. A case never hangs. An ``OpenLevel`` that is given up is a fault; another activity that is given up lets the case
   come to its end, and fails it then.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self

from approval.acts import Act, Kind, Verdict
from approval.effects import Effects
from approval.errors import CaseFault, MisplacedEvent, NotRecorded
from approval.opening import Opened
from approval.record import What
from approval.review.answers import entries_of, event_of, fault_of, read_answer, skips_of, why_of
from approval.review.heard import read_sealed_act
from approval.review.levels_state import LevelsState
from approval.review.transitions import CaseEvent, CaseStage
from approval.review.verdicts import judge
from approval.review.votes import Standing
from approval.submission import Submission

_AFTER_VOTE = {
    Standing.OPEN: CaseEvent.VOTED,
    Standing.STUCK: CaseEvent.STUCK,
    Standing.REJECTED: CaseEvent.REJECTED,
}


class LevelsReview(LevelsState):
    """A review at one moment; ``LevelsState`` lists its values."""

    __slots__ = ()

    @classmethod
    def opened(cls, submission: Submission, instance: str, given: Any, at: datetime) -> Self:
        """A review whose first level is being opened.

        Args:
            submission: what the input states.
            instance: the id of the instance.
            given: its whole input.
            at: the orchestration's own clock.
        """
        now = at.astimezone(UTC)
        by = {"what": What.SUBMITTED.value, "by": submission.author.to_json(), "how": submission.how}
        return cls(submission, given, instance, now, now, now).noted(by).opening_level(1)

    def heard(self, payload: object, at: datetime) -> Self:
        """The review after an event named Approval with any payload.

        Raises:
            MisplacedEvent: the case is closed.
        """
        now = self.later(at)
        act = read_sealed_act(payload, self.instance, self.course.keys)
        if act is None:
            return self.moved(CaseEvent.UNSEALED, now, awake_at=now, journal=self.journal.with_unsealed())
        if act.id in self.acts.ids:
            return self.moved(CaseEvent.AGAIN, now, awake_at=now)
        verdict = judge(act, self.submission, self.course, is_asking=self.is_asking)
        entry = {"what": What.ACT.value, "act": act.to_json(), "verdict": str(verdict)}
        acts = self.acts.judged(act, verdict)
        if verdict is not Verdict.COUNTS:
            after = self.moved(CaseEvent.NOTED, now, awake_at=now, acts=acts).noted(entry)
        elif act.kind is Kind.WITHDRAW:
            effects = self.effects.started().without(self.open_key)
            after = self.moved(CaseEvent.WITHDRAWN, now, acts=acts, effects=effects).ended(act.by, entry)
        else:
            after = self._voted(act, now, entry, acts=acts)
        return after.announcing()

    def woke(self, at: datetime) -> Self:
        """The review after the timer set for ``wakes_at`` has fired, early or late.

        Raises:
            MisplacedEvent: the review waits for no time.
        """
        wakes_at = self.wakes_at
        if wakes_at is None:
            raise MisplacedEvent(self.state, CaseEvent.RETRY)
        now = max(self.later(at), wakes_at)
        effects = self.with_fresh_request(now).effects.woke(now)
        opening, course = self.course.opening, self.course.reminded(now)
        if self.is_asking and opening and now >= opening.due:
            over = self.moved(CaseEvent.TIME_OVER, now, awake_at=now, effects=effects)
            return over.opening_level(opening.level, opening.escalation + 1).announcing()
        if self.is_asking and opening and course.reminders != self.course.reminders:
            entry = {"what": What.REMINDED.value, "level": opening.level, "to": list(course.turn)}
            reminded = self.moved(CaseEvent.REMINDED, now, awake_at=now, effects=effects, course=course)
            return reminded.noted(entry).announcing()
        event = CaseEvent.RETRY if effects.to_start else CaseEvent.HOP
        return self.moved(event, now, awake_at=now, effects=effects)

    def done(self, key: str, result: object, at: datetime) -> Self:
        """The review after the effect of this key gave ``result``.

        Raises:
            MisplacedEffect: that effect does not run.
        """
        now, effects = self.later(at), self.effects.done(key)
        if key == self.open_key:
            return self._answered(read_answer(result), now, effects).announcing()
        if key == self.announce_key:
            after = self.moved(CaseEvent.CARRIED_OUT, now, effects=effects, journal=self.journal.done())
        else:
            messages = tuple((each, result if each == key else said) for each, said in self.messages)
            after = self.moved(CaseEvent.CARRIED_OUT, now, effects=effects, messages=messages)
        return after.announcing()

    def failed(self, key: str, at: datetime) -> Self:
        """The review after the effect of this key failed; it is tried again at ``wakes_at``, at last given up.

        Raises:
            MisplacedEffect: that effect does not run.
        """
        now = self.later(at)
        effects = self.effects.failed(key, now)
        found = effects.find(key)
        if key == self.open_key and not self.is_open:
            return self.moved(CaseEvent.DROPPED, now, effects=effects.without(key))
        if key == self.open_key and found and found.is_given_up:
            why = f"the activity {found.effect.activity} failed {found.failures} times"
            return self.faulted(why, now, effects.without(key)).announcing()
        return self.moved(CaseEvent.FAILED, now, effects=effects, last_failed=found).announcing()

    def verdict(self) -> list[Any]:
        """The output of the instance, once the review is over: the messages in the order in which they were called for.

        Raises:
            CaseFault: the case could not go on.
            NotRecorded: an activity failed until it was given up.
        """
        if self.state is CaseStage.FAULT:
            raise CaseFault(self.ended_why or "")
        if self.trouble is not None:
            raise NotRecorded(self.state, self.trouble.effect.activity, self.trouble.failures)
        return [] if self.state is CaseStage.WITHDRAWN else [said for _, said in self.messages]

    def _voted(self, act: Act, now: datetime, entry: Mapping[str, Any], **changes: Any) -> Self:
        """After a vote that counts."""
        course = self.course.with_vote(act)
        opening, standing = course.opening, course.standing
        assert opening is not None
        is_last = opening.level >= len(self.submission.policy.level_names)
        event = _AFTER_VOTE.get(standing, CaseEvent.APPROVED if is_last else CaseEvent.LEVEL_APPROVED)
        if standing in {Standing.APPROVED, Standing.REJECTED}:
            course = course.with_closed_level(str(standing), act.by, now)
        after = self.moved(event, now, awake_at=now, course=course, **changes)
        closed = course.closings_since(self.course)
        if not after.is_open:
            return after.ended(act.by, entry, *closed)
        noted = after.noted(entry, *closed)
        match event:
            case CaseEvent.LEVEL_APPROVED:
                return noted.opening_level(opening.level + 1)
            case CaseEvent.STUCK:
                return noted.opening_level(opening.level, opening.escalation + 1)
        return noted

    def _answered(self, answer: Opened | None, now: datetime, effects: Effects) -> Self:
        """After an answer of ``OpenLevel``."""
        if not self.is_open:
            return self.moved(CaseEvent.DROPPED, now, effects=effects)
        event = event_of(answer, self.state)
        if event is CaseEvent.FAULT or answer is None:
            return self.faulted(fault_of(answer, self.state), now, effects, *skips_of(answer))
        was_open = self.state is CaseStage.ESCALATING
        why, course = why_of(answer, self.course, self.state), self.course.opened(answer, now)
        if event is CaseEvent.EXPIRED and (was_open or answer.opening is not None):
            course = course.with_closed_level(str(event), None, now)
        after = self.moved(event, now, effects=effects, course=course)
        entries = [*entries_of(answer, why, escalates=was_open), *course.closings_since(self.course)]
        match event:
            case CaseEvent.OVER:
                return after.ended(course.last_approval, *entries)
            case CaseEvent.EXPIRED:
                return after.ended(None, *entries, why=why)
            case CaseEvent.REFUSED:
                return after
        return after.noted(*entries).escalated()
