"""The wheel, installed alone: a stranger's app is served and tested with it, on the oldest and newest SDK it takes."""

import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest
from checkout import DEVHOST

from devhost.testing.process import HostProcess, until

WITHIN_S = 300
APP = """
import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.orchestration_trigger(context_name="context")
def Greet(context):
    return (yield context.call_activity("Hello", context.get_input()))

@app.activity_trigger(input_name="name")
def Hello(name: str) -> str:
    return f"Hello {name}!"
"""
TEST = """
from pathlib import Path

def test_greeting(durable_host):
    host = durable_host(Path(__file__).parent)
    case = host.start("Greet", "Ada")
    assert host.status(case).output == "Hello Ada!"
"""
PROJECT = tomllib.loads((DEVHOST / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RANGES = {
    name: (lowest, below)
    for name, lowest, below in (
        re.fullmatch(r"(azure-functions(?:-durable)?)>=([\d.]+),<(\d+)", needed).groups()
        for needed in PROJECT["dependencies"]
        if needed.startswith("azure-functions")
    )
}
# azure-functions 1 is for Python before 3.13; 2.0 is the oldest one after it that the range takes.
OLDEST = {"azure-functions": "2.0"} if sys.version_info >= (3, 13) else {}
SDKS = {
    "oldest": [f"{name}=={OLDEST.get(name, lowest)}.*" for name, (lowest, _) in RANGES.items()],
    "newest": [f"{name}<{below}" for name, (_, below) in RANGES.items()],
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, DEVHOST)
    (built,) = folder.glob("durable_devhost-*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """A fresh environment with the wheel, pytest and the newest SDK."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    _run(*_install(folder), f"{wheel}[all]", "pytest", *SDKS["newest"])
    return folder


@pytest.fixture(scope="module")
def python(environment):
    """Its interpreter."""
    return environment / "bin" / "python"


@pytest.fixture(scope="module", params=["newest", "oldest"])
def folder(request, environment, tmp_path_factory):
    """A stranger's app and test; the environment has one end of the range of SDKs."""
    if request.param == "oldest":
        _run(*_install(environment), *SDKS["oldest"])
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "function_app.py").write_text(APP, encoding="utf-8")
    (folder / "host.json").write_text('{"version": "2.0"}', encoding="utf-8")
    (folder / "test_app.py").write_text(TEST, encoding="utf-8")
    return folder


def _install(environment):
    return [sys.executable, "-m", "pip", f"--python={environment}", "install", "--quiet", "--no-compile"]


def _run(*command, cwd=None, code=0):
    """Runs a command outside this checkout; what it printed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=kept,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_the_package_and_what_it_reads(wheel):
    """Schema, pages and type marker are in it, tests are not."""
    names = ZipFile(wheel).namelist()
    assert {"devhost/py.typed", "devhost/store/schema.sql", "devhost/pages/templates/list.html"} <= set(names)
    assert not [name for name in names if "tests" in Path(name).parts]


def test_a_strangers_test_runs_with_the_fixture(folder, python):
    """Pytest finds ``durable_host`` without any registration."""
    assert "1 passed" in _run(python, "-m", "pytest", "-q", cwd=folder)


def test_a_strangers_app_is_served_by_the_command(folder, python):
    """``devhost --app DIR`` starts, and the management API runs an orchestration to its end."""
    host = HostProcess(folder, folder / "state", run=[str(python.with_name("devhost"))])
    try:
        host.start()
        links = host.ask("POST", "/runtime/webhooks/durabletask/orchestrators/Greet", '"Ada"')
        status = links["statusQueryGetUri"].removeprefix(host.origin)
        shown = until(lambda: one if (one := host.ask("GET", status))["output"] else None, "it completes")
        assert shown["output"] == "Hello Ada!"
    finally:
        host.close()
