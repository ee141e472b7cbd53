"""The runbook: each command of docs/operate is run against a case as its page has it, and answers as it says."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

from devhost.testing.process import HostProcess

FOLDER = ROOT / "docs/operate"
SYMPTOMS = ("running-for-days", "decision-410", "late-escalations", "storage-bill", "bad-release", "nothing-starts")
PARTS = ("What it looks like", "Find out", "What it may be", "Do", "Never", "It is over when", "Seen")
APP = ("host.json", "function_app.py", "adapters", "approval", "functions", "service", "web")
MARK = re.compile(r"# ((?:\d{3}|, | or )+), (safe|not safe): (.+)")
OWN_ID = "HistoryRetention"
ENDED = ("Completed", "Failed", "Terminated")

# What a release, or the world around it, does to the app: the file release.txt says which.
FAULTS = (
    ("functions/review_flow.py", "    review = _opened(",
     '    if _release() == "another step":\n        yield context.call_activity("Approval", "Asked")\n'),
    ("functions/review_flow.py", "            review = review.heard(",
     '            if _release() == "a raise":\n                raise ValueError("a fault of the release")\n'),
    ("functions/activities.py", "    return messages.decided(",
     '    if _release() == "mail is down":\n        raise RuntimeError("mail is down")\n'),
)  # fmt: skip
RELEASE = """

def _release():
    from pathlib import Path

    return (Path(__file__).parents[1] / "release.txt").read_text()
