"""The answers of the management API. An error has one of three shapes: bare, message or exception.

The status codes, the names and the order of the keys are the extension's: the Python client makes its results and
exceptions of them (contract 1.2, 2.3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from devhost.dotnet.azure_storage import can_be_sent
from devhost.dotnet.json_text import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON: Final = "application/json; charset=utf-8"
SOMETHING_WRONG: Final = "Something went wrong while processing your request"
BAD_ARGUMENT: Final = "One or more of the arguments submitted is incorrect"
BAD_JSON: Final = "Invalid JSON content"
NO_STORAGE: Final = "An error occurred while communicating with Azure Storage"
STORAGE_EXCEPTION: Final = "DurableTask.AzureStorage.Storage.DurableTaskStorageException"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; without a body it has no content type."""

    status: int
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """An answer with a JSON body."""
    return Reply(status, compact(value).encode(), {"Content-Type": JSON, **(headers or {})})


def bare(status: int) -> Reply:
    """An answer without a body."""
    return Reply(status)


def message(status: int, text: str) -> Reply:
    """An error with a message only."""
    return as_json(status, {"Message": text})


def exception(status: int, text: str, detail: str, kind: str) -> Reply:
    """An error with the exception behind it. The stack trace only names the API, as there is no .NET here."""
    trace = "   at Microsoft.Azure.WebJobs.Extensions.DurableTask.HttpApiHandler.HandleRequestAsync"
    body = {"Message": text, "ExceptionMessage": detail, "ExceptionType": kind, "StackTrace": trace}
    return as_json(status, body)


def invalid_json(error: ValueError) -> Reply:
    """The answer to a body that the JSON reader refuses."""
    return exception(400, BAD_JSON, str(error), "Newtonsoft.Json.JsonReaderException")


def bad_argument(error: Exception) -> Reply:
    """The answer if a value or a row of the history raises an ArgumentException in the extension."""
    return exception(400, BAD_ARGUMENT, str(error), "System.ArgumentException")


def unsendable(*texts: str | None) -> Reply | None:
    """The answer if a message with these texts cannot be sent, else None."""
    return None if can_be_sent(*texts) else UNSTORABLE


NOT_FOUND: Final = bare(404)
ACCEPTED: Final = bare(202)
UNSTORABLE: Final = exception(500, SOMETHING_WRONG, NO_STORAGE, STORAGE_EXCEPTION)
NO_TIME: Final = as_json(400, "Please provide value for 'createdTimeFrom' parameter.")
