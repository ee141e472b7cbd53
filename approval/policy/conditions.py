"""Conditions on the fields of a proposal: a small language of our own, typed, exact, and bounded.

    kind == "structure" and (amount > 50_000 or not departure) and category in [2, 3]

1. What a condition is made of: names of fields, texts, numbers, ``and``, ``or``, ``not``, ``== != < <= > >=``, ``in``
   with a list, and round brackets. A comparison has the field on the left and a value on the right.
2. Python's parser builds the tree; a list of permitted nodes decides what is accepted. Everything else is refused
   because it is not on the list: attributes, calls, arithmetic, comprehensions, lambdas, chains, formatted texts.
3. A constant has the type of its field and lies within the field's limits. Money is compared in exact decimals.
4. A field that may be absent is in no condition, so a condition always has an answer.
5. A refusal names the column, counted in characters from 1.
6. A condition knows the constants that each field is compared with, so that every case can be enumerated.

Why not a library: docs/decisions/0017-conditions-language.md
"""

import ast
import difflib
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from approval.amount import MOST_DECIMALS
from approval.policy.fields import ORDERED, Field, FieldType, Value
from approval.text import bare, named

MOST_CHARACTERS = 500
_TOKEN = re.compile(
    r"""(?P<blank>[ ]+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<number>[0-9][0-9_]*(?:\.[0-9]+)?)
    |(?P<text>"[^"\\\n]*"|'[^'\\\n]*')
    |(?P<sign>[=!<>]=|[<>(),\[\]-])""",
    re.VERBOSE,
)
_WHOLE = re.compile(r"0|[1-9][0-9]*(?:_[0-9]+)*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOST_DIGITS = 20
_WITHIN = "Write a value that it can have."
_APART = frozenset({"name", "number", "text"})
_LIST = "It is made of names of fields, texts in quotes, numbers, and, or, not, in, == != < <= > >=, and brackets."
_COMPARE: Mapping[type[ast.cmpop], tuple[str, Callable[[Value, Value], bool]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
_ORDERING = frozenset({"<", "<=", ">", ">="})
_REFUSED: Mapping[type[ast.AST], str] = {
    ast.Call: "Nothing can be called here.",
    ast.Attribute: "A field has no parts.",
    ast.BinOp: "There is no arithmetic here.",
    ast.UnaryOp: "There is no arithmetic here.",
    ast.Subscript: "A field has no parts.",
    ast.IfExp: "There is no if here.",
    ast.ListComp: "Nothing is repeated here.",
    ast.GeneratorExp: "Nothing is repeated here.",
    ast.Tuple: "A comma belongs into a list: in [1, 2].",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text is no condition.

    Attributes:
        column: from 1.
        what: what is wrong there.
        instead: what would be right.
    """

    column: int
    what: str
    instead: str


@dataclass(frozen=True, slots=True)
class IsSet:
    """A boolean field alone."""

    field: str


@dataclass(frozen=True, slots=True)
class Compared:
    """``amount > 50_000``."""

    field: str
    sign: str
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """``category in [2, 3]``."""

    field: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``not departure``."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Every:
    """Parts joined by ``and``."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Parts joined by ``or``."""

    parts: tuple["Node", ...]


Node = IsSet | Compared | OneOf | Not | Every | Some
_BY_SIGN = dict(_COMPARE.values())


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read: its text and its tree."""

    text: str
    tree: Node

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether it is true of a proposal whose fields have these values; each field of the condition has one."""
        return _holds(self.tree, values)

    def constants(self) -> dict[str, frozenset[Value]]:
        """Each field of the condition, with the constants that it is compared with."""
        found: dict[str, set[Value]] = {}
        _collect(self.tree, found)
        return {name: frozenset(values) for name, values in found.items()}


def read_condition(text: str, fields: Mapping[str, Field]) -> Condition | Refusal:
    """The condition that a text states about these fields, or why it is none."""
    reason = _unreadable(text)
    if reason:
        return reason
    try:
        tree = ast.parse(text.lstrip(" "), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return _misplaced(text, error)
    try:
        return Condition(text.strip(" "), _Reader(text, fields).node(tree.body))
    except _NotTaken as refused:
        return refused.refusal


def _unreadable(text: str) -> Refusal | None:
    """What is wrong with the characters, so that Python's parser sees only what this language has."""
    if not text.strip(" "):
        return Refusal(1, "It is empty.", "Leave it out if it should always hold.")
    if len(text) > MOST_CHARACTERS:
        return Refusal(MOST_CHARACTERS + 1, f"It has more than {MOST_CHARACTERS} characters.", "Make it shorter.")
    place, before, last = 0, "", ""
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            if text[place] in "\"'":
                return Refusal(place + 1, "The text that begins here does not end.", "Close it, without a \\ in it.")
            return Refusal(place + 1, f"{named(text[place])} has no meaning here.", _LIST)
        kind = str(token.lastgroup)
        if (kind in _APART and before in _APART) or kind == last == "text":
            return Refusal(place + 1, "Two words or values are side by side.", "Join them with and, or, in or a sign.")
        if kind == "number" and not _WHOLE.fullmatch(token[0].partition(".")[0]):
            return Refusal(place + 1, f"{token[0]} is no number.", "Write it like 50_000 or 0.5.")
        place, before = token.end(), kind
        last = last if kind == "blank" else kind
    return None


def _misplaced(text: str, error: Exception) -> Refusal:
    """What Python's parser does not take; where it ends too early, the parser gives no place."""
    blanks = len(text) - len(text.lstrip(" "))
    offset = error.offset if isinstance(error, SyntaxError) else None
    column = min(blanks + offset, len(text)) if offset else len(text)
    return Refusal(column, "It cannot be read here.", 'Write for example: amount > 50_000 and kind == "a".')


class _NotTaken(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.what)
        self.refusal = refusal


class _Reader:
    """Builds our tree from Python's, node by node."""

    def __init__(self, text: str, fields: Mapping[str, Field]) -> None:
        self._blanks = len(text) - len(text.lstrip(" "))
        self._bytes = text.lstrip(" ").encode()
        self._fields = fields

    def node(self, node: ast.expr) -> Node:
        """The part of our tree for a part of Python's."""
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                return Every(tuple(map(self.node, values)))
            case ast.BoolOp(op=ast.Or(), values=values):
                return Some(tuple(map(self.node, values)))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.node(operand))
            case ast.Name():
                return self._is_set(node)
            case ast.Compare():
                return self._compared(node)
            case ast.Constant():
                raise self._refuse(node, "A value alone is no condition.", "Compare a field with it.")
        raise self._refuse(node, _REFUSED.get(type(node), "This has no meaning here."), _LIST)

    def _is_set(self, node: ast.Name) -> IsSet:
        field = self._field(node)
        if field.type is not FieldType.BOOLEAN:
            example = "==" if field.type not in ORDERED else ">"
            raise self._refuse(
                node,
                f"{field.name} is of type {field.type} and no condition alone.",
                f"Compare it: {field.name} {example} …",
            )
        return IsSet(field.name)

    def _compared(self, node: ast.Compare) -> Compared | OneOf:
        if len(node.ops) > 1:
            raise self._refuse(node, "Only two things are compared at a time.", "Join two comparisons with and.")
        left, (sign,), (right,) = node.left, node.ops, node.comparators
        if not isinstance(left, ast.Name):
            raise self._refuse(left, "The name of a field belongs on the left of a comparison.", "Swap the two sides.")
        field = self._field(left)
        if field.type is FieldType.BOOLEAN:
            raise self._refuse(left, "A boolean is not compared.", f"Write {field.name} or not {field.name}.")
        if isinstance(sign, ast.In):
            if not isinstance(right, ast.List) or not right.elts:
                raise self._refuse(right, "A list of values must follow in.", "Write for example: in [1, 2].")
            return OneOf(field.name, tuple(self._value(each, field) for each in right.elts))
        if isinstance(sign, ast.NotIn):
            raise self._refuse(left, "not must come before the comparison.", f"Write not {field.name} in [...].")
        if type(sign) not in _COMPARE:
            raise self._refuse(left, "is has no meaning here.", "Write ==.")
        name = _COMPARE[type(sign)][0]
        if name in _ORDERING and field.type not in ORDERED:
            raise self._refuse(
                left, f"{field.name} is of type {field.type}, which has no order.", "Compare it with ==, != or in."
            )
        return Compared(field.name, name, self._value(right, field))

    def _field(self, node: ast.Name) -> Field:
        field = self._fields.get(node.id)
        if field is None:
            near = difflib.get_close_matches(node.id, self._fields, 1)
            known = ", ".join(list(self._fields)[:10]) or "none"
            advice = f"Did you mean {near[0]}?" if near else f"The fields are: {known}."
            raise self._refuse(node, f"There is no field {node.id}.", advice)
        if field.type is FieldType.LINK:
            raise self._refuse(node, f"{field.name} is a link, and links are not compared.", "Use another field.")
        if field.may_be_absent:
            raise self._refuse(
                node, f"{field.name} is optional and has no default, so it may be absent.", "Give the field a default."
            )
        return field

    def _value(self, node: ast.expr, field: Field) -> Value:
        value = self._constant(node, field)
        if field.type is FieldType.CHOICE:
            if value not in field.choices:
                raise self._refuse(
                    node, f"{field.name} has no such choice.", f"The choices are: {', '.join(field.choices)}."
                )
            return value
        if isinstance(value, str) and bare(value)[0] != value:
            raise self._refuse(node, "A text of a proposal has no blanks around it.", "Leave them out here too.")
        size, of = (len(value), "The length of ") if isinstance(value, str) else (value, "")
        if size < field.least:  # type: ignore[operator]  # both have the field's type
            raise self._refuse(node, f"{of}{field.name} is never below {field.least}.", _WITHIN)
        if size > field.greatest:  # type: ignore[operator]
            raise self._refuse(node, f"{of}{field.name} is never above {field.greatest}.", _WITHIN)
        return value

    def _constant(self, node: ast.expr, field: Field) -> Value:
        number = self._number(node)
        if field.type in {FieldType.TEXT, FieldType.CHOICE}:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                return node.value
            raise self._refuse(
                node, f"{field.name} is compared with a text.", f'Write for example: {field.name} == "a".'
            )
        if field.type is FieldType.DATE:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and (day := _day(node.value)):
                return day
            raise self._refuse(
                node, f"{field.name} is compared with a date.", f'Write for example: {field.name} < "2027-01-31".'
            )
        if number is None:
            raise self._refuse(
                node, f"{field.name} is compared with a number.", f"Write for example: {field.name} > 10."
            )
        if field.type is FieldType.INTEGER:
            if number != number.to_integral_value():
                raise self._refuse(node, f"{field.name} is a whole number.", "Write it without decimals.")
            return int(number)
        if number != number.quantize(Decimal(1).scaleb(-MOST_DECIMALS)):
            raise self._refuse(node, f"An amount has at most {MOST_DECIMALS} decimals.", "Write fewer.")
        return number

    def _number(self, node: ast.expr) -> Decimal | None:
        """The exact number that is written here; None if there is none."""
        sign, digits = "", node
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            sign, digits = "-", node.operand
        if not isinstance(digits, ast.Constant) or type(digits.value) not in {int, float}:
            return None
        written = self._bytes[digits.col_offset : digits.end_col_offset].decode().replace("_", "")
        if len(written.replace(".", "")) > _MOST_DIGITS:
            raise self._refuse(node, f"The number has more than {_MOST_DIGITS} digits.", "Write a smaller one.")
        return Decimal(sign + written)

    def _refuse(self, node: ast.expr, what: str, instead: str) -> _NotTaken:
        column = self._blanks + len(self._bytes[: node.col_offset].decode()) + 1
        return _NotTaken(Refusal(column, what, instead))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _holds(node: Node, values: Mapping[str, Value]) -> bool:
    match node:
        case IsSet(field):
            return values[field] is True
        case Compared(field, sign, value):
            return _BY_SIGN[sign](values[field], value)
        case OneOf(field, choices):
            return values[field] in choices
        case Not(part):
            return not _holds(part, values)
        case Every(parts):
            return all(_holds(part, values) for part in parts)
        case Some(parts):
            return any(_holds(part, values) for part in parts)


def _collect(node: Node, found: dict[str, set[Value]]) -> None:
    match node:
        case IsSet(field):
            found.setdefault(field, set())
        case Compared(field, _, value):
            found.setdefault(field, set()).add(value)
        case OneOf(field, choices):
            found.setdefault(field, set()).update(choices)
        case Not(part):
            _collect(part, found)
        case Every(parts) | Some(parts):
            for part in parts:
                _collect(part, found)
