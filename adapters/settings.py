"""Application settings, read when they are needed, so that a changed one counts from the next request on.

| setting | what it is | default |
|---|---|---|
| ``APPROVAL_TIMEOUT`` | time to decide, an ISO 8601 duration of at most a year | ``PT20S`` |
| ``PATTERNS`` | ``off`` leaves the pattern gallery out, from the next start of the app on | ``on`` |
| ``RETENTION_MODE`` | what happens to finished cases: ``off``, ``dry`` or ``purge`` | ``off`` |
| ``RETENTION_DAYS`` | for how many days a finished case is kept, 1 to 36500 | ``90`` |
| ``RETENTION_SCHEDULE`` | when that happens, NCRONTAB in UTC, from the next start on | ``0 30 2 * * *`` |
| ``HEARTBEAT`` | ``on`` logs a heartbeat every 15 minutes, from the next start of the app on | ``off`` |
"""

import os

from approval.errors import InvalidDuration
from approval.policy.one_level import Policy
from service.errors import InvalidSetting
from service.retention import DEFAULT_DAYS, LONGEST_DAYS, Mode

APPROVAL_TIMEOUT = "APPROVAL_TIMEOUT"
PATTERNS = "PATTERNS"
RETENTION_MODE = "RETENTION_MODE"
RETENTION_DAYS = "RETENTION_DAYS"
RETENTION_SCHEDULE = "RETENTION_SCHEDULE"
HEARTBEAT = "HEARTBEAT"
DEFAULT_SCHEDULE = "0 30 2 * * *"
WEBSITE_HOSTNAME = "WEBSITE_HOSTNAME"
STRICT_TYPING = "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING"


def company_policy() -> Policy:
    """The policy for every proposal that does not ask for another one.

    Raises:
        InvalidSetting: ``APPROVAL_TIMEOUT`` is no usable duration. An empty one counts as none.
    """
    timeout = os.environ.get(APPROVAL_TIMEOUT, "").strip()
    try:
        return Policy(timeout=timeout) if timeout else Policy()
    except InvalidDuration as error:
        raise InvalidSetting(APPROVAL_TIMEOUT, error.detail) from error


def patterns_are_on() -> bool:
    """Whether the pattern gallery is part of the app: unless the setting is ``off``, in any case of letters."""
    return os.environ.get(PATTERNS, "").strip().casefold() != "off"


def heartbeat_is_on() -> bool:
    """Whether the app logs a heartbeat: only if the setting is ``on``, in any case of letters."""
    return os.environ.get(HEARTBEAT, "").strip().casefold() == "on"


def retention_plan() -> tuple[Mode, int]:
    """What happens to finished cases, and after how many days. An empty setting counts as none.

    Raises:
        InvalidSetting: one of the two does not make sense.
    """
    said = os.environ.get(RETENTION_MODE, "").strip().casefold() or Mode.OFF
    if said not in {mode.value for mode in Mode}:
        raise InvalidSetting(RETENTION_MODE, "It must be off, dry or purge.")
    days = os.environ.get(RETENTION_DAYS, "").strip() or str(DEFAULT_DAYS)
    if not (days.isascii() and days.isdigit() and 1 <= int(days[:9]) <= LONGEST_DAYS):
        raise InvalidSetting(RETENTION_DAYS, f"It must be a whole number from 1 to {LONGEST_DAYS}.")
    return Mode(said), int(days)


def retention_schedule() -> str:
    """When finished cases are exported and purged. A setting that the host cannot read costs that one function only."""
    return os.environ.get(RETENTION_SCHEDULE, "").strip() or DEFAULT_SCHEDULE


def faults() -> list[str]:
    """Names of the settings that are not usable, each once."""
    found = []
    for read in (company_policy, retention_plan):
        try:
            read()
        except InvalidSetting as error:
            found.append(error.setting)
    if os.environ.get(STRICT_TYPING) != "1":
        found.append(STRICT_TYPING)
    return found


def hostname() -> str | None:
    """The app's own host name, as the platform sets it; None where there is no platform."""
    return os.environ.get(WEBSITE_HOSTNAME) or None


def insist_on_plain_json() -> None:
    """Keep the Durable SDK from building objects out of what it reads.

    Without this switch the SDK (1.7.0) calls ``from_json`` of any loaded class that an input names, if the instance was
    not started through our starter. Nothing in the app needs that, so another value does not count. Events are checked
    by ``functions.orchestrators``, with or without the switch.

    Source: docs/decisions/0012-no-event-ends-a-case.md
    """
    os.environ[STRICT_TYPING] = "1"
