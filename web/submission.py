"""The form of a proposal: the fields of the policy file as questions, and the answers as the body of a submission.

1. The rules of a proposal are not repeated here: the answers become the body of ``POST /api/proposals``, and its
   refusals become the problems of the form.
2. What people type is read as they mean it only where there is one meaning: ``£80,000`` is 80000, ``1.850`` is refused.
   The page to check shows the amount as it was read.
3. Nothing typed is lost: a form that comes back holds what was sent, to the character.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from approval.amount import decimals_of
from approval.errors import FieldError
from approval.parts import MOST_ATTACHMENTS, MOST_TITLE
from approval.policy.durations import TimeSpan, read_span
from approval.policy.fields import Field as Rule
from approval.policy.fields import FieldType
from approval.policy.values import hint
from approval.typed_proposal import TypedProposal
from web.forms import Form
from web.views import Choice, DocumentLink, DocumentQuestions, Fact, FormProblem, Question
from web.words import joined, money

_MOST_TICKED = 60  # boxes of people; a page stays small
_YES, _NO = "yes", "no"
_KINDS = {
    FieldType.TEXT: "line",
    FieldType.INTEGER: "whole",
    FieldType.MONEY: "money",
    FieldType.BOOLEAN: "one of",
    FieldType.CHOICE: "one of",
    FieldType.DATE: "day",
    FieldType.LINK: "link",
}
_LONG_TEXT = 200
# Longer than the original tutorial's 20 seconds, so that there is time to sign in as the one who decides.
_TIMES, _USUAL_TIME = ("PT20S", "PT1H", "P1D", "P5D"), "PT1H"
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,16}", re.ASCII)
_NUMBER = re.compile(r"attachments\.([1-9]\d?)\.\w+", re.ASCII)
_PLACE = re.compile(r"attachments\[(\d+)\](?:\.(\w+))?")
_PARTS = (
    ("name", "line", "Name of the file", ""),
    ("url", "link", "Link", "It begins with https://."),
    ("sha256", "line", "SHA-256", "64 letters and digits, as sha256sum prints them. They name this very version."),
)


def proposal_body(form: Form, rules: Iterable[Rule]) -> dict[str, Any]:
    """The body of a submission that these answers make.

    Example: ``{"title": "Mill Lane bridge", "summary": "New deck.", "fields": {"kind": "structure", "category": 2,
    "amount": "80000.00", "departure": false}, "attachments": [{"name": …, "url": …, "sha256": …}],
    "contributors": ["eli"]}``. What was left empty is not in it.
    """
    body: dict[str, Any] = {"title": form.one("title")}
    if form.one("summary").strip():
        body["summary"] = form.one("summary")
    fields = {rule.name: value for rule in rules if (value := _answer(rule, form.one(f"fields.{rule.name}"))) != ""}
    body["fields"] = fields
    attachments = [each for number in _numbers(form) if any((each := _document(form, number)).values())]
    if attachments:
        body["attachments"] = attachments
    named = (each.strip() for value in form.all("contributors") for each in value.split(","))
    if contributors := list(dict.fromkeys(filter(None, named))):
        body["contributors"] = contributors
    return body


def form_fields(form: Form, rules: Iterable[Rule], errors: Mapping[str, str]) -> tuple[Question, ...]:
    """The questions of the form, with what was answered; ``errors`` by field, as in the answer to a submission."""
    title = Question(
        "title", "line", "What is it called?", f"One line, at most {MOST_TITLE} characters. Approvers see it first.",
        form.one("title"), error=errors.get("title", ""),
    )  # fmt: skip
    summary = Question(
        "summary",
        "prose",
        "What is it about?",
        value=form.one("summary"),
        optional=True,
        error=errors.get("summary", ""),
    )
    return title, *rule_fields(form, rules, errors), summary


def rule_fields(form: Form, rules: Iterable[Rule], errors: Mapping[str, str]) -> tuple[Question, ...]:
    """The questions that the policy file asks; a default is answered already where nothing was sent."""
    return tuple(_field(rule, form, errors.get(f"fields.{rule.name}", "")) for rule in rules)


def document_fields(form: Form, errors: Mapping[str, str]) -> tuple[DocumentQuestions, ...]:
    """The questions about each document of the form."""
    filled = [number for number in _numbers(form) if any(_document(form, number).values())]
    return tuple(
        DocumentQuestions(
            place + 1,
            tuple(
                Question(
                    f"attachments.{place + 1}.{name}", kind, label, hint, form.one(f"attachments.{number}.{name}"),
                    error=errors.get(f"attachments[{filled.index(number)}].{name}", "") if number in filled else "",
                )
                for name, kind, label, hint in _PARTS
            ),
        )
        for place, number in enumerate(_numbers(form))
    )  # fmt: skip


def colleagues(form: Form, people: Sequence[Choice], errors: Mapping[str, str]) -> Question:
    """Who else has worked on it; they are not asked to decide."""
    found = next((words for where, words in errors.items() if where.startswith("contributors")), "")
    if len(people) > _MOST_TICKED:
        value, hint = (
            ", ".join(form.all("contributors")),
            "Their ids, with commas between. They are not asked to decide.",
        )
        return Question("contributors", "line", "Who worked on it?", hint, value, optional=True, error=found)
    chosen = set(form.all("contributors"))
    choices = tuple(Choice(each.value, each.label, each.hint, each.value in chosen) for each in people)
    hint = "They are not asked to decide on it."
    return Question("contributors", "some of", "Who worked on it?", hint, choices=choices, error=found)


def with_another_document(form: Form) -> Form:
    """The same answers, and questions about one more document."""
    number = max(_numbers(form), default=0) + 1
    more = tuple((f"attachments.{number}.{name}", "") for name, *_ in _PARTS)
    return Form((*form.but("go"), *more))


def without_document(form: Form, number: str) -> Form:
    """The same answers without those about one document."""
    return Form(tuple(pair for pair in form.but("go") if not pair[0].startswith(f"attachments.{number}.")))


def may_add_document(form: Form) -> bool:
    """Whether a proposal can have one more."""
    return len(_numbers(form)) < MOST_ATTACHMENTS


def problems_of(
    errors: Iterable[FieldError], rules: Iterable[Rule], form: Form
) -> tuple[dict[str, str], tuple[FormProblem, ...]]:
    """The refusals of a submission: by field, for the words beside it, and as the summary on top."""
    labels = {"title": "What is it called?", "summary": "What is it about?", "policy.timeout": "How long?"}
    labels |= {"amount": "What does it cost?", "currency": "In which currency?"}
    rules = tuple(rules)
    labels |= {f"fields.{rule.name}": rule.label for rule in rules}
    filled = [number for number in _numbers(form) if any(_document(form, number).values())]
    known = {"timeout", "contributors"} | {label.replace(".", "-") for label in labels}
    by_name = {f"fields.{rule.name}": rule for rule in rules}
    by_field: dict[str, str] = {}
    problems = []
    for error in errors:
        words = f"{_asked(labels.get(error.field, error.field))} {_in_short(error, by_name.get(error.field), form)}"
        target = "timeout" if error.field == "policy.timeout" else error.field.replace(".", "-")
        place = _PLACE.fullmatch(error.field)
        if place:
            number = filled[int(place[1])] if int(place[1]) < len(filled) else 0
            shown = _numbers(form).index(number) + 1 if number else 1
            part = place[2] or "name"
            label = next((label for name, _, label, _ in _PARTS if name == part), part)
            words, target = f"{label} of document {shown}: {error.detail}", f"attachments-{shown}-{part}"
        by_field[error.field] = words
        target = target.partition("[")[0]
        problems.append(FormProblem(target if target in known or place else "title", words))
    return by_field, tuple(problems)


def _asked(label: str) -> str:
    return label if label.endswith(("?", ":")) else f"{label}:"


def _in_short(error: FieldError, rule: Rule | None, form: Form) -> str:
    """A refusal as a person needs it who looks at the box; the API says more."""
    if error.code == "ambiguous":
        typed = form.one(error.field).strip()
        return f"“{typed}” could be two amounts. Write the digits alone, or a point and two decimals."
    if rule and rule.type is FieldType.BOOLEAN:
        return "Choose yes or no."
    if rule and rule.type is FieldType.CHOICE:
        return f"Choose {joined(rule.choices, 'or')}."
    if rule and error.code in {"not-an-amount", "missing", "empty"}:
        return hint(rule)
    for nothing in ("It is missing. ", "It is empty. "):
        if error.detail.startswith(nothing):
            return error.detail.removeprefix(nothing)
    return error.detail


def facts_to_check(proposal: TypedProposal, rules: Iterable[Rule]) -> tuple[Fact, ...]:
    """The answers as they were read, with the field that each is changed in."""
    facts = [Fact("What it is called", proposal.title, "title")]
    facts += facts_of(proposal.values, rules, change=True)
    facts.append(Fact("What it is about", proposal.summary or "Nothing said", "summary"))
    if proposal.contributors:
        facts.append(Fact("Worked on it", joined([each.name for each in proposal.contributors]), "contributors"))
    return tuple(facts)


def facts_of(values: Mapping[str, Any], rules: Iterable[Rule], *, change: bool = False) -> tuple[Fact, ...]:
    """The fields of a proposal by their labels; one that has no value is left out."""
    return tuple(
        Fact(
            rule.label.rstrip(":"),
            in_words(rule, values[rule.name]),
            f"fields-{rule.name}" if change else "",
            _link(rule, values[rule.name]),
        )
        for rule in rules
        if values.get(rule.name) is not None
    )


def built_in_fields(form: Form, errors: Mapping[str, str], usual: str) -> tuple[Question, ...]:
    """The questions where no policy file is in force; ``usual`` is the time to decide that the settings give."""
    title, summary = form_fields(form, (), errors)
    amount = Question(
        "amount",
        "money",
        "What does it cost?",
        "Digits, and a point before the decimals.",
        form.one("amount"),
        optional=True,
        error=errors.get("amount", ""),
    )
    currency = Question(
        "currency",
        "line",
        "In which currency?",
        "Three capital letters, such as GBP.",
        form.one("currency"),
        optional=True,
        error=errors.get("currency", ""),
    )
    times = [usual, *(each for each in _TIMES if each != usual)]
    chosen = form.one("timeout") or _USUAL_TIME
    choices = tuple(Choice(each, time_in_words(each), checked=each == chosen) for each in times)
    timeout = Question(
        "timeout",
        "one of",
        "How long may the decision take?",
        "When the time is over, it goes to somebody else.",
        choices=choices,
        error=errors.get("policy.timeout", ""),
    )
    return title, amount, currency, summary, timeout


def time_in_words(timeout: str) -> str:
    """``20 seconds`` for ``PT20S``."""
    span = read_span(timeout)
    return span.in_words() if isinstance(span, TimeSpan) else timeout


def built_in_body(form: Form) -> dict[str, Any]:
    """The body of a submission where no policy file is in force."""
    body = proposal_body(form, ())
    del body["fields"]
    currency = form.one("currency").strip()
    if form.one("amount").strip():
        body["amount"] = _amount(form.one("amount").strip(), currency) if currency else form.one("amount").strip()
    if currency:
        body["currency"] = currency
    if timeout := form.one("timeout"):
        body["policy"] = {"timeout": timeout}
    return body


def built_in_facts(body: Mapping[str, Any]) -> tuple[Fact, ...]:
    """The answers as they were read, where no policy file is in force."""
    facts = [Fact("What it is called", str(body["title"]), "title")]
    if body.get("amount") and body.get("currency"):
        facts.append(Fact("What it costs", money(str(body["amount"]), str(body["currency"])), "amount"))
    facts.append(Fact("What it is about", body.get("summary") or "Nothing said", "summary"))
    if "policy" in body:
        facts.append(Fact("How long the decision may take", time_in_words(str(body["policy"]["timeout"])), "timeout"))
    return tuple(facts)


def _link(rule: Rule, value: Any) -> str:
    """Where a value leads; nowhere, if it is no https link, whatever an old input holds."""
    return str(value) if rule.type is FieldType.LINK and str(value)[:8].lower() == "https://" else ""


def in_words(rule: Rule, value: Any) -> str:
    """A field's value as people read it: ``£80,000.00``, ``yes``."""
    if isinstance(value, bool):
        return _YES if value else _NO
    if rule.type is FieldType.MONEY and rule.currency:
        return money(format(value, "f") if isinstance(value, Decimal) else str(value), rule.currency)
    return str(value)


