"""Fail where pip-audit could not check: ``pip-audit --format json ... | python scripts/audit.py FILE``.

pip-audit ends with 0 also if the package index knows nothing about a package, as behind a mirror without that data.
Here every package that FILE pins for any system has to be in the report, and to have been audited.

Exit code: 0 all were audited and nothing is known; 1 a vulnerability is known, or a package was not audited; 2 there
was no report.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "devhost/src"))

from devhost.shown import say  # after the path that leads to it; it needs no package


def pinned(text: str) -> dict[str, str]:
    """The packages that a requirements file pins wherever it is installed: normalized name to the name as written."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==[^\s;]+(?:\s*;\s*([^\\\n]*))?", text, re.MULTILINE)
    return {_normal(name): name for name, marker in found if not re.search("platform|os_name", marker)}


def main(requirements: Path, report: str) -> int:
    """Print what the report means, and give the exit code."""
    try:
        listed = {_normal(one["name"]): one for one in json.loads(report)["dependencies"]}
    except (ValueError, TypeError, KeyError, RecursionError):
        say("There is no report: pip-audit did not get to its end. Its own message is above.")
        return 2
    names = pinned(requirements.read_text(encoding="utf-8"))
    missing = dict.fromkeys(names.keys() - listed.keys(), "not in the report")
    skipped = {name: one["skip_reason"] for name, one in listed.items() if "skip_reason" in one} | missing
    known = [f"{one['name']} {one['version']}: {_of(it)}" for one in listed.values() for it in one.get("vulns", ())]
    if skipped:
        say(f"{len(skipped)} of {len(listed.keys() | missing)} packages could not be audited:")
        for name, why in sorted(skipped.items()):
            say(f"  {names.get(name, name)}: {why}")
        say("Run it where https://pypi.org can be reached.")
    if known:
        say(f"{len(known)} known vulnerabilities:")
        for line in sorted(known):
            say(f"  {line}")
    if skipped or known:
        return 1
    sys.stdout.write(f"{len(listed)} packages audited: no known vulnerabilities.\n")
    return 0


def _normal(name: str) -> str:
    """As the packaging rules compare names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _of(vulnerability: dict[str, Any]) -> str:
    mended = ", ".join(vulnerability.get("fix_versions") or ()) or "no version so far"
    return f"{vulnerability['id']}, mended in {mended}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.stdin.read()))
