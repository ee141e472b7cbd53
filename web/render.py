"""A view -> HTML. Everything is escaped; a name that a template does not get is an error.

jinja2 is imported with the first page: what the app loads at start stays light.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from web.static_files import url_of

if TYPE_CHECKING:
    from jinja2 import Environment

    from web.views import Page

# No script at all, nothing from elsewhere, in nobody's frame. `same-origin`: under `no-referrer` a browser sends
# `Origin: null` with a form, which looks like another site's.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_TEMPLATES = Path(__file__).parent / "templates"


def render(view: Page) -> str:
    """The page."""
    return _environment().get_template(view.TEMPLATE).render(view=view, frame=view.frame)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - see the module's docstring

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(style=url_of("style.css"), mark=url_of("mark.svg"))
    return environment
