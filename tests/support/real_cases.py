"""Cases whose levels are opened by a policy file, and whatever people and time may do to them."""

from dataclasses import replace

from companies import submission
from hypothesis import strategies as st
from levels import KEYS, Led
from random_policies import IDS

from approval.acts import Name
from approval.open_level import answer
from approval.opening import Request

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["approve", "approve", "reject", "abstain", "withdraw", "wait", "again", "forged", "old"]),
        st.sampled_from(IDS),
    ),
    max_size=12,
)


class Real(Led):
    """A case in which ``OpenLevel`` answers from a policy file, whenever it is asked to."""

    def __init__(self, file, author, values, contributors=()):
        self.file, self.openings = file, 0
        super().__init__(given=submission(file, author, values, contributors))
        self.answer()

    def answer(self):
        """``OpenLevel`` answers, if it runs."""
        while (found := self.review.effects.find(self.review.open_key)) is not None and found.runs:
            self.openings += 1
            request = Request.from_json(found.effect.input)
            result = answer(request, self.file, "sha256:d", KEYS, KEYS, f"{self.openings:032x}")
            self.answered(result.to_json())
        return self

    def hear(self, person, kind="approve", **more):
        """Somebody acts; gives the verdict."""
        by = Name(person, self.file.people[person].name)
        said = super().hear(person, kind, by=by, **more)
        self.answer()
        return said

    def woke(self):
        """The timer fires."""
        super().woke()
        return self.answer()

    @property
    def turn(self):
        """Who has the turn."""
        return list(self.review.course.turn) if self.review.is_open else []

    @property
    def output(self):
        """What the instance gives in the end."""
        assert self.review.is_over
        return self.review.verdict()


def play(case, sent, kind, person):
    """One thing that happens to a case; what must hold of it at once."""
    before, was_turn = case.review, case.turn
    match kind:
        case "wait":
            case.woke()
        case "forged":
            case.raised({"act": case.act(person).to_text(), "key": "2026-11", "seal": "AAAA"})
            assert (case.review.course, case.review.record) == (before.course, before.record)
        case "again" | "old" if not sent:
            pass
        case "again":
            case.hear_act(sent[-1])
        case "old":
            case.hear_act(replace(sent[0], id="f" * 32))
        case _:
            sent.append(case.act(person, kind))
            counted = case.hear_act(sent[-1]) == "counts"
            if counted and kind == "withdraw":
                assert person == case.submission.author.id
            elif counted:
                assert person in was_turn
    case.answer()
