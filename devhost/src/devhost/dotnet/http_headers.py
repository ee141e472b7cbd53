"""Header values as .NET's HttpClient reads them, and as it writes what it has read.

1. A header that .NET knows is read by a grammar of its own and written in one way: ``a/b;q=1`` becomes ``a/b; q=1``.
2. What cannot be read is refused in a request and kept as it is in an answer.
3. A list is one value for each of its members; ``Server`` and ``User-Agent`` are lists separated by blanks.
4. Any other header is a text without line ends and NUL.

Recorded from the real extension: ``tests/http_activity/http_calls``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from devhost.dotnet.http_dates import http_date
from devhost.dotnet.uri import NotAnAddressError, reference

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 - HTTP's word for a word
_BLANK: Final = r"[ \t]*"
_QUOTED: Final = r'"(?:[^"\\]|\\[\x00-\x7f])*"'
_PAIR: Final = rf"{TOKEN}{_BLANK}(?:={_BLANK}(?:(?:{TOKEN}|{_QUOTED}){_BLANK})?)?"
_PAIRS: Final = rf"(?:;{_BLANK}{_PAIR}(?:;{_BLANK}{_PAIR})*)?"
_HOST: Final = r"[^ \t\r,]+"
LARGEST: Final = 2**31 - 1

# Headers of a content: refused among a request's headers, left out of an answer's.
CONTENT_HEADERS: Final = frozenset({
    "allow", "content-disposition", "content-encoding", "content-language", "content-length", "content-location",
    "content-md5", "content-range", "content-type", "expires", "last-modified",
})  # fmt: skip


class UnreadableError(ValueError):
    """A value that its header does not take; ``args[0]`` is the part at which reading ended."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """How one member of a value is read.

    Attributes:
        form: matches the member and the blanks after it.
        write: its text; None where it is wrong after all.
        many: the value is a list.
        separator: between members that are written on one line.
    """

    form: re.Pattern[str]
    write: Callable[[re.Match[str]], str | None]
    many: bool = False
    separator: str = ", "


def _blank(value: str, at: int) -> int:
    while at < len(value) and value[at] in " \t":
        at += 1
    return at


def _next(value: str, at: int, *, many: bool) -> tuple[int, bool]:
    """Behind blanks and, where there is one, a comma (a row of them in a list); whether there was one."""
    at = _blank(value, at)
    if value[at : at + 1] != ",":
        return at, False
    at = _blank(value, at + 1)
    while many and value[at : at + 1] == ",":
        at = _blank(value, at + 1)
    return at, True


def _members(rule: _Rule, value: str) -> list[str]:
    found: list[str] = []
    at = 0
    while True:
        begin = at
        if at == len(value) and (found or (rule.many and rule.separator != " ")):
            return found
        at, parted = _next(value, at, many=rule.many)
        if rule.many and at == len(value) and rule.separator != " ":
            return found
        match = None if parted and not rule.many else rule.form.match(value, at)
        text = None if match is None else rule.write(match)
        if match is None or text is None:
            raise UnreadableError(value[begin:])
        if rule.separator == " ":
            at = match.end()
            if at < len(value) and value[at - 1] not in " \t":
                raise UnreadableError(value[begin:])
        else:
            at, parted = _next(value, match.end(), many=rule.many)
            if (parted and not rule.many) or (not parted and at < len(value)):
                raise UnreadableError(value[begin:])
        found.append(text)


# ------------------------------------------------------------------------------------------------ one value's text


def _whole_match(match: re.Match[str]) -> str:
    return match[0].strip(" \t")


def _pairs(text: str, separator: str = "; ") -> str:
    written = []
    for name, equals, value in re.findall(rf"({TOKEN}){_BLANK}(=?){_BLANK}({TOKEN}|{_QUOTED}|)", text):
        written.append(f"{name}={value}" if equals and value else name)
    return separator.join(written)


def _media_type(match: re.Match[str]) -> str:
    pairs = _pairs(match[3])
    return f"{match[1]}/{match[2]}" + (f"; {pairs}" if pairs else "")


def _with_pairs(match: re.Match[str]) -> str:
    pairs = _pairs(match[2] or "")
    return _pairs(match[1]) + (f"; {pairs}" if pairs else "")


def _with_quality(match: re.Match[str]) -> str | None:
    if match[2] is None:
        return match[1]
    quality = float(match[2])
    if quality > 1:
        return None
    text = f"{quality:.3f}".rstrip("0")
    return f"{match[1]}; q={text}0" if text.endswith(".") else f"{match[1]}; q={text}"


def _entity_tag(match: re.Match[str]) -> str:
    return ("W/" if match[1] else "") + match[2] if match[2] else "*"


def _challenge(match: re.Match[str]) -> str:
    rest = (match[2] or "").strip(" \t")
    return f"{match[1]} {rest}" if rest else match[1]


def _product(match: re.Match[str]) -> str:
    return _whole_match(match).replace(" ", "").replace("\t", "")


def _product_or_comment(match: re.Match[str]) -> str:
    text = _whole_match(match)
    return text if text.startswith("(") else _product(match)


def _via(match: re.Match[str]) -> str:
    return f"{match[1] or ''}{match[2]} {match[3]}" + (f" {match[4]}" if match[4] else "")


def _warning(match: re.Match[str]) -> str | None:
    date = http_date(match[4]) if match[4] else None
    if match[4] and date is None:
        return None
    return f"{int(match[1]):03} {match[2]} {match[3]}" + (f' "{date}"' if date else "")


def _range(match: re.Match[str]) -> str | None:
    spans = []
    for first, last in re.findall(rf"(\d*){_BLANK}-{_BLANK}(\d*)", match[2]):
        if not (first or last) or (first and last and int(first) > int(last)):
            return None
        spans.append("-".join(str(int(end)) if end else "" for end in (first, last)))
    return f"{match[1]}={', '.join(spans)}"


def _number(match: re.Match[str]) -> str | None:
    return str(int(match[1])) if len(match[1]) <= 10 and int(match[1]) <= LARGEST else None  # noqa: PLR2004 - digits


def _date(match: re.Match[str]) -> str | None:
    return http_date(match[0])


def _tag_or_date(match: re.Match[str]) -> str | None:
    tag = _ONE_TAG.form.fullmatch(match[0])
    return _entity_tag(tag) if tag and tag[2] else http_date(match[0])


def _number_or_date(match: re.Match[str]) -> str | None:
    number = _NUMBER.form.fullmatch(match[0])
    return _number(number) if number else http_date(match[0])


def _reference(match: re.Match[str]) -> str | None:
    try:
        return reference(utf8(match[0]))
    except NotAnAddressError:
        return None


def utf8(text: str) -> str:
    """A text of single bytes that is UTF-8 is read as such."""
    try:
        return text.encode("latin-1").decode()
    except ValueError:
        return text


def _host(match: re.Match[str]) -> str | None:
    text = _whole_match(match)
    valid = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\x00-\x20\"#%/:<>?@\[\\\]^`{|}]+)(:\d{0,5})?", text)
    return text if valid else None


def _service(match: re.Match[str]) -> str | None:
    if match[0].strip(" \t") == "clear":
        return "clear"
    age = match[3] and int(match[3])
    tail = f"; ma={age}" if age is not None and age != _DAY_S else ""
    return f'{match[1]}="{match[2]}"{tail}' + ("; persist=1" if match[4] else "")


_DAY_S: Final = 24 * 60 * 60


def _rule(form: str, write: Callable[[re.Match[str]], str | None] = _whole_match, **options: bool | str) -> _Rule:
    return _Rule(re.compile(form + _BLANK), write, **options)  # type: ignore[arg-type]


_NAME_VALUE: Final = rf"({_PAIR})"
_TAG: Final = rf"(?:\*|([Ww]/)?{_BLANK}({_QUOTED}))"
_CHALLENGE: Final = (
    rf"({TOKEN})(?:[ \t]+((?:{_QUOTED}|[^,\"])+(?:,[ \t,]*{TOKEN}{_BLANK}={_BLANK}(?:{TOKEN}|{_QUOTED}){_BLANK})*))?"
)
_PRODUCT: Final = rf"{TOKEN}{_BLANK}(?:/{_BLANK}{TOKEN})?"
_COMMENT: Final = r"\((?:[^()\\]|\\[\x00-\x7f]|\((?:[^()\\]|\\[\x00-\x7f]|\((?:[^()\\]|\\[\x00-\x7f])*\))*\))*\)"
_SPAN: Final = rf"(?:\d{{1,18}}{_BLANK})?-{_BLANK}(?:\d{{1,18}}{_BLANK})?"
_SERVICE: Final = rf'clear|({TOKEN})="([^"]*)"{_BLANK}(?:;{_BLANK}(?:ma=(\d{{1,9}})|(persist=1)|{_PAIR}){_BLANK})*'
_TOKENS = _rule(TOKEN, many=True)
_TYPES = _rule(rf"({TOKEN}){_BLANK}/{_BLANK}({TOKEN}){_BLANK}({_PAIRS})", _media_type, many=True)
_WITH_QUALITY = _rule(rf"({TOKEN}){_BLANK}(?:;{_BLANK}[qQ]{_BLANK}={_BLANK}(\d+(?:\.\d*)?))?", _with_quality, many=True)
_CODINGS = _rule(rf"({TOKEN}){_BLANK}({_PAIRS})", _with_pairs, many=True)
_NAME_VALUES = _rule(_NAME_VALUE, lambda match: _pairs(match[0]), many=True)
_CHALLENGES, _CREDENTIALS = _rule(_CHALLENGE, _challenge, many=True), _rule(_CHALLENGE, _challenge)
_TAGS = _rule(_TAG, _entity_tag, many=True)
_ONE_TAG = _rule(_TAG, lambda match: _entity_tag(match) if match[2] else None)
_PRODUCTS = _rule(_PRODUCT, _product, many=True)
_AGENTS = _rule(rf"(?:{_PRODUCT}|{_COMMENT})", _product_or_comment, many=True, separator=" ")
_NUMBER = _rule(r"(\d+)", _number)
_DATE = _rule(r"[^\r\n\x00]+", _date)

RULES: Final[dict[str, _Rule]] = {
    "Accept": _TYPES,
    "Accept-Charset": _WITH_QUALITY,
    "Accept-Encoding": _WITH_QUALITY,
    "Accept-Language": _WITH_QUALITY,
    "Accept-Ranges": _TOKENS,
    "Age": _NUMBER,
    "Alt-Svc": _rule(_SERVICE, _service, many=True),
    "Authorization": _CREDENTIALS,
    "Connection": _TOKENS,
    "Date": _DATE,
    "ETag": _ONE_TAG,
    "Expect": _rule(rf"{_NAME_VALUE}({_PAIRS})", _with_pairs, many=True),
    "From": _rule(r"[^\r\n\x00]+", lambda match: match[0]),
    "Host": _rule(_HOST, _host),
    "If-Match": _TAGS,
    "If-Modified-Since": _DATE,
    "If-None-Match": _TAGS,
    "If-Range": _rule(r"[^\r\n\x00]+", _tag_or_date),
    "If-Unmodified-Since": _DATE,
    "Location": _rule(r"[^\r\n\x00]+", _reference),
    "Max-Forwards": _NUMBER,
    "Pragma": _NAME_VALUES,
    "Proxy-Authenticate": _CHALLENGES,
    "Proxy-Authorization": _CREDENTIALS,
    "Range": _rule(rf"({TOKEN}){_BLANK}={_BLANK}({_SPAN}(?:,{_BLANK}{_SPAN})*)", _range),
    "Referer": _rule(r"[^\r\n\x00]+", _reference),
    "Retry-After": _rule(r"[^\r\n\x00]+", _number_or_date),
    "Server": _AGENTS,
    "TE": _CODINGS,
    "Trailer": _TOKENS,
    "Transfer-Encoding": _CODINGS,
    "Upgrade": _PRODUCTS,
    "User-Agent": _AGENTS,
    "Vary": _TOKENS,
    "Via": _rule(rf"({TOKEN}{_BLANK}/{_BLANK})?({TOKEN})[ \t]+({_HOST})(?:{_BLANK}({_COMMENT}))?", _via, many=True),
    "WWW-Authenticate": _CHALLENGES,
    "Warning": _rule(rf'(\d{{1,3}})[ \t]+({_HOST})[ \t]+({_QUOTED})(?:[ \t]+"([^"]*)")?', _warning, many=True),
}  # fmt: skip
REST_OF_LINE: Final = frozenset({
    "Date", "From", "If-Modified-Since", "If-Range", "If-Unmodified-Since", "Location", "Referer", "Retry-After",
})  # fmt: skip
_SPELLED: Final = {name.lower(): name for name in (*RULES, "Cache-Control", "Cookie", "Set-Cookie")}
_ANSWERS_ONLY: Final = frozenset({
    "Accept-Ranges", "Age", "Alt-Svc", "ETag", "Location", "Proxy-Authenticate", "Retry-After", "Server", "Vary",
    "WWW-Authenticate",
})  # fmt: skip
_BOTH: Final = frozenset({
    "Cache-Control", "Connection", "Date", "Pragma", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "Warning",
})  # fmt: skip


def spelled(name: str) -> str:
    """A header that .NET knows, in its own spelling; any other as it is."""
    return _SPELLED.get(name.lower(), name)


def rule_of(name: str, *, answer: bool) -> str | None:
    """The name under which values are read there; None where a value is a plain text."""
    known = _SPELLED.get(name.lower())
    if known in _BOTH or (known in _ANSWERS_ONLY and answer):
        return known
    return known if known in RULES and known not in _ANSWERS_ONLY and not answer else None


def read(known: str, value: str) -> list[str]:
    """The members of a value, as .NET writes them.

    Args:
        known: a name that :func:`rule_of` gave, except ``Cache-Control``.
        value: of the header.

    Raises:
        UnreadableError: the header does not take the value.
    """
    rule = RULES[known]
    if known not in REST_OF_LINE:
        return _members(rule, value)
    match = rule.form.fullmatch(value)
    text = None if match is None else rule.write(match)
    if text is None:
        raise UnreadableError(value)
    return [text]


def separator(known: str | None) -> str:
    """What separates the values of a header that is written on one line."""
    if known is None:
        return ", "
    return RULES[known].separator if known in RULES else ", "


def multiple(known: str) -> bool:
    """The header is a list, and may have more than one value."""
    return known == "Cache-Control" or RULES[known].many


# ------------------------------------------------------------------------------------------------------- directives

_PLAIN: Final = ("no-store", "no-transform", "only-if-cached", "public", "must-revalidate", "proxy-revalidate")
_ORDER: Final = (*_PLAIN, "no-cache", "max-age", "s-maxage", "max-stale", "min-fresh", "private")


def directives(values: list[str]) -> str:
    """``Cache-Control`` in .NET's order: directives that it knows, then the others.

    Raises:
        UnreadableError: one is not as it has to be.
    """
    known: dict[str, str] = {}
    others: list[str] = []
    for value in values:
        try:
            members = _members(_NAME_VALUES, value)
        except UnreadableError:
            raise UnreadableError(value) from None
        for member in members:
            name, _, said = member.partition("=")
            text = _directive(name.lower(), said)
            if text is None:
                raise UnreadableError(value)
            if name.lower() in _ORDER:
                known[name.lower()] = text
            else:
                others.append(member)
    return ", ".join([known[name] for name in _ORDER if name in known] + others)


def _directive(name: str, said: str) -> str | None:
    if name in _PLAIN:
        return None if said else name
    if name in ("no-cache", "private"):
        if not said:
            return name
        fields = re.findall(TOKEN, said) if said.startswith('"') else []
        return f'{name}="{", ".join(fields)}"' if fields else None
    if name in _ORDER:
        if name == "max-stale" and not said:
            return name
        return f"{name}={int(said)}" if re.fullmatch(r"\d{1,10}", said) and int(said) <= LARGEST else None
    return name
