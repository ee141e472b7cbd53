"""Pages beside those of a case: inbox, sign-in, policies, outbox, and the files that pages are drawn with."""

import azure.functions as func

from adapters import directory, identity, mail, settings
from approval.errors import InvalidFields
from approval.policy.model import Policy, PolicyFile
from functions import scan
from functions.page_answers import Answer, Visitor, html, nobodys_frame, sign_in_page
from functions.previewing import preview
from service.act_errors import PolicyUnknown
from service.errors import InvalidSetting, MissingSetting
from service.policy_view import BUILT_IN
from web import one_level, states, views
from web.addresses import query_of
from web.case_pages import tried_out
from web.forms import Form
from web.lists import inbox_page, last_decided
from web.outbox import text_parts
from web.rules import policy_list, policy_page
from web.static_files import FOREVER, static_file
from web.submission import problems_of, proposal_body, rule_fields

MOST_MAILS = 30
_TRIED = "Tried out"


async def inbox(visitor: Visitor) -> Answer:
    """What waits for the one who reads, and what this person has submitted."""
    person, reader = visitor.person.id, visitor.reader
    names = {each.id: each.name for each in directory.people().values()}
    cases = (await scan.open_cases(visitor.engine)).value
    last = last_decided(cases, person, reader)
    written = cases.written_by(person)
    return inbox_page(visitor.inbox, written, names, reader, visitor.frame("inbox"), visitor.done, last)


def sign_in(req: func.HttpRequest) -> func.HttpResponse:
    """Everybody of the directory, to be chosen from; local runs only."""
    if not identity.sign_in_is_on(req.headers):
        return html(states.no_sign_in(nobodys_frame()))
    return html(sign_in_page(identity.local_path(query_of(req.url).one("next"))))


async def policies(visitor: Visitor) -> Answer:
    """Which proposal is decided how."""
    file, frame = directory.policy_file(), visitor.frame("policies")
    if file is None:
        return one_level.policies_page(settings.company_policy(), frame)
    return policy_list(file, frame, directory.digest())


async def policy(visitor: Visitor) -> Answer:
    """How is this decided? In words, and on the reader's own numbers."""
    file, frame, name = directory.policy_file(), visitor.frame("policies"), visitor.request.route_params["name"]
    if file is None:
        if name != BUILT_IN:
            raise PolicyUnknown
        return one_level.policy_page(settings.company_policy(), frame)
    if name not in file.policies:
        raise PolicyUnknown
    return _policy(visitor, file, file.policies[name], query_of(visitor.request.url))


async def outbox(visitor: Visitor) -> Answer:
    """The mails that would have gone out; only where they go into a folder of this machine."""
    folder = settings.outbox()
    if folder is None or not identity.sign_in_is_on(visitor.request.headers):
        return states.not_found(visitor.frame())
    mails = mail.kept(folder, MOST_MAILS + 1)
    shown = tuple(
        views.OutboxMail(each.to, each.subject, visitor.reader.time(each.at), text_parts(each.text, _base_url()))
        for each in mails[:MOST_MAILS]
    )
    more = "Older ones are in the folder." if len(mails) > MOST_MAILS else ""
    return views.OutboxPage(visitor.frame("outbox"), shown, more)


def static(req: func.HttpRequest) -> func.HttpResponse:
    """A file that pages are drawn with; its name has the digest of its content."""
    found = static_file(req.route_params["file"])
    if found is None:
        return html(states.not_found(nobodys_frame()))
    # As a header, since the host adds a charset to each mimetype that is a text.
    headers = {"Content-Type": found.kind, "Cache-Control": FOREVER, "X-Content-Type-Options": "nosniff"}
    return func.HttpResponse(found.content, headers=headers)


def _policy(visitor: Visitor, file: PolicyFile, policy: Policy, asked: Form) -> views.PolicyPage:
    """The policy, and what would happen to a proposal with the numbers of the query."""
    frame, digest, rules = visitor.frame("policies"), directory.digest(), tuple(file.fields.values())
    if not visitor.person.submits:
        return policy_page(file, policy, frame, digest=digest)
    answers = Form(tuple(pair for pair in asked.pairs if pair[0].startswith("fields.")))
    if not asked.one("try"):
        return policy_page(file, policy, frame, fields=rule_fields(answers, rules, {}), digest=digest)
    try:
        found = preview({**proposal_body(answers, rules), "title": _TRIED}, file, visitor.signed)
    except InvalidFields as error:
        by_field, problems = problems_of(error.entries, rules, answers)
        fields = rule_fields(answers, rules, by_field)
        return policy_page(file, policy, frame, fields=fields, problems=problems, digest=digest)
    tried = tried_out(found.proposal.policy, policy, found.levels, visitor.reader)
    return policy_page(file, policy, frame, fields=rule_fields(answers, rules, {}), tried=tried, digest=digest)


def _base_url() -> str:
    try:
        return settings.public_base_url()
    except (InvalidSetting, MissingSetting):
        return ""
