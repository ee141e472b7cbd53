"""From method and path to a function: the route table of the Functions host (contract 6.1).

1. A template is the host's prefix and the function's route, in ASP.NET Core's syntax: ``{x}``, ``{x?}``,
   ``{x=default}``, ``{*rest}``, ``{**rest}``, inline constraints, mixed segments such as ``a-{x}-b``.
2. The first match in the order of function names wins, not the most specific one.
3. The method is part of the match: a wrong verb is no match, so 404 and never 405. No methods means all.
4. Literals and names of parameters are compared in any case; values keep theirs. The path is URL-decoded before, but
   for ``%2F``, which stays as it is; ``+`` is a plus (Kestrel).
5. A constraint that fails is no match. One that does not exist, or a template that is none, stops the host.
6. An empty segment matches nothing but a catch-all, so ``//`` is not the root.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from devhost.app.indexer import Function
from devhost.dotnet.paths import decoded
from devhost.dotnet.route_constraints import constraint
from devhost.errors import BadRoute

_NAME: Final = re.compile(r"[^/{}?*:=]+")
_KEYED: Final = 2  # leading segments by which the table is split


@dataclass(frozen=True, slots=True)
class Match:
    """The function that a request goes to, and its route values; an optional one that is unused is absent."""

    function: Function
    params: Mapping[str, str]


class RouteTable:
    """The routes of an app, compiled once.

    Args:
        functions: in the host's order; those without HTTP are skipped.
        prefix: the host's route prefix, such as ``api``; may be empty.

    Raises:
        BadRoute: one of the templates cannot be compiled.
    """

    def __init__(self, functions: Iterable[Function], prefix: str = "api") -> None:
        self._routes = [
            _compile(function, function.http.route, function.http.methods, prefix)
            for function in functions
            if function.http is not None
        ]
        # Routes that begin with the same two literals lie together; those that begin otherwise are in every group.
        self._open = tuple(route for route in self._routes if route.key is None)
        self._groups = {
            key: tuple(route for route in self._routes if route.key in (None, key))
            for key in {route.key for route in self._routes if route.key is not None}
        }

    def match(self, method: str, path: str) -> Match | None:
        """The function for this request; None means 404.

        Args:
            method: as sent; compared in any case.
            path: as sent, URL-encoded, without the query.
        """
        segments = _segments(path)
        key = "/".join(segments[:_KEYED]).lower().rstrip("/")
        method = method.upper()
        path = "/".join(segments)
        for route in self._groups.get(key, self._open):
            if route.methods and method not in route.methods:
                continue
            params = route.values(path)
            if params is not None:
                return Match(route.function, params)
        return None


class _Part(NamedTuple):
    """A literal, or the text between the braces of a parameter."""

    text: str
    is_parameter: bool


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    default: str | None
    checks: tuple[Callable[[str], bool], ...]


@dataclass(frozen=True, slots=True)
class _Route:
    function: Function
    methods: frozenset[str]
    key: str | None
    pattern: re.Pattern[str]
    parameters: tuple[_Parameter, ...]

    def values(self, path: str) -> dict[str, str] | None:
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        values: dict[str, str] = {}
        for parameter, value in zip(self.parameters, found.groups(), strict=True):
            kept = value or parameter.default
            if not kept:
                continue
            if not all(check(kept) for check in parameter.checks):
                return None
            values[parameter.name] = kept
        return values


def _segments(path: str) -> list[str]:
    """The path's decoded segments, as the web server and the matcher see them: no dots, no slash at the end."""
    return decoded(path).removeprefix("/").split("/")


def _compile(function: Function, route: str, methods: tuple[str, ...], prefix: str) -> _Route:
    template = f"{prefix}/{route}" if prefix else route
    try:
        parser = _Template(template.removeprefix("~").removeprefix("/"))
    except ValueError as error:
        raise BadRoute(function.name, template, str(error)) from error
    return _Route(
        function=function,
        methods=frozenset(methods),
        key=parser.key,
        pattern=re.compile(parser.regex, re.IGNORECASE | re.DOTALL),
        parameters=tuple(parser.parameters),
    )


