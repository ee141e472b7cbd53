"""Pages of one case: look, decide, confirm, withdraw.

1. A GET records nothing. What is recorded comes by POST from the page that says what will be recorded.
2. The form has an id of its own: sent twice, it is one act.
3. Without a policy file the same addresses show the cases of one level, as the API does.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from adapters import directory
from approval.acts import Kind, Verdict
from approval.errors import InvalidFields
from approval.json_values import JsonValue
from approval.sentence import sentence
from functions import scan
from functions.acting import act, visible_case
from functions.answers import shown
from functions.page_answers import Answer, Visitor, see
from functions.previewing import way
from service.act_body import read_act_body
from service.act_errors import ActIncomplete
from service.case_reading import GenuineCase, cut_off, names_in
from web import case_pages, states
from web.addresses import query_of
from web.forms import Form
from web.just_done import SUBMIT, JustDone, cookie_of
from web.views import Banner

CHOOSE = "Choose what you decide."


async def look(visitor: Visitor) -> Answer:
    """The case: whose turn it is, and the form if it is the reader's."""
    own_id = visitor.case_id
    case = await visible_case(visitor.engine, own_id, visitor.signed.person_id)
    levels = () if cut_off(case) else way(case)
    view = shown(case, visitor.signed.person_id, levels)
    return case_pages.case_page(
        view,
        case.record,
        levels,
        case.submission.policy.fields.values(),
        visitor.reader,
        visitor.frame(),
        sentence=_sentence(case, view, visitor),
        banner=_banner(visitor, view),
    )


async def decide(visitor: Visitor) -> Answer:
    """The question alone; leads to the case where there is none for the reader."""
    return await _question(visitor, visitor.case_id)


async def confirm(visitor: Visitor) -> Answer:
    """What will be recorded, and by POST the recording of it."""
    own_id = visitor.case_id
    form = visitor.form if visitor.is_sending else query_of(visitor.request.url)
    kind = _kind(form)
    if kind is None:
        return await _question(visitor, own_id, CHOOSE)
    if visitor.is_sending:
        return await _acted(visitor, own_id, kind)
    return await _confirm(visitor, own_id, kind, form)


async def confirm_again(visitor: Visitor) -> Answer:
    """The page to confirm, with what was written; nothing is recorded."""
    kind = _kind(visitor.form)
    if kind is None:
        return await _question(visitor, visitor.case_id, CHOOSE)
    return await _confirm(visitor, visitor.case_id, kind, visitor.form)


async def withdraw(visitor: Visitor) -> Answer:
    """The last look before a proposal is withdrawn, and by POST the withdrawal."""
    own_id = visitor.case_id
    if visitor.is_sending:
        return await _acted(visitor, own_id, Kind.WITHDRAW)
    return await withdraw_again(visitor)


async def withdraw_again(visitor: Visitor) -> Answer:
    """The page to withdraw, with what was written; nothing is recorded."""
    case, frame = await visible_case(visitor.engine, visitor.case_id, visitor.signed.person_id), visitor.frame()
    view = shown(case, visitor.signed.person_id)
    if Kind.WITHDRAW not in view["mine"]["may"]:
        return see(case_pages.address(view))
    comment = visitor.form.one("comment")
    return case_pages.confirm_page(view, Kind.WITHDRAW, frame, _hidden(frame.token), comment=comment)


async def _question(visitor: Visitor, own_id: str, problem: str = "") -> Answer:
    case = await visible_case(visitor.engine, own_id, visitor.signed.person_id)
    view = shown(case, visitor.signed.person_id)
    if not case_pages.votes_of(view):
        return see(case_pages.address(view))
    return case_pages.decide_page(view, visitor.frame(), problem)


async def _confirm(visitor: Visitor, own_id: str, kind: Kind, asked: Form) -> Answer:
    frame = visitor.frame()
    case = await visible_case(visitor.engine, own_id, visitor.signed.person_id)
    view = shown(case, visitor.signed.person_id)
    if kind not in case_pages.votes_of(view):
        return see(case_pages.address(view))
    opening = asked.one("opening")
    if opening and opening != view["mine"]["opening"]:
        return states.too_old(frame, case.id)
    return case_pages.confirm_page(
        view,
        kind,
        frame,
        _hidden(frame.token),
        rejection_ends=_rejection_ends(case, view),
        comment=visitor.form.one("comment"),
    )


async def _acted(visitor: Visitor, own_id: str, kind: Kind) -> Answer:
    """The act, as the API takes it; back to the page that confirms if the comment is at fault."""
    form, person = visitor.form, visitor.signed.person_id
    sent: dict[str, JsonValue] = {"act": str(kind), "revision": _number(form.one("revision"))}
    if kind is not Kind.WITHDRAW:
        sent |= {"level": _number(form.one("level")), "opening": form.one("opening") or None}
    if comment := form.one("comment").strip():
        sent["comment"] = comment
    try:
        done = await act(
            visitor.engine, own_id, visitor.signed, read_act_body(sent), sent, form.one("idempotency") or None
        )
    except (InvalidFields, ActIncomplete) as error:
        case = await visible_case(visitor.engine, own_id, person)
        view = shown(case, person)
        if kind not in view["mine"]["may"]:
            raise
        hidden = {"token": form.one("token"), "idempotency": secrets.token_hex(16)}
        return case_pages.confirm_page(
            view,
            kind,
            visitor.frame(),
            hidden,
            rejection_ends=_rejection_ends(case, view),
            comment=form.one("comment"),
            problem=_problem(error),
        )
    if done.verdict is not Verdict.COUNTS:
        return states.not_known_yet(visitor.frame(), done.case.id)
    level = done.act["level"] or 0
    scan.forget()
    return see(f"/proposals/{done.case.id}", cookie_of(JustDone(done.case.id, level, kind, person), visitor.done))


def _problem(error: InvalidFields | ActIncomplete) -> str:
    if isinstance(error, ActIncomplete):
        return error.detail if "abstain" in error.detail else "Say why, in a few words."
    return next((entry.detail for entry in error.entries if entry.field == "comment"), error.detail)


def _banner(visitor: Visitor, view: Mapping[str, Any]) -> Banner | None:
    """What this browser has just done to this case."""
    done = next((each for each in visitor.done if each.case == view["id"]), None)
    if done is None:
        return None
    return case_pages.submitted(view, visitor.reader) if done.act == SUBMIT else case_pages.did(done.act)


def _sentence(case: GenuineCase, view: Mapping[str, Any], visitor: Visitor) -> str:
    """Whose turn it is and what happens then, in the reader's zone."""
    if "state" not in case.status or cut_off(case):
        return str(view["turn"]["sentence"])
    names = {person.id: person.name for person in directory.people().values()} | names_in(case)
    return sentence(case.status, names, visitor.reader.zone, visitor.reader.label)


def _rejection_ends(case: GenuineCase, view: dict[str, object]) -> bool:
    mine = view["mine"]
    assert isinstance(mine, dict)
    levels = case.submission.policy.levels_given
    return not mine["level"] or levels[mine["level"] - 1].get("rejection") != "counts"


def _hidden(token: str) -> dict[str, str]:
    return {"token": token, "idempotency": secrets.token_hex(16)}


def _kind(form: Form) -> Kind | None:
    return next((each for each in case_pages.VOTES if each == form.one("act")), None)


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else text  # noqa: PLR2004