"""


@dataclass(frozen=True)
class Command:
    """One command of a page."""

    page: str
    heading: str
    codes: tuple[int, ...]
    is_safe: bool
    why: str
    text: str

    @property
    def only_reads(self) -> bool:
        """Whether the page says that it changes nothing."""
        return self.why.startswith("only reads")


def text_of(page: str) -> str:
    """A page."""
    return (FOLDER / f"{page}.md").read_text(encoding="utf-8")


def sections(page: str) -> list[tuple[str, str]]:
    """Heading and text of each part of a page."""
    parts = re.split(r"^#{2,3} (.+)$", text_of(page), flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def blocks(text: str) -> list[str]:
    """What is to be pasted into a shell."""
    return re.findall(r"^```bash\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def commands(page: str) -> list[Command]:
    """All marked commands of a page, in order."""
    found = []
    for heading, text in sections(page):
        for block in blocks(text):
            for mark, command in re.findall(r"^(# .+)\n((?:(?!#).*\n)+)", block, re.MULTILINE):
                parts = MARK.fullmatch(mark)
                assert parts, f"{page}.md: {mark} does not say status, safety and why"
                codes, safe, why = parts.groups()
                numbers = tuple(int(code) for code in re.findall(r"\d{3}", codes))
                found.append(Command(page, heading, numbers, safe == "safe", why, command))
    return found


PRELUDE = next(
    block for heading, text in sections("README") if heading == "Once per terminal" for block in blocks(text)
)
COMMANDS = {page: commands(page) for page in ("README", *SYMPTOMS)}


class Desk:
    """An operator's terminal, and a host that has done what was asked of it."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._app, self._state = folder / "app", folder / "state"
        self._app.mkdir()
        for name in APP:
            source, target = ROOT / name, self._app / name
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
        for name, before, added in FAULTS:
            self._put(name, before, added)
        self.release("")
        self.host = HostProcess(
            self._app, self._state, "--virtual-time", "--enable-auth", "--sync", "NORMAL",
            **{"APPROVAL_TIMEOUT": "P10D", "RETENTION_MODE": "dry", "PATTERNS": "off", **settings},
        )  # fmt: skip
        self.host.start()
        api = f"{self.host.origin}/runtime/webhooks/durabletask"
        self.variables = {"BASE": self.host.origin, "API": api, "ID": ""}
        self.variables |= dict.fromkeys(("KEY", "APP_KEY", "MASTER_KEY"), "unknown")
        assert self.curl(f"{self.host.origin}/api/stats")[0] == 401
        keys = self._made_keys()
        self.variables |= {"KEY": keys["system"]["durabletask_extension"], "MASTER_KEY": keys["master"]}
        self.variables["APP_KEY"] = keys["host"]

    def _put(self, name: str, before: str, added: str) -> None:
        path = self._app / name
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{name} has no longer the one place where the fault goes: {before}"
        path.write_text(text.replace(before, added + before) + (RELEASE if "_release():" not in text else ""))

    def _made_keys(self) -> dict[str, Any]:
        return json.loads((self._state / "keys.json").read_text(encoding="utf-8"))

    def release(self, fault: str) -> None:
        """Bring out a release with this fault, or a good one."""
        (self._app / "release.txt").write_text(fault)

    def run(self, command: str) -> tuple[list[int], str]:
        """The HTTP statuses that a command line gets, and what it prints."""
        seen = """curl() { command curl --silent --max-time 20 --write-out '%{stderr}status %{http_code}\\n' "$@"; }"""
        done = subprocess.run(
            ["bash", "-c", f"set -euo pipefail\n{PRELUDE}\n{seen}\n{command}"],
            env=self.host.environment | self.variables, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return [int(code) for code in re.findall(r"^status (\d+)$", done.stderr, re.MULTILINE)], done.stdout

    def curl(self, url: str, *options: str, body: object = None, key: str = "KEY") -> tuple[int, Any]:
        """One call as an operator would make it: status and parsed body."""
        given = [] if body is None else ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        header = f"x-functions-key: {self.variables[key]}"
        line = ["curl", "-s", "-w", "\n%{http_code}", "-H", header, *options, *given, url]
        text, _, code = subprocess.run(line, capture_output=True, text=True, timeout=30, check=True).stdout.rpartition(
            "\n"
        )
        return int(code), json.loads(text) if text.strip() else None

    def advance(self, seconds: float) -> None:
        """Let time pass; returns when all is done that was due by then."""
        assert self.curl(f"{self.host.origin}/devhost/clock", body={"advance": seconds})[0] == 200

    def case(self, timeout: str = "P10D") -> str:
        """A new case that waits for its approver."""
        body = {"title": "Mill Lane bridge", "author": "dana@example.com", "policy": {"timeout": timeout}}
        code, links = self.curl(f"{self.host.origin}/api/orchestrators/OrchFunction", body=body, key="APP_KEY")
        assert code == 202, links
        self.advance(0)
        return links["id"]

    def hears(self, case: str, said: object = "Approved") -> int:
        """The status of the answer to an event."""
        code, _ = self.curl(f"{self.variables['API']}/instances/{case}/raiseEvent/Approval", body=said)
        self.advance(0)
        return code

    def does(self, case: str, operation: str) -> None:
        """An operation of the management API."""
        assert self.curl(f"{self.variables['API']}/instances/{case}/{operation}?reason=test", "-X", "POST")[0] == 202
        self.advance(0)

    def look(self, case: str) -> dict[str, Any]:
        """A case's status."""
        return self.curl(f"{self.variables['API']}/instances/{case}")[1]

    def everything(self) -> dict[str, Any]:
        """Every instance of the hub as it is now, by id."""
        _, listed = self.curl(f"{self.variables['API']}/instances?top=1000")
        return {status["instanceId"]: status for status in listed}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """One host for all pages, in virtual time, with keys checked, and with others' cases that are nobody's business."""
    made = Desk(tmp_path_factory.mktemp("runbook"))
    try:
        approved = made.case()
        made.hears(approved)
        made.case()
        yield made
    finally:
        made.host.close()


def waiting(desk: Desk) -> str:
    """Nobody has decided yet."""
    return desk.case()


def approved(desk: Desk) -> str:
    """Decided; the next decision gets 410."""
    case = desk.case()
    desk.hears(case)
    assert desk.hears(case) == 410
    return case


def escalated(desk: Desk) -> str:
    """Nobody decided in time; a decision gets 410."""
    case = desk.case("PT10M")
    desk.advance(600)
    assert desk.hears(case) == 410
    return case


def recording_fails(desk: Desk) -> str:
    """Decided, but the activity fails."""
    desk.release("mail is down")
    case = waiting(desk)
    desk.hears(case)
    assert desk.look(case)["customStatus"]["trouble"]["activity"] == "Approval"
    desk.release("")
    return case


def held(desk: Desk) -> str:
    """Suspended, and decided in time."""
    case = desk.case()
    desk.does(case, "suspend")
    desk.hears(case)
    assert desk.look(case)["runtimeStatus"] == "Suspended"
    return case


def held_past_due(desk: Desk) -> str:
    """Suspended, nobody decided in time, and a decision came too late."""
    case = desk.case("PT10M")
    desk.does(case, "suspend")
    desk.advance(900)
    desk.hears(case)
    status = desk.look(case)
    assert (status["runtimeStatus"], status["customStatus"]["stage"]) == ("Suspended", "escalated")
    return case


def pending(desk: Desk) -> str:
    """Of a version that no host has."""
    url = f"{desk.variables['API']}/orchestrators/OrchFunction?version=9.0"
    code, links = desk.curl(url, body={"title": "Mill Lane bridge"})
    desk.advance(0)
    assert (code, desk.look(links["id"])["runtimeStatus"]) == (202, "Pending")
    return links["id"]


def diverged(desk: Desk) -> str:
    """Failed because a release has asked for another step."""
    case = desk.case()
    desk.release("another step")
    desk.hears(case)
    desk.release("")
    assert desk.look(case)["output"].startswith("Non-Deterministic workflow detected")
    return case


def raised(desk: Desk) -> str:
    """Failed because the code of a release has raised."""
    case = desk.case()
    desk.release("a raise")
    desk.hears(case)
    desk.release("")
    assert desk.look(case)["output"] == "Orchestrator function 'OrchFunction' failed: a fault of the release"
    return case


def counted(desk: Desk) -> str:
    """Retention has run, dry."""
    assert desk.curl(f"{desk.host.origin}/admin/functions/PurgeHistory", "-X", "POST", key="MASTER_KEY")[0] == 202
    case = waiting(desk)
    assert desk.look(OWN_ID)["name"]
    return case


State = Callable[[Desk], str]
# For each part with commands: the case that it is about, and what has become of it after the last command.
CASES: dict[tuple[str, str], tuple[State, tuple[str, str | None]]] = {
    ("README", "Find the stuck proposal"): (recording_fails, ("Running", "approved")),
    ("README", "One case"): (waiting, ("Running", "waiting")),
    ("running-for-days", "Find out"): (waiting, ("Running", "waiting")),
    ("running-for-days", "It waits for its approver"): (waiting, ("Completed", "approved")),
    ("running-for-days", "Recording fails"): (recording_fails, ("Running", "approved")),
    ("running-for-days", "It is suspended"): (held, ("Completed", "approved")),
    ("running-for-days", "It is Pending"): (pending, ("Terminated", None)),
    ("running-for-days", "Stop a case"): (waiting, ("Terminated", "waiting")),
    ("decision-410", "Find out"): (approved, ("Completed", "approved")),
    ("decision-410", "The decision is still wanted"): (escalated, ("Completed", "approved")),
    ("late-escalations", "Find out"): (held_past_due, ("Suspended", "escalated")),
    ("late-escalations", "It is suspended"): (held_past_due, ("Completed", "escalated")),
    ("late-escalations", "Its timer is lost"): (waiting, ("Running", "waiting")),
    ("storage-bill", "Find out"): (counted, ("Running", "waiting")),
    ("storage-bill", "Finished cases stay"): (approved, ("Completed", "approved")),
    ("bad-release", "Find out"): (diverged, ("Failed", None)),
    ("bad-release", "It failed of a fault in the code"): (raised, ("Completed", "approved")),
    ("bad-release", "It failed of non-determinism"): (diverged, ("", None)),
    ("bad-release", "All old cases are gone"): (waiting, ("Running", "waiting")),
    ("nothing-starts", "Find out"): (waiting, ("Running", "waiting")),
    ("nothing-starts", "The engine does not answer"): (waiting, ("Running", "waiting")),
}


@pytest.mark.parametrize("part", CASES, ids=lambda part: "-".join(part).replace(" ", "-"))
def test_the_commands_of_a_part_do_what_the_page_says(part, desk):
    """They answer as noted; what only reads changes nothing, and nothing ever changes but the case that is meant."""
    state, outcome = CASES[part]
    desk.variables["ID"] = state(desk)
    for command in (each for each in COMMANDS[part[0]] if each.heading == part[1]):
        before, case = desk.everything(), desk.variables["ID"]
        codes, printed = desk.run(command.text)
        desk.advance(0)
        assert codes, f"{command.text} calls nobody"
        assert set(codes) <= set(command.codes), f"{codes} {command.text}\n{printed}"
        after = desk.everything()
        changed = {each for each in before if after.get(each) != before[each]}
        if command.only_reads:
            assert after == before, command.text
        if command.is_safe:
            assert before.keys() <= after.keys(), command.text
        assert changed <= {case, OWN_ID}, command.text
        desk.variables["ID"] = (re.findall(r'\{"id": ?"([^"]+)', printed) or [case])[0]
    status = desk.look(desk.variables["ID"]) or {"runtimeStatus": "", "customStatus": None}
    assert (status["runtimeStatus"], (status["customStatus"] or {}).get("stage")) == outcome


def test_every_command_has_its_case():
    """No part of a page has commands that are not run, and none is run that is not there."""
    assert {(each.page, each.heading) for page in COMMANDS.values() for each in page} == set(CASES)


@pytest.mark.parametrize("page", COMMANDS)
def test_every_curl_is_marked(page):
    """With the status to expect, whether it is safe, and why; only what reads says so, and it is never a POST."""
    runnable = "".join(blocks(text_of(page)))
    assert len(re.findall(r"^curl ", runnable, re.MULTILINE)) == len(COMMANDS[page])
    assert text_of(page).count("\ncurl ") == len(COMMANDS[page])
    for command in COMMANDS[page]:
        assert command.only_reads == (" -X " not in command.text and " -d " not in command.text), command.text


@pytest.mark.parametrize("page", SYMPTOMS)
def test_a_page_has_all_parts_and_no_purge_by_filter(page):
    """In one order on each; a DELETE names one case, and nothing if the variable is empty."""
    headings = [heading for heading, _ in sections(page)]
    assert [heading for heading in headings if heading in PARTS] == list(PARTS)
    deletes = [each.text for each in COMMANDS[page] if "DELETE" in each.text]
    assert all('/instances/${ID:?}"' in text for text in deletes)


def test_the_index_leads_everywhere():
    """To every page of the folder, and from every alert to one."""
    index = text_of("README")
    assert {f"({page.name})" for page in FOLDER.glob("*.md")} - {"(README.md)"} <= set(
        re.findall(r"\([\w.-]+\)", index)
    )
    table = index[index.index("| alert |") : index.index("## One case")]
    assert set(re.findall(r"`([a-z-]+)`", table)) == {
        path.stem for path in (ROOT / "infra/queries/alerts").glob("*.kql")
    }


@pytest.mark.parametrize("page", COMMANDS)
def test_every_name_on_a_page_exists(page):
    """Queries, links and their anchors, log events and fields, settings, and whatever else is in code type."""
    text = text_of(page)
    queries = {str(path.relative_to(ROOT / "infra/queries")) for path in (ROOT / "infra/queries").rglob("*.kql")}
    assert set(re.findall(r"`([\w/-]+\.kql)`", text)) <= queries
    for target in re.findall(r"\]\(([^)]+)\)", text):
        name, _, anchor = target.partition("#")
        path = (FOLDER / name).resolve() if name else FOLDER / f"{page}.md"
        assert path.exists(), target
        assert not anchor or anchor in _anchors(path), target
    logs = (ROOT / "docs/reference/logs.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(\w+)` \|", logs, re.MULTILINE))
    kusto = "".join(re.findall(r"```kusto\n(.*?)```", text, re.DOTALL))
    assert set(re.findall(r"line\.(\w+)", kusto)) <= rows
    assert set(re.findall(r'event (?:==|in) \(?"(\w+)"', kusto)) <= rows
    names = set(re.findall(r"(?<!`)`([A-Za-z][A-Za-z_-]+)`(?!`)", text))
    names = {re.sub(r"^AzureFunctionsJobHost__\w+__", "", name) for name in names}  # overrides a key of host.json
    assert names <= _vocabulary(), names - _vocabulary()


