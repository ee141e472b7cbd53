"""Parts that every proposal has: titles, summaries and documents; and what is said about each fault in a body.

The types here are for models of pydantic that are strict and take no unknown names: ``Strict``.
"""

import difflib
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from approval.amount import read_amount
from approval.errors import FieldError, InvalidDuration
from approval.json_values import path
from approval.link import MOST_URL, link_fault
from approval.policy.durations import duration
from approval.text import Fault, at, bare, fault, is_visible, unknown_character

MOST_TITLE = 200
MOST_SUMMARY = 4_000
MOST_ATTACHMENTS = 20
_CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_HEX = frozenset("0123456789abcdefABCDEF")
_CODE_LETTERS = 3
_SHA256_DIGITS = 64


def _refused(fault: Fault) -> PydanticCustomError:
    return PydanticCustomError("refused", "{reason}", {"code": fault.code, "reason": fault.reason})


def _too_long(most: int) -> Fault:
    return Fault("too-long", f"It has more than {most:,} characters.")


def _line(sent: str) -> str:
    text, before = bare(sent)
    if not text:
        raise _refused(Fault("empty", "It is empty."))
    if len(text) > MOST_TITLE:
        raise _refused(_too_long(MOST_TITLE))
    reason = fault(text, before)
    if reason:
        raise _refused(Fault("not-one-line", reason))
    return _seen(text, before)


def _seen(text: str, before: int) -> str:
    if not is_visible(text):
        raise _refused(Fault("empty", f"It has no character that can be seen. {at(text, 0, before)}."))
    return text


def _prose(sent: str) -> str:
    text, before = bare(sent)
    if len(text) > MOST_SUMMARY:
        raise _refused(_too_long(MOST_SUMMARY))
    reason = fault(text, before, lines=True)
    if reason:
        raise _refused(Fault("not-plain", reason))
    return _seen(text, before) if text else text


def _amount(sent: object) -> str:
    read = read_amount(sent)
    if isinstance(read, Fault):
        raise _refused(read)
    return read


def _link(sent: str) -> str:
    url, before = bare(sent)
    reason = link_fault(url, before)
    if reason:
        raise _refused(reason)
    return url


def _duration(sent: str) -> str:
    text, before = bare(sent)
    try:
        duration(text, before)
    except InvalidDuration as error:
        raise _refused(Fault("not-a-duration", error.detail)) from error
    return text


def _exactly(count: int, known: Container[str], what: str) -> Callable[[str], str]:
    def read(sent: str) -> str:
        text, before = bare(sent)
        reason = unknown_character(text, known, before)
        if not reason and len(text) != count:
            reason = f"It has {'more' if len(text) > count else 'fewer'} than {count} {what}."
        if reason:
            raise _refused(Fault("wrong-form", reason))
        return text

    return read


Line = Annotated[str, AfterValidator(_line)]
Prose = Annotated[str, AfterValidator(_prose)]
Amount = Annotated[str, BeforeValidator(_amount)]
Currency = Annotated[str, AfterValidator(_exactly(_CODE_LETTERS, _CAPITALS, "capital letters"))]
Link = Annotated[str, AfterValidator(_link)]
Duration = Annotated[str, AfterValidator(_duration)]
Sha256 = Annotated[str, AfterValidator(_exactly(_SHA256_DIGITS, _HEX, "hexadecimal digits")), AfterValidator(str.lower)]


class Strict(BaseModel):
    """A model that guesses nothing and refuses names that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class Attachment(Strict):
    """A document, kept where it is; the digest names the version that is meant.

    Example: ``{"name": "drawings.pdf", "url": "https://files.example.com/drawings.pdf", "sha256": "9f86d081…"}``
    """

    name: Line = Field(description="Give the file name, 1 to 200 characters on one line.")
    url: Link = Field(
        description="Give the whole link, beginning with https:// and without a password, "
        f"at most {MOST_URL:,} characters."
    )
    sha256: Sha256 = Field(description="Give the SHA-256 of the file as 64 hexadecimal digits, as sha256sum prints it.")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a body looks like, so that a fault in it can be named.

    Attributes:
        models: of the body itself under the empty name, and of the objects in it under their names.
        advice: what is said of an unknown name in the body itself.
    """

    models: Mapping[str, type[BaseModel]]
    advice: str = ""

    def entries(self, error: ValidationError) -> list[FieldError]:
        """Each fault that pydantic has found."""
        return [self._entry(one) for one in error.errors(include_url=False, include_input=False)]

    def hint(self, *where: int | str) -> str:
        """What to write in a place."""
        names = [part for part in where if isinstance(part, str)]
        for name, field in self._model_at(names).model_fields.items():
            if names and names[-1] in {name, field.alias}:
                return field.description or ""
        return ""

    def _entry(self, fault: ErrorDetails) -> FieldError:
        where, kind, context = fault["loc"], fault["type"], fault.get("ctx", {})
        if kind == "extra_forbidden":
            model = self._model_at(where)
            known = [field.alias or name for name, field in model.model_fields.items()]
            return unknown(where, known, self.advice if model is self.models[""] else "")
        if kind == "refused":
            code, what = str(context["code"]), str(context["reason"])
        elif kind == "too_long":
            code, what = "too-long", f"It has more than {context['max_length']:,} {where[-1]}."
        else:
            code, what = _SIMPLE.get(kind, (kind.replace("_", "-"), fault["msg"]))
        return FieldError(path(*where), code, " ".join(filter(None, (what, self.hint(*where)))))

    def _model_at(self, where: Sequence[int | str]) -> type[BaseModel]:
        return self.models[str(where[0]) if len(where) > 1 else ""]


_SIMPLE = {
    "missing": ("missing", "It is missing."),
    "string_type": ("not-text", "It is not a text."),
    "list_type": ("not-a-list", "It is not a list."),
    "dict_type": ("not-an-object", "It is not an object."),
    "model_type": ("not-an-object", "It is not an object."),
}


def unknown(where: Sequence[int | str], known: Sequence[str], advice: str = "") -> FieldError:
    """The entry for a name that does not exist, with the nearest one that does.

    Args:
        where: its place, the name last.
        known: the names that exist there.
        advice: what to do where none is near.
    """
    given = str(where[-1])
    near = difflib.get_close_matches(given.casefold(), [name.casefold() for name in known], n=1)
    meant = next((name for name in known if near and name.casefold() == near[0]), None)
    hint = f"Did you mean {meant}?" if meant else f"Known are {', '.join(known)}."
    odd = next((place for place, char in enumerate(given) if not " " <= char <= "~"), None)
    if odd is not None and (meant or not is_visible(given[odd])):
        hint = f"{at(given, odd)}. {hint}"
    return FieldError(path(*where), "unknown", " ".join(filter(None, ("There is no such field.", hint, advice))))


def each_once(found: Sequence[FieldError]) -> list[FieldError]:
    """The entries, of those with the same field the first one."""
    return list({entry.field: entry for entry in reversed(found)}.values())[::-1]
