"""DBOS, a library, in a web app of three routes and one process; on sqlite, and on a PostgreSQL of our own.

Start is ``start_workflow_async``, event is ``send_async``, received in the workflow by ``recv_async`` with a timeout of
an hour, status is ``get_result`` inside the route. DBOS waits for a result by asking its database; its default is once
a second, which alone would be the figure, so it is set to ask every 3 ms for each that waits. On sqlite it also looks
for messages once a second, which is its default and stays: on PostgreSQL the database notifies it.

Durability: sqlite with a rollback journal and PostgreSQL with its write-ahead log, both with their defaults: fsync at
each commit, and a commit for each step. PostgreSQL is a fresh cluster with the settings that ``initdb`` writes.
"""

import asyncio
import getpass
import os
import shutil
import subprocess
import sys
from pathlib import Path

from peers.engine import SERVICES, must_be_free
from peers.library import Library

DATABASE_PORT = 17145


class Dbos(Library):
    """The web app; which database it uses is the subclass's to say."""

    url: str

    async def launch(self) -> None:
        """One process, besides the database."""
        must_be_free(self.port)
        self.spawn([sys.executable, SERVICES / "dbos_approval.py", str(self.port), self.url])
        await self.until(self.answers)

    async def completed(self, case: str, pause_s: float) -> None:  # noqa: ARG002 - the route waits
        """Waits for the result."""
        result = await self.post(f"{self._front}/result", case)
        if result != "Your project design proposal has been -  Approved!":
            raise AssertionError(repr(result))


class OnSqlite(Dbos):
    """DBOS with its default database."""

    port = 17141

    @property
    def url(self) -> str:  # type: ignore[override]
        """A file in the state folder."""
        return f"sqlite:///{self.state / 'dbos.sqlite'}"


class OnPostgres(Dbos):
    """DBOS with what it recommends for production."""

    port = 17142
    url = f"postgresql://bench@127.0.0.1:{DATABASE_PORT}/dbos"

    def prepare(self) -> None:
        """Makes the cluster. PostgreSQL refuses to run as root, so root hands it to the user that apt made for it."""
        self._user = "postgres" if os.geteuid() == 0 else getpass.getuser()
        cluster = self.state / "cluster"
        cluster.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(cluster, self._user)
        command = [postgres("initdb"), "--pgdata", cluster, "--username", "bench", "--auth", "trust"]
        subprocess.run([*command, "--encoding", "UTF8"], check=True, capture_output=True, user=self._user, cwd="/")

    async def launch(self) -> None:
        """The database, then the app."""
        must_be_free(DATABASE_PORT)
        self._user = "postgres" if os.geteuid() == 0 else getpass.getuser()
        command = [postgres("postgres"), "-D", self.state / "cluster", "-p", str(DATABASE_PORT), "-h", "127.0.0.1"]
        self.spawn([*command, "-k", ""], user=self._user)
        await self.until(self._database)
        await super().launch()

    async def _database(self) -> None:
        command = [postgres("pg_isready"), "-h", "127.0.0.1", "-p", str(DATABASE_PORT), "-q"]
        asked = await asyncio.create_subprocess_exec(*command)
        if await asked.wait() != 0:
            raise ConnectionRefusedError("PostgreSQL does not take connections yet")


def postgres(program: str) -> str:
    """Where apt put a program of PostgreSQL's: not on the path."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    if not places:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    return str(places[-1])