def documents_of(attachments: Iterable[Mapping[str, Any]] | None) -> tuple[DocumentLink, ...]:
    """The documents of a proposal."""
    return tuple(DocumentLink(str(each["name"]), str(each["url"]), str(each["sha256"])) for each in attachments or ())


def _field(rule: Rule, form: Form, error: str) -> Question:
    name = f"fields.{rule.name}"
    sent = form.all(name)
    value = sent[0] if sent else "" if rule.default is None or form.pairs else _shown(rule.default)
    choices: tuple[Choice, ...] = ()
    kind = _KINDS[rule.type]
    if rule.type is FieldType.BOOLEAN:
        choices = (Choice(_YES, "Yes", checked=value == _YES), Choice(_NO, "No", checked=value == _NO))
    elif rule.type is FieldType.CHOICE:
        choices = tuple(Choice(each, each, checked=value == each) for each in rule.choices)
    elif rule.type is FieldType.TEXT and (not isinstance(rule.greatest, int) or rule.greatest > _LONG_TEXT):
        kind = "prose"
    prefix = money("0", rule.currency).partition("0")[0].strip() if rule.currency else ""
    return Question(name, kind, rule.label, _hint(rule), value, choices, prefix, rule.may_be_absent, error)


def _hint(rule: Rule) -> str:
    if (
        rule.type is FieldType.INTEGER
        and rule.least is not None
        and rule.greatest is not None
        and rule.default is not None
    ):
        return f"A whole number from {rule.least} to {rule.greatest}."
    if rule.type is FieldType.MONEY and rule.currency:
        most = money(str(rule.greatest), rule.currency) if rule.greatest is not None else ""
        return f"Digits, and a point before the decimals. At most {most}." if most else ""
    if rule.type is FieldType.LINK:
        return "It begins with https://."
    return ""


