"""Make an app of your own: ``python scripts/make_it_yours.py FOLDER --orchestration NAME --loop LOOP``.

1. FOLDER is new, and gets the app; nothing changes here. Python is needed and nothing else.
2. The app has one orchestration of yours, with a module, a test and an entry in the catalogue.
3. What this app does about proposals is left out where your app does not reach it (``reachable``). Found by what is
   imported, not by a list of modules, so the script holds when modules move.
4. A test goes along if all that it imports goes along, and if it names no orchestration, activity or page left out.

The loops: ``chain`` (one activity after another), ``wait`` (one wait against one timer), ``review`` (the whole loop of
functions/review_flow.py with its rules; only the gallery and ``OrchFunctionChain`` are left out).
"""

import argparse
import ast
import keyword
import re
import shutil
import sys
from pathlib import Path

from reachable import Module, Reach, modules

ROOT = Path(__file__).resolve().parents[1]
STARTERS = Path(__file__).parent / "starters"
LOOPS = ("chain", "wait", "review")
LEFT_OUT = (
    ".git", ".venv*", ".devhost", ".*_cache", ".hypothesis", ".vscode", ".idea", "__pycache__", "*.pyc", "*.egg-info",
    "build", "dist", "exports", "local.settings.json", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
    "CODEOWNERS", "docs", "examples", "bench", "starters", "make_it_yours.py", "reachable.py", "restore.py",
    "demo.py", "screenshots.py", ".demo",
    "deploy.yml", "ISSUE_TEMPLATE",
)  # fmt: skip
OF_DEVHOST = {"README.md", "CHANGELOG.md", "docs"}  # these stay there
GALLERY = {"patterns"}
# Blueprints about proposals, policies and people.
REVIEW = {
    "review_flow", "activities", "stats", "heartbeat", "notices", "sign_in", "proposals", "policies", "machine",
    "pages", "policy_start",
}  # fmt: skip
# What a test may name that is left out, or that a new name changes: files, ids with a digest of the name, a count.
NAMED_BY_TESTS = (
    "README", "CHANGELOG", "deploy.yml", "make_it_yours", "generate_diagrams", "restore.py", "settings.py",
    r"script\(\"restore", "CODEOWNERS", "ISSUE_TEMPLATE", "SECURITY", "P-[0-9A-Z]{26}", "_recorded_rows",
    r"\w+-[0-9a-f]{32}", r"script\(\"demo",
    r"len\(orchestrators", r"len\(codes", r"leaves\(ApprovalError",
)  # fmt: skip
_FOLDERS_LEFT_OUT = re.compile(r"[\"'/](docs|examples)[\"'/]")
TEMPLATE, TUTORIAL_CHAIN, EXAMPLE = "OrchFunction", "OrchFunctionChain", "YourCase"


def main(arguments: list[str]) -> int:
    """Make the app, and print what to do next."""
    parser = argparse.ArgumentParser(description="Make an app of your own from this repository.")
    parser.add_argument("folder", type=Path, help="where to; it must not exist yet")
    parser.add_argument("--orchestration", required=True, type=_orchestration, help="CapWords, such as LeaveRequest")
    parser.add_argument("--loop", required=True, choices=LOOPS, help="which loop to begin with")
    given = parser.parse_args(arguments)
    if given.folder.exists():
        parser.error(f"{given.folder} exists already")
    known, own = modules(ROOT), _snake(given.orchestration)
    if keyword.iskeyword(own) or f"functions.{own}" in known or given.orchestration in _durable_names(known):
        parser.error(f"{given.orchestration} is a name that Python or this app uses; give one of your own")
    make(given.folder.resolve(), given.orchestration, given.loop, known)
    sys.stdout.write(f"{given.folder} is made. Next: cd {given.folder}, git init, make format test, make run\n")
    return 0


