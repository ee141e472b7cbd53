"""What each page shows, one dataclass a page: words where the wording needs a rule, values where it does not.

One long file: the one who writes a template finds all shapes in one place.

1. A view is complete: its template asks nobody, and decides only how things look.
2. Texts of people stay as they are; the template escapes them.
3. ``hidden`` are the hidden fields of a form that changes something: ``token``, ``idempotency`` and what the act names.
   Forms that only lead to another page use GET and have none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from web.words import Time

Hidden = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page.

    Attributes:
        house: whose rules these are.
        person: the name of who is signed in; None for nobody, then there is no navigation.
        token: that of the session, for the form that ends it.
        waiting: how many cases wait for this person; None if it was not looked up.
        here: where in the navigation: ``inbox``, ``submit``, ``policies``, ``outbox``, or nowhere.
        outbox: whether there is an outbox to look at.
        zone: in whose time the page is.
        note: what to know before all else; nothing on most pages.
    """

    house: str
    person: str | None = None
    token: str = ""
    waiting: int | None = None
    here: str = ""
    outbox: bool = False
    zone: str = "UTC"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its words."""

    href: str
    words: str


@dataclass(frozen=True, slots=True)
class FormProblem:
    """An entry of the summary of what is wrong in a form: the id of the field, and the words beside it too."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several answers."""

    value: str
    label: str
    hint: str = ""
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a form.

    Attributes:
        name: of the input; its id is the same with ``-`` for ``.``.
        kind: ``line``, ``prose``, ``money``, ``whole``, ``day``, ``link``, ``one of``, or ``some of``.
        prefix: a sign before what is typed, such as ``£``.
        error: what is wrong with it, as in the summary.
    """

    name: str
    kind: str
    label: str
    hint: str = ""
    value: str = ""
    choices: tuple[Choice, ...] = ()
    prefix: str = ""
    optional: bool = False
    error: str = ""

    @property
    def id(self) -> str:
        """The id that labels and the summary's links name; of a group of choices, that of its first."""
        return self.name.replace(".", "-")


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a list of facts.

    Attributes:
        change: the id of the field that a *Change* button leads back to; empty for none.
        href: where the value leads, an https link; empty for none.
    """

    label: str
    value: str
    change: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """A document, kept where it is."""

    name: str
    url: str
    sha256: str

    @property
    def href(self) -> str:
        """Its link; empty if that is no https link, which only an input that is not of our making has."""
        return self.url if self.url[:8].lower() == "https://" else ""


@dataclass(frozen=True, slots=True)
class CaseState:
    """How a case is: a code for the look, and the word that says the same.

    Attributes:
        code: ``waiting``, ``mine``, ``approved``, ``rejected``, ``expired``, ``withdrawn`` or ``fault``.
    """

    code: str
    word: str


@dataclass(frozen=True, slots=True)
class PathStep:
    """One level on the way of a case.

    Attributes:
        code: ``done``, ``here``, ``ahead``, ``skipped`` or ``ended``.
        word: the same in words, such as ``approved`` or ``now``.
        lines: who and when, and why.
    """

    name: str
    code: str
    word: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened.

    Attributes:
        code: ``done`` for what people did, ``system`` for what followed by itself.
        comment: in the person's own words.
        notes: more sentences, each on a line.
    """

    code: str
    words: str
    at: Time
    comment: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Banner:
    """What has just been done: one sentence in large letters, then lines."""

    words: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecideForm:
    """The form that leads to the page where a decision is confirmed; it records nothing.

    Attributes:
        action: an address of ours, for GET.
        asks: ``revision``, ``level`` and ``opening`` of what is decided on.
        acts: what the person may do here, most usual first.
        because: why this person is asked.
    """

    action: str
    asks: Hidden
    acts: tuple[Choice, ...]
    because: str = ""


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Who are you? Local runs only: everybody of the directory is on it."""

    TEMPLATE: ClassVar[str] = "sign_in.html"

    frame: Frame
    people: tuple[Choice, ...]
    action: str = "/sign-in"
    hidden: Hidden = field(default_factory=dict)
    problems: tuple[FormProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list."""

    href: str
    title: str
    author: str
    due: Time | None
    is_late: bool = False
    amount: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class InboxPage:
    """What waits for the one who reads, soonest first.

    Attributes:
        heading: ``3 wait for you``.
        last: what this person did last.
        decided: what this browser has just decided, which the list leaves out.
        more: how many are not shown.
    """

    TEMPLATE: ClassVar[str] = "inbox.html"

    frame: Frame
    heading: str
    rows: tuple[CaseRow, ...] = ()
    last: str = ""
    decided: tuple[Link, ...] = ()
    more: str = ""
    mine: tuple[CaseRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentQuestions:
    """The three questions about one document."""

    number: int
    fields: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class SubmitPage:
    """The fields of a proposal.

    Attributes:
        policies: where it says how proposals are decided on.
        colleagues: who else may have worked on it; None where that is not asked.
    """

    TEMPLATE: ClassVar[str] = "submit.html"

    frame: Frame
    fields: tuple[Question, ...]
    hidden: Hidden
    documents: tuple[DocumentQuestions, ...] = ()
    may_add_document: bool = True
    colleagues: Question | None = None
    problems: tuple[FormProblem, ...] = ()
    action: str = "/submit/check"
    policies: Link | None = None


@dataclass(frozen=True, slots=True)
class CheckPage:
    """The answers of the form, and who will decide by when, before anything is sent.

    Attributes:
        kept: the answers again, as hidden fields, name and value.
        left_out: who is not asked, and why.
    """

    TEMPLATE: ClassVar[str] = "check.html"

    frame: Frame
    policy: str
    facts: tuple[Fact, ...]
    path: tuple[PathStep, ...]
    hidden: Hidden
    kept: tuple[tuple[str, str], ...]
    documents: tuple[DocumentLink, ...] = ()
    left_out: tuple[str, ...] = ()
    action: str = "/submit"
    change: str = "/submit/change"


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case.

    Attributes:
        sentence: whose turn it is, since when, and what happens if nobody acts.
        decide: the form, if it is the reader's turn.
        quote: what was written with the act that ended the case.
        mine: why the reader is not asked, or what this person did here.
        withdraw: an address, where the reader may.
        unseen: how many entries are left out between the first and the last ones.
        trouble: what we are still trying; empty if all is well.
    """

    TEMPLATE: ClassVar[str] = "case.html"

    frame: Frame
    id: str
    title: str
    state: CaseState
    author: str
    sentence: str
    facts: tuple[Fact, ...] = ()
    amount: str = ""
    summary: str = ""
    revision: int | None = None
    banner: Banner | None = None
    decide: DecideForm | None = None
    quote: str = ""
    mine: str = ""
    withdraw: str = ""
    documents: tuple[DocumentLink, ...] = ()
    policy: Link | None = None
    path: tuple[PathStep, ...] = ()
    entries: tuple[TimelineEntry, ...] = ()
    unseen: int = 0
    unseen_after: int = 0
    trouble: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class DecidePage:
    """What is decided on, and the question alone."""

    TEMPLATE: ClassVar[str] = "decide.html"

    frame: Frame
    id: str
    title: str
    facts: tuple[Fact, ...]
    decide: DecideForm
    problems: tuple[FormProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """The last look before an act is recorded.

    Attributes:
        sentence: ``You approve revision 1 of Mill Lane bridge, £80,000.00, as Noor Haddad.``
        follows: what happens then.
        comment: the question for a comment; its ``optional`` says whether it may stay empty.
        button: ``Approve now``.
    """

    TEMPLATE: ClassVar[str] = "confirm.html"

    frame: Frame
    id: str
    heading: str
    sentence: str
    action: str
    hidden: Hidden
    button: str
    back: str
    comment: Question | None = None
    follows: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    problems: tuple[FormProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy in the list, with the proposals that take it."""

    href: str
    title: str
    when: str
    levels: str


@dataclass(frozen=True, slots=True)
class PoliciesPage:
    """Which proposal is decided how."""

    TEMPLATE: ClassVar[str] = "policies.html"

    frame: Frame
    rows: tuple[PolicyRow, ...]
    digest: str = ""


@dataclass(frozen=True, slots=True)
class LevelWords:
    """One level in words: what is said of it, line by line."""

    number: int
    name: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What would happen to a proposal with the numbers that were given."""

    words: str
    path: tuple[PathStep, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """How is this decided? In words, and on the reader's own numbers."""

    TEMPLATE: ClassVar[str] = "policy.html"

    frame: Frame
    name: str
    title: str
    facts: tuple[Fact, ...]
    levels: tuple[LevelWords, ...]
    fields: tuple[Question, ...] = ()
    tried: Tried | None = None
    problems: tuple[FormProblem, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of a mail's text; with an address, it is a link."""

    words: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class OutboxMail:
    """A mail that would have gone out."""

    to: str
    subject: str
    at: Time
    parts: tuple[TextPart, ...]


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """The mails of a local run, newest first."""

    TEMPLATE: ClassVar[str] = "outbox.html"

    frame: Frame
    mails: tuple[OutboxMail, ...] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class StatePage:
    """A page that says what is the matter, and what to do now.

    Attributes:
        status: of the answer.
        reference: what to name when asking for help.
    """

    TEMPLATE: ClassVar[str] = "notice.html"

    frame: Frame
    status: int
    heading: str
    lines: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    reference: str = ""


Page = (
    SignInPage
    | InboxPage
    | SubmitPage
    | CheckPage
    | CasePage
    | DecidePage
    | ConfirmPage
    | PoliciesPage
    | PolicyPage
    | OutboxPage
    | StatePage
)
