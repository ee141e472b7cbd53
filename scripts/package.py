"""Write what is deployed: ``python scripts/package.py [--engine ENGINE] [FILE | --unpacked]``.

1. In it are the files that ``.funcignore`` names, each with a line ``!/...``, and no others. Symbolic links stay out.
2. The engine decides on host.json: the host passes the content of that file to the scale controller, not what settings
   override, so an app of the engine durableTaskScheduler that sleeps would not be woken without a file of its own.
3. Two runs over the same files give the same bytes: names are sorted, times and modes fixed.

FILE is ``dist/app.zip`` by default; ``--unpacked`` makes the folder ``dist/app`` instead, which azd deploys. The engine
is ``azureStorage``, or what the environment variable ``APPROVAL_ENGINE`` says. It needs Python and
this repository, and no package.
"""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "devhost/src"))

from devhost.shown import say  # noqa: E402 - after the path that leads to it; it needs no package

IGNORE = ".funcignore"
UNPACKED = "dist/app"
ENGINES = ("azureStorage", "durableTaskScheduler")
# As infra/main.bicep names the setting with the scheduler's address.
SCHEDULER = {"type": "azureManaged", "connectionStringName": "DURABLE_TASK_SCHEDULER_CONNECTION_STRING"}
HOST_FILE = "host.json"
EVERYTHING = ("*", "**")
TIME = (2020, 1, 1, 0, 0, 0)
MODE = 0o100644


def files(folder: Path = ROOT) -> list[str]:
    """The paths that are deployed, relative to the folder, with forward slashes, sorted.

    Raises:
        SystemExit: the ignore file does not begin with ``*``, or has a line that is neither that nor ``!/...``.
    """
    found = {path for pattern in _named(folder / IGNORE) for path in folder.glob(pattern) if path.is_file()}
    linked = {path for path in found if _is_linked(path, folder)}
    for path in sorted(linked):
        name = path.relative_to(folder).as_posix()
        say(f"{name} is a symbolic link, or lies below one: it is left out.")
    return sorted(path.relative_to(folder).as_posix() for path in found - linked)


def write(target: Path, folder: Path = ROOT, engine: str = ENGINES[0]) -> list[str]:
    """Write the zip, and give what is in it."""
    names = files(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for name in names:
            info = ZipInfo(name, TIME)
            info.compress_type, info.external_attr, info.create_system = ZIP_DEFLATED, MODE << 16, 3
            archive.writestr(info, _content(folder, name, engine))
    return names


def unpacked(folder: Path = ROOT, engine: str = ENGINES[0]) -> list[str]:
    """Make the folder ``dist/app`` afresh, and give what is in it."""
    names, target = files(folder), folder / UNPACKED
    if target.exists():
        shutil.rmtree(target)
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(_content(folder, name, engine))
    return names


def _named(ignore: Path) -> list[str]:
    """The patterns of files that the ignore file excepts from ``*``."""
    lines = [line.strip() for line in ignore.read_text(encoding="utf-8").splitlines()]
    rules = [(number, line) for number, line in enumerate(lines, 1) if line and not line.startswith("#")]
    if not rules or rules[0][1] != EVERYTHING[0]:
        raise SystemExit(f"{ignore} must begin with *: what is deployed is named in it, all else stays behind.")
    for number, line in rules:
        of_folder = line.endswith("/")
        if line not in EVERYTHING and (not line.startswith("!/") or ".." in line or of_folder != ("[" in line)):
            raise SystemExit(
                f"{ignore}, line {number}: {line!r} is not understood. Write !/name or !/folder/*.py for files, and "
                "!/folde[r]/ for the folder that they lie in."
            )
    return [line.removeprefix("!/") for _, line in rules if line.startswith("!") and not line.endswith("/")]


def _is_linked(path: Path, folder: Path) -> bool:
    """Whether the path, or a folder on the way to it, is a symbolic link."""
    inner = path.relative_to(folder)
    return any((folder / part).is_symlink() for part in (inner, *inner.parents) if part != Path())


def _content(folder: Path, name: str, engine: str) -> bytes:
    content = (folder / name).read_bytes()
    if name != HOST_FILE or engine == ENGINES[0]:
        return content
    host = json.loads(content)
    host.setdefault("extensions", {}).setdefault("durableTask", {})["storageProvider"] = SCHEDULER
    return (json.dumps(host, indent=2) + "\n").encode()


def main() -> None:
    """Do what the command line asks for, and print what was written."""
    parser = argparse.ArgumentParser(description="Write what is deployed.")
    engine = os.environ.get("APPROVAL_ENGINE") or ENGINES[0]
    parser.add_argument("--engine", default=engine, help=" or ".join(ENGINES))
    parser.add_argument("--unpacked", action="store_true", help=f"make the folder {UNPACKED} instead of a zip")
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "dist/app.zip")
    given = parser.parse_args()
    if given.engine not in ENGINES:
        parser.error(f"the engine is {' or '.join(ENGINES)}, not {given.engine!r}")
    if given.unpacked:
        sys.stdout.write(f"{ROOT / UNPACKED}: {len(unpacked(engine=given.engine))} files, for {given.engine}\n")
    else:
        packed = write(given.file, engine=given.engine)
        size = given.file.stat().st_size
        sys.stdout.write(f"{given.file}: {len(packed)} files, {size:,} bytes, for {given.engine}\n")


if __name__ == "__main__":
    main()
