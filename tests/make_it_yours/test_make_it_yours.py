"""The script makes an app of one's own: its tests pass, it is served, and its orchestration completes."""

import re
import subprocess
import sys

import pytest
from places import ROOT

from devhost.testing.process import HostProcess, until

SCRIPT, PAGE = ROOT / "scripts/make_it_yours.py", ROOT / "docs/how-to/make-it-yours.md"
NAME, WITHIN_S = "LeaveRequest", 300
# For each loop: what goes with the start, the event that ends it, the output, and the tests that are run. The full
# loop keeps more, which is run by a ``long`` test.
LOOPS = {
    "chain": ({"title": "May"}, None, "May: registered.", ["tests"]),
    "wait": ({"title": "May"}, ("Answer", "yes"), "May: yes.", ["tests"]),
    "review": (
        {"title": "May", "author": "dana@example.com"},
        ("Approval", "Approved"),
        ["Your project design proposal has been -  Approved!"],
        ["tests/test_leave_request.py", "tests/unit/test_orchestrator.py", "tests/unit/test_review_one_level.py"],
    ),
}


def run(*command, cwd, code=0):
    """What a command prints; it must end with this code."""
    done = subprocess.run(
        [sys.executable, *map(str, command)], cwd=cwd, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )
    assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(
    scope="module",
    params=["review", *(pytest.param(loop, marks=pytest.mark.long) for loop in ("chain", "wait"))],
)
def made(request, tmp_path_factory):
    """The loop, and the folder with the app that begins with it."""
    folder = tmp_path_factory.mktemp(request.param) / "mine"
    run(SCRIPT, folder, "--orchestration", NAME, "--loop", request.param, cwd=ROOT)
    return request.param, folder


def test_its_tests_pass(made):
    """The one of its own orchestration, and those that came along."""
    loop, folder = made
    said = run("-m", "pytest", "-q", *LOOPS[loop][3], cwd=folder)
    assert int(re.search(r"(\d+) passed", said)[1]) > 1


@pytest.mark.long
@pytest.mark.parametrize("made", ["review"], indirect=True)
def test_all_tests_of_the_full_loop_pass(made):
    """What ``make test`` runs there: those of this repository that go along, by their new names."""
    said = run("-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "tests", cwd=made[1])
    assert int(re.search(r"(\d+) passed", said)[1]) > 1000


@pytest.fixture(scope="module")
def types(tmp_path_factory):
    """What mypy knows of the packages that all three import."""
    return tmp_path_factory.mktemp("types")


@pytest.mark.long
def test_its_checks_pass(made, types):
    """After ``make format`` the rules of lint, types and imports are kept."""
    _, folder = made
    run("-m", "ruff", "check", "--fix", "--quiet", ".", cwd=folder)
    run("-m", "ruff", "format", "--quiet", ".", cwd=folder)
    run("-m", "ruff", "check", ".", cwd=folder)
    run("-m", "mypy", "--cache-dir", types, cwd=folder)
    run("-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())", cwd=folder)


def test_devhost_serves_it_and_its_orchestration_completes(made, tmp_path):
    """Started over HTTP by its own name; no other orchestration of the repository can be started."""
    loop, folder = made
    body, event, output, _ = LOOPS[loop]
    host = HostProcess(folder, tmp_path)
    try:
        host.start()
        links = host.ask("POST", f"/api/orchestrators/{NAME}", body)
        if event:
            path = links["sendEventPostUri"].replace("{eventName}", event[0]).removeprefix(host.origin)
            host.ask("POST", path, event[1])
        path = links["statusQueryGetUri"].removeprefix(host.origin)
        assert until(lambda: host.ask("GET", path)["output"], "it completes") == output
        assert host.ask("POST", "/api/orchestrators/OrchFunctionChain") is None
        assert host.ask("POST", "/api/orchestrators/HumanInteraction") is None
    finally:
        host.close()


def test_the_old_names_are_gone(made):
    """Hub, project and orchestration have the new name everywhere, and no page of this app went along."""
    _, folder = made
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file() and _is_own(folder, path)]
    assert not [text for text in texts if re.search(r"DesignApproval|design-approval|\bOrchFunction\b|YourCase", text)]
    assert not (folder / "docs").exists()
    assert not (folder / "functions/patterns").exists()


def _is_own(folder, path):
    return "devhost" not in path.relative_to(folder).parts and path.suffix in (".py", ".json", ".toml", ".yaml", ".md")


def test_the_gallery_and_the_domain_stay_behind(made):
    """Without the review nothing knows of proposals, policies or decisions; with it the rules are there."""
    loop, folder = made
    names = {str(path.relative_to(folder)) for path in folder.rglob("*.py") if "devhost" not in path.parts}
    rules = {"approval/review/one_level.py", "approval/proposal.py", "functions/review_flow.py"}
    assert (rules <= names) == (loop == "review")
    assert not {name for name in names if name.endswith(("open_cases.py", "human_interaction.py"))}


def test_nothing_is_overwritten(tmp_path):
    """A folder that exists is refused, as is a name that cannot be an orchestration's or is another one's."""
    assert "exists already" in run(SCRIPT, tmp_path, "--orchestration", NAME, "--loop", "wait", cwd=ROOT, code=2)
    said = run(SCRIPT, tmp_path / "new", "--orchestration", "leave-request", "--loop", "wait", cwd=ROOT, code=2)
    assert "CapWords" in said
    for used in ("Return", "Health", "Approval"):
        said = run(SCRIPT, tmp_path / "new", "--orchestration", used, "--loop", "wait", cwd=ROOT, code=2)
        assert f"{used} is a name that Python or this app uses" in said
    assert not list(tmp_path.iterdir())


def test_the_page_names_every_loop_and_what_is_run():
    """The commands on the page are those of the script and of the Makefile."""
    text = PAGE.read_text(encoding="utf-8")
    assert "python scripts/make_it_yours.py" in text
    assert all(f"`{loop}`" in text for loop in LOOPS)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"^make (\w+)", text, re.MULTILINE)) <= targets
