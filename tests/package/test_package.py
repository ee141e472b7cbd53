"""What is deployed: which files, made how, and that it runs with what requirements.txt brings and nothing else."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest
from journeys import JOURNEYS

from devhost.testing.process import HostProcess

ROOT = Path(__file__).parents[2]
LISTED = importlib.util.spec_from_file_location("package", ROOT / "scripts/package.py")
package = importlib.util.module_from_spec(LISTED)
LISTED.loader.exec_module(package)
PACKAGES = {"adapters", "approval", "functions", "service", "web"}
TOP = PACKAGES | {"function_app.py", "host.json", "requirements.txt"}
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
    """Each file of Python in the app's packages is deployed."""
    _, packed = names
    there = {path.relative_to(ROOT).as_posix() for name in PACKAGES for path in (ROOT / name).rglob("*.py")}
    assert there == {name for name in packed if name.endswith(".py")} - {"function_app.py"}


def test_every_template_and_static_file_is_in_it(names):
    """A page of the deployed app finds what it is made of."""
    _, packed = names
    there = {
        path.relative_to(ROOT).as_posix()
        for part in ("static", "templates")
        for path in (ROOT / "web" / part).iterdir()
    }
    assert there == {name for name in packed if name.startswith("web/") and not name.endswith(".py")}


def test_two_packages_of_the_same_files_are_the_same_bytes(names, tmp_path):
    """Anyone who builds it again can compare."""
    first, packed = names
    second = tmp_path / "again.zip"
    assert package.write(second) == packed
    assert second.read_bytes() == first.read_bytes()


PLANTED = (
    ".env", ".env.prod", "x.pem", "secrets.json", "export.jsonl", "open.jsonl", "local.settings.json", "id_rsa",
    "host.json.bak/x", "functions_old/a.py", ".azure/prod/.env", "proj_env/pyvenv.cfg", "exports/open.jsonl",
    "approval/.env", "approval/x.pem", "approval/secrets.json", "approval/export.jsonl", "approval/new/a.py",
    "approval/policy/x.toml", "approval/policy/new/a.py", "approval/review/x.md",
    "docs/policies.toml", "web/x.pem", "web/static/x.pem", "web/templates/a.py", "web/new/a.html",
    "functions/patterns/x.pem", "functions/__pycache__/a.cpython-313.pyc", "functions/__pycache__/a.py",
    "tests/host.json", "docs/functions/a.py", "\u00e9/secrets.json", "dist/app/host.json",
)  # fmt: skip
DEPLOYED = ("host.json", "policies.toml", "requirements.txt", "function_app.py", "adapters/a.py", "approval/a.py",
            "approval/policy/a.py", "approval/review/a.py", "functions/a.py", "functions/patterns/a.py",
            "service/a.py")  # fmt: skip


@pytest.fixture
def planted(tmp_path):
    """A small app with the project's own ignore file, and with what must never leave the machine lying about."""
    folder = tmp_path / "app"
    for name in (*PLANTED, *DEPLOYED):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}", encoding="utf-8")
    shutil.copy(ROOT / ".funcignore", folder)
    return folder


def test_nothing_is_packed_that_is_not_named(planted):
    """Keys, settings, exports and whatever else somebody leaves there stay behind, in the app's own folders too."""
    assert package.files(planted) == sorted(DEPLOYED)


def test_a_symbolic_link_is_left_out_and_named(planted, tmp_path, capsys):
    """A file or folder outside does not get in under a name of ours, and whoever packs it hears of it."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/key.py").write_text("KEY = 1", encoding="utf-8")
    (planted / "functions/link.py").symlink_to(tmp_path / "outside/key.py")
    shutil.rmtree(planted / "functions/patterns")
    (planted / "functions/patterns").symlink_to(tmp_path / "outside")
    packed = package.write(tmp_path / "app.zip", planted)
    assert packed == sorted({*DEPLOYED} - {"functions/patterns/a.py"})
    said = capsys.readouterr().err
    assert "functions/link.py is a symbolic link" in said
    assert "functions/patterns/key.py is a symbolic link, or lies below one" in said


def test_git_reads_the_ignore_file_as_the_package_does(planted):
    """Gitignore's rules hold where azd, or a tool of tomorrow, packs the folder itself."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}

    def git(*arguments):
        return subprocess.run(
            ["git", *arguments], cwd=planted, env=ours, capture_output=True, text=True, check=True, timeout=60
        ).stdout

    git("init", "--quiet")
    assert sorted(git("ls-files", "-z", "--others", "--exclude-from=.funcignore").split("\0")[:-1]) == sorted(DEPLOYED)


