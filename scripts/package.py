"""Write the zip that is deployed: ``python scripts/package.py [FILE]``, by default ``dist/app.zip``.

What goes in is what ``.funcignore`` leaves, in gitignore's rules, as Core Tools and azd read it. Two runs over the same
files give the same bytes: names are sorted, times and modes fixed.
"""

import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pathspec import GitIgnoreSpec

ROOT = Path(__file__).resolve().parents[1]
IGNORE = ".funcignore"
TIME = (2020, 1, 1, 0, 0, 0)
MODE = 0o100644


def files(folder: Path = ROOT) -> list[str]:
    """The paths that are deployed, relative to the folder, with forward slashes, sorted."""
    spec = GitIgnoreSpec.from_lines((folder / IGNORE).read_text(encoding="utf-8").splitlines())
    return sorted(_below(folder, "", spec))


def write(target: Path, folder: Path = ROOT) -> list[str]:
    """Write the zip, and give what is in it."""
    names = files(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for name in names:
            info = ZipInfo(name, TIME)
            info.compress_type, info.external_attr, info.create_system = ZIP_DEFLATED, MODE << 16, 3
            archive.writestr(info, (folder / name).read_bytes())
    return names


def _below(folder: Path, prefix: str, spec: GitIgnoreSpec) -> list[str]:
    """The files under ``prefix``; an ignored folder is not entered, as git does it."""
    found: list[str] = []
    for path in (folder / prefix).iterdir():
        name = f"{prefix}{path.name}"
        if path.is_dir():
            if not spec.match_file(f"{name}/"):
                found += _below(folder, f"{name}/", spec)
        elif not spec.match_file(name):
            found.append(name)
    return found


if __name__ == "__main__":
    written = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist/app.zip"
    packed = write(written)
    sys.stdout.write(f"{written}: {len(packed)} files, {written.stat().st_size:,} bytes\n")
