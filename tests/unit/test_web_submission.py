"""The form of a proposal: questions from the policy file, answers as the body of a submission."""

import pytest
from sample_pages import ANSWERS, COUNTY, ERRORS, RULES, WRONG

from approval.policy.fields import Field, FieldType
from approval.typed_proposal import read_typed
from web.forms import Form
from web.submission import (
    colleagues,
    document_fields,
    facts_of,
    facts_to_check,
    form_fields,
    may_add_document,
    problems_of,
    proposal_body,
    with_another_document,
    without_document,
)
from web.views import Choice


def amount(typed):
    """What an amount that was typed is in the body."""
    return proposal_body(Form((("fields.amount", typed),)), RULES)["fields"].get("amount")


def test_answers_become_the_body_of_a_submission():
    """Typed values, without what was left empty."""
    body = proposal_body(ANSWERS, RULES)
    assert body["fields"] == {"kind": "structure", "amount": "80000", "category": 2, "departure": False}
    assert body["title"].startswith("Mill Lane bridge")
    assert body["attachments"][0]["name"] == "B-0417 general arrangement.pdf"
    assert "contributors" not in body
    assert proposal_body(Form(), RULES) == {"title": "", "fields": {}}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("80000", "80000"), (" 80000.00 ", "80000.00"), ("£80,000.50", "80000.50"), ("80,000", "80000"),
        ("GBP 1,250,000", "1250000"), ("1.850", "1.850"), ("1.850,00", "1.850,00"), ("8,00", "8,00"),
        ("-5", "-5"), ("£", None), ("five", "five"), ("", None), ("٣", "٣"),
    ],
)  # fmt: skip
def test_an_amount_is_read_where_it_has_one_meaning(typed, read):
    """Everything else reaches the rules as it was typed, and they say what is wrong."""
    assert amount(typed) == read


def test_what_is_no_number_reaches_the_rules_as_text():
    """They refuse it, with the field."""
    assert proposal_body(WRONG, RULES)["fields"]["category"] == "many"
    assert proposal_body(Form((("fields.departure", "perhaps"),)), RULES)["fields"] == {"departure": "perhaps"}


def test_a_fresh_form_has_the_defaults_and_a_sent_one_what_was_sent():
    """A box that was cleared stays clear."""
    fresh = {field.name: field for field in form_fields(Form(), RULES, {})}
    assert fresh["fields.category"].value == "1"
    assert [each.checked for each in fresh["fields.departure"].choices] == [False, True]
    sent = {field.name: field for field in form_fields(Form((("fields.category", ""),)), RULES, {})}
    assert sent["fields.category"].value == ""


def test_each_problem_leads_to_its_field_with_the_same_words():
    """On top and beside the field."""
    by_field, problems = problems_of(ERRORS, RULES, WRONG)
    fields = [
        *form_fields(WRONG, RULES, by_field),
        *(each for group in document_fields(WRONG, by_field) for each in group.fields),
    ]
    beside = {field.id: field.error for field in fields if field.error}
    assert beside == {problem.field: problem.words for problem in problems}
    assert [problem.field for problem in problems] == [
        "title", "fields-kind", "fields-amount", "fields-category", "attachments-1-url",
    ]  # fmt: skip


def test_documents_come_and_go_and_keep_what_was_typed():
    """Rows are counted from 1 again; an empty row is none of the proposal's."""
    two = with_another_document(ANSWERS)
    assert [group.number for group in document_fields(two, {})] == [1, 2]
    assert len(proposal_body(two, RULES)["attachments"]) == 1
    left = without_document(two, "1")
    assert [group.number for group in document_fields(left, {})] == [1]
    assert "attachments" not in proposal_body(left, RULES)
    form = Form()
    for _ in range(25):
        form = with_another_document(form) if may_add_document(form) else form
    assert len(document_fields(form, {})) == 20


def test_colleagues_that_were_ticked_stay_ticked():
    """And nobody else is."""
    people = (Choice("eli", "Eli Marsh"), Choice("noor", "Noor Haddad"))
    field = colleagues(
        Form((("contributors", "noor"), ("contributors", "<script>"))), people, {"contributors[1]": "Unknown."}
    )
    assert [each.checked for each in field.choices] == [False, True]
    assert field.error == "Unknown."


def test_of_very_many_colleagues_the_ids_are_asked():
    """A page stays small; the answers are the same."""
    people = tuple(Choice(f"p{number}", f"Person {number}") for number in range(500))
    form = Form((("contributors", "p1, p2,,p1"),))
    field = colleagues(form, people, {})
    assert (field.kind, field.value, field.choices) == ("line", "p1, p2,,p1", ())
    assert proposal_body(form, RULES)["contributors"] == ["p1", "p2"]


def test_answers_are_shown_as_they_were_read():
    """With the amount in words of money, and where to change each."""
    proposal = read_typed(proposal_body(ANSWERS, RULES), COUNTY, "dana")
    facts = {fact.label: (fact.value, fact.change) for fact in facts_to_check(proposal, RULES)}
    assert facts["Whole cost"] == ("£80,000.00", "fields-amount")
    assert facts["Does it depart from a standard?"] == ("no", "fields-departure")
    assert "Worked on it" not in facts


def test_a_link_of_a_field_leads_there_if_it_is_https():
    """An input of an older version might hold anything."""
    rule = Field("record", FieldType.LINK, "Decision record")
    (fact,) = facts_of({"record": "https://wiki.example/17"}, [rule])
    assert fact.href == "https://wiki.example/17"
    (fact,) = facts_of({"record": "javascript:alert(1)"}, [rule])
    assert fact.href == ""
