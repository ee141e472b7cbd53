"""Pictures of every page: ``python tests/browser/screenshots.py FOLDER [NAME ...]``, to be looked at."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent / "support")]

from chromium import THEMES, WIDTHS, Tab, launch  # noqa: E402 - after the paths that lead to them
from playwright.sync_api import sync_playwright  # noqa: E402
from sample_pages import pages  # noqa: E402

from web.render import render  # noqa: E402


def main(folder, names):
    """Write a picture for each page, width and theme."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        tab = Tab(browser)
        for name, view in pages().items():
            if names and name not in names:
                continue
            for width, size in WIDTHS.items():
                for theme in THEMES:
                    tab.show(size, theme, render(view))
                    tab.page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
