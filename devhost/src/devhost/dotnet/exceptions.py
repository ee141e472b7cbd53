"""Exceptions as .NET's serializers write them: JSON objects with the fields in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


HRESULT, ARGUMENT_HRESULT, SOCKET_HRESULT = -2146233088, -2147024809, -2147467259


def serialized(
    kind: str, message: str, inner: Mapping[str, Any] | None, stack: str | None = None, source: str | None = None
) -> dict[str, Any]:
    """An exception as .NET's own serialization has it, fields in its order."""
    return {
        "$type": f"{kind}, System.Private.CoreLib",
        "ClassName": kind,
        "Message": message,
        "Data": None,
        "InnerException": inner,
        "HelpURL": None,
        "StackTraceString": stack,
        "RemoteStackTraceString": None,
        "RemoteStackIndex": 0,
        "ExceptionMethod": None,
        "HResult": HRESULT,
        "Source": source,
        "WatsonBuckets": None,
    }


def rpc_exception(text: str) -> dict[str, Any]:
    """What the host throws for a failed function, as Newtonsoft writes an exception that cannot serialize itself."""
    return {
        "$type": "Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script",
        "Message": text,
        "Data": {"$type": "System.Collections.ListDictionaryInternal, System.Private.CoreLib"},
        "InnerException": None,
        "HelpLink": None,
        "Source": None,
        "HResult": HRESULT,
        "StackTrace": None,
    }
