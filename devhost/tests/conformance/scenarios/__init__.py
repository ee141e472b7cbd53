"""The scenarios, by theme; `SCENARIOS` has them all, those that look at the whole hub at the end."""

from scenarios import basics, client, details, events, failures, operations, timers, whole_hub
from scenarios.registry import SCENARIOS, Scenario

__all__ = [
    "SCENARIOS",
    "Scenario",
    "basics",
    "client",
    "details",
    "events",
    "failures",
    "operations",
    "timers",
    "whole_hub",
]
