"""Pages of one case: what the API shows of it, in words, and with the form of who is asked.

``shown`` is the answer of ``GET /api/proposals/{id}`` (``service.case_view``), so a page never says anything else than
the API does, and draws a button only for what ``mine.may`` names.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from approval.acts import MOST_COMMENT, Kind, Verdict
from approval.forecast import LevelIs, LevelOnPath
from approval.instants import read
from approval.opening import Group, Opening
from approval.policy.fields import Field as Rule
from approval.policy.model import ALL, Policy
from approval.record import What
from approval.review.transitions import CaseStage
from web.submission import documents_of, facts_of
from web.timeline import ends_of, timeline
from web.views import (
    Banner,
    CasePage,
    CaseState,
    Choice,
    ConfirmPage,
    DecideForm,
    DecidePage,
    Fact,
    FormProblem,
    Frame,
    Hidden,
    Link,
    PathStep,
    Question,
    Tried,
)
from web.words import Reader, joined, money_of

VOTES = (Kind.APPROVE, Kind.REJECT, Kind.ABSTAIN)
_LABELS = {Kind.APPROVE: "Approve", Kind.REJECT: "Reject", Kind.ABSTAIN: "Abstain", Kind.WITHDRAW: "Withdraw"}
_HINTS = {Kind.ABSTAIN: "You leave it to the others."}
_DOES = {
    Kind.APPROVE: "approve",
    Kind.REJECT: "reject",
    Kind.ABSTAIN: "abstain from deciding on",
    Kind.WITHDRAW: "withdraw",
}
_DID = {Kind.APPROVE: "approved", Kind.REJECT: "rejected", Kind.ABSTAIN: "abstained on", Kind.WITHDRAW: "withdrew"}
_STATES = {
    "with approvers": CaseState("waiting", "With approvers"),
    "approved": CaseState("approved", "Approved"),
    "rejected": CaseState("rejected", "Rejected"),
    "expired": CaseState("expired", "Expired"),
    "withdrawn": CaseState("withdrawn", "Withdrawn"),
    "stopped": CaseState("fault", "Stopped"),
}
_FAULT = CaseState("fault", "Ended by a fault")
_WHYS = {"time is over": "nobody decided in time", "abstentions": "too many abstained"}
_MINE = CaseState("mine", "Waits for you")


def address(shown: Mapping[str, Any], page: str = "") -> str:
    """Where the case, or a page of it, is: ``/proposals/P-7K3M9QXV/confirm``."""
    return f"/proposals/{shown['id']}{page and '/'}{page}"


def votes_of(shown: Mapping[str, Any]) -> list[Kind]:
    """The votes that the reader may give now, most usual first."""
    return [each for each in VOTES if each in shown["mine"]["may"]]


def case_page(
    shown: Mapping[str, Any],
    record: Sequence[Mapping[str, Any]],
    levels: Sequence[LevelOnPath],
    rules: Iterable[Rule],
    reader: Reader,
    frame: Frame,
    *,
    sentence: str,
    banner: Banner | None = None,
) -> CasePage:
    """The page of a case.

    Args:
        shown: see above.
        record: of the case.
        levels: of its path.
        rules: the fields of its policy, as they were frozen.
        reader: who reads.
        frame: of the page.
        sentence: whose turn it is, in the reader's zone.
        banner: what has just been done.
    """
    votes = votes_of(shown)
    entries, unseen, after = ends_of(timeline(record, reader))
    may_withdraw = Kind.WITHDRAW in shown["mine"]["may"]
    policy = shown["policy"]
    return CasePage(
        frame,
        shown["id"],
        shown["title"],
        _MINE if votes else _STATES.get(shown["state"], _FAULT),
        shown["author"]["name"],
        sentence,
        facts=_facts(shown, rules),
        amount=money_of(shown["amount"]) or "",
        summary=shown["summary"] or "",
        revision=shown["revision"],
        banner=banner,
        decide=decide_form(shown) if votes else None,
        quote="" if votes else _last_words(shown, record),
        mine="" if votes else _mine(shown),
        withdraw=address(shown, "withdraw") if may_withdraw else "",
        documents=documents_of(shown["attachments"]),
        policy=Link(f"/policies/{policy['name']}", f"How it is decided: {policy['title']}"),
        path=path_steps(levels, reader) or shown_steps(shown["path"], reader),
        entries=entries,
        unseen=unseen,
        unseen_after=after,
    )


def decide_form(shown: Mapping[str, Any]) -> DecideForm:
    """The form that leads to the confirmation, for what the reader may do."""
    because = shown["mine"]["because"]
    return DecideForm(
        address(shown, "confirm"),
        _asks(shown),
        tuple(Choice(each, _LABELS[each], _HINTS.get(each, "")) for each in votes_of(shown)),
        f"Why you are asked: {because}." if because else "",
    )


def decide_page(shown: Mapping[str, Any], frame: Frame, problem: str = "") -> DecidePage:
    """The question alone; with a problem where it was sent without an answer."""
    facts = [Fact("Revision", str(shown["revision"])), Fact("Author", shown["author"]["name"])]
    if shown["amount"]:
        facts.append(Fact("Amount", money_of(shown["amount"]) or ""))
    problems = (FormProblem("act", problem),) if problem else ()
    return DecidePage(frame, shown["id"], shown["title"], tuple(facts), decide_form(shown), problems)


def confirm_page(
    shown: Mapping[str, Any],
    act: Kind,
    frame: Frame,
    hidden: Hidden,
    *,
    rejection_ends: bool = True,
    comment: str = "",
    problem: str = "",
) -> ConfirmPage:
    """The last look before an act is recorded.

    Args:
        shown: the case.
        act: what is confirmed.
        frame: of the page, with the name of who acts.
        hidden: the form's token and its own id.
        rejection_ends: one rejection ends the case.
        comment: as it was written before.
        problem: what is wrong with it.
    """
    amount = money_of(shown["amount"])
    about = f"revision {shown['revision']} of {shown['title']}{f', {amount}' if amount else ''}"
    needed = act in shown["mine"].get("comment", ())
    author = shown["author"]["name"]
    label, reads = ("Comment", f"{author} and those who decide read it.")
    if needed:
        label = {Kind.APPROVE: "Why do you approve it?", Kind.REJECT: "Why do you reject it?"}.get(act, "Why?")
    elif act is Kind.WITHDRAW:
        reads = "Those who are asked now read it."
    ask = Question(
        "comment",
        "prose",
        label,
        f"{reads} At most {MOST_COMMENT:,} characters.",
        comment,
        error=problem,
        optional=not needed,
    )
    return ConfirmPage(
        frame,
        shown["id"],
        {Kind.WITHDRAW: "Withdraw this proposal?"}.get(act, f"{_LABELS[act]}: are you sure?"),
        f"You {_DOES[act]} {about}, as {frame.person}.",
        address(shown, "withdraw" if act is Kind.WITHDRAW else "confirm"),
        {
            **hidden,
            "case": shown["id"],
            "act": act,
            **({"revision": str(shown["revision"])} if act is Kind.WITHDRAW else _asks(shown)),
        },
        f"{_LABELS[act]} now",
        address(shown),
        ask,
        tuple(_follows(shown, act, rejection_ends=rejection_ends)),
        problems=(FormProblem("comment", problem),) if problem else (),
    )


def submitted(shown: Mapping[str, Any], reader: Reader) -> Banner:
    """What the reader has just submitted: its id, who hears of it, and by when there is an answer.

    One that is closed by now has the answer on the same page, so that none is promised.
    """
    turn = shown["turn"] or {}
    names = [each["name"] for each in turn.get("with") or ()]
    lines = ["You will hear when it is decided."] if shown["state"] == CaseStage.WITH_APPROVERS.shown else []
    if names and turn.get("due"):
        lines = [
            f"{joined(names)} {'is' if len(names) == 1 else 'are'} being told now.",
            f"By {reader.time(read(turn['due']))} you will have an answer, or hear who has it next.",
        ]
    return Banner(f"Submitted as {shown['id']}", tuple(lines))


def did(act: str) -> Banner:
    """What the reader has just done, above the case as it is now."""
    words = {"abstain": "You have abstained", "withdraw": "You have withdrawn it"}.get(
        act, f"You have {_DID[Kind(act)]} it"
    )
    line = "Nobody decides on it any more." if act == Kind.WITHDRAW else "Your answer counts."
    return Banner(words, (line,))


def path_steps(levels: Iterable[LevelOnPath], reader: Reader, *, is_preview: bool = False) -> tuple[PathStep, ...]:
    """The levels of a case, or of one that could be submitted: ``approval.forecast``."""
    return tuple(_step(level, reader, is_preview=is_preview) for level in levels)


def tried_out(taken: Policy, looked_at: Policy, levels: Sequence[LevelOnPath], reader: Reader) -> Tried:
    """What would happen to a proposal that was tried out on the page of a policy."""
    words = (
        "Such a proposal takes this policy."
        if taken.name == looked_at.name
        else f"Such a proposal takes {taken.title}."
    )
    return Tried(words, path_steps(levels, reader, is_preview=True), left_out(levels))


def shown_steps(path: Iterable[Mapping[str, Any]], reader: Reader) -> tuple[PathStep, ...]:
    """The levels as the API shows them where nothing can be foreseen: of one level, or of a case that was cut off."""
    return tuple(_shown_step(step, reader) for step in path)


def _shown_step(step: Mapping[str, Any], reader: Reader) -> PathStep:
    is_here, by, at = step["is"] == "here", step.get("by"), step.get("at")
    outcome = str(step.get("outcome") or step["is"])
    code = "here" if is_here else "done" if outcome == "approved" else "ended" if at else "ahead"
    who = [by["name"]] if by else [joined([each["name"] for each in step["with"]], "or")] if step["with"] else []
    when = (
        [f"by {reader.time(read(step['due']))}"]
        if is_here and step.get("due")
        else [reader.time(read(at)).words]
        if at
        else []
    )
    return PathStep(step["level"], code, "now" if is_here else "later" if code == "ahead" else outcome, (*who, *when))


def left_out(levels: Iterable[LevelOnPath]) -> tuple[str, ...]:
    """Who is not asked, and why; each once."""
    found = (
        f"{left.who.name} is not asked: {left.why}" for each in levels if each.opening for left in each.opening.left_out
    )
    return tuple(dict.fromkeys(found))


def _step(level: LevelOnPath, reader: Reader, *, is_preview: bool) -> PathStep:
    if level.is_at is LevelIs.DONE:
        code = "done" if level.outcome == "approved" else "ended"
        return PathStep(level.name, code, level.outcome or "done", tuple(_how_it_ended(level, reader)))
    if level.is_at is LevelIs.SKIPPED or level.opening is None:
        code = "skipped" if level.is_at is LevelIs.SKIPPED else "ended"
        return PathStep(level.name, code, "skipped" if code == "skipped" else "cannot open", _capitals(level.why))
    is_here = level.is_at is LevelIs.HERE
    lines = tuple(_who_and_when(level, level.opening, reader, is_preview=is_preview))
    return PathStep(level.name, "here" if is_here else "ahead", "now" if is_here else "later", lines)


def _how_it_ended(level: LevelOnPath, reader: Reader) -> Iterator[str]:
    when = reader.time(level.at).words if level.at else ""
    yield ", ".join(filter(None, (level.by.name if level.by else "", when)))


def _as(why: str | None) -> str:
    """Why a level has gone to somebody else, in the words that follow the name."""
    if not why:
        return ""
    return f", as {_WHYS[why]}" if why in _WHYS else f", as it was escalated: {why}"


def _who_and_when(level: LevelOnPath, opening: Opening, reader: Reader, *, is_preview: bool) -> Iterator[str]:
    if level.depends:
        yield f"{joined([person.name for person in level.turn], 'or')}, depending on who decides before"
    elif opening.target:
        yield f"{opening.target.name}{_as(level.why)}"
    else:
        for group in opening.groups:
            yield f"{people_in_words(group, opening)} ({group.because})"
    if level.turn or not is_preview:
        latest = "" if level.is_at is LevelIs.HERE else " at the latest"
        yield f"by {reader.time(opening.due)}{latest}"
    if is_preview and opening.then:
        yield f"If nobody decides, it goes to {opening.then.name}."


def people_in_words(group: Group, opening: Opening) -> str:
    """Who is asked, and how many of them are needed: ``Noor Haddad or Ruth Pemberton``, ``2 of Ana, Ben and Cy``."""
    people = [opening.names.get(each, each) for each in group.asked]
    need = len(people) if group.need == ALL else group.need
    if need >= len(people):
        return joined(people)
    return joined(people, "or") if need == 1 else f"{need} of {joined(people)}"


def _capitals(why: str | None) -> tuple[str, ...]:
    return (why[:1].upper() + why[1:],) if why else ()


def _last_words(shown: Mapping[str, Any], record: Sequence[Mapping[str, Any]]) -> str:
    """What was written with the act that ended the case; empty where it goes on, or nothing was."""
    if shown["state"] not in {"approved", "rejected", "withdrawn"}:
        return ""
    acts = [entry["act"] for entry in record if entry.get("what") == What.ACT and entry["verdict"] == Verdict.COUNTS]
    return str(acts[-1].get("comment") or "") if acts else ""


def _facts(shown: Mapping[str, Any], rules: Iterable[Rule]) -> tuple[Fact, ...]:
    facts = list(facts_of(shown["fields"], rules))
    if shown["contributors"]:
        facts.append(Fact("Worked on it", joined([each["name"] for each in shown["contributors"]])))
    return tuple(facts)


def _asks(shown: Mapping[str, Any]) -> Hidden:
    mine = shown["mine"]
    return {"revision": str(shown["revision"]), "level": str(mine["level"]), "opening": str(mine["opening"])}


def _mine(shown: Mapping[str, Any]) -> str:
    mine = shown["mine"]
    if Kind.WITHDRAW in mine["may"]:
        return "You wrote it, so others decide on it."
    why = mine["why"]
    return "" if why is None or why == "it is over" else f"{why[:1].upper()}{why[1:]}."


def _follows(shown: Mapping[str, Any], act: Kind, *, rejection_ends: bool) -> Iterable[str]:
    here = next((step["level"] for step in shown["path"] if step["is"] == "here"), "this level")
    after = next((step["level"] for step in shown["path"] if step["is"] == "ahead"), None)
    if act is Kind.WITHDRAW:
        yield "Nobody decides on it any more, and that cannot be undone. Those who are asked now are told."
    elif act is Kind.REJECT:
        yield "This ends the case as rejected." if rejection_ends else f"It counts against it at {here}."
    elif act is Kind.ABSTAIN:
        yield f"You leave {here} to the others who are asked."
    elif after:
        yield f"When {here} has all the approvals it needs, {after} comes next."
    else:
        yield f"When {here} has all the approvals it needs, the proposal is approved."