class _Template:
    """One template, parsed; ``regex`` has one group per parameter, in order."""

    def __init__(self, template: str) -> None:
        self.parameters: list[_Parameter] = []
        self._names: set[str] = set()
        segments = _split(template)
        parts = [_parts(segment) for segment in segments]
        last = len(segments) - 1
        literal: list[str] = []
        for segment in parts:
            if len(segment) != 1 or segment[0].is_parameter:
                break
            literal.append(segment[0].text.lower())
        self.key = "/".join(literal[:_KEYED]) if len(literal) >= _KEYED else None
        if self.key is None and len(literal) == len(segments):
            self.key = "/".join(literal)
        pieces = [self._segment(segment, is_last=index == last) for index, segment in enumerate(parts)]
        begin = "" if segments[0].startswith("{*") else "(?!/)"
        self.regex = begin + self._join(pieces) + "/?"

    def _join(self, pieces: list[tuple[str, bool]]) -> str:
        """Segments one after another; the absent ones at the end each take their slash with them."""
        regex = ""
        absent = True
        for index in range(len(pieces) - 1, -1, -1):
            piece, may_be_absent = pieces[index]
            absent = absent and may_be_absent
            slash = "/" if index else ""
            regex = f"(?:{slash}{piece}{regex})?" if absent else f"{slash}{piece}{regex}"
        return regex

    def _segment(self, parts: list[_Part], *, is_last: bool) -> tuple[str, bool]:
        """A segment's regex, and whether it may be absent."""
        if len(parts) == 1 and parts[0].is_parameter:
            return self._whole(parts[0].text, is_last=is_last)
        regex = ""
        before = _Part("", is_parameter=False)
        for index, part in enumerate(parts):
            if not part.is_parameter:
                regex += re.escape(part.text)
            elif part.text.startswith("*"):
                raise ValueError("A path segment that contains more than one section cannot contain a catch-all.")
            elif before.is_parameter:
                raise ValueError("A path segment cannot contain two consecutive parameters without a literal between.")
            else:
                _, optional = self._parameter(part.text)
                if optional and (index != len(parts) - 1 or not before.text.endswith(".")):
                    raise ValueError("An optional parameter must be at the end of its segment, after a dot.")
                if optional:
                    regex = regex.removesuffix(r"\.") + r"(?:\.([^/.]+))?"
                else:
                    regex += "([^/]+?)" if parts[-1].text.endswith("?") else "([^/]+)"
            before = part
        return regex, False

    def _whole(self, text: str, *, is_last: bool) -> tuple[str, bool]:
        """The same for a parameter that is a segment of its own."""
        if text.startswith("*"):
            if not is_last:
                raise ValueError("A catch-all parameter can only appear as the last segment of the route template.")
            self._parameter(text.lstrip("*"))
            return "(.*)", True
        parameter, optional = self._parameter(text)
        return "([^/]+)", optional or parameter.default is not None

    def _parameter(self, text: str) -> tuple[_Parameter, bool]:
        """Read ``name:constraint(argument)=default?``."""
        match = _NAME.match(text)
        if match is None:
            raise ValueError(f"The route parameter name '{text}' is invalid.")
        name = match[0]
        if name.lower() in self._names:
            raise ValueError(f"The route parameter name '{name}' appears more than one time in the route template.")
        self._names.add(name.lower())
        constraints, default, optional = _tail(text[match.end() :])
        parameter = _Parameter(name, default, tuple(constraint(one) for one in constraints))
        self.parameters.append(parameter)
        return parameter, optional


def _tail(text: str) -> tuple[list[str], str | None, bool]:
    """The text after a parameter's name: constraints, a default, and whether it is optional."""
    constraints: list[str] = []
    while text.startswith(":"):
        depth = 0
        end = 1
        while end < len(text) and (depth or text[end] not in ":=?"):
            depth += (text[end] == "(") - (text[end] == ")")
            end += 1
        constraints.append(text[1:end])
        text = text[end:]
    if text.startswith("="):
        if text.endswith("?"):
            raise ValueError("An optional parameter cannot have a default value.")
        return constraints, text[1:], False
    if text not in ("", "?"):
        raise ValueError(f"There is something that cannot be read after a parameter's name: '{text}'.")
    return constraints, None, text == "?"


def _split(template: str) -> list[str]:
    """The segments; a slash within braces, as in a regex, does not part them."""
    segments = [""]
    depth = 0
    for character in template.removesuffix("/"):
        depth += (character == "{") - (character == "}")
        if character == "/" and depth <= 0:
            segments.append("")
        else:
            segments[-1] += character
    if "" in segments and segments != [""]:
        raise ValueError("The route template separator character '/' cannot appear consecutively.")
    return segments


def _parts(segment: str) -> list[_Part]:
    """Literals and parameters; doubled braces mean single ones."""
    parts: list[_Part] = []
    literal = ""
    index = 0
    while index < len(segment):
        two = segment[index : index + 2]
        if two in ("{{", "}}"):
            literal += two[0]
            index += 2
        elif segment[index] == "{":
            end = _closing(segment, index)
            parts += [_Part(literal, is_parameter=False)] if literal else []
            literal = ""
            text = segment[index + 1 : end].replace("{{", "{").replace("}}", "}")
            parts.append(_Part(text, is_parameter=True))
            index = end + 1
        elif segment[index] in "}?":
            raise ValueError(f"The literal section '{segment}' is invalid: it may hold neither '?' nor a single brace.")
        else:
            literal += segment[index]
            index += 1
    return [*parts, _Part(literal, is_parameter=False)] if literal or not parts else parts


def _closing(segment: str, start: int) -> int:
    """Where the parameter that begins at ``start`` ends; doubled braces within it do not end it."""
    index = start + 1
    while index < len(segment):
        if segment[index] == "}" and segment[index + 1 : index + 2] != "}":
            return index
        index += 2 if segment[index : index + 2] in ("{{", "}}") else 1
    raise ValueError(f"There is an incomplete parameter in '{segment}': check that each '{{' has a matching '}}'.")
