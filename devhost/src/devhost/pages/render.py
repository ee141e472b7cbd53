"""Templates to HTML. Everything is escaped; a name that a template does not get is an error."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined


def _source(name: str) -> str:
    return files("devhost.pages").joinpath("templates", name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def render(template: str, **given: Any) -> str:
    """The page."""
    return _environment().get_template(template).render(**given)


def asset(name: str) -> bytes:
    """A file that is served as it is."""
    return files("devhost.pages").joinpath(name).read_bytes()
