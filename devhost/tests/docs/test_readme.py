"""The README's app and test run as they are printed, and its map shows every package."""

import re
import subprocess
import sys
import tomllib

from checkout import DEVHOST

README = (DEVHOST / "README.md").read_text(encoding="utf-8")
PACKAGES = {
    path.stem
    for path in (DEVHOST / "src/devhost").iterdir()
    if (path.suffix == ".py" or (path / "__init__.py").exists()) and not path.stem.startswith("__")
}


def test_the_app_and_the_test_pass_as_printed(tmp_path):
    """A reader who copies both into a folder has a green test."""
    app, test = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "function_app.py").write_text(app, encoding="utf-8")
    (tmp_path / "test_app.py").write_text(test, encoding="utf-8")
    (tmp_path / "host.json").write_text('{"version": "2.0"}', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_the_map_shows_every_package_from_top_to_bottom():
    """Each package has a row, in the order of the layers, and no row is without a package."""
    rows = re.findall(r"^\| `(\w+)` \|", README[README.index("## Map of the code") :], re.MULTILINE)
    assert sorted(rows) == sorted(PACKAGES)
    project = tomllib.loads((DEVHOST / "pyproject.toml").read_text(encoding="utf-8"))
    layers = next(each for each in project["tool"]["importlinter"]["contracts"] if each["name"] == "layers")["layers"]
    level = {name: place for place, layer in enumerate(layers) for name in layer.split(" | ")}
    assert rows == sorted(rows, key=level.__getitem__)


def test_every_link_leads_to_a_file():
    """Also those to folders."""
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    assert [target for target in targets if not (DEVHOST / target).exists()] == []


def test_the_version_has_its_changelog():
    """The version that the wheel carries is a heading of CHANGELOG.md."""
    project = tomllib.loads((DEVHOST / "pyproject.toml").read_text(encoding="utf-8"))
    text = (DEVHOST / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## {project['project']['version']}\n" in text