# Of the engine, of Azure, of the shell: no page of ours defines them.
NOT_OURS = {
    "Running", "Suspended", "Pending", "Completed", "Terminated", "Failed", "runtimeStatus", "customStatus", "output",
    "name", "version", "EventRaised", "curl", "null", "ID", "AzureWebJobsStorage__accountName",
    "x-ms-continuation-token",
}  # fmt: skip


def _vocabulary() -> set[str]:
    """Every name in code type on the pages that define names, keys of host.json, and alerts."""
    ours = ("deploy", "keys", "retention", "restore", "release-with-open-cases")
    pages = [*(ROOT / "docs/reference").glob("*.md"), *(FOLDER / f"{name}.md" for name in ours)]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    prelude = set(re.findall(r"^(?:export )?(\w+)(?:=|\()", text_of("README"), re.MULTILINE))
    known = re.findall(r"`([^`\n]+)`", text) + re.findall(r'"(\w+)":', text) + re.findall(r"\b([A-Z]+_[A-Z]+)\b", text)
    parts = {part for word in known for part in re.findall(r"[\w-]+", word)}
    return NOT_OURS | set(known) | parts | prelude


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_what_the_pages_warn_of_is_so(desk):
    """An open case is neither purged nor rewound, and one that is not held is not resumed."""
    case, instances = waiting(desk), f"{desk.variables['API']}/instances"
    assert desk.curl(f"{instances}/{case}", "-X", "DELETE")[0] == 412
    assert desk.curl(f"{instances}/{case}/rewind", "-X", "POST")[0] == 412
    assert desk.curl(f"{instances}/{case}/resume", "-X", "POST")[0] == 500
    assert desk.curl(f"{instances}/{case.lower()}/raiseEvent/Approval", body="Approved")[0] == 404
    assert desk.curl(f"{instances}/{case}/raiseEvent/approval", body="Approved")[0] == 202
    desk.advance(0)
    status = desk.look(case)
    assert (status["runtimeStatus"], status["customStatus"]["ignored"]["count"]) == ("Running", 0)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    """A host whose setting makes no sense, for what would be in the other tests' way."""
    made = Desk(tmp_path_factory.mktemp("spoilt"), APPROVAL_TIMEOUT="tomorrow")
    try:
        yield made
    finally:
        made.host.close()


