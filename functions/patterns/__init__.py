"""The pattern gallery: one small module a pattern. The setting ``PATTERNS=off`` leaves all of it out of the app.

Then nothing of it is imported; otherwise what reads inputs is imported with the first one.
"""
# ruff: noqa: PLC0415 - as said above

from collections.abc import Callable, Mapping
from functools import partial

import azure.durable_functions as df

from adapters.settings import patterns_are_on
from approval.json_values import JsonValue

ORCHESTRATIONS = (
    "FunctionChaining",
    "FanOutFanIn",
    "AsyncHttpApi",
    "Monitor",
    "HumanInteraction",
    "DelayReminders",
    "QuoteWithTimeout",
    "DesignReview",
    "DisciplineReview",
    "CountedReview",
)


def blueprints() -> tuple[df.Blueprint, ...]:
    """What the app registers: one for each pattern, or none."""
    if not patterns_are_on():
        return ()
    from functions.patterns import gallery

    return tuple(module.blueprint for module in gallery.MODULES)


def readers() -> Mapping[str, Callable[[JsonValue], JsonValue]]:
    """How the body of each orchestration becomes its input; none if the gallery is off."""
    return {name: partial(_checked, name) for name in ORCHESTRATIONS} if patterns_are_on() else {}


def _checked(name: str, body: JsonValue) -> JsonValue:
    from functions.patterns.shapes import INPUTS

    return INPUTS[name].checked(body)
