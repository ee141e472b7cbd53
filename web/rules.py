"""A policy file on pages: which proposal is decided how, and each policy level by level."""

from approval.policy.model import Policy, PolicyFile
from approval.policy.words import SEEN_BY, level_in_words, routes_in_words
from web.views import Fact, FormProblem, Frame, LevelWords, PoliciesPage, PolicyPage, PolicyRow, Question, Tried
from web.words import counted


def policy_list(file: PolicyFile, frame: Frame, digest: str = "") -> PoliciesPage:
    """All policies that a proposal can take, in the order of the routes."""
    rows = tuple(
        PolicyRow(f"/policies/{policy.name}", policy.title, _capital(f"{when}."), _levels(policy))
        for policy, when in routes_in_words(file)
    )
    return PoliciesPage(frame, rows, digest)


def policy_page(
    file: PolicyFile,
    policy: Policy,
    frame: Frame,
    *,
    fields: tuple[Question, ...] = (),
    tried: Tried | None = None,
    problems: tuple[FormProblem, ...] = (),
    digest: str = "",
) -> PolicyPage:
    """One policy in words; with fields it can be tried."""
    taken = [when for each, when in routes_in_words(file) if each.name == policy.name]
    facts = [
        Fact("Taken by", _capital("; ".join(taken)) or "No proposal; no route names it"),
        Fact("A case is seen by", _capital(SEEN_BY[policy.visible_to])),
    ]
    if policy.different_people:
        facts.append(Fact("Different people", "Who has voted at one level is not asked at a later one."))
    levels = tuple(
        LevelWords(number, level.name, tuple(Fact(what, _capital(how)) for what, how in level_in_words(file, level)))
        for number, level in enumerate(policy.levels, 1)
    )
    return PolicyPage(frame, policy.name, policy.title, tuple(facts), levels, fields, tried, problems, digest)


def _levels(policy: Policy) -> str:
    names = ", then ".join(level.name for level in policy.levels)
    return f"{counted(len(policy.levels), 'level')}: {names}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
