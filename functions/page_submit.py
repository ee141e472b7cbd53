"""Submitting in a browser: the form, the page to check it, and the submission.

1. Nothing is kept between the pages but in the form itself; nothing is started before the last one.
2. The form has an id of its own: sent twice, it is one case. It is made with the empty form and goes along.
3. The page to check answers a POST, as it carries the whole form; it changes nothing.
"""

import asyncio
import secrets
from typing import Any

from adapters import directory, settings
from adapters.engine import Engine
from approval.errors import FieldError, InvalidFields
from approval.proposal import read_proposal
from functions import scan
from functions.instances import looked
from functions.page_answers import Answer, Visitor, see
from functions.previewing import preview
from functions.submitting import submit
from web import states, submission, views
from web.case_pages import left_out, path_steps
from web.forms import Form
from web.just_done import SUBMIT, JustDone, cookie_of
from web.one_level import check_path

_LOOKS, _PAUSE_S = 20, 0.1
OWN = ("token", "idempotency", "go")


async def submitting(visitor: Visitor) -> Answer:
    """The empty form, and by POST the submission; leads to the new case."""
    if not visitor.person.submits:
        return states.submits_nothing(visitor.frame("submit"))
    if not visitor.is_sending:
        return _form(visitor, Form())
    form = visitor.form
    try:
        found = await submit(visitor.engine, _body(form), form.one("idempotency") or None, visitor.signed)
    except InvalidFields as error:
        return _form(visitor, form, error.entries)
    await _opened(visitor.engine, found.case_id)
    scan.forget()
    return see(
        f"/proposals/{found.case_id}",
        cookie_of(JustDone(found.case_id, 0, SUBMIT, visitor.person.id), visitor.done),
    )


async def check(visitor: Visitor) -> Answer:
    """The answers, and who decides by when; the form again if something is wrong."""
    if not visitor.is_sending:
        return see("/submit")
    form = visitor.form
    try:
        return _check(visitor, form)
    except InvalidFields as error:
        return _form(visitor, form, error.entries)


async def change(visitor: Visitor) -> Answer:
    """The form with its answers, and with one document more or less if that was asked for."""
    if not visitor.is_sending:
        return see("/submit")
    go = visitor.form.one("go")
    if go == "add" and submission.may_add_document(visitor.form):
        return _form(visitor, submission.with_another_document(visitor.form))
    if go.startswith("drop-"):
        return _form(visitor, submission.without_document(visitor.form, go.removeprefix("drop-")))
    return _form(visitor, visitor.form)


async def _opened(engine: Engine, case_id: str) -> None:
    """Wait until the case has made its first turn, but not for long: the next page says who is asked."""
    for _ in range(_LOOKS):
        answer = await looked(engine, case_id)
        status = answer.get("customStatus") if answer else None
        if isinstance(status, dict) and (status.get("run") or status.get("stage")):
            return
        await asyncio.sleep(_PAUSE_S)


def _form(visitor: Visitor, form: Form, errors: tuple[FieldError, ...] = ()) -> views.SubmitPage:
    file = directory.policy_file()
    rules = tuple(file.fields.values()) if file else ()
    by_field, problems = submission.problems_of(errors, rules, form)
    frame = visitor.frame("submit")
    own = {"token": frame.token, "idempotency": form.one("idempotency") or secrets.token_hex(16)}
    answers = Form(tuple(form.but(*OWN)))
    return views.SubmitPage(
        frame,
        submission.form_fields(answers, rules, by_field)
        if file
        else submission.built_in_fields(answers, by_field, settings.company_policy().timeout),
        own,
        submission.document_fields(answers, by_field),
        submission.may_add_document(answers),
        submission.colleagues(answers, _others(visitor), by_field) if file else None,
        problems,
        policies=views.Link("/policies", "How proposals are decided"),
    )


def _check(visitor: Visitor, form: Form) -> views.CheckPage:
    """The page to check.

    Raises:
        InvalidFields: something in the form is refused.
    """
    file, frame = directory.policy_file(), visitor.frame("submit")
    own = {"token": frame.token, "idempotency": form.one("idempotency")}
    kept = tuple(form.but(*OWN))
    body = _body(form)
    documents = submission.documents_of(body.get("attachments"))
    if file is None:
        sent, company = read_proposal({**body, "author": visitor.person.name}), settings.company_policy()
        steps = check_path(sent.policy.over(company) if sent.policy else company, visitor.reader)
        return views.CheckPage(frame, "One level", submission.built_in_facts(body), steps, own, kept, documents)
    found = preview(body, file, visitor.signed)
    facts = submission.facts_to_check(found.proposal, file.fields.values())
    steps = path_steps(found.levels, visitor.reader, is_preview=True)
    title = found.proposal.policy.title
    return views.CheckPage(frame, title, facts, steps, own, kept, documents, left_out(found.levels))


def _body(form: Form) -> dict[str, Any]:
    file = directory.policy_file()
    return submission.proposal_body(form, file.fields.values()) if file else submission.built_in_body(form)


def _others(visitor: Visitor) -> tuple[views.Choice, ...]:
    people = directory.people().values()
    return tuple(views.Choice(each.id, each.name, each.title or "") for each in people if each.id != visitor.person.id)
