"""What a health report says: a list of checks, each with what to do where it failed. No values, no keys, no names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

REFUSAL_COUNTS_S = 300
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: stable; a monitor may rely on it.
        fault: what is wrong and what to do; None where all is well.
    """

    name: str
    fault: str | None = None


def report(checks: Sequence[Check], version: str, looked_at: str) -> dict[str, Any]:
    """The body of the answer.

    Example::

        {"status": "unhealthy", "version": "0.1.0", "lookedAt": "2026-11-24T20:00:00Z",
         "checks": [{"name": "settings", "ok": true, "whatToDo": null},
                    {"name": "engine", "ok": false, "whatToDo": "The workflow engine did not answer within 2 s. ..."}]}
    """
    return {
        "status": "healthy" if is_healthy(checks) else "unhealthy",
        "version": version,
        "lookedAt": looked_at,
        "checks": [{"name": check.name, "ok": check.fault is None, "whatToDo": check.fault} for check in checks],
    }


def is_healthy(checks: Sequence[Check]) -> bool:
    """Whether nothing was found wrong."""
    return all(check.fault is None for check in checks)


def policies_fault(wrong: Sequence[str], missing: Sequence[str]) -> str | None:
    """What is wrong with the settings for policies and people, by their names; None where nothing is.

    Args:
        wrong: those that are there and not usable.
        missing: those that are needed for what the app is set up to do, and are not there.
    """
    todo = [f"Correct {', '.join(wrong)}"] if wrong else []
    todo += [f"{'set' if todo else 'Set'} {', '.join(missing)}"] if missing else []
    return f"{' and '.join(todo)} in the app's settings; docs/reference/settings.md lists them." if todo else None


def public_url_fault(public: str, management_url: str, *, is_on_platform: bool) -> str | None:
    """What is wrong with the address that links in mails begin with; None where they may lead here.

    In front of the app may be a gateway or a domain of the company's own, so another host is no fault by itself.

    Args:
        public: ``PUBLIC_BASE_URL``.
        management_url: one of those that the engine gives out.
        is_on_platform: whether the app runs in Azure.
    """
    given, own = urlsplit(public), urlsplit(management_url)
    if given.hostname not in _LOOPBACK:
        return None
    if is_on_platform:
        return (
            "PUBLIC_BASE_URL is this machine itself, which nobody else can reach. Set it to where people open the app."
        )
    if own.hostname in _LOOPBACK and (given.scheme, given.port) != (own.scheme, own.port):
        return (
            f"PUBLIC_BASE_URL leads to {given.netloc}, and the app answers at {own.netloc}. "
            "Links in mails would lead nowhere, or to another app. Set it to where people open the app."
        )
    return None


def starts_fault(refused_s_ago: float | None) -> str | None:
    """What is wrong with starting cases; None where nothing is known to be.

    A probe may change nothing, so it cannot try a start itself. It reports how the latest one went.

    Args:
        refused_s_ago: how long ago the engine refused the latest start; None if it accepted that, or none was tried.
    """
    if refused_s_ago is None or refused_s_ago >= REFUSAL_COUNTS_S:
        return None
    return (
        "The workflow engine did not take the latest start: new cases are answered 503, and none of those was begun. "
        "Look at the host's log, at the room on its disk or in its storage account, and at the rights to write there. "
        f"This ends with the next start that is taken, or {REFUSAL_COUNTS_S // 60} minutes after the latest refusal."
    )


def base_url_fault(management_url: str, hostname: str | None) -> str | None:
    """What is wrong with the addresses that people are given; None where they may lead here.

    The request's own host is not asked: a caller may write anything into it.

    Args:
        management_url: one of those that the engine gives out.
        hostname: the app's own according to the platform (``WEBSITE_HOSTNAME``), with or without a port.
    """
    try:
        given = urlsplit(management_url)
        host, own = given.hostname, urlsplit(f"//{hostname or ''}").hostname
    except ValueError:
        host = own = None
    if not host or given.scheme not in ("http", "https"):
        return "The engine gives out links that are no web addresses. Set WEBSITE_HOSTNAME to the app's host name."
    if own is not None and own not in _LOOPBACK:
        if host != own:
            return (
                "The engine gives out links with another host name than the platform's (WEBSITE_HOSTNAME). "
                "Restart the app; if that does not help, correct the setting."
            )
        if given.scheme != "https":
            return "The engine gives out links without https. Turn on HTTPS Only for the app, then restart it."
    return None
