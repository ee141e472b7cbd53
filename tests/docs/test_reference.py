"""The reference pages name everything that the code has, and no page leads nowhere."""

import json
import pathlib
import re
from datetime import UTC, datetime

import loaded
import pytest

from adapters import settings
from approval.case import Case
from approval.errors import ApprovalError, FieldError, InvalidFields
from approval.policy.one_level import OneLevelPolicy
from approval.review.one_level import Review
from approval.status import describe
from service.errors import ServiceError
from service.problems import problem_of

ROOT = pathlib.Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    *sorted(DOCS.rglob("*.md")),
    *sorted((ROOT / "devhost").glob("*.md")),
    *sorted((ROOT / "devhost/docs").rglob("*.md")),
]


def _page(path):
    return (DOCS / path).read_text(encoding="utf-8")


def _tree(cls):
    return {cls}.union(*(_tree(child) for child in cls.__subclasses__()))


def _routes():
    triggers = [function.get_trigger() for function in loaded.functions().values()]
    return {trigger.route for trigger in triggers if trigger.type == "httpTrigger"}


def _anchors(page):
    """The fragments that headings can be reached by, made as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().casefold()).replace(" ", "-") for heading in headings}


def _links(page):
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", prose) if not re.match(r"[a-z]+:", link)]


CODED = sorted(
    (cls for cls in _tree(ApprovalError) | _tree(ServiceError) if "code" in vars(cls)), key=lambda cls: cls.code
)
INVALID = problem_of(InvalidFields([FieldError("title", "missing", "It is missing.")]))
REFUSALS = {cls.code: cls.status for cls in CODED if issubclass(cls, ServiceError)} | {INVALID.code: INVALID.status}
STATUS_KEYS = sorted(describe(Review.opened(Case(OneLevelPolicy()), datetime(2026, 11, 24, 20, tzinfo=UTC))))
# A setting is a constant of its own name; one has a longer name than its constant.
SETTINGS = sorted([name for name, value in vars(settings).items() if value == name] + [settings.STRICT_TYPING])
ROUTES = sorted(_routes())


def test_there_is_something_to_look_for():
    """The lists that the other tests go through are not empty."""
    assert min(map(len, (CODED, REFUSALS, STATUS_KEYS, SETTINGS, ROUTES))) > 0


@pytest.mark.parametrize("cls", CODED, ids=lambda cls: cls.code)
def test_every_error_code_is_in_the_http_reference(cls):
    """Each code of the error tree is in http.md."""
    assert f"`{cls.code}`" in _page("reference/http.md")


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_stands_beside_its_status(code):
    """Each code that is an HTTP answer is in a row with the status that it has."""
    assert f"| {REFUSALS[code]} | `{code}` |" in _page("reference/http.md")


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_in_the_settings_reference(name):
    """Each environment variable that the app reads is in settings.md."""
    assert f"`{name}`" in _page("reference/settings.md")


@pytest.mark.parametrize("key", STATUS_KEYS)
def test_every_custom_status_key_is_in_its_reference(key):
    """Each key of the custom status has a row in custom-status.md."""
    assert f"| `{key}` |" in _page("reference/custom-status.md")


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_is_documented(route):
    """Each route that a function declares is in http.md or on a page of the pattern gallery."""
    pages = [DOCS / "reference/http.md", *DOCS.glob("patterns/*.md")]
    assert any(f"/{route}" in page.read_text(encoding="utf-8") for page in pages)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_resolves(page):
    """A link between pages leads to a file or folder of this repository, and to a heading that it has."""
    for link in _links(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in _anchors(target), f"{page.name} links to {link}"


def test_the_settings_of_the_how_to_are_in_the_example():
    """Each setting in core-tools.md's table is in local.settings.json.example."""
    example = json.loads((ROOT / "local.settings.json.example").read_text(encoding="utf-8"))
    named = re.findall(r"^\| `(\w+)` \|", _page("how-to/core-tools.md"), re.MULTILINE)
    assert named
    assert set(named) <= example["Values"].keys()
