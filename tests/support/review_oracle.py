"""What a case with levels makes of everything that happens, worked out once more: slowly, and rule by rule.

Nothing of ``approval.review`` is used. Openings and acts are plain JSON; a group is judged by trying out every way in
which those who are silent could still vote.
"""

from datetime import datetime
from itertools import product

WITHDRAW = "withdraw"


def seconds(text):
    """A time of JSON."""
    return datetime.fromisoformat(text)


def has_enough(need, said):
    """Whether these votes, one for each who is asked and None for who is silent, approve a group."""
    if need == "all":
        left = [vote for vote in said if vote != "abstain"]
        return bool(left) and all(vote == "approve" for vote in left)
    return said.count("approve") >= need


def can_be_approved(need, said):
    """Whether those who are silent can still vote so that the group is approved."""
    choices = [[vote] if vote else ["approve", "reject", "abstain"] for vote in said]
    return any(has_enough(need, ways) for ways in product(*choices))


def judge_group(group, votes, target, rejected_word="rejected"):
    """``approved``, ``rejected``, ``stuck`` or ``open``.

    ``votes`` are those of members before any escalation; ``target`` is None without one, else what the target said or
    an empty text.
    """
    said = [votes.get(person) for person in group["asked"]]
    if has_enough(group["need"], said):
        return "approved"
    hopeless = rejected_word if "reject" in said else "stuck"
    if target is None:
        return "open" if can_be_approved(group["need"], said) else hopeless
    return {"": "open", "approve": "approved", "reject": "rejected", "abstain": hopeless}[target]


