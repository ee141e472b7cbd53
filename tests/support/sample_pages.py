# ruff: noqa: E501, RUF001 - the texts of samples stay on one line, in the letters that people write
"""Every page of the app as it looks in the county's example, by name; for tests, and to be looked at."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from places import ROOT

from approval.errors import FieldError
from approval.policy.file import read
from approval.typed_proposal import read_typed
from web import states
from web.forms import Form
from web.rules import policy_list, policy_page
from web.submission import (
    colleagues,
    document_fields,
    documents_of,
    facts_of,
    facts_to_check,
    form_fields,
    problems_of,
    proposal_body,
    rule_fields,
)
from web.timeline import ends_of, timeline
from web.views import (
    Banner,
    CasePage,
    CaseRow,
    CaseState,
    CheckPage,
    Choice,
    ConfirmPage,
    DecideForm,
    DecidePage,
    Fact,
    FormProblem,
    Frame,
    InboxPage,
    Link,
    OutboxMail,
    OutboxPage,
    PathStep,
    Question,
    SignInPage,
    SubmitPage,
    TextPart,
    Tried,
)
from web.words import Reader, money_of

COUNTY = read((Path(ROOT) / "examples/policies/county.toml").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
READER = Reader(NOW, ZoneInfo(COUNTY.zone), ZoneInfo(COUNTY.zone))
RULES = tuple(COUNTY.fields.values())
CASE = "P-7K3M9QXV"
HIDDEN = {"token": "Im5vb3Ii.sample", "idempotency": "5f1f0c2e9b7d4a6f8c3e1d2b4a69788c"}
ASKS = {"revision": "1", "level": "1", "opening": "9f2c41d0a7b34c5e8f60718293a4b5c6"}


def frame(name="Noor Haddad", waiting=3, here="", **more):
    """What surrounds a page for somebody who is signed in."""
    return Frame(COUNTY.name, name, HIDDEN["token"], waiting, here, outbox=True, zone="London", **more)


NOBODY = Frame(COUNTY.name, zone="London")
PEOPLE = tuple(Choice(person.id, person.name, person.title or "") for person in COUNTY.people.values())
ANSWERS = Form(
    (
        ("title", "Mill Lane bridge: new deck, bearings and railings"),
        ("fields.kind", "structure"),
        ("fields.amount", "£80,000"),
        ("fields.category", "2"),
        ("fields.departure", "no"),
        (
            "summary",
            "The deck of 1934 has lost a third of its section.\n\nWe replace deck, bearings and railings in one closure of six weeks, after the school year.",
        ),
        ("attachments.1.name", "B-0417 general arrangement.pdf"),
        ("attachments.1.url", "https://files.county.example/structures/B-0417/general-arrangement.pdf"),
        ("attachments.1.sha256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    )
)
WRONG = Form(
    (
        ("title", ""),
        ("fields.amount", "1.850"),
        ("fields.category", "many"),
        ("fields.departure", "no"),
        ("summary", "New deck."),
        ("attachments.1.name", "drawings.pdf"),
        ("attachments.1.url", "file:///drawings.pdf"),
        ("attachments.1.sha256", ""),
    )
)
ERRORS = (
    FieldError("title", "empty", "It is empty. Give the proposal a title of 1 to 200 characters on one line."),
    FieldError("fields.kind", "missing", "It is missing. Choose scheme or structure."),
    FieldError(
        "fields.amount",
        "ambiguous",
        "Character 2 is “.” (U+002E FULL STOP), and it could part thousands or begin "
        'decimals. Write "1850" if it parts thousands, or "1.85" if it begins decimals.',
    ),
    FieldError("fields.category", "not-a-number", "It is no whole number."),
    FieldError("attachments[0].url", "not-an-https-link", "It does not begin with https://."),
)
VALUES = {"kind": "structure", "amount": "80000.00", "category": 2, "departure": False}
SENTENCE = (
    "With Noor Haddad or Ruth Pemberton since Wed 25 Nov 10:02. Reminder Wed 2 Dec 10:02. "
    "If nobody decides by Sat 5 Dec 10:02 it goes to Jo Lindqvist, then it is rejected."
)
PATH = (
    PathStep("Technical approval", "here", "now", ("Noor Haddad or Ruth Pemberton", "by Sat 5 Dec 10:02")),
    PathStep(
        "Line of authority", "ahead", "then", ("Ruth Pemberton, whose limit of £100,000.00 covers it", "within 5 days")
    ),
    PathStep("Finance", "ahead", "then", ("Pat Keane or Sam Osei", "within 3 days")),
)
PATH_TO_CHECK = (
    PathStep(
        "Technical approval",
        "ahead",
        "first",
        ("Noor Haddad or Ruth Pemberton", "by Sat 5 Dec 10:02", "If nobody decides, it goes to Jo Lindqvist."),
    ),
    PathStep(
        "Line of authority", "ahead", "then", ("Ruth Pemberton, whose limit of £100,000.00 covers it", "within 5 days")
    ),
    PathStep("Finance", "ahead", "then", ("Pat Keane or Sam Osei", "within 3 days")),
)
PATH_DONE = (
    PathStep("Technical approval", "done", "approved", ("Noor Haddad, Thu 26 Nov 09:12",)),
    PathStep("Line of authority", "done", "approved", ("Ruth Pemberton, Thu 26 Nov 15:40",)),
    PathStep("Finance", "skipped", "skipped", ("amount is at most 50,000 GBP",)),
)
PATH_REJECTED = (
    PathStep("Technical approval", "done", "approved", ("Noor Haddad, Thu 26 Nov 09:12",)),
    PathStep("Line of authority", "ended", "rejected", ("Ruth Pemberton, Thu 26 Nov 15:40",)),
    PathStep("Finance", "skipped", "not reached"),
)


def _opening(level, name, asked, *, left=(), target=None, need=1):
    names = {each: COUNTY.people[each].name for each in asked}
    return {
        "level": level,
        "name": name,
        "opening": "9f2c",
        "escalation": 1 if target else 0,
        "openedAt": "2026-11-25T10:02:00Z",
        "due": "2026-12-05T10:02:00Z",
        "reminders": ["2026-12-02T10:02:00Z"],
        "groups": [{"because": "group", "asked": list(asked), "need": need}],
        "leftOut": [{"person": each, "name": COUNTY.people[each].name, "why": "wrote it"} for each in left],
        "names": names,
        "target": target and {"id": target, "name": COUNTY.people[target].name},
        "rejection": "ends",
        "abstain": False,
        "comment": ["reject"],
        "then": {"to": {"id": "amir", "name": "Amir Shah"}},
    }


def _act(person, act, comment=None):
    return {
        "id": "b7c1aa",
        "act": act,
        "by": {"id": person, "name": COUNTY.people[person].name, "for": None},
        "proof": {"how": "local", "at": "2026-11-26T09:12:00Z"},
        "case": CASE,
        "revision": 1,
        "run": "9f2c",
        "level": 1,
        "opening": "9f2c",
        "comment": comment,
    }


RECORD = (
    {
        "n": 1,
        "move": 1,
        "at": "2026-11-25T10:02:00Z",
        "what": "submitted",
        "by": {"id": "dana", "name": "Dana Okafor"},
        "how": "local",
    },
    {
        "n": 2,
        "move": 1,
        "at": "2026-11-25T10:02:00Z",
        "what": "opened",
        "opening": _opening(1, "Technical approval", ("noor", "ruth")),
    },
)
RECORD_DONE = (
    *RECORD,
    {"n": 3, "move": 2, "at": "2026-11-25T18:00:00Z", "what": "unsealed", "count": 2},
    {
        "n": 4,
        "move": 3,
        "at": "2026-11-26T09:12:00Z",
        "what": "act",
        "verdict": "counts",
        "act": _act(
            "noor", "approve", "Good. The data sheets of the bearings are still to come, before the order goes out."
        ),
    },
    {
        "n": 5,
        "move": 3,
        "at": "2026-11-26T09:12:00Z",
        "what": "levelClosed",
        "level": 1,
        "name": "Technical approval",
        "is": "approved",
        "by": {"id": "noor", "name": "Noor Haddad"},
    },
    {
        "n": 6,
        "move": 3,
        "at": "2026-11-26T09:12:00Z",
        "what": "opened",
        "opening": _opening(2, "Line of authority", ("eli",), left=("dana",)),
    },
    {"n": 7, "move": 4, "at": "2026-11-26T12:00:00Z", "what": "reminded", "level": 2, "to": ["eli"]},
    {
        "n": 8,
        "move": 5,
        "at": "2026-11-26T13:12:00Z",
        "what": "escalated",
        "level": 2,
        "why": "time is over",
        "opening": _opening(2, "Line of authority", ("eli",), target="ruth"),
    },
    {
        "n": 9,
        "move": 6,
        "at": "2026-11-26T15:40:00Z",
        "what": "act",
        "verdict": "counts",
        "act": _act("ruth", "approve"),
    },
    {
        "n": 10,
        "move": 6,
        "at": "2026-11-26T15:40:00Z",
        "what": "levelClosed",
        "level": 2,
        "name": "Line of authority",
        "is": "approved",
        "by": {"id": "ruth", "name": "Ruth Pemberton"},
    },
    {
        "n": 11,
        "move": 6,
        "at": "2026-11-26T15:40:00Z",
        "what": "skipped",
        "level": 3,
        "name": "Finance",
        "why": "amount is at most 50,000 GBP",
    },
    {"n": 12, "move": 6, "at": "2026-11-26T15:40:00Z", "what": "ended", "state": "approved"},
    {"n": 13, "move": 7, "at": "2026-11-26T15:41:00Z", "what": "act", "verdict": "late", "act": _act("sam", "approve")},
)
LONG = "Extraordinarily" + "long" * 30 + "word"


def case(**changes):
    """Noor's view of a case that waits for her, with these changes."""
    body = proposal_body(ANSWERS, RULES)
    entries, unseen, after = ends_of(timeline(changes.pop("record", RECORD), READER))
    values = {
        "frame": frame(),
        "id": CASE,
        "title": body["title"],
        "state": CaseState("mine", "Waits for you"),
        "author": "Dana Okafor",
        "sentence": SENTENCE,
        "facts": facts_of(VALUES, RULES),
        "amount": money_of("80000.00 GBP"),
        "summary": body["summary"],
        "revision": 1,
        "documents": documents_of(body["attachments"]),
        "decide": DecideForm(
            f"/proposals/{CASE}/confirm",
            ASKS,
            (Choice("approve", "Approve"), Choice("reject", "Reject")),
            "You are asked as one of the group technical-approval.",
        ),
        "policy": Link("/policies/structures", "How structures of category 1 to 3 are decided"),
        "path": PATH,
        "entries": entries,
        "unseen": unseen,
        "unseen_after": after,
    }
    return CasePage(**(values | changes))


