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


def opened(browser, width, theme, html, **more):
    """A page of a browser that shows this HTML with the app's stylesheet and headers, and runs no script of it."""
    from web.render import HEADERS  # noqa: PLC0415 - only who opens a page needs the app
    from web.static_files import static_file  # noqa: PLC0415

    context = browser.new_context(viewport={"width": width[0], "height": width[1]}, color_scheme=theme, **more)
    page = context.new_page()

    def answer(route):
        name = Path(route.request.url).name
        file = static_file(name)
        if file:
            route.fulfill(body=file.content, content_type=file.kind)
        else:
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=HEADERS)

    context.route("**/*", answer)
    page.goto(f"{ORIGIN}/page")
    return page
