"""Application settings, read when they are needed, so that a changed one counts from the next request on.

| setting | what it is | default |
|---|---|---|
| ``APPROVAL_TIMEOUT`` | time to decide, an ISO 8601 duration of at most a year | ``PT20S`` |
| ``PATTERNS`` | ``off`` leaves the pattern gallery out, from the next start of the app on | ``on`` |
"""

import os

from approval.errors import InvalidDuration, InvalidSetting
from approval.policy import DEFAULT_TIMEOUT, Policy

APPROVAL_TIMEOUT = "APPROVAL_TIMEOUT"
PATTERNS = "PATTERNS"
STRICT_TYPING = "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING"


def house_policy() -> Policy:
    """The policy for every proposal that does not ask for another one.

    Raises:
        InvalidSetting: ``APPROVAL_TIMEOUT`` is no usable duration. An empty one counts as none.
    """
    timeout = os.environ.get(APPROVAL_TIMEOUT, "").strip() or DEFAULT_TIMEOUT
    try:
        return Policy(timeout=timeout)
    except InvalidDuration as error:
        raise InvalidSetting(APPROVAL_TIMEOUT, error.detail) from error


def patterns_are_on() -> bool:
    """Whether the pattern gallery is part of the app: unless the setting says ``off``, in any case of letters."""
    return os.environ.get(PATTERNS, "").strip().casefold() != "off"


def insist_on_plain_json() -> None:
    """Keep the Durable SDK from building objects out of what it reads.

    Without this switch the SDK (1.7.0) calls ``from_json`` of any loaded class that an event or an input names. An
    operator who sets the variable to something else keeps it.
    """
    os.environ.setdefault(STRICT_TYPING, "1")