def test_a_wrong_setting_is_found_as_the_page_says(spoilt):
    """Health says 503 and which, the start 500, and the engine goes on."""
    health, engine, start = COMMANDS["nothing-starts"][:3]
    codes, printed = spoilt.run(health.text)
    assert codes == [503]
    assert "Correct APPROVAL_TIMEOUT" in printed
    assert spoilt.run(engine.text)[0] == [200]
    assert spoilt.run(start.text)[0] == [404]
    proposal = {"title": "Mill Lane bridge", "author": "dana@example.com"}
    code, problem = spoilt.curl(f"{spoilt.host.origin}/api/orchestrators/OrchFunction", body=proposal, key="APP_KEY")
    assert (code, problem["code"]) == (500, "setting-invalid")


def test_a_purge_by_a_misspelt_filter_takes_open_cases(spoilt):
    """What the pages warn of most; no page has a command for it."""
    case = pending(spoilt)
    filtered = "createdTimeFrom=2020-01-01T00:00:00Z&runtimeStatus=failed"
    code, _ = spoilt.curl(f"{spoilt.variables['API']}/instances/?{filtered}", "-X", "DELETE")
    assert code == 200
    assert case not in spoilt.everything()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_exports_go_where_neither_git_nor_the_package_looks(page):
    """Anyone who follows a page does not leave a file of cases where it is committed or deployed."""
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"--output (?!exports/|tests/replay/histories/)\S+\.jsonl", text)
    assert not re.findall(r"(?<![\w/.-])(?:open|failed|export)\.jsonl", text)


def test_the_folder_of_exports_takes_nothing_into_git():
    """The folder is there in every clone, and what lies in it is ignored."""
    rules = (ROOT / "exports/.gitignore").read_text(encoding="utf-8").splitlines()
    assert [line for line in rules if line and not line.startswith("#")] == ["*", "!.gitignore"]