def test_core_tools_reads_the_ignore_file_as_the_package_does(planted):
    """``func azure functionapp publish`` packs the same: there a line is the beginning of a path, up to a word's end.

    An exception wins wherever it is, ``*`` does not cross a slash, ``**`` does, every other sign is itself, and the
    ends of words are those of ASCII (Core Tools, GitIgnoreParser).
    """
    lines = [line for line in (planted / ".funcignore").read_text(encoding="utf-8").splitlines() if line]

    def pattern(line):
        text = re.escape(line.removeprefix("!").removeprefix("/")).replace(r"\*\*", ".+").replace(r"\*", "[^/]+")
        return re.compile(rf"(?:{text})\b", re.ASCII)

    kept = [pattern(line) for line in lines if line.startswith("!")]
    left = [pattern(line) for line in lines if line[0] not in "!#"]

    def is_packed(name):
        return any(it.match(name) for it in kept) or not any(it.match(name) for it in left)

    never_read = {".funcignore", "local.settings.json"}
    names = [path.relative_to(planted).as_posix() for path in planted.rglob("*") if path.is_file()]
    packed = {name for name in names if name not in never_read and is_packed(name)}
    # It knows no end of a name: a backup beside a deployed file goes along.
    assert packed == {*DEPLOYED, "host.json.bak/x"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("docs/\n!/host.json\n", "must begin with *"),
        ("", "must begin with *"),
        ("*\n!/host.json\n*.pem\n", "line 3"),
        ("*\n!host.json\n", "line 2"),
        ("*\n!/functions/\n", "line 2"),
        ("*\n!/../x.py\n", "line 2"),
    ],
)
def test_an_ignore_file_that_names_what_stays_behind_is_refused(planted, text, says):
    """What is not named is left out; a list of exceptions to that cannot come back unnoticed."""
    (planted / ".funcignore").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit, match=re.escape(says)):
        package.files(planted)


def test_the_scheduler_gets_a_host_file_of_its_own(tmp_path):
    """The host passes the content of host.json to the scale controller, not what settings override."""
    ours = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    package.write(tmp_path / "app.zip", engine="durableTaskScheduler")
    with ZipFile(tmp_path / "app.zip") as archive:
        host = json.loads(archive.read("host.json"))
    durable = host["extensions"]["durableTask"]
    assert durable["storageProvider"] == {
        "type": "azureManaged",
        "connectionStringName": "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
    }
    assert durable["hubName"] == ours["extensions"]["durableTask"]["hubName"]
    durable["storageProvider"] = ours["extensions"]["durableTask"]["storageProvider"]
    assert host == ours


def test_storage_gets_the_host_file_as_it_is(names):
    """Without an engine, or with azureStorage."""
    with ZipFile(names[0]) as archive:
        assert archive.read("host.json") == (ROOT / "host.json").read_bytes()


def test_azd_gets_the_same_files_in_a_folder(planted):
    """The folder that azure.yaml names holds what the zip holds, and nothing of an earlier time."""
    (planted / "dist/app/old.pem").write_text("x", encoding="utf-8")
    assert package.unpacked(planted, engine="durableTaskScheduler") == sorted(DEPLOYED)
    made = planted / "dist/app"
    assert sorted(it.relative_to(made).as_posix() for it in made.rglob("*") if it.is_file()) == sorted(DEPLOYED)
    assert "azureManaged" in (made / "host.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "variable", "is_managed"),
    [
        ([], "", False),
        ([], "durableTaskScheduler", True),
        (["--engine", "azureStorage"], "durableTaskScheduler", False),
        (["--engine", "durableTaskScheduler"], "", True),
    ],
)
def test_the_engine_comes_from_the_command_or_from_azd(tmp_path, arguments, variable, is_managed):
    """``azd env set APPROVAL_ENGINE`` decides for template and package alike. It needs nothing but Python."""
    target = tmp_path / "app.zip"
    done = subprocess.run(
        [sys.executable, "-I", "-S", ROOT / "scripts/package.py", *arguments, target],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "APPROVAL_ENGINE": variable},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with ZipFile(target) as archive:
        assert (b"azureManaged" in archive.read("host.json")) is is_managed


def test_an_engine_that_does_not_exist_is_refused(tmp_path):
    """A slip of the pen does not become a package for the other engine."""
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/package.py", tmp_path / "app.zip"],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "APPROVAL_ENGINE": "scheduler"},
    )  # fmt: skip
    assert done.returncode != 0
    assert "durableTaskScheduler" in done.stderr
    assert not (tmp_path / "app.zip").exists()


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
    venv.create(folder)
    made = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [sys.executable, "-m", "pip", f"--python={folder}", "install", "--quiet", "--no-compile"]
    install += ["--disable-pip-version-check", "--require-hashes"]
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
    shutil.copytree(ROOT / "devhost/src/devhost", beside / "devhost", ignore=shutil.ignore_patterns("__pycache__"))
    for needed in HOST_NEEDS:
        origin = Path(importlib.util.find_spec(needed).origin)
        shutil.copytree(origin.parent, beside / needed, ignore=shutil.ignore_patterns("__pycache__"))
    made = HostProcess(
        unpacked, tmp_path_factory.mktemp("state"), run=(str(python), "-P", "-m", "devhost"),
        APPROVAL_TIMEOUT="PT2S", PYTHONPATH=str(beside),
    )  # fmt: skip
    made.start()
    yield made
    made.close()


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
def test_the_original_tutorials_journeys_from_the_package_alone(host, journey):
    """Chain, approval, rejection and escalation, with exactly the original tutorial's texts."""
    assert journey(host.origin) == JOURNEYS[journey]
