"""Every page of the app: what its HTML promises, whatever texts people have sent."""

import re
from html.parser import HTMLParser
from time import perf_counter

import pytest
from places import ROOT
from sample_pages import LONG, pages

from web import views
from web.render import HEADERS, render
from web.static_files import FOREVER, static_file, url_of

PAGES = pages()
EVERY = pytest.mark.parametrize("name", PAGES)
VOID = {"br", "hr", "img", "input", "link", "meta", "path"}


class Read(HTMLParser):
    """The elements of a page in order, each with its attributes and its text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """An element begins."""
        self.elements.append({"tag": tag, "text": "", "in": tuple(each["tag"] for each in self.open), **dict(attrs)})
        if tag not in VOID:
            self.open.append(self.elements[-1])

    def handle_endtag(self, tag):
        """The innermost element ends."""
        if tag not in VOID:
            assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        """A text in all elements that are open."""
        for each in self.open:
            each["text"] += data

    def all(self, *tags):
        """The elements with these tags."""
        return [each for each in self.elements if each["tag"] in tags]


HTML = {name: render(view) for name, view in PAGES.items()}
READ = {name: Read(html) for name, html in HTML.items()}


def test_every_kind_of_page_has_a_sample():
    """So that all of what follows is about all of them."""
    kinds = {type(view) for view in PAGES.values()}
    assert kinds == set(views.Page.__args__)
    templates = {path.name for path in (ROOT / "web/templates").iterdir()} - {"base.html", "parts.html"}
    assert {kind.TEMPLATE for kind in kinds} == templates


@EVERY
def test_a_page_is_whole_and_small(name):
    """One title, one main heading, headings in order, every tag closed, under 60 KB."""
    page = READ[name]
    assert not page.open
    assert len(HTML[name].encode()) < 60_000
    assert len(page.all("title")) == len(page.all("h1")) == len(page.all("main")) == 1
    levels = [int(each["tag"][1]) for each in page.all("h1", "h2", "h3") if each.get("id") != "problems-heading"]
    first = levels.index(1)
    assert all(after <= before + 1 for before, after in zip(levels[first:], levels[first + 1 :], strict=False))


@EVERY
def test_a_page_holds_no_script_and_no_style_of_its_own(name):
    """Everything works with scripts off, under the strictest policy."""
    page = READ[name]
    assert not page.all("script", "style", "iframe", "object", "base")
    assert not [each for each in page.elements if any(key.startswith("on") or key == "style" for key in each)]
    assert [each["href"] for each in page.all("link")] == [url_of("style.css"), url_of("mark.svg")]


@EVERY
def test_every_question_has_a_label_and_no_box_has_a_placeholder(name):
    """Hints are above and are named by the question; nothing is disabled."""
    page = READ[name]
    ids = [each["id"] for each in page.elements if "id" in each]
    assert len(ids) == len(set(ids))
    labelled = {each["for"] for each in page.all("label")}
    assert labelled <= set(ids)
    for box in page.all("input", "textarea", "select"):
        assert box.get("type") == "hidden" or box["id"] in labelled
    for each in page.elements:
        assert not {"placeholder", "disabled", "autofocus", "target"} & set(each)
        for named in (each.get("aria-describedby") or each.get("aria-labelledby") or "").split():
            assert named in ids
    assert all(each["text"].strip() for each in page.all("button", "a", "h1", "h2", "h3", "legend", "label"))


@EVERY
def test_forms_that_change_something_carry_their_token_and_others_none(name):
    """What records something is sent by POST with the session's token; what is sent by GET never shows it."""
    for html in re.findall(r"<form.*?</form>", HTML[name], re.DOTALL):
        form = Read(html)
        (tag,) = form.all("form")
        assert tag["action"].startswith("/")
        names = [each.get("name") for each in form.all("input")]
        if tag["method"] == "get":
            assert not {"token", "idempotency"} & set(names)
        elif tag["action"] != "/sign-in":
            assert names.count("token") == 1


@pytest.mark.parametrize("name", ["confirm-approve", "confirm-reject", "confirm-problem"])
def test_an_act_names_what_it_is_about_and_can_be_sent_twice(name):
    """Case, revision, level and opening, and a token that makes two sendings one act."""
    sent = {each["name"]: each["value"] for each in READ[name].all("input")}
    assert {"case", "revision", "level", "opening", "act", "idempotency", "token"} <= set(sent)
    assert all(sent.values())