def make(folder: Path, name: str, loop: str, before: dict[str, Module]) -> None:
    """The app in a new folder; ``before`` are the modules of this one."""
    shutil.copytree(ROOT, folder, ignore=_ignored)
    packages = {each.split(".")[0] for each in before} - {"devhost"}
    named = _durable_names(before) | _settings(before)
    own = _write_own(folder, name, loop)
    _catalogue(folder, name, loop, own)
    _entry(folder, loop, own)
    known = {each: module for each, module in modules(folder).items() if each.split(".")[0] != "devhost"}
    reach = Reach(known, folder / "function_app.py")
    for each, module in known.items():
        if each in reach.needed:
            module.path.write_text(reach.text(each), encoding="utf-8")
        else:
            module.path.unlink()
    left = {each: module for each, module in modules(folder).items() if each.split(".")[0] != "devhost"}
    gone = packages - {each.split(".")[0] for each in left}
    for package in gone:
        shutil.rmtree(folder / package)
    _tests(folder, reach, packages, named - _durable_names(left) - _settings(left))
    shutil.copy(STARTERS / f"test_{loop}.py", folder / f"tests/test_{_snake(name)}.py")
    _tools(folder, gone)
    _rename(folder, name)
    (folder / "README.md").write_text(_readme(name, loop, own), encoding="utf-8")
    for path in sorted((each for each in folder.rglob("*") if each.is_dir()), reverse=True):
        if not any(path.iterdir()):
            path.rmdir()


