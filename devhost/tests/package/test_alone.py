"""devhost is a project of its own: nothing in its folder needs what lies beside it."""

import ast
import re

from checkout import DEVHOST

PACKAGES_OF_THE_APP = {"approval", "adapters", "functions", "service", "web"}
# Made here or built: neither is a text of the project.
NOT_OURS = re.compile(r"/(\.\w|build/|[\w.]+\.egg-info/)")
FILES = sorted(
    path for path in DEVHOST.rglob("*.py") if not NOT_OURS.search(f"/{path.relative_to(DEVHOST).as_posix()}")
)


def imported(text):
    """The top-level packages that a module imports."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


def climbs(text):
    """How many folders up a module looks from its own, at most."""
    by_number = [int(number) for number in re.findall(r"\bparents\[(\d+)\]", text)]
    by_steps = [
        found.count(".parent") - 1 for found in re.findall(r"__file__\)(?:\.resolve\(\))?((?:\.parent\b)+)", text)
    ]
    return max([0, *by_number, *by_steps])


def test_no_module_knows_an_app_beside_devhost():
    """None imports a package of the app, or looks for a file above devhost's own folder."""
    assert len(FILES) > 300
    for path in FILES:
        text, inside = path.read_text(encoding="utf-8"), path.relative_to(DEVHOST)
        assert not PACKAGES_OF_THE_APP & set(imported(text)), inside
        assert climbs(text) < len(inside.parts), inside


def test_what_would_lead_out_is_seen():
    """The two measures of the test above find what they look for."""
    assert PACKAGES_OF_THE_APP & set(imported("import os\nfrom approval.case import stamp"))
    assert climbs(f"{'Path(__file__)'}.parents{[30]}") == climbs("Path(__file__)" + 31 * ".parent") == 30