class Oracle:
    """A case as somebody would follow it with paper and pencil.

    Attributes:
        phase: ``starting``, ``asking``, ``opening``, ``escalating`` or ``over``.
        log: what the record has to say, without numbers and times.
        said: the verdict on each act, by id.
        messages: what the output has to be made of.
    """

    def __init__(self, author, contributors, levels):
        self.author, self.parties, self.levels = author, {author, *contributors}, levels
        self.phase, self.state, self.run, self.opening = "starting", None, None, None
        self.votes, self.targets, self.past, self.said = {}, {}, set(), {}
        self.reminders, self.messages, self.log, self.has_approved = [], [], [("submitted",)], False

    @property
    def target(self):
        """What the target has said, an empty text before; None without one."""
        if not self.opening["target"]:
            return None
        return self.targets.get(self.opening["escalation"], "")

    def standings(self):
        """Group by group."""
        return [judge_group(group, self.votes, self.target) for group in self.opening["groups"]]

    def only_in_finished(self, person):
        """Asked, but by decided groups only, and no target."""
        mine = [
            found for group, found in zip(self.opening["groups"], self.standings(), strict=True)
            if person in group["asked"]
        ]  # fmt: skip
        is_target = self.opening["target"] and self.opening["target"]["id"] == person
        return bool(mine) and all(found != "open" for found in mine) and not is_target

    def turn(self):
        """Who has to vote now."""
        if self.phase != "asking":
            return set()
        if self.opening["target"]:
            return {self.opening["target"]["id"]} if not self.target else set()
        found = zip(self.opening["groups"], self.standings(), strict=True)
        return {one for group, is_now in found if is_now == "open" for one in group["asked"] if one not in self.votes}

    def verdict(self, act):
        """The first verdict that is true of an act; None for a second delivery."""
        if act["id"] in self.said:
            return None
        person, kind, opening = act["by"]["id"], act["act"], self.opening
        votes = kind != WITHDRAW
        asked = {one for group in opening["groups"] for one in group["asked"]}
        if opening["target"]:
            asked = {opening["target"]["id"]}
        is_here = act["opening"] == opening["opening"]
        is_late = act["opening"] in self.past or (is_here and (self.phase != "asking" or self.only_in_finished(person)))
        has_voted = person in self.votes or bool(self.target)
        needs_words = kind in opening["comment"] and not (act["comment"] or "").strip()
        true_of_it = {
            "own case": votes and person in self.parties,
            "late": votes and act["run"] == self.run and is_late,
            "stale": act["run"] != self.run or act["revision"] != 1
            or (votes and not (is_here and act["level"] == opening["level"])),
            "not yours": person not in asked if votes else person != self.author,
            "repeated": votes and has_voted,
            "incomplete": votes and (needs_words or (kind == "abstain" and not opening["abstain"])),
            "counts": True,
        }  # fmt: skip
        return next(word for word, is_true in true_of_it.items() if is_true)

    def act(self, act):
        """An act arrives; gives the verdict, None for a second delivery."""
        verdict = self.verdict(act)
        if verdict is None:
            return None
        self.said[act["id"]] = verdict
        self.log.append(("act", act["id"], verdict))
        if verdict == "counts":
            if act["act"] == WITHDRAW:
                self.end("withdrawn", act["by"]["id"])
            else:
                self.vote(act["by"]["id"], act["act"])
        return verdict

    def vote(self, person, kind):
        """A vote that counts."""
        opening = self.opening
        if opening["target"]:
            self.targets[opening["escalation"]] = kind
        else:
            self.votes[person] = kind
        found = self.standings()
        if "rejected" in found or (opening["rejection"] == "ends" and kind == "reject"):
            self.close("rejected", person)
            self.end("rejected", person)
        elif "stuck" in found:
            self.phase = "escalating"
        elif set(found) == {"approved"}:
            self.close("approved", person)
            self.has_approved = True
            self.last = person
            if opening["level"] == self.levels:
                self.end("approved", person)
            else:
                self.phase = "opening"

    def close(self, how, person):
        """A level is closed."""
        self.past.add(self.opening["opening"])
        self.log.append(("levelClosed", self.opening["level"], how, person))

    def end(self, state, person):
        """The case is over."""
        self.phase, self.state = "over", state
        self.log.append(("ended", state, person))
        if state in ("approved", "rejected", "expired"):
            self.messages.append(("Approval", "Approved" if state == "approved" else "Rejected"))

    def fault(self):
        """The case cannot go on."""
        self.phase, self.state = "over", "fault"
        self.log.append(("fault",))

    def time(self, now):
        """A timer fires, and the case's time is now this."""
        if self.phase != "asking":
            return
        over = [at for at in self.reminders if at <= now]
        if now >= seconds(self.opening["due"]):
            self.phase = "escalating"
        elif over:
            self.log.append(("reminded", self.opening["level"], frozenset(self.turn())))
            self.reminders = [at for at in self.reminders if at > now]

    def answer(self, answer):
        """``OpenLevel`` answers, while the case is open."""
        for one in answer["skipped"]:
            self.log.append(("skipped", one["level"]))
        opening, outcome, before = answer["opening"], answer["outcome"], self.phase
        if opening:
            self.run = self.run or opening["opening"]
            if before != "escalating":
                self.votes, self.targets = {}, {}
                self.log.append(("opened", opening["level"]))
            self.opening, self.reminders = opening, [seconds(at) for at in opening["reminders"]]
        if outcome in ("opened", "escalated"):
            self.phase = "asking"
            if opening["target"]:
                self.log.append(("escalated", opening["level"], opening["target"]["id"]))
                self.messages.append(("Escalation", opening["target"]["name"]))
        elif outcome == "over" and self.has_approved:
            self.end("approved", self.last)
        elif outcome == "expired":
            if before == "escalating" or opening:
                self.close("expired", None)
            self.end("expired", None)
        else:
            self.fault()


def told(record):
    """A record in the words of ``Oracle.log``, without the lines about unsealed events."""
    return [one for one in map(_told, record) if one is not None]


def _told(entry):
    what = entry["what"]
    by = entry["by"]["id"] if entry.get("by") else None
    return {
        "submitted": lambda: ("submitted",),
        "opened": lambda: ("opened", entry["opening"]["level"]),
        "skipped": lambda: ("skipped", entry["level"]),
        "act": lambda: ("act", entry["act"]["id"], entry["verdict"]),
        "reminded": lambda: ("reminded", entry["level"], frozenset(entry["to"])),
        "escalated": lambda: ("escalated", entry["level"], entry["opening"]["target"]["id"]),
        "levelClosed": lambda: ("levelClosed", entry["level"], entry["is"], by),
        "ended": lambda: ("ended", entry["state"], by),
        "fault": lambda: ("fault",),
        "unsealed": lambda: None,
    }[what]()
