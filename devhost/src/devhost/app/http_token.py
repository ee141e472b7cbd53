"""A credential for a call with a token source.

The extension asks Azure.Identity's ``DefaultAzureCredential``. Here its Python namesake is asked, if the app has the
package ``azure-identity``: environment, managed identity, Azure CLI and so on. Without one the call fails, as there.
"""

from __future__ import annotations

import asyncio
from typing import Final

FAILED: Final = "DefaultAzureCredential failed to retrieve a token from the included credentials."
# Resources that the extension completes; any other is used as a scope unchanged.
_COMPLETED: Final = ("https://management.core.windows.net", "https://graph.microsoft.com")


class NoTokenError(Exception):
    """There is no credential; its text says why and what to do."""


def scope(resource: str) -> str:
    """The scope that is asked for."""
    return f"{resource.removesuffix('/')}/.default" if resource.removesuffix("/") in _COMPLETED else resource


async def token(resource: str) -> str:
    """An access token for a resource.

    Raises:
        NoTokenError: no source gives one.
    """
    try:
        from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - where the app has it
    except ImportError:
        text = (
            f"No credential is asked for '{resource}', since the package azure-identity is not there. To use your own "
            "identity (az login, AZURE_CLIENT_ID and so on), install it in the app's environment."
        )
        raise NoTokenError(f"{FAILED} {text}") from None
    try:
        found = await asyncio.to_thread(lambda: DefaultAzureCredential().get_token(scope(resource)))
    except Exception as error:
        raise NoTokenError(f"{FAILED} {error}") from error
    return str(found.token)
