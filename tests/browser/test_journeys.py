"""Journeys in a real Chromium with scripts off: by pointer on a phone, and by keyboard alone on a desk."""

import re

import pytest
from chromium import CHROMIUM, WIDTHS, launch
from page_host import people_host

from adapters.mail import kept
from devhost.testing.process import until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
if CHROMIUM:
    from playwright.sync_api import expect, sync_playwright


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Of the host; its mails are in ``outbox``."""
    return tmp_path_factory.mktemp("county")


@pytest.fixture(scope="module")
def host(folder):
    """With the county's policy file."""
    made = people_host(folder, "examples/policies/county.toml")
    yield made
    made.close()


@pytest.fixture(scope="module")
def browser():
    """One for all journeys."""
    with sync_playwright() as playwright:
        made = launch(playwright)
        yield made
        made.close()


@pytest.fixture
def person(browser, host):
    """Somebody's own browser, signed in by the page."""
    contexts = []

    def sign_in(name, width):
        size = WIDTHS[width]
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(java_script_enabled=False, viewport=viewport, base_url=host.origin)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/inbox")
        page.get_by_role("button", name=name).click()
        return page

    yield sign_in
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_submit_decide_and_see_the_outcome(person, width):
    """Dana submits with a document, Noor approves, Ruth rejects with a reason, Dana reads it."""
    dana = person("Dana Okafor", width)
    dana.get_by_role("link", name="Submit", exact=True).click()
    dana.get_by_label("What is it called?").fill("Footbridge at Oxley Weir")
    dana.get_by_label("structure", exact=True).check()
    dana.get_by_label("Whole cost").fill("£42,500")
    dana.get_by_role("button", name="Add a document").click()
    dana.get_by_label("Name of the file").fill("arrangement.pdf")
    dana.get_by_label("Link", exact=True).fill("https://files.county.example/arrangement.pdf")
    dana.get_by_label("SHA-256").fill("ab" * 32)
    dana.get_by_role("button", name="Continue").click()
    expect(dana.get_by_role("heading", name="Check your answers")).to_be_visible()
    dana.get_by_role("button", name="Change What it is called").click()
    expect(dana.get_by_label("Whole cost")).to_have_value("£42,500")
    dana.get_by_role("button", name="Continue").click()
    dana.get_by_role("button", name="Submit the proposal").click()
    expect(dana.get_by_role("status")).to_contain_text("Submitted as P-")
    case = dana.url

    noor = person("Noor Haddad", width)
    noor.get_by_role("link", name="Footbridge at Oxley Weir").first.click()
    noor.get_by_role("button", name="Approve").click()
    expect(
        noor.get_by_text("You approve revision 1 of Footbridge at Oxley Weir, £42,500.00, as Noor Haddad.")
    ).to_be_visible()
    noor.get_by_role("button", name="Approve now").click()
    expect(noor.get_by_role("status")).to_contain_text("You have approved it")

    ruth = person("Ruth Pemberton", width)
    ruth.goto(f"{case}/decide")
    ruth.get_by_role("button", name="Continue").click()
    expect(ruth.get_by_role("alert")).to_contain_text("Choose what you decide.")
    ruth.get_by_label("Reject", exact=True).check()
    ruth.get_by_role("button", name="Continue").click()
    ruth.get_by_label("Comment").fill("The bearings are missing.")
    ruth.get_by_role("button", name="Reject now").click()

    dana.goto(case)
    expect(dana.get_by_text("Rejected by Ruth Pemberton").first).to_be_visible()
    expect(dana.get_by_text("The bearings are missing.").first).to_be_visible()


def tab_to(page, locator):
    """Tab until this has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if locator.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError("not reached by Tab")


def test_everything_by_keyboard(browser, host):
    """Sign in, submit, withdraw: Tab, Space, Enter and letters only."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, base_url=host.origin)
    page = context.new_page()
    page.goto("/sign-in")
    tab_to(page, page.get_by_role("button", name="Dana Okafor"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="Submit", exact=True))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("What is it called?"))
    page.keyboard.type("By keyboard")
    tab_to(page, page.get_by_label("scheme", exact=True))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("Whole cost"))
    page.keyboard.type("20000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Submit the proposal"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Submitted as P-")
    tab_to(page, page.get_by_role("link", name="Withdraw this proposal"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Withdraw now"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Withdrawn", exact=True).first).to_be_visible()
    context.close()


def soon_sent(outbox, title, count):
    """So many mails about this title, once they are there; a mail comes a moment after what it tells."""

    def sent():
        mails = [mail for mail in kept(outbox) if title in mail.subject]
        return mails if len(mails) >= count else None

    return until(sent, f"{count} mails about {title}", within_s=30)


def submitted(dana, title):
    """The address of a case that Dana has submitted; Noor and Ruth are asked."""
    dana.goto("/submit")
    dana.get_by_label("What is it called?").fill(title)
    dana.get_by_label("structure", exact=True).check()
    dana.get_by_label("Whole cost").fill("1000")
    dana.get_by_role("button", name="Continue").click()
    dana.get_by_role("button", name="Submit the proposal").click()
    expect(dana.get_by_role("status")).to_contain_text("Submitted as P-")
    return dana.url


def test_two_people_in_two_browsers_decide_at_the_same_moment(person):
    """One act counts; the other person reads who was quicker."""
    case = submitted(person("Dana Okafor", "desk"), "Decided by two at once")
    pages = [person("Noor Haddad", "phone"), person("Ruth Pemberton", "desk")]
    for page in pages:
        page.goto(case)
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("button", name="Approve now")).to_be_visible()
    for page in pages:
        page.get_by_role("button", name="Approve now").click(no_wait_after=True)
    done, late = "You have approved it", "This has been decided already"
    for page in pages:
        expect(page.get_by_text(re.compile(f"{done}|{late}")).first).to_be_visible()
    assert sorted(page.get_by_text(late).count() > 0 for page in pages) == [False, True]
    loser = next(page for page in pages if page.get_by_text(late).count())
    expect(loser.get_by_text(re.compile("(Noor Haddad|Ruth Pemberton) has approved it on")).first).to_be_visible()


def test_a_scanner_with_scripts_that_follows_everything_and_waits_changes_nothing(browser, host, person, folder):
    """It opens each link of each mail as the person it was sent to, and every link there; the case still waits."""
    case = submitted(person("Dana Okafor", "desk"), "Scanned by a machine")
    mails = soon_sent(folder / "outbox", "Scanned by a machine", 2)
    assert {mail.to.partition(" <")[0] for mail in mails} == {"Noor Haddad", "Ruth Pemberton"}
    mailed = {link for mail in mails for link in re.findall(r"https?://[^\s<>]+", mail.text)}
    assert case in mailed
    context = browser.new_context(base_url=host.origin)
    page = context.new_page()
    page.goto("/inbox")
    page.get_by_role("button", name="Noor Haddad").click()
    page.goto(case)
    links = page.eval_on_selector_all("a[href^='/']", "all => all.map(each => each.href)")
    for link in [case, f"{case}/decide", f"{case}/confirm?act=approve", *mailed, *links]:
        page.goto(link)
        page.wait_for_load_state("networkidle")
    page.goto(case)
    expect(page.get_by_role("heading", name="It is your turn")).to_be_visible()
    context.close()