@EVERY
def test_every_problem_leads_to_its_field_with_the_same_words(name):
    """The summary is the first thing of the page, and the title says it too."""
    view = PAGES[name]
    problems = getattr(view, "problems", ())
    page = READ[name]
    assert page.all("title")[0]["text"].startswith("Error: ") == bool(problems)
    ids = {each.get("id") for each in page.elements}
    beside = [each["text"].replace("Error: ", "") for each in page.all("p") if "error" in each.get("class", "").split()]
    for problem in problems:
        assert problem.field in ids
        assert problem.words in beside
    wrong = [each for each in page.elements if each.get("aria-invalid") == "true"]
    assert not wrong or problems


def test_links_leave_the_app_only_to_documents():
    """All others are addresses of ours, without a host."""
    for name, page in READ.items():
        for link in page.all("a"):
            assert link["href"].startswith(("/", "#", "https://files.county.example/")), (name, link)


def test_texts_of_strangers_stay_texts():
    """In a title, a name, a summary: no element comes of them, and the reading direction stays inside."""
    html = HTML["case-hostile"]
    page = READ["case-hostile"]
    assert "<script" not in html
    assert "<b>" not in html
    assert not page.all("img", "b")
    assert page.all("h1")[0]["text"].startswith("<script>alert(1)</script>")
    assert LONG in html


def test_hostile_answers_come_back_as_they_were_typed():
    """In boxes of every kind."""
    evil = '"><script>alert(1)</script></textarea>\n'
    from web.views import Frame, Question, SubmitPage  # noqa: PLC0415 - beside what it is about

    fields = tuple(
        Question(kind.replace(" ", ""), kind, evil, evil, evil, error=evil)
        for kind in ("line", "prose", "money", "link")
    )
    page = Read(render(SubmitPage(Frame(evil, evil), fields, {"token": evil})))
    assert not page.all("script")
    assert {each["value"] for each in page.all("input") if each.get("name") in {"line", "money", "link"}} == {evil}
    assert [each["text"] for each in page.all("textarea")] == ["\n" + evil]


def test_a_link_of_a_document_is_one_only_if_it_is_https():
    """Anything else is shown as a text, though no rule lets it in."""
    assert views.DocumentLink("a", "https://files.example/a", "0").href
    assert views.DocumentLink("a", "HTTPS://files.example/a", "0").href
    assert views.DocumentLink("a", "javascript:alert(1)//https://", "0").href == ""


def test_the_case_shows_its_question_only_to_those_who_are_asked():
    """With the acts they may do, leading to the page that confirms; a stranger has no form."""
    mine = [each for each in READ["case-mine"].all("form") if each["action"].endswith("/confirm")]
    assert [each["method"] for each in mine] == ["get"]
    acts = [each["value"] for each in READ["case-abstain"].all("button") if each.get("name") == "act"]
    assert acts == ["approve", "reject", "abstain"]
    for name in ("case-approved", "case-rejected", "done"):
        assert not [each for each in READ[name].all("form") if each["action"] != "/sign-out"]


def test_enter_in_a_box_continues_and_takes_out_no_document():
    """A browser presses the first button of the form."""
    buttons = [each for each in READ["submit-filled"].all("button") if each["text"].strip() != "Sign out"]
    assert buttons[0]["value"] == "check"
    assert buttons[0]["tabindex"] == "-1"


def test_the_confirmation_says_who_does_what_to_which_revision():
    """In one sentence."""
    assert "You approve revision 1 of Mill Lane bridge" in HTML["confirm-approve"]
    assert "as Noor Haddad." in HTML["confirm-approve"]


def test_nobody_signed_in_sees_no_navigation():
    """And no name."""
    assert not READ["sign-in"].all("nav")
    assert READ["inbox"].all("nav")


def test_the_policy_of_the_headers_lets_no_script_run():
    """Nothing but our stylesheet, our mark and our forms; in no frame."""
    policy = HEADERS["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none';")
    assert HEADERS["Referrer-Policy"] == "same-origin"
    assert HEADERS["Cache-Control"] == "no-store"


def test_static_files_are_named_by_their_digest_and_kept_for_ever():
    """Another name, or one of another content, is none."""
    style = static_file(url_of("style.css").rpartition("/")[2])
    assert style.kind == "text/css; charset=utf-8"
    assert len(style.content) <= 14_000
    assert static_file(url_of("mark.svg").rpartition("/")[2]).kind == "image/svg+xml"
    assert "immutable" in FOREVER
    for name in ("style.css", "../views.py", "style.000000000000.css", ""):
        assert static_file(name) is None


def test_a_page_is_made_in_a_few_milliseconds():
    """The best of several times, so that a busy machine says nothing."""
    view, took = PAGES["case-approved"], []
    for _ in range(10):
        began = perf_counter()
        render(view)
        took.append(perf_counter() - began)
    assert min(took) < 0.03
