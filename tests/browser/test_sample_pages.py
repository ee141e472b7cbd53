"""Every page in a real Chromium: nothing for axe to find, room for a phone, and the question where the eye is."""

import pytest
from chromium import CHROMIUM, WIDTHS, Tab, launch

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
if CHROMIUM:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright
    from sample_pages import pages

    from web.render import render

    HTML = {name: render(view) for name, view in pages().items()}
    AXE = Axe().axe_script
else:
    HTML = {}
PRESSED = "main button, main .button, main nav a, header a, header button, .choice label, .rows a"


@pytest.fixture(scope="module")
def browser():
    """One for all tests; each page has a context of its own."""
    with sync_playwright() as playwright:
        made = launch(playwright)
        yield made
        made.close()


@pytest.fixture(scope="module")
def tab(browser):
    """The one tab that all tests look at, but for those that need other settings."""
    return Tab(browser)


@pytest.fixture
def page(browser, tab):
    """A page for this HTML, width and theme; a tab with settings of its own is closed behind the test."""
    own = []

    def show(name, width="phone", theme="light", **more):
        if more:
            own.append(Tab(browser, **more))
        shown = own[-1] if more else tab
        shown.show(WIDTHS[width], theme, HTML[name])
        return shown.page

    yield show
    for each in own:
        each.page.context.close()


@pytest.mark.parametrize("name", HTML)
def test_axe_finds_nothing(page, name):
    """On a phone and on a desk, in the light theme; in the dark one only the colours are others."""
    shown = page(name)
    shown.evaluate(AXE)
    for width, height in WIDTHS.values():
        shown.set_viewport_size({"width": width, "height": height})
        shown.emulate_media(color_scheme="light")
        assert violations(shown) == [], width
        shown.emulate_media(color_scheme="dark")
        assert violations(shown, runOnly=["color-contrast"]) == [], width


def violations(shown, **options):
    """What axe finds on a page that has its script: each rule with the elements that break it."""
    return shown.evaluate(
        "options => axe.run({resultTypes: ['violations'], ...options})"
        ".then(found => found.violations.map(each => [each.id, each.nodes.map(node => node.html)]))",
        options,
    )


@pytest.mark.parametrize("name", HTML)
def test_a_phone_shows_the_whole_width_and_targets_for_thumbs(page, name):
    """Nothing to scroll sideways at 360 px, whatever texts there are; what is pressed is at least 44 px high."""
    shown = page(name)
    assert shown.evaluate("document.documentElement.scrollWidth") <= 360
    heights = shown.evaluate(
        f"[...document.querySelectorAll({PRESSED!r})]"
        ".filter(e => !e.matches('.hidden') && e.checkVisibility())"
        ".filter(e => getComputedStyle(e, '::after').position != 'absolute')"
        ".map(e => [e.textContent.trim(), e.getBoundingClientRect().height])"
    )
    assert [each for each in heights if each[1] < 44] == []


@pytest.mark.parametrize("name", ["case-mine", "case-abstain", "case-plain", "case-hostile"])
def test_who_is_asked_sees_the_question_without_scrolling(page, name):
    """On a phone of 360 by 640."""
    for button in page(name).locator("button[name=act]").all():
        box = button.bounding_box()
        assert box["y"] + box["height"] <= 640


def test_every_step_of_a_form_is_there_for_the_keyboard(page):
    """Tab goes from the link past the navigation to the last button, and the focus can be seen."""
    shown = page("confirm-reject", "desk")
    reached = []
    for _ in range(30):
        shown.keyboard.press("Tab")
        tag, width = shown.evaluate(
            "[document.activeElement != document.body && document.activeElement.textContent.trim() ||"
            " document.activeElement.name,"
            " getComputedStyle(document.activeElement).outlineWidth]"
        )
        if tag in reached or not tag:
            break
        reached.append(tag)
        assert width == "3px", tag
    assert reached[0] == "Skip to content"
    assert reached[-3:] == ["Back to the case", "comment", "Reject now"]


def test_a_page_needs_no_script(page):
    """With scripts off it looks the same, to the pixel."""
    assert page("case-mine", java_script_enabled=False).screenshot() == page("case-mine").screenshot()


def test_a_printed_case_is_the_case_alone(page):
    """Without navigation, forms and buttons; a document's address is written out."""
    shown = page("case-mine", "desk")
    shown.emulate_media(media="print")
    assert not shown.locator("nav").is_visible()
    assert not shown.locator("button[name=act]").first.is_visible()
    assert shown.locator("h1").is_visible()
    assert "https://files" in shown.evaluate(
        "getComputedStyle(document.querySelector('.documents a'), '::after').content"
    )


def test_forced_colors_keep_every_state_in_sight(page):
    """Where the system sets all colours, words and borders are left; axe does not see those colours."""
    assert page("case-approved", "desk", forced_colors="active").locator(".state").inner_text() == "Approved"
    shown = page("case-mine", "desk", forced_colors="active")
    borders = shown.evaluate(
        "[...document.querySelectorAll('.act, .turn')].map(e => getComputedStyle(e).borderTopStyle)"
    )
    assert borders == ["solid"] * 3
