"""Journeys in a real Chromium with scripts off: by pointer on a phone, and by keyboard alone on a desk."""

import pytest
from chromium import CHROMIUM, WIDTHS, launch
from page_host import people_host

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
if CHROMIUM:
    from playwright.sync_api import expect, sync_playwright


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """With the county's policy file."""
    made = people_host(tmp_path_factory.mktemp("county"), "examples/policies/county.toml")
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


def test_a_scanner_with_scripts_that_follows_everything_and_waits_changes_nothing(browser, host, person):
    """It opens what a mail links to as the person it was sent to, and every link there; the case still waits."""
    dana = person("Dana Okafor", "desk")
    dana.goto("/submit")
    dana.get_by_label("What is it called?").fill("Scanned by a machine")
    dana.get_by_label("structure", exact=True).check()
    dana.get_by_label("Whole cost").fill("1000")
    dana.get_by_role("button", name="Continue").click()
    dana.get_by_role("button", name="Submit the proposal").click()
    case = dana.url
    context = browser.new_context(base_url=host.origin)
    page = context.new_page()
    page.goto("/inbox")
    page.get_by_role("button", name="Noor Haddad").click()
    page.goto(case)
    links = page.eval_on_selector_all("a[href^='/']", "all => all.map(each => each.href)")
    for link in [case, f"{case}/decide", f"{case}/confirm?act=approve", *links]:
        page.goto(link)
        page.wait_for_load_state("networkidle")
    page.goto(case)
    expect(page.get_by_role("heading", name="It is your turn")).to_be_visible()
    context.close()
