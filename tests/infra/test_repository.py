"""What GitHub and editors read of this repository is well formed, and leads to what exists."""

import re

import pytest
import yaml
from infra_template import ROOT

FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_has_what_github_asks_for(form):
    """A name, a description, and questions with ids of their own."""
    text = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert text["name"]
    assert text["description"]
    asked = [part["id"] for part in text["body"] if part["type"] != "markdown"]
    assert asked
    assert len(set(asked)) == len(asked)


def test_the_commit_hook_runs_the_projects_own_check():
    """One local hook, so nothing is downloaded."""
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert (repo["repo"], [hook["entry"] for hook in repo["hooks"]]) == ("local", ["make check"])


def test_owners_and_updates_name_folders_that_exist():
    """Each path of CODEOWNERS and each folder that dependabot looks at."""
    owned = re.findall(r"^(/\S+)", (ROOT / ".github/CODEOWNERS").read_text(encoding="utf-8"), re.MULTILINE)
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text(encoding="utf-8"))["updates"]
    looked = [place for each in updates for place in each.get("directories", [each.get("directory")])]
    assert owned
    assert [path for path in owned + looked if not (ROOT / path.strip("/")).exists()] == []


def test_links_of_the_security_page_lead_to_files():
    """Those to docs."""
    targets = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
