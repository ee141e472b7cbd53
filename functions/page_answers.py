"""What all pages have in common: who reads, what surrounds a page, and a page for everything that can be the matter.

1. A page is for somebody who is signed in; everybody else is led to the sign-in and back. The sign-in alone is not.
2. A POST comes from a page of ours, with the token of its session, or nothing happens. A form that was opened in
   another session of the same browser is shown again with all that was written, to be sent from there.
3. Every refusal is a page that says what is the matter. An error that nobody has thought of is one too, and is logged.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import azure.functions as func

from adapters import directory, identity, logs, settings
from adapters.engine import Engine
from adapters.identity import Signed
from approval.errors import InvalidFields
from approval.instants import read
from approval.policy.model import Person
from functions import scan
from functions.problems import log_refusal
from service.act_errors import (
    ActEarly,
    ActLate,
    ActNotYours,
    ActOnOwnCase,
    ActRefused,
    ActRepeated,
    ActStale,
    CaseUnknown,
    EngineSilent,
    PolicyUnknown,
)
from service.errors import (
    ForeignOrigin,
    FormOutOfDate,
    InvalidSetting,
    KeyReused,
    MissingSetting,
    NoSignIn,
    NotSignedIn,
    NotStarted,
    ServiceError,
)
from service.forms import read_pairs
from service.inbox import OpenCase
from service.problems import REFUSALS
from web import states
from web.addresses import path_of, sign_in
from web.forms import Form
from web.just_done import JustDone, just_done
from web.lists import still_waiting
from web.render import HEADERS, render
from web.views import Choice, FormProblem, Frame, Page, SignInPage, StatePage
from web.words import Reader, place_of

SERVICE = "Design approval"
_FORBIDDEN = 403
SENT_AGAIN = (
    "You have signed in again since you opened this form, so nothing was recorded. All that you wrote is still here: "
    "look at it, and send it again."
)
Answer = Page | func.HttpResponse


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for a page, and what was sent with it.

    Attributes:
        request: as it was sent.
        signed: the session.
        person: of the directory.
        reader: in whose zone the page is.
        inbox: what waits for this person; empty too where it could not be looked up.
        done: what this browser has just done.
        form: the fields of a POST; none of a GET.
        is_out_of_date: the form is of another session, so that it is only shown again.
    """

    request: func.HttpRequest
    signed: Signed
    person: Person
    reader: Reader
    engine: Engine
    inbox: tuple[OpenCase, ...]
    done: tuple[JustDone, ...]
    form: Form
    is_out_of_date: bool = False

    @property
    def is_sending(self) -> bool:
        """Whether a form was sent, and not only looked at."""
        return bool(self.request.method == "POST")

    @property
    def case_id(self) -> str:
        """What the address has for the id of a case."""
        return str(self.request.route_params["id"])

    def frame(self, here: str = "") -> Frame:
        """What surrounds a page at this place of the navigation."""
        return Frame(
            house(),
            self.person.name,
            identity.form_token(self.signed),
            len(self.inbox),
            here,
            outbox=settings.outbox() is not None and directory.policy_file() is not None,
            zone=place_of(self.reader.zone),
            note=SENT_AGAIN if self.is_out_of_date else "",
        )


Work = Callable[[Visitor], Awaitable[Answer]]


async def for_person(req: func.HttpRequest, engine: Engine, work: Work, again: Work | None = None) -> func.HttpResponse:
    """The page that the work makes for the one who is signed in, or the page that says why there is none.

    Args:
        req: of a page.
        engine: the instances of this app.
        work: makes the page, or records what was sent.
        again: shows what was sent, and records nothing, where it was sent from a form of another session.
    """
    visitor: Visitor | None = None
    try:
        signed = identity.person_of(req.headers)
        if signed is None:
            return _to_sign_in(req)
        visitor = await _visitor(req, engine, signed, shows_again=again is not None)
        answer = await (again if again and visitor.is_out_of_date else work)(visitor)
    except REFUSALS as error:
        log_refusal(error)
        answer = page_of(error, _frame(visitor), visitor.reader if visitor else None, req.route_params.get("id", ""))
    except Exception as error:  # noqa: BLE001 - a person gets a page, whatever it is
        logs.log_event("pageFailed", cause=logs.cause_of(error))
        answer = states.our_fault(_frame(visitor))
    if isinstance(answer, func.HttpResponse):
        return answer
    return html(answer, _FORBIDDEN if visitor and visitor.is_out_of_date else None)


def html(page: Page, status: int | None = None) -> func.HttpResponse:
    """The answer that is this page."""
    default = page.status if isinstance(page, StatePage) else 422 if getattr(page, "problems", ()) else 200
    return func.HttpResponse(
        render(page), status_code=status or default, headers=dict(HEADERS), mimetype="text/html", charset="utf-8"
    )


