"""A real Chromium for pages, and how pages of samples get into it without a server."""

import shutil
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
ORIGIN = "http://pages.example"
WIDTHS = {"phone": (360, 640), "desk": (1280, 800)}
THEMES = ("light", "dark")


def launch(playwright):
    """The browser."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


class Tab:
    """One tab of a browser that shows one page after the other, faster than a tab for each.

    The pages have the app's stylesheet and headers, which let no script of theirs run.
    """

    def __init__(self, browser, **more):
        self.page = browser.new_context(**more).new_page()
        self._html = ""
        self.page.context.route("**/*", self._answer)

    def show(self, width, theme, html):
        """Load a page of this HTML, at this width and in this theme, from the top and with nothing in focus."""
        self.page.set_viewport_size({"width": width[0], "height": width[1]})
        self.page.emulate_media(color_scheme=theme, media="screen")
        self._html = html
        self.page.goto(f"{ORIGIN}/page")

    def _answer(self, route):
        from web.render import HEADERS  # noqa: PLC0415 - only who opens a page needs the app
        from web.static_files import static_file  # noqa: PLC0415

        file = static_file(Path(route.request.url).name)
        if file:
            route.fulfill(body=file.content, content_type=file.kind)
        else:
            route.fulfill(body=self._html, content_type="text/html; charset=utf-8", headers=HEADERS)