def rows():
    """Three cases that wait, one of them late."""
    return (
        CaseRow(
            f"/proposals/{CASE}",
            "Quay Street resurfacing",
            "Dana Okafor",
            READER.due(NOW - timedelta(hours=3)),
            is_late=True,
            amount="£48,200.00",
            why="It was escalated to you.",
        ),
        CaseRow(
            f"/proposals/{CASE}",
            "Mill Lane bridge: new deck, bearings and railings",
            "Dana Okafor",
            READER.due(NOW + timedelta(hours=26)),
            amount="£80,000.00",
        ),
        CaseRow(
            f"/proposals/{CASE}",
            "Footbridge at Oxley Weir",
            "Eli Marsh",
            READER.due(NOW + timedelta(days=8)),
            amount="£1,250,000.00",
        ),
    )


def _submit(form, errors=(), **more):
    by_field, problems = problems_of(errors, RULES, form)
    staff = tuple(each for each in PEOPLE if each.value != "dana")
    return SubmitPage(
        frame("Dana Okafor", 0, "submit"),
        form_fields(form, RULES, by_field),
        HIDDEN,
        document_fields(form, by_field),
        colleagues=colleagues(form, staff, by_field),
        problems=problems,
        policies=Link("/policies", "How proposals are decided"),
        **more,
    )


