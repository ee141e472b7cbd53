"""What is deployed: which files, made how, and that it runs with what requirements.txt brings and nothing else."""

import importlib.util
import os
import shutil
import subprocess
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest
from hostprocess import HostProcess
from journeys import JOURNEYS

ROOT = Path(__file__).parents[2]
LISTED = importlib.util.spec_from_file_location("package", ROOT / "scripts/package.py")
package = importlib.util.module_from_spec(LISTED)
LISTED.loader.exec_module(package)
TOP = {"adapters", "approval", "functions", "function_app.py", "host.json", "requirements.txt"}
# What devhost needs beside aiohttp to run an app with a timer; the app must not find anything else beside its own.
HOST_NEEDS = ("cronsim",)


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """The package, and what is in it."""
    target = tmp_path_factory.mktemp("package") / "app.zip"
    return target, package.write(target)


def test_only_runtime_files_are_in_it(names):
    """Exactly the app, its host.json and its requirements; no test, tool, page or setting."""
    _, packed = names
    assert {name.split("/")[0] for name in packed} == TOP
    inside = {Path(name).suffix for name in packed if "/" in name}
    assert inside <= {".py", ".html", ".css", ".js", ".svg", ".txt"}
    assert not [name for name in packed if "test" in name or "devhost" in name or "__pycache__" in name]


def test_every_module_of_the_app_is_in_it(names):
    """What git knows of the three rooms is what is deployed."""
    _, packed = names
    there = {
        path.relative_to(ROOT).as_posix()
        for room in ("adapters", "approval", "functions")
        for path in (ROOT / room).rglob("*.py")
    }
    assert there == {name for name in packed if name.endswith(".py")} - {"function_app.py"}


def test_two_packages_of_the_same_files_are_the_same_bytes(names, tmp_path):
    """Whoever builds it again can compare."""
    first, packed = names
    second = tmp_path / "again.zip"
    assert package.write(second) == packed
    assert second.read_bytes() == first.read_bytes()


def test_the_rules_of_the_ignore_file_are_those_of_git(tmp_path):
    """A folder, a pattern at any depth, one at the root, and one that is taken back."""
    for name in ("a.py", "b/a.md", "b/keep.md", "c/x.py", "d/c.py", "d/x.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".funcignore").write_text("# no comment\n.funcignore\n*.md\n!keep.md\nc/\n/x.log\n")
    assert package.files(tmp_path) == ["a.py", "b/keep.md", "d/c.py", "d/x.log"]


def test_every_requirement_is_pinned_with_hashes():
    """What was tested is what is installed, to the byte, on each system."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    pinned = [line for line in lines if line and not line.lstrip().startswith("#")]
    assert all("==" in line.split()[0] and "--hash=sha256:" in line for line in pinned)
    wanted = [
        line.replace(" ", "").replace("python_version", "python_full_version").replace('"', "'")
        for line in (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    locked = [line.split("--hash")[0].replace(" ", "") for line in pinned]
    assert set(wanted) <= set(locked), "requirements.in has changed: run make lock"


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """A fresh environment with requirements.txt alone."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    made = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [made, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    done = subprocess.run(
        [*install, "-r", ROOT / "requirements.txt"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def unpacked(names, tmp_path_factory):
    """The package, unpacked far from the repository."""
    folder = tmp_path_factory.mktemp("wwwroot")
    with ZipFile(names[0]) as archive:
        archive.extractall(folder)
    return folder


def test_the_app_loads_with_its_own_requirements(python, unpacked):
    """Nothing that only tests or devhost need is imported."""
    done = subprocess.run(
        [python, "-I", "-c", f"import sys; sys.path.insert(0, {str(unpacked)!r}); import function_app"],
        capture_output=True, text=True, timeout=60, check=False, cwd=unpacked,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def host(python, unpacked, tmp_path_factory):
    """A devhost under the fresh environment's Python, which finds devhost alone, and serves the unpacked package."""
    beside = tmp_path_factory.mktemp("devhost")
    shutil.copytree(ROOT / "devhost", beside / "devhost", ignore=shutil.ignore_patterns("__pycache__"))
    for needed in HOST_NEEDS:
        origin = Path(importlib.util.find_spec(needed).origin)
        shutil.copytree(origin.parent, beside / needed, ignore=shutil.ignore_patterns("__pycache__"))
    made = HostProcess(
        unpacked, tmp_path_factory.mktemp("state"), run=("-P", "-m", "devhost"),
        APPROVAL_TIMEOUT="PT2S", PYTHONPATH=str(beside),
    )  # fmt: skip
    made._command[0] = str(python)
    made.start()
    yield made
    made.close()


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
def test_the_tutorials_journeys_from_the_package_alone(host, journey):
    """Chain, approval, rejection and escalation, with exactly the customer's texts."""
    assert journey(host.origin) == JOURNEYS[journey]