def _orchestration(text: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*", text) or text in (TEMPLATE, TUTORIAL_CHAIN):
        raise argparse.ArgumentTypeError("give a name of your own in CapWords, such as LeaveRequest")
    return text


def _ignored(folder: str, names: list[str]) -> set[str]:
    found = shutil.ignore_patterns(*LEFT_OUT)(folder, names)
    if Path(folder) == ROOT / "devhost":
        return (found - OF_DEVHOST) | ({"tests", "scripts"} & set(names))
    return {each for each in found if "devhost/src" not in Path(folder).as_posix()} | (found & {"__pycache__"})


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _durable_names(known: dict[str, Module]) -> set[str]:
    """Names of decorated functions of the app, as the engine knows them."""
    return {
        node.name
        for name, module in known.items()
        if name.startswith("functions.")
        for node in module.statements
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.decorator_list and node.name[0].isupper()
    }


def _settings(known: dict[str, Module]) -> set[str]:
    """Names of settings: constants of the adapters that hold their own name."""
    return {
        str(node.value.value)
        for name, module in known.items()
        if name.startswith("adapters.")
        for node in module.statements
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        if [node.value.value] == [getattr(target, "id", "") for target in node.targets]
    }


def _write_own(folder: Path, name: str, loop: str) -> str:
    """The module with the orchestration; its name."""
    if loop == "review":
        path = folder / "functions/review_flow.py"
        module = Module("", path)
        named = (node for node in module.statements if isinstance(node, ast.FunctionDef))
        (chain,) = (node for node in named if node.name == TUTORIAL_CHAIN)
        lines = module.source.splitlines()
        del lines[chain.decorator_list[0].lineno - 1 : chain.end_lineno]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return "review_flow"
    own, inputs = _snake(name), folder / "functions/inputs.py"
    shutil.move(folder / "functions/patterns/inputs.py", inputs)
    text = (
        (STARTERS / f"{loop}.py").read_text(encoding="utf-8").replace("functions.patterns.inputs", "functions.inputs")
    )
    (folder / f"functions/{own}.py").write_text(text.replace(EXAMPLE, name), encoding="utf-8")
    return own


def _catalogue(folder: Path, name: str, loop: str, own: str) -> None:
    """What can be started by name: your orchestration, and nothing else."""
    for path in sorted((folder / "functions").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            elements: list[ast.expr] = getattr(node, "elts", [])
            if any(_starts_template(each) for each in elements):
                kept = [each for each in elements if isinstance(each, ast.Starred) or _starts_template(each)]
                if loop != "review":
                    kept = [each for each in kept if isinstance(each, ast.Starred)]
                listed = "".join(f"\n        {ast.get_source_segment(source, each)}," for each in kept)
                whole = ast.get_source_segment(source, node) or ""
                path.write_text(source.replace(whole, f"({listed}\n    )"), encoding="utf-8")
                readers = "{}" if loop == "review" else f'{{"{name}": {own}.{name}Input.checked}}'
                _starter(folder / "functions/start.py", readers, "" if loop == "review" else own)
                return
    raise SystemExit(f'No list with Orchestration("{TEMPLATE}", ...) was found in functions/.')


def _starter(path: Path, readers: str, own: str) -> None:
    """The starter's list holds these orchestrations instead of the gallery's."""
    source = path.read_text(encoding="utf-8")
    if "patterns.readers()" not in source:
        raise SystemExit("functions/start.py does not call patterns.readers().")
    source = source.replace("patterns.readers()", readers)
    if own:  # nothing is submitted under a policy file
        lines = source.splitlines(keepends=True)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.If) and any(getattr(each, "attr", "") == "is_case" for each in ast.walk(node.test)):
                lines[node.lineno - 1 : node.end_lineno] = []
        source = "".join(lines)
    imported = f"from functions import {own}\n" if own else ""
    path.write_text(source.replace("from functions import patterns\n", imported), encoding="utf-8")


def _starts_template(node: ast.expr) -> bool:
    first = node.args[0] if isinstance(node, ast.Call) and node.args else None
    return isinstance(first, ast.Constant) and first.value == TEMPLATE


def _entry(folder: Path, loop: str, own: str) -> None:
    """function_app.py registers your orchestration instead of those that are left out."""
    path = folder / "function_app.py"
    module, dropped = Module("", path), GALLERY | (set() if loop == "review" else REVIEW)
    lines = module.source.splitlines()
    for node in reversed(module.statements):
        named = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        if named & dropped:
            del lines[node.lineno - 1 : node.end_lineno]
    text = "\n".join(lines) + "\n"
    imported = [own, *(each for each in module.imports if each not in {*dropped, "df", "func", own})]
    listed = "".join(f"\n    {each}," for each in sorted(imported))
    text = re.sub(r"from functions import (\([^)]*\)|.*)", f"from functions import ({listed}\n)", text)
    if loop != "review":
        text += f"app.register_functions({own}.blueprint)\n"
    path.write_text(text, encoding="utf-8")


def _tests(folder: Path, reach: Reach, packages: set[str], gone: set[str]) -> None:
    """Leave the tests whose subject is still there."""
    files = sorted((folder / "tests").rglob("*.py"))
    words = re.compile(r"\b(" + "|".join([*sorted(gone), *NAMED_BY_TESTS]) + rf")\b|{_FOLDERS_LEFT_OUT.pattern}")
    for path in files:
        path.write_text(_without_tests(path.read_text(encoding="utf-8"), words), encoding="utf-8")
    dropped: set[Path] = set()
    of_devhost = {path.stem for path in (ROOT / "devhost/tests/support").glob("*.py")}
    for data in {path.parent for path in (folder / "tests").rglob("*.json")}:
        if any(words.search(path.read_text(encoding="utf-8")) for path in data.glob("*.json")):
            place = next(each for each in data.parents if each.parent.name == "tests")
            dropped |= {
                path for path in place.glob("*.py") if f'"{data.relative_to(place).parts[0]}"' in path.read_text()
            }
            shutil.rmtree(data)
    while True:
        helpers = {"reachable", *of_devhost, *(path.stem for path in dropped)}
        more = {path for path in files if path not in dropped and _is_without(path, reach, packages, words, helpers)}
        more |= {path for path in files if path not in dropped and path.parent / "conftest.py" in dropped | more}
        if not more:
            break
        dropped |= more
    for path in dropped:
        path.unlink()
    for place in (each for each in (folder / "tests").iterdir() if each.is_dir() and each.name != "support"):
        if not list(place.rglob("test_*.py")):
            shutil.rmtree(place)


def _without_tests(source: str, words: re.Pattern[str]) -> str:
    """The file without the tests that name something left out."""
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if words.search("\n".join(lines[first - 1 : node.end_lineno])):
                del lines[first - 1 : node.end_lineno]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip() + "\n"


def _is_without(path: Path, reach: Reach, packages: set[str], words: re.Pattern[str], helpers: set[str]) -> bool:
    """Something that the file imports or names is left out."""
    source = path.read_text(encoding="utf-8")
    if path.name.startswith("test_") and "def test_" not in source:
        return True
    if path.name != "conftest.py" and words.search(source):
        return True
    if path.name == "conftest.py" and path.parent.name != "tests" and _FOLDERS_LEFT_OUT.search(source):
        return True
    nodes, aliases = list(ast.walk(ast.parse(source))), {}
    for node in nodes:
        if isinstance(node, ast.Import) and any(each.name.split(".")[0] in helpers | packages for each in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and node.module in helpers:
            return True
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in packages:
            if not all(reach.has(str(node.module), each.name) for each in node.names):
                return True
            aliases.update({each.asname or each.name: f"{node.module}.{each.name}" for each in node.names})
    used = [(each.value, each.attr) for each in nodes if isinstance(each, ast.Attribute)]
    targets = [(aliases.get(of.id, ""), name) for of, name in used if isinstance(of, ast.Name)]
    return any(target in reach.needed and not reach.has(target, name) for target, name in targets)


def _tools(folder: Path, gone: set[str]) -> None:
    """pyproject.toml and Makefile without what is no longer there."""
    path = folder / "pyproject.toml"
    text = path.read_text(encoding="utf-8").replace(', "devhost/tests"', "")
    for package in gone:
        text = re.sub(rf'"{package}", |, "{package}"(?=\])|"{package}"(?=\])', "", text)
        text = re.sub(rf"\b{package} \| | \| {package}\b", "", text)
    for module in set(re.findall(r'"([\w.]+) -> [\w.]+"', text)):
        if not (folder / module.replace(".", "/")).with_suffix(".py").exists():
            text = re.sub(rf'"{re.escape(module)} -> [\w.]+",?\s*', "", text)
    blocks = re.split(r"(?=^\[\[tool\.importlinter\.contracts\]\])", text, flags=re.MULTILINE)
    path.write_text("".join(each for each in blocks if "source_modules = []" not in each), encoding="utf-8")
    path = folder / "Makefile"
    rules = path.read_text(encoding="utf-8").split("\n\n")
    needed = [re.findall(r"(?:tests|scripts|devhost|bench)/[\w/.-]+", each) for each in rules]
    kept = [each for each, paths in zip(rules, needed, strict=True) if all((folder / one).exists() for one in paths)]
    targets = {found[1] for each in kept if (found := re.match(r"([a-z-]+):.*##", each))}
    text = "\n\n".join(kept).rstrip() + "\n"
    phony = re.search(r"^\.PHONY:(.*)$", text, re.MULTILINE)
    if phony:
        text = text.replace(phony[0], " ".join([".PHONY:", *(each for each in phony[1].split() if each in targets)]))
    path.write_text(text, encoding="utf-8")


def _rename(folder: Path, name: str) -> None:
    """Your names instead of this app's, in every text that goes along, devhost aside."""
    slug = _snake(name).replace("_", "-")
    names = {"design-approval": slug, "DesignApproval": name, "designapproval": name.lower(), EXAMPLE: name}
    for path in folder.rglob("*"):
        if path.is_file() and "devhost" not in path.relative_to(folder).parts:
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            for old, new in names.items():
                text = text.replace(old, new)
            path.write_text(re.sub(rf"\b{TEMPLATE}\b", name, text), encoding="utf-8")


def _readme(name: str, loop: str, own: str) -> str:
    return f"""# {name}

A durable workflow as an Azure Functions app in Python. `make run` serves it on http://localhost:7071, `make test` runs
the tests, `make check` the linters.

```
curl -X POST http://localhost:7071/api/orchestrators/{name}
```

The orchestration is in [functions/{own}.py](functions/{own}.py), its test in
[tests/test_{_snake(name)}.py](tests/test_{_snake(name)}.py). It began as the loop `{loop}`.
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
