"""Which top-level statements of an app are needed from its entry file, and the modules without the others.

1. A statement is needed if the entry file names it, directly or through other needed statements.
2. A module of which anything is needed keeps its docstring and what it does when it is imported.
3. A function is needed too if one of its decorators belongs to a needed value of its module, such as a blueprint.
4. A module that is passed on as a value is needed in full.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

_ROW = re.compile(r"\| ``(\w+)`` \|")  # of a table in a docstring, about a name of the module
_WIDTH = 120
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Module:
    """One file of the app, read but not run.

    Attributes:
        name: dotted.
        imports: names that its imports bind, each with the module and, unless it is a module, the name there.
        defined: names that its own statements bind, each with the numbers of these statements.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path
        self.source = path.read_text(encoding="utf-8")
        self.statements = ast.parse(self.source).body
        self.imports: dict[str, tuple[str, str | None]] = {}
        self.defined: dict[str, set[int]] = {}
        for number, node in enumerate(self.statements):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.imports.update(_bound(node))
            for bound in _names(node):
                self.defined.setdefault(bound, set()).add(number)

    def does_something(self, node: ast.stmt) -> bool:
        """It acts when the module is imported: neither a definition, nor an import, nor a docstring."""
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        return not (_names(node) or is_text or isinstance(node, ast.Import | ast.ImportFrom))


def modules(root: Path) -> dict[str, Module]:
    """The modules of every package in this folder, by dotted name."""
    found = {}
    for package in sorted(path.parent for path in root.glob("*/__init__.py")):
        for path in sorted(package.rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = Module(name, path)
    return found


class Reach:
    """What is needed from an entry file.

    Attributes:
        needed: for each module of which anything is needed, the numbers of its needed statements.
    """

    def __init__(self, known: dict[str, Module], entry: Path) -> None:
        self._known = known
        self._handed_on: dict[str, set[str]] = {}  # names that others import from where they were imported to
        self.needed: dict[str, set[int]] = {}
        start = Module("", entry)
        for node in start.statements:
            self._follow(start, node)
        before = -1
        while before != (before := sum(map(len, self.needed.values()))):
            self._decorated()

    def has(self, module: str, name: str | None = None) -> bool:
        """Whether the module is needed, and this name of it."""
        if name is None or f"{module}.{name}" in self._known:
            return module in self.needed and (name is None or f"{module}.{name}" in self.needed)
        if module not in self.needed:
            return False
        kept = self._known[module].defined.get(name, set()) & self.needed[module]
        return bool(kept) or name in self._used(self._known[module])

    def text(self, name: str) -> str:
        """The module's source without what is not needed."""
        module = self._known[name]
        lines, used = module.source.splitlines(), self._used(module)
        for number, node in reversed(list(enumerate(module.statements))):
            first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                continue
            if isinstance(node, ast.Import | ast.ImportFrom):
                kept = [each for each in node.names if (each.asname or each.name.split(".")[0]) in used]
                if len(kept) < len(node.names):
                    lines[first - 1 : node.end_lineno] = [_imported(node, kept)] if kept else []
            elif number not in self.needed[name] and (_names(node) or module.does_something(node)):
                while first > 1 and lines[first - 2].startswith("#"):
                    first -= 1
                del lines[first - 1 : node.end_lineno]
        gone = {each for each, where in module.defined.items() if not where & self.needed[name]}
        lines = [line for line in lines if not ((row := _ROW.match(line)) and row[1] in gone)]
        return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip() + "\n"

    def _used(self, module: Module) -> set[str]:
        kept = [module.statements[number] for number in self.needed.get(module.name, ())]
        named = {each.id for node in kept for each in ast.walk(node) if isinstance(each, ast.Name)}
        return named | self._handed_on.get(module.name, set())

    def _decorated(self) -> None:
        for name in list(self.needed):
            module = self._known[name]
            for number, node in enumerate(module.statements):
                roots = {_root(each) for each in getattr(node, "decorator_list", [])}
                if any(module.defined.get(root, set()) & self.needed[name] for root in roots):
                    self._need(module, number)

    def _activate(self, name: str) -> None:
        if name in self.needed or name not in self._known:
            return
        self.needed[name] = set()
        if "." in name:
            self._activate(name.rpartition(".")[0])
        module = self._known[name]
        for number, node in enumerate(module.statements):
            if module.does_something(node):
                self._need(module, number)

    def _need(self, module: Module, number: int) -> None:
        if number not in self.needed[module.name]:
            self.needed[module.name].add(number)
            self._follow(module, module.statements[number])

    def _symbol(self, name: str, symbol: str) -> None:
        """One name of a module is needed."""
        self._activate(name)
        if name not in self._known:
            return
        module = self._known[name]
        if symbol in module.defined:
            for number in module.defined[symbol]:
                self._need(module, number)
        elif symbol in module.imports:
            self._handed_on.setdefault(name, set()).add(symbol)
            self._imported(*module.imports[symbol])
        else:
            self._activate(f"{name}.{symbol}")

    def _imported(self, module: str, symbol: str | None) -> None:
        target = module if symbol is None else f"{module}.{symbol}"
        if target in self._known:
            self._activate(target)
        elif symbol is not None:
            self._symbol(module, symbol)

    def _follow(self, module: Module, node: ast.AST) -> None:
        """All that the node names is needed."""
        nodes, aliases = list(ast.walk(node)), dict(module.imports)
        for each in nodes:
            if isinstance(each, ast.Import | ast.ImportFrom):
                aliases.update(_bound(each))
        through: set[ast.AST] = set()
        for each in nodes:
            if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
                target = self._module(aliases.get(each.value.id))
                if target:
                    through.add(each.value)
                    self._symbol(target, each.attr)
        for each in nodes:
            if isinstance(each, ast.Name) and each not in through:
                self._bare(module, each.id, aliases)

    def _bare(self, module: Module, name: str, aliases: dict[str, tuple[str, str | None]]) -> None:
        """A name alone: of a module, of what was imported from one, or of this module."""
        target = self._module(aliases.get(name))
        if target:
            self._everything(target)
        elif name in aliases:
            self._imported(*aliases[name])
        elif module.name:
            for number in module.defined.get(name, ()):
                self._need(module, number)

    def _module(self, bound: tuple[str, str | None] | None) -> str | None:
        if bound is None:
            return None
        target = bound[0] if bound[1] is None else f"{bound[0]}.{bound[1]}"
        return target if target in self._known else None

    def _everything(self, name: str) -> None:
        self._activate(name)
        for number in range(len(self._known[name].statements)):
            self._need(self._known[name], number)


def _bound(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, tuple[str, str | None]]]:
    for each in node.names:
        if isinstance(node, ast.ImportFrom):
            yield each.asname or each.name, (node.module or "", each.name)
        else:
            yield each.asname or each.name.split(".")[0], (each.name, None)


def _names(node: ast.stmt) -> set[str]:
    """What a statement binds, imports aside; for ``table[key] = value`` the table."""
    if isinstance(node, _FUNCTIONS):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return {each.id for target in targets if target for each in ast.walk(target) if isinstance(each, ast.Name)}
    return set()


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _imported(node: ast.Import | ast.ImportFrom, kept: list[ast.alias]) -> str:
    names = [each.name + (f" as {each.asname}" if each.asname else "") for each in kept]
    if isinstance(node, ast.Import):
        return f"import {', '.join(names)}"
    line = f"from {node.module} import {', '.join(names)}"
    return line if len(line) <= _WIDTH else f"from {node.module} import (\n    " + ",\n    ".join(names) + ",\n)"
