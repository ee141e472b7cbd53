"""Which class names stand for two things in a project."""

import ast
from collections import defaultdict
from pathlib import Path


def defined_twice(*folders: Path) -> dict[str, list[str]]:
    """The public class names that more than one module defines, each with these modules' names.

    A private class (``_Reading``) is for its own module's reader, so its name may come again.
    """
    modules = defaultdict(list)
    for path in sorted(each for folder in folders for each in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                modules[node.name].append(path.name)
    return {name: found for name, found in modules.items() if len(found) > 1}
