"""The audit fails where it could not look, and says at what."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = """
# what was locked
alpha==1.0 \\
    --hash=sha256:00
    # via -r requirements.in
beta-two==2.0 ; python_full_version >= '3.11' \\
    --hash=sha256:11
only-windows==1.0 ; sys_platform == 'win32' \\
    --hash=sha256:22
"""
FINE = [{"name": "alpha", "version": "1.0", "vulns": []}, {"name": "beta_two", "version": "2.0", "vulns": []}]
SKIPPED = {"name": "alpha", "skip_reason": "Dependency not found on PyPI and could not be audited: alpha (1.0)"}
KNOWN = {"name": "alpha", "version": "1.0", "vulns": [{"id": "PYSEC-1\x1b[2J", "fix_versions": ["1.1"], "aliases": []}]}


def audit(tmp_path, report):
    """Exit code, output and errors for a report of pip-audit's."""
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS, encoding="utf-8")
    said = report if isinstance(report, str) else json.dumps({"dependencies": report, "fixes": []})
    done = subprocess.run(
        [sys.executable, "-I", "-S", ROOT / "scripts/audit.py", tmp_path / "requirements.txt"],
        input=said, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_all_were_looked_at_and_nothing_is_known(tmp_path):
    """The count is there; a package of another system is not missed."""
    assert audit(tmp_path, FINE) == (0, "2 packages audited: no known vulnerabilities.\n", "")


def test_a_package_that_could_not_be_audited_fails_the_audit(tmp_path):
    """Nobody takes silence for health: it is named, with the reason."""
    code, out, err = audit(tmp_path, [SKIPPED, FINE[1]])
    assert (code, out) == (1, "")
    assert "1 of 2 packages could not be audited" in err
    assert "alpha: Dependency not found on PyPI" in err


def test_a_package_that_the_report_does_not_name_fails_the_audit(tmp_path):
    """A report of something else is no report."""
    code, _, err = audit(tmp_path, [FINE[0]])
    assert code == 1
    assert "beta-two: not in the report" in err


def test_a_vulnerability_fails_the_audit(tmp_path):
    """With its id and the version that mends it; control characters do not reach the terminal."""
    code, _, err = audit(tmp_path, [KNOWN, FINE[1]])
    assert code == 1
    assert "alpha 1.0: PYSEC-1\\x1b[2J, mended in 1.1" in err


@pytest.mark.parametrize("report", ["", "no JSON", "[]", '{"dependencies": null}', '{"dependencies": [1]}'])
def test_what_is_no_report_fails_the_audit(tmp_path, report):
    """pip-audit that ends early writes none."""
    code, _, err = audit(tmp_path, report)
    assert code == 2
    assert "no report" in err


def test_make_audit_reads_the_report():
    """The command that people run fails as the script does."""
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    (recipe,) = [line for line in lines if "pip-audit " in line and "audit.py" in line]
    assert "--format json" in recipe
    assert recipe.rstrip().endswith("scripts/audit.py requirements.txt")
