"""Installs the engines that ours is compared with, pinned, from PyPI, npm and apt; what is there already is left alone.

    python bench/setup_peers.py [ENGINE...]

Virtual environments and Restate's server go to ``bench/.data``; PostgreSQL is installed by apt, which needs root. After
that the comparison needs no network.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

from peers import DATA, PEERS, RESTATE_SERVER

REQUIREMENTS = Path(__file__).resolve().parent / "peers/requirements"
POSTGRES = Path("/usr/lib/postgresql")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "engines", nargs="*", metavar="ENGINE", help=f"all of them if none is named: {', '.join(PEERS)}"
    )
    names = parser.parse_args().engines or list(PEERS)
    if unknown := set(names) - set(PEERS):
        parser.error(f"no such engine: {', '.join(sorted(unknown))}")
    for environment in sorted({one for name in names if (one := PEERS[name].environment)}):
        install_environment(environment)
    if "restate" in names:
        install_restate_server()
    if "dbos-postgres" in names:
        install_postgres()


def install_environment(name: str) -> None:
    """A virtual environment with the pinned packages; made again where they have changed."""
    folder, wanted = DATA / "venvs" / name, REQUIREMENTS / f"{name}.txt"
    marker, mark = folder / "installed", hashlib.sha256(wanted.read_bytes()).hexdigest()
    if marker.exists() and marker.read_text() == mark:
        print(f"{name}: already there")
        return
    print(f"{name}: installing {folder}", flush=True)
    venv.create(folder, with_pip=True, clear=True)
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", wanted], check=True)
    marker.write_text(mark)


def install_restate_server() -> None:
    """The server's binary, which its npm package ships."""
    folder = DATA / "npm"
    marker = folder / "installed"
    if marker.exists() and marker.read_text() == RESTATE_SERVER:
        print("Restate's server: already there")
        return
    print(f"Restate's server: installing {RESTATE_SERVER}", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    npm = ["npm", "install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run([*npm, RESTATE_SERVER], check=True)
    marker.write_text(RESTATE_SERVER)


def install_postgres() -> None:
    """Debian's PostgreSQL. Its own cluster is not used; the comparison makes one in a temporary folder."""
    if list(POSTGRES.glob("*/bin/postgres")):
        print("PostgreSQL: already there")
        return
    if os.geteuid() != 0:
        sys.exit("PostgreSQL is missing and only root can install it: sudo apt-get install postgresql")
    subprocess.run(["apt-get", "update", "--quiet"], check=True)
    subprocess.run(["apt-get", "install", "--yes", "--quiet", "postgresql"], check=True)


if __name__ == "__main__":
    main()
