"""Which modules are long and do not say why."""

from pathlib import Path

MOST_LINES = 400
REASON = "one long file"


def long_without_reason(*folders: Path) -> list[str]:
    """The names of modules with more than 400 lines whose first five do not begin a reason: ``One long file: ...``."""
    found = []
    for path in sorted(each for folder in folders for each in folder.rglob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        if len(lines) > MOST_LINES and REASON not in " ".join(lines[:5]).lower():
            found.append(path.name)
    return found
