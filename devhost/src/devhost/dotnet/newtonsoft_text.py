r"""The characters and tokens of loose JSON: blanks, comments, strings, names and numbers, read in long strides.

Rules of this module:

1. Each character is read a bounded number of times. What has no bound of its own (blanks, comments, strings,
   names, digits) is found by a regular expression or by the standard library's scanner, never one by one.
2. A standard scanner that refuses a text counts the lines before it: so it is asked for a bounded number of times.
3. Lines end by ``\n``, ``\r`` or both; a position counts from the last of them.
"""

import re
from dataclasses import dataclass
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # not in typeshed
from typing import Final, NoReturn

END: Final = ""  # the character behind the last one
MOST_FAILED_TRIES: Final = 16
LONGEST_INTEGER: Final = 380  # with its sign
_BLANK: Final = "".join(chr(one) for one in range(0x10000) if chr(one).isspace() and not 0x1C <= one <= 0x1F)  # noqa: PLR2004 - these four are blanks to Python alone
_BLANKS: Final = re.compile(f"[\0{_BLANK}]*")
_LINE_END: Final = re.compile("[\r\n]")
_PLAIN: Final = {'"': re.compile(r'[^"\\]*'), "'": re.compile(r"[^'\\]*")}
_ESCAPES_RUN: Final = re.compile(r"""(?:\\(?:[btnfr\\"'/]|u[0-9a-fA-F]{4}))*+""")
_NAME: Final = re.compile("[0-9A-Za-z_$]*")
_LETTERS: Final = re.compile("[0-9A-Za-z]*")
_IN_NUMBERS: Final = re.compile(r"[-+.0-9a-fA-FxX]*")
_AFTER_NUMBERS: Final = frozenset(",}])/\0")
_FLOAT: Final = re.compile(r"-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_QUOTED_IN_PATHS: Final = re.compile(r"[ '/\"\[\]()\t\n\r\f\b\\\u0085\u2028\u2029.]")
_ESCAPED: Final = "btnfr\\\"'/"


class LooseJsonError(ValueError):
    """The parser refuses the text; the message is Newtonsoft's."""


class Raw(str):
    """Not a JSON value; written back unchanged: a comment, ``undefined``, a constructor."""

    __slots__ = ()


UNDEFINED = Raw("undefined")


@dataclass(slots=True)
class Container:
    """The position inside an object, an array or a constructor."""

    kind: str
    index: int = -1
    name: str | None = None

    @property
    def step(self) -> str:
        """The container's part of a path."""
        if self.kind != "Object":
            return f"[{self.index}]" if self.index >= 0 else ""
        if self.name is None:
            return ""
        if _QUOTED_IN_PATHS.search(self.name):
            escaped = self.name.replace("\\", "\\\\").replace("'", "\\'")
            return f"['{escaped}']"
        return f".{self.name}"


class Cursor:
    """A position in a text, and the tokens that begin there.

    Args:
        text: all of it.
        at: where to begin.
    """

    def __init__(self, text: str, at: int = 0) -> None:
        self.text, self.at = text, at
        self.line, self.line_start = 1, 0
        self.fresh = True  # nothing has been read yet
        self.within: list[Container] = []
        self.just_opened = False
        self.tries = MOST_FAILED_TRIES

    # ---------------------------------------------------------------- where it is

    def refuse(self, words: str) -> NoReturn:
        """Refuses the text here.

        Raises:
            LooseJsonError: always.
        """
        raise LooseJsonError(f"{words} {self.place()}")

    def place(self) -> str:
        """The path, the line and the position, with which the message of a refusal ends."""
        column = self.at - self.line_start
        line = 0 if self.fresh and not self.within and column == 0 else self.line
        return f"Path '{self._path()}', line {line}, position {column}."

    def _path(self) -> str:
        inner = self.within[:-1] if self.just_opened else self.within
        return "".join(one.step for one in inner).removeprefix(".")

    def here(self) -> str:
        """The character here."""
        return self.text[self.at : self.at + 1]

    def skip(self, end: int) -> None:
        """Moves to ``end`` and counts the lines that end before it."""
        text, at = self.text, self.at
        self.at = end
        last = max(text.rfind("\n", at, end), text.rfind("\r", at, end))
        if last >= 0:
            both = text.count("\r\n", at, end)
            self.line += text.count("\n", at, end) + text.count("\r", at, end) - both
            self.line_start = last + 1

    # ---------------------------------------------------------------- between values

    def blanks(self) -> str:
        """Past blanks and NULs; the character that follows."""
        here = self.here()
        if "!" <= here <= "~":
            return here
        found = _BLANKS.match(self.text, self.at)
        if found is not None and found.end() > self.at:
            self.skip(found.end())
        return self.here()

    def content(self) -> str:
        """Past blanks and comments."""
        while (here := self.blanks()) == "/":
            self.comment()
        return here

    def separated(self) -> bool:
        """Whether a word or a number may end here."""
        here = self.here()
        if here == "/":
            return self.text[self.at + 1 : self.at + 2] in ("/", "*")
        inside = bool(self.within) and self.within[-1].kind == "Constructor"
        return here == END or here in "}],\0" or is_blank(here) or (here == ")" and inside)

    def comment(self) -> Raw:
        """A comment, which begins here."""
        self.at += 1
        if self.at + 1 >= len(self.text):
            self.refuse("Unexpected end while parsing comment.")
        mark = self.here()
        if mark not in ("*", "/"):
            self.refuse(f"Error parsing comment. Expected: *, got {mark}.")
        self.at += 1
        start = self.at
        if mark == "/":
            line_end = _LINE_END.search(self.text, start)
            self.at = len(self.text) if line_end is None else line_end.start()
            return Raw(f"/*{self.text[start : self.at]}*/")
        end = self.text.find("*/", start)
        if end < 0:
            self.skip(len(self.text))
            self.refuse("Unexpected end while parsing comment.")
        self.skip(end + 2)
        return Raw(f"/*{self.text[start:end]}*/")

    # ---------------------------------------------------------------- tokens

    def word(self, word: str, otherwise: str) -> None:
        """Past this word, which begins here; ``otherwise`` is the refusal of any other.

        Raises:
            LooseJsonError: it is another word, or goes on.
        """
        if len(self.text) - self.at < len(word):
            self.at = len(self.text)
            self.refuse("Unexpected end when reading JSON.")
        for letter in word:
            if self.here() != letter:
                self.refuse(otherwise)
            self.at += 1
        if not self.separated():
            self.refuse(otherwise)

    def string(self, quote: str) -> str:
        """A string, whose quote is here."""
        if quote == '"' and self.tries:
            try:
                text, end = scanstring(self.text, self.at + 1, False)  # noqa: FBT003 - control characters are taken
            except JSONDecodeError:
                self.tries -= 1
            else:
                self.skip(end)
                return _paired(text)
        self.at += 1
        parts: list[str] = []
        while (here := self.here()) != quote:
            if here == END:
                self.refuse(f"Unterminated string. Expected delimiter: {quote}.")
            if here == "\\":
                parts.append(self._escapes(quote))
                continue
            found = _PLAIN[quote].match(self.text, self.at)
            end = self.at if found is None else found.end()
            parts.append(self.text[self.at : end])
            self.skip(end)
        self.at += 1
        return _paired("".join(parts))

    def _escapes(self, quote: str) -> str:
        found = _ESCAPES_RUN.match(self.text, self.at)
        end = self.at if found is None else found.end()
        if end == self.at or end == len(self.text):
            self._bad_escape(quote)
        run = self.text[self.at : end].replace("\\'", "'")
        self.at = end
        return str(scanstring(f'{run}"', 0)[0])

    def _bad_escape(self, quote: str) -> NoReturn:
        """Past the good ones, to the one that is not, or that ends the text."""
        while True:
            self.at += 1
            letter = self.here()
            if letter == END:
                self.refuse(f"Unterminated string. Expected delimiter: {quote}.")
            self.at += 1
            if letter == "u":
                digits = self.text[self.at : self.at + 4]
                if len(self.text) - self.at <= 4:  # noqa: PLR2004 - four digits, and something behind them
                    self.refuse("Unexpected end while parsing Unicode escape sequence.")
                if not re.fullmatch("[0-9a-fA-F]{4}", digits):
                    self.refuse(f"Invalid Unicode escape sequence: \\u{digits}.")
                self.at += 4
            elif letter not in _ESCAPED:
                self.refuse(f"Bad JSON escape sequence: \\{letter}.")
            if self.here() != "\\":
                self.refuse(f"Unterminated string. Expected delimiter: {quote}.")

    def number(self) -> str:
        """The text of a number, which begins here."""
        start = self.at
        found = _IN_NUMBERS.match(self.text, start)
        self.at = start if found is None else found.end()
        here = self.here()
        if here != END and here not in _AFTER_NUMBERS and not is_blank(here):
            self.refuse(f"Unexpected character encountered while parsing number: {here}.")
        return self.text[start : self.at]

    def letters(self, *, of_names: bool) -> str:
        """The letters and digits from here on; in names also ``_`` and ``$``."""
        start, many = self.at, _NAME if of_names else _LETTERS
        while True:
            found = many.match(self.text, self.at)
            self.at = self.at if found is None else found.end()
            here = self.here()
            if here == END or not (in_names(here) if of_names else here.isalnum()):
                return self.text[start : self.at]
            self.at += 1


def is_blank(letter: str) -> bool:
    """Whether the character is a blank for .NET."""
    return letter.isspace() and letter not in "\x1c\x1d\x1e\x1f"  # these four are blanks to Python alone


def in_names(letter: str) -> bool:
    """Whether a name without quotes may hold the character."""
    return letter.isalpha() or letter.isdecimal() or letter in "_$"


def number_of(text: str) -> int | float:
    """The number that Newtonsoft reads from the text: octal and hexadecimal ones have 64 bits, and wrap.

    Raises:
        OverflowError: it is an integer with too many digits.
        ValueError: it is not a number.
    """
    if len(text) > 1 and text[0] == "0" and text[1] not in ".eE":
        value = int(text, 0) if text[1] in "xX" else int(text, 8)
        if value >= 2**64:
            raise ValueError(text)
        return value - 2**64 if value >= 2**63 else value
    if re.fullmatch(r"-?\d+", text):
        if len(text) > LONGEST_INTEGER:
            raise OverflowError(text)
        return int(text)
    if not _FLOAT.fullmatch(text):
        raise ValueError(text)
    return float(text)


def _paired(text: str) -> str:
    """Halves of a pair that were escaped one by one belong together; a half alone is U+FFFD."""
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