def _schema_one():
    facts = (Fact("Asked", "Manager"), Fact("Due", "Fri 27 Nov 09:30"), Fact("Then", "It goes to Head of department."))
    by = Frame("Design approval", "Morgan Manager", HIDDEN["token"], 1, outbox=True, zone="UTC")
    return CasePage(
        by,
        "P-6NSV0Y8C3T4M1Z7K2Q9RBXWHJD",
        "Refurbishment of the Mill Lane bridge (B-0417)",
        CaseState("mine", "Waits for you"),
        "Dana Okafor <dana.okafor@county.example>",
        "Manager is asked to approve or reject it. If nobody decides by Fri 27 Nov 09:30, it goes to Head of department.",
        facts,
        "€1,850,000.00",
        decide=DecideForm(
            "/proposals/P-6NSV0Y8C3T4M1Z7K2Q9RBXWHJD/confirm",
            {"revision": "1"},
            (Choice("approve", "Approve"), Choice("reject", "Reject")),
        ),
        note="This case was started without a policy file. It has no record; what is known of it is here.",
    )


def _confirm(act, **more):
    said = {"approve": ("Approve", "approve", "Approve now"), "reject": ("Reject", "reject", "Reject now")}[act]
    comment = {
        "approve": Question(
            "comment", "prose", "Comment", "Dana Okafor and whoever decides next read it.", optional=True
        ),
        "reject": Question("comment", "prose", "Why do you reject it?", "Dana Okafor reads it."),
    }[act]
    values = {
        "frame": frame(),
        "id": CASE,
        "heading": f"{said[0]} this?",
        "sentence": f"You {said[1]} revision 1 of Mill Lane bridge: new deck, bearings and railings, £80,000.00, as Noor Haddad.",
        "action": f"/proposals/{CASE}/confirm",
        "hidden": HIDDEN | ASKS | {"case": CASE, "act": act},
        "button": said[2],
        "back": f"/proposals/{CASE}",
        "comment": comment,
        "follows": ("Then Line of authority is asked.",) if act == "approve" else ("This ends the case as rejected.",),
    }
    return ConfirmPage(**(values | more))


