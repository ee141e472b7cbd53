"""The Durable extension with Azurite: what a user of Azure Functions Core Tools has on a laptop.

It is not ours to install, so the user gives the command that starts it, with ``--real-host``. In it ``{app}`` means
``bench/app``, ``{port}`` the port it must answer on, ``{storage}`` an empty folder that it must keep its
storage in. With Core Tools such a command is a two-line script: ``azurite --location "$1" & exec func start --port
"$2"``, with ``bench/app`` as its folder.

The queues are asked every second at most (``bench/app/host.json``); the extension's own default is 30 seconds.

Durability: Azurite keeps its tables and queues in memory and writes them to disk every few seconds, without fsync; what
Azure Storage keeps in the cloud is another matter.
"""

import shlex

from peers.engine import must_be_free
from peers.management import APP, ManagementApi

READS_AT_MOST_EVERY_S = 0.02  # reading oftener takes more from it than it gains


class Extension(ManagementApi):
    """The extension, by a command of the user's."""

    port = 17110

    async def launch(self) -> None:
        """The process that the command starts."""
        if self.command is None:
            raise RuntimeError('say how it is started: --real-host "COMMAND with {app} {port} {storage}"')
        must_be_free(self.port)
        storage = self.state / "storage"
        storage.mkdir(exist_ok=True)
        values = {"app": APP, "port": self.port, "storage": storage}
        self.spawn([part.format_map(values) for part in shlex.split(self.command)])
        await self.until(lambda: self.get(f"http://127.0.0.1:{self.port}/runtime/webhooks/durabletask/instances?top=1"))

    async def completed(self, case: dict[str, str], pause_s: float) -> None:
        """Reads the status until it says Completed."""
        await super().completed(case, max(pause_s, READS_AT_MOST_EVERY_S))