def see(path: str, cookie: str = "") -> func.HttpResponse:
    """303 to a path of ours, so that nothing is sent again when the page is loaded again."""
    headers = {**HEADERS, "Location": path, **({"Set-Cookie": cookie} if cookie else {})}
    return func.HttpResponse(b"", status_code=303, headers=headers)


def house() -> str:
    """Whose rules are in force."""
    file = directory.policy_file()
    return file.name if file else SERVICE


def nobodys_frame() -> Frame:
    """What surrounds a page for somebody who is not signed in."""
    return Frame(house(), zone=place_of(directory.zone_of()))


def sign_in_page(then: str, problem: str = "") -> SignInPage:
    """Everybody of the directory, to be chosen from; leads on to a path of ours."""
    people = tuple(Choice(person.id, person.name, person.title or "") for person in directory.people().values())
    problems = (FormProblem("person", problem),) if problem else ()
    return SignInPage(nobodys_frame(), people, hidden={"next": then}, problems=problems)


def page_of(
    error: ServiceError | InvalidFields, frame: Frame, reader: Reader | None = None, case: str = ""
) -> StatePage:
    """The page that says what is the matter; ``case`` is the id in the address, if there is one."""
    if isinstance(error, ActRefused):
        return _refused_act(error, frame, reader, case)
    if isinstance(error, MissingSetting):
        return states.setting_missing(frame, error.setting)
    if isinstance(error, InvalidSetting):
        return states.setting_unfit(frame, error.setting, error.reason)
    if isinstance(error, KeyReused):
        return states.sent_before(frame, error.instance_id)
    made = next((make for kinds, make in _PAGES if isinstance(error, kinds)), None)
    return made(frame) if made else states.unreadable_form(frame, error.detail)


_PAGES: tuple[tuple[tuple[type[Exception], ...], Callable[[Frame], StatePage]], ...] = (
    ((CaseUnknown, PolicyUnknown), states.not_found),
    ((ForeignOrigin, FormOutOfDate), states.refused_form),
    ((NotSignedIn,), lambda frame: states.not_signed_in(frame, sign_in("/inbox"))),
    ((NoSignIn,), states.no_sign_in),
    ((EngineSilent, NotStarted), states.engine_silent),
)


def _frame(visitor: Visitor | None) -> Frame:
    return visitor.frame() if visitor else nobodys_frame()


def _refused_act(error: ActRefused, frame: Frame, reader: Reader | None, case: str) -> StatePage:
    match error:
        case ActLate():
            return states.already_decided(frame, case, _decided(error, reader))
        case ActRepeated():
            return states.repeated(frame, case, error.detail)
        case ActStale():
            return states.too_old(frame, case)
        case ActEarly():
            return states.too_early(frame, case)
        case ActOnOwnCase():
            return states.own_case(frame, case)
        case ActNotYours():
            return states.not_yours(frame, case, error.detail)
    return states.unreadable_form(frame, error.detail)


def _decided(error: ActRefused, reader: Reader | None) -> str:
    """Who decided what and when, in the reader's zone."""
    decided = error.decided
    if decided is None or reader is None:
        return error.detail
    at = f" on {reader.time(read(decided.at))}" if decided.at else ""
    return f"{decided.name} has {decided.outcome} it{at}." if decided.name else f"It was {decided.in_words}{at}."


def _to_sign_in(req: func.HttpRequest) -> func.HttpResponse:
    if not identity.sign_in_is_on(req.headers):
        return html(states.no_sign_in(nobodys_frame()))
    then = path_of(req.url)
    if req.method in {"GET", "HEAD"}:
        return see(sign_in(then))
    return html(states.not_signed_in(nobodys_frame(), sign_in(then)))


async def _visitor(req: func.HttpRequest, engine: Engine, signed: Signed, *, shows_again: bool) -> Visitor:
    form, is_out_of_date = Form(), False
    if req.method == "POST":
        identity.check_origin(req.headers)
        form = Form(read_pairs(req.get_body(), req.headers.get("Content-Type")))
        try:
            identity.check_form(signed, form.one("token"))
        except FormOutOfDate:
            if not shows_again:
                raise
            is_out_of_date = True
    done = just_done(req.headers.get("Cookie", ""), signed.person_id)
    reader = Reader(datetime.now(UTC), directory.zone_of(signed.person_id), directory.zone_of())
    try:
        rows = (await scan.open_cases(engine)).value.rows(signed.person_id)
    except EngineSilent:
        rows = []
    inbox = tuple(still_waiting(rows, done))
    person = directory.people()[signed.person_id]
    return Visitor(req, signed, person, reader, engine, inbox, done, form, is_out_of_date)
