"""Blob bindings: files under the state folder take the place of a storage account.

1. The blob ``a/b.txt`` of the container ``c`` is the file ``blobs/c/a/b.txt``. Without a folder all is in memory.
2. A blob is there whole or not at all: it is written beside its place, synced, and renamed.
3. Outputs are written after the function has returned and before its caller hears of it; a failure to write is the
   function's failure (Functions host: WorkerFunctionInvoker).
4. A path's expressions are those of the WebJobs SDK: ``{data.x}`` and ``{x}`` of what triggered the function,
   ``{rand-guid}``, ``%SETTING%``. One that has no value is refused with the SDK's words.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from azure.functions import QueueMessage
from azure.functions.blob import BlobConverter
from azure.functions.meta import Datum

from devhost.app.host_json import resolve
from devhost.private_files import make_private

if TYPE_CHECKING:
    from devhost.app.indexer import Function

_PART: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_CONTAINER: Final = re.compile(r"(?!.*--)[a-z0-9$][a-z0-9-]{2,62}")
_LONGEST_NAME: Final = 1024


class Blobs:
    """The blobs of one host.

    Args:
        folder: where they lie; None keeps them in memory, for tests.

    Attributes:
        kept: what is kept in memory, by ``container/name``.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self.kept: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        """The content; None if there is no such blob."""
        container, name = _split(path)
        if self._folder is None:
            return self.kept.get(f"{container}/{name}")
        try:
            return (self._folder / container / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def write(self, path: str, content: bytes) -> None:
        """Write the whole blob, over what there was.

        Raises:
            OSError: it cannot be written; what there was is unchanged.
        """
        container, name = _split(path)
        if self._folder is None:
            self.kept[f"{container}/{name}"] = content
            return
        make_private(self._folder)
        file = self._folder / container / name
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=self._folder, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(beside).replace(file)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise


def inputs(blobs: Blobs, function: Function, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What the parameters with a blob input get: an ``InputStream``, None where there is no such blob."""
    found = {}
    for binding in function.bindings:
        if _is_blob(binding) and not _goes_out(binding):
            content = blobs.read(path_of(binding["path"], function, arguments))
            datum = None if content is None else Datum(content, "bytes")
            found[binding["name"]] = BlobConverter.decode(datum, trigger_metadata={})
    return found


def write_outputs(blobs: Blobs, function: Function, arguments: Mapping[str, Any]) -> None:
    """Write what the function has set on its parameters with a blob output; one that it left alone writes nothing.

    Raises:
        OSError: a blob cannot be written.
        TypeError: a value is neither text nor bytes.
    """
    for binding in function.bindings:
        if not _is_blob(binding) or not _goes_out(binding) or binding["name"] not in arguments:
            continue
        value = arguments[binding["name"]].get()
        if value is None:
            continue
        try:
            content = BlobConverter.encode(value, expected_type=None).value
        except NotImplementedError as error:
            raise TypeError(f"unable to encode outgoing TypedData: {type(value).__name__} is no blob") from error
        data = content.encode() if isinstance(content, str) else content
        blobs.write(path_of(binding["path"], function, arguments), data)


def path_of(template: str, function: Function, arguments: Mapping[str, Any]) -> str:
    """The path with its expressions replaced.

    Raises:
        ValueError: an expression has no value here.
    """
    data = _binding_data(function, arguments.get(function.parameter))

    def replaced(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        if match[1].lower() == "rand-guid":
            return str(uuid.uuid4())
        first, *rest = match[1].split(".")
        value = data.get(first.lower())
        for name in rest:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is None or isinstance(value, Mapping | list):
            raise ValueError(f"No value for named parameter '{match[1]}'.")
        return value if isinstance(value, str) else json.dumps(value)

    return _PART.sub(replaced, resolve(template, os.environ))


def _binding_data(function: Function, given: Any) -> dict[str, Any]:
    """What expressions may name: of an activity ``data`` and its parameter, and the properties of a JSON object."""
    if isinstance(given, QueueMessage):
        given = given.get_body().decode(errors="replace")
    if isinstance(given, str):
        try:
            value = json.loads(given)
        except ValueError:
            value = given
    else:
        value = given
    data = {name.lower(): one for name, one in value.items()} if isinstance(value, Mapping) else {}
    if function.trigger["type"].lower() == "activitytrigger":
        data |= {function.parameter.lower(): value, "data": value}
    return data


def _is_blob(binding: Mapping[str, Any]) -> bool:
    return str(binding["type"]).lower() == "blob"


def _goes_out(binding: Mapping[str, Any]) -> bool:
    return str(binding.get("direction", "")).lower() in ("out", "1")


def _split(path: str) -> tuple[str, str]:
    """Container and name, as a storage account would take them; names that a folder could not hold are refused too."""
    container, _, name = path.strip("/").partition("/")
    if not _CONTAINER.fullmatch(container):
        raise ValueError(f"'{container}' is no name of a container: 3 to 63 lower-case letters, digits and dashes.")
    parts = name.split("/")
    if not name or len(name) > _LONGEST_NAME or "\0" in name or {"", ".", ".."} & set(parts) or "\\" in name:
        raise ValueError(f"'{name}' is no name of a blob that devhost keeps.")
    return container, name