def _shown(default: Any) -> str:
    if isinstance(default, bool):
        return _YES if default else _NO
    return str(default)


def _answer(rule: Rule, typed: str) -> Any:
    """What a field's answer is in a body; empty where nothing was answered."""
    text = typed.strip()
    if rule.type is FieldType.BOOLEAN:
        return {_YES: True, _NO: False}.get(text, text)
    if rule.type is FieldType.INTEGER:
        return int(text) if _WHOLE.fullmatch(text) else text
    if rule.type is FieldType.MONEY and rule.currency:
        return _amount(text, rule.currency)
    return typed if text else ""


def _amount(text: str, currency: str) -> str:
    """The digits, where a sign of the currency and commas between thousands leave one meaning only."""
    sign = money("0", currency).partition("0")[0].strip()
    digits = text.removeprefix(sign).removeprefix(currency).removesuffix(currency).strip()
    if _GROUPED.fullmatch(digits) and decimals_of(currency) < 3:  # noqa: PLR2004 - then a comma cannot begin decimals
        return digits.replace(",", "")
    return digits if re.fullmatch(r"[0-9.]*", digits) else text


def _document(form: Form, number: int) -> dict[str, str]:
    return {name: form.one(f"attachments.{number}.{name}").strip() for name, *_ in _PARTS}


def _numbers(form: Form) -> list[int]:
    """The numbers of the documents that the form asks about, in order."""
    found = {int(hit[1]) for name, _ in form.pairs if (hit := _NUMBER.fullmatch(name))}
    return sorted(found)[:MOST_ATTACHMENTS]
