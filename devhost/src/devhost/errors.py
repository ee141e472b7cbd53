"""What stops the host before it serves, in a sentence for the person who can change it.

::

    HostError                 never raised itself; the command prints the sentence and exits with code 2
    ├── AppRefused            Azure would not index this app, or not find it
    ├── BadRoute              a route template that the host cannot compile
    ├── BadSettings           host.json, local.settings.json or a setting cannot be used
    ├── BadState              the folder that the host keeps its state in cannot be used
    └── PortTaken             the host cannot listen on the address and port it was given

Each carries one sentence that names the place and the way out. None of them is ever answered over HTTP.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class HostError(Exception):
    """The base of the tree: ``str(error)`` is one sentence that can be shown."""


class AppRefused(HostError):
    """Azure's worker or host would refuse this app, for the reason given.

    Args:
        folder: the app's folder.
        reason: a full sentence, without the folder's name.
        function: the function at fault, where one is.
    """

    def __init__(self, folder: "Path", reason: str, function: str | None = None) -> None:
        self.folder = folder
        self.reason = reason
        self.function = function
        about = f"function {function}: " if function else ""
        super().__init__(f"The app in {folder} is refused: {about}{reason}")


class BadRoute(HostError):
    """A route template that ASP.NET Core does not take, which in Azure keeps the whole host from starting.

    Args:
        function: whose route it is.
        template: the whole of it, prefix included.
        reason: a full sentence.
    """

    def __init__(self, function: str, template: str, reason: str) -> None:
        self.function = function
        self.template = template
        self.reason = reason
        super().__init__(f"The route '{template}' of function {function} cannot be used: {reason}")


class BadSettings(HostError):
    """A settings file, or a setting, cannot be used; nothing of it was applied.

    Args:
        place: the file or the setting's name.
        reason: a full sentence, without the place.
        line: 1-based, where it is known.
        column: 1-based, where it is known.
    """

    def __init__(self, place: "Path | str", reason: str, line: int | None = None, column: int | None = None) -> None:
        self.place = place
        self.reason = reason
        self.line = line
        self.column = column
        where = f", line {line}, column {column}" if line is not None else ""
        super().__init__(f"{place}{where}: {reason}")


class BadState(HostError):
    """The state folder, or a file in it, cannot be used; it is left as it was.

    Args:
        place: the file or folder.
        reason: a full sentence, without the place.
    """

    def __init__(self, place: "Path | str", reason: str) -> None:
        self.place = place
        self.reason = reason
        super().__init__(f"{place}: {reason}")


class PortTaken(HostError):
    """The host cannot listen on the address and port it was given.

    Args:
        address: as given.
        port: as given.
        reason: the system's own words.
    """

    def __init__(self, address: str, port: int, reason: str) -> None:
        self.address = address
        self.port = port
        super().__init__(f"Cannot listen on {address}:{port}: {reason}. Stop what uses it, or give another --port.")