def _withdraw():
    return ConfirmPage(
        frame("Dana Okafor", 0),
        CASE,
        "Withdraw this proposal?",
        "You withdraw revision 1 of Mill Lane bridge: new deck, bearings and railings, £80,000.00, as Dana Okafor.",
        f"/proposals/{CASE}/withdraw",
        HIDDEN | {"case": CASE, "revision": "1", "act": "withdraw"},
        "Withdraw now",
        f"/proposals/{CASE}",
        Question("comment", "prose", "Comment", "Those who are asked now read it.", optional=True),
        ("Nobody decides on it any more, and that cannot be undone. Those who are asked now are told.",),
    )


def _policy(tried=None, problems=()):
    policy = COUNTY.policies["structures"]
    form = (
        Form(
            (
                ("fields.kind", "structure"),
                ("fields.amount", "60000"),
                ("fields.category", "2"),
                ("fields.departure", "yes"),
            )
        )
        if tried
        else Form()
    )
    return policy_page(
        COUNTY,
        policy,
        frame(here="policies"),
        fields=rule_fields(form, RULES, {}),
        tried=tried,
        problems=problems,
        digest="sha256:3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    )


def _mails():
    link = f"http://localhost:7071/proposals/{CASE}"
    text = "Dana Okafor asks you to decide on Mill Lane bridge, £80,000.00.\n\nDecide by Sat 5 Dec 10:02:\n"
    parts = (
        TextPart(text),
        TextPart(link, f"/proposals/{CASE}"),
        TextPart("\n\nYou are asked as one of the group technical-approval.\n"),
    )
    asked = OutboxMail(
        "noor@county.example",
        "Please decide: Mill Lane bridge, £80,000.00",
        READER.time(NOW - timedelta(days=2)),
        parts,
    )
    done = OutboxMail("dana@county.example", "Approved: Mill Lane bridge", READER.time(NOW - timedelta(days=1)), parts)
    return done, asked


def pages():
    """Each page by its name."""
    decided = "Pat Keane approved it on Thu 26 Nov 15:40."
    reject_wrong = Question(
        "comment",
        "prose",
        "Why do you reject it?",
        "Dana Okafor reads it.",
        error="Why do you reject it? Say it in a few words.",
    )
    return {
        "sign-in": SignInPage(NOBODY, PEOPLE, hidden={"next": f"/proposals/{CASE}"}),
        "sign-in-problem": SignInPage(
            NOBODY, PEOPLE, hidden={"next": "/"}, problems=(FormProblem("person", "Choose who you are."),)
        ),
        "inbox": InboxPage(
            frame(here="inbox"),
            "3 wait for you",
            rows(),
            "Last: you approved Station Road culvert on Thu 26 Nov 15:40.",
        ),
        "inbox-decided": InboxPage(
            frame(here="inbox", waiting=2),
            "2 wait for you",
            rows()[1:],
            decided=(Link(f"/proposals/{CASE}", "You approved Quay Street resurfacing."),),
        ),
        "inbox-nothing": InboxPage(
            frame(here="inbox", waiting=0),
            "Nothing waits for you",
            last="Last: you approved Mill Lane bridge on Thu 26 Nov 09:12.",
        ),
        "inbox-author": InboxPage(
            frame("Dana Okafor", 0, "inbox"),
            "Nothing waits for you",
            mine=(
                CaseRow(
                    f"/proposals/{CASE}",
                    "Mill Lane bridge: new deck, bearings and railings",
                    "With Noor Haddad or Ruth Pemberton",
                    READER.due(NOW + timedelta(days=8)),
                    amount="£80,000.00",
                ),
            ),
        ),
        "submit": _submit(Form()),
        "submit-filled": _submit(ANSWERS),
        "submit-problems": _submit(WRONG, ERRORS),
        "check": CheckPage(
            frame("Dana Okafor", 0, "submit"),
            "Structure, category 1 to 3",
            facts_to_check(read_typed(proposal_body(ANSWERS, RULES), COUNTY, "dana"), RULES),
            PATH_TO_CHECK,
            HIDDEN,
            tuple(ANSWERS.pairs),
            documents_of(proposal_body(ANSWERS, RULES)["attachments"]),
            ("Dana Okafor is not asked: wrote it.",),
        ),
        "done": case(
            frame=frame("Dana Okafor", 0),
            state=CaseState("waiting", "With approvers"),
            decide=None,
            withdraw=f"/proposals/{CASE}/withdraw",
            mine="You wrote it, so you are not asked.",
            banner=Banner(
                f"Submitted as {CASE}",
                (
                    "Noor Haddad and Ruth Pemberton are being told now.",
                    "By Sat 5 Dec 10:02 you will have an answer, or hear who has it next.",
                ),
            ),
        ),
        "case-mine": case(),
        "case-abstain": case(
            decide=DecideForm(
                f"/proposals/{CASE}/confirm",
                ASKS,
                (Choice("approve", "Approve"), Choice("reject", "Reject"), Choice("abstain", "Abstain")),
                "You are asked as one of the group technical-approval.",
            )
        ),
        "case-decided-by-me": case(
            state=CaseState("waiting", "With approvers"),
            decide=None,
            banner=Banner("You approved it", ("Your answer counts. Line of authority is asked now.",)),
            sentence="With Ruth Pemberton since Thu 26 Nov 09:12. If nobody decides by Tue 1 Dec 09:12 it goes to Amir Shah.",
        ),
        "case-approved": case(
            state=CaseState("approved", "Approved"),
            decide=None,
            sentence="Approved by Ruth Pemberton on Thu 26 Nov 15:40.",
            path=PATH_DONE,
            record=RECORD_DONE,
        ),
        "case-rejected": case(
            state=CaseState("rejected", "Rejected"),
            decide=None,
            sentence="Rejected by Ruth Pemberton on Thu 26 Nov 15:40.",
            path=PATH_REJECTED,
        ),
        "case-withdrawn": case(
            state=CaseState("withdrawn", "Withdrawn"),
            decide=None,
            sentence="Dana Okafor withdrew it on Thu 26 Nov 15:40.",
        ),
        "case-expired": case(
            state=CaseState("expired", "Expired"),
            decide=None,
            sentence="Nobody decided by Sat 5 Dec 10:02, so it counts as rejected.",
        ),
        "case-trouble": case(
            state=CaseState("waiting", "With approvers"),
            decide=None,
            sentence="We are working out who is asked.",
            trouble="That has failed twice, and we try again at Fri 27 Nov 09:34. Nothing is lost.",
        ),
        "case-plain": _schema_one(),
        "case-hostile": case(
            title=f"<script>alert(1)</script> \u2068עברית\u2069 {LONG}",
            author="<b>Eli</b> & \"Co\" 'x'",
            summary="</textarea><img src=x onerror=alert(1)>\n" + LONG * 5,
        ),
        "decide": DecidePage(
            frame(),
            CASE,
            "Mill Lane bridge",
            (Fact("Revision", "1"), Fact("Whole cost", "£80,000.00"), Fact("Author", "Dana Okafor")),
            DecideForm(
                f"/proposals/{CASE}/confirm",
                ASKS,
                (
                    Choice("approve", "Approve"),
                    Choice("reject", "Reject", "You are asked why on the next page."),
                    Choice("abstain", "Abstain", "You leave it to the others."),
                ),
            ),
        ),
        "decide-problem": DecidePage(
            frame(),
            CASE,
            "Mill Lane bridge",
            (Fact("Revision", "1"), Fact("Whole cost", "£80,000.00")),
            DecideForm(f"/proposals/{CASE}/confirm", ASKS, (Choice("approve", "Approve"), Choice("reject", "Reject"))),
            (FormProblem("act", "Choose what you decide."),),
        ),
        "confirm-approve": _confirm("approve"),
        "confirm-reject": _confirm("reject"),
        "confirm-problem": _confirm(
            "reject", comment=reject_wrong, problems=(FormProblem("comment", reject_wrong.error),)
        ),
        "withdraw": _withdraw(),
        "policies": policy_list(
            COUNTY, frame(here="policies"), "sha256:3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        ),
        "policy": _policy(),
        "policy-tried": _policy(
            Tried(
                "A structure of £60,000.00 by Noor Haddad takes this policy.",
                PATH_TO_CHECK,
                ("Noor Haddad is not asked: wrote it.",),
            )
        ),
        "outbox": OutboxPage(frame(here="outbox"), _mails()),
        "outbox-empty": OutboxPage(frame(here="outbox")),
        "already-decided": states.already_decided(frame(), CASE, decided),
        "repeated": states.repeated(frame(), CASE, "You approved it on Thu 26 Nov 15:40."),
        "too-old": states.too_old(frame(), CASE),
        "too-early": states.too_early(frame(), CASE),
        "not-yours": states.not_yours(frame(), CASE, "Pat Keane or Sam Osei is asked."),
        "own-case": states.own_case(frame(), CASE),
        "not-known-yet": states.not_known_yet(frame(), CASE),
        "not-found": states.not_found(frame()),
        "not-signed-in": states.not_signed_in(NOBODY, "/sign-in?next=/inbox"),
        "no-sign-in": states.no_sign_in(NOBODY),
        "refused-form": states.refused_form(frame()),
        "unreadable-form": states.unreadable_form(frame(), "It is larger than 64 KB. Shorten the texts."),
        "setting-missing": states.setting_missing(frame(), "SEAL_KEY"),
        "setting-unfit": states.setting_unfit(frame(), "SEAL_KEY", "It is not 32 bytes in Base64."),
        "our-fault": states.our_fault(frame(), "4f1c9e7a"),
    }
