"""The pattern gallery: one small module a pattern. The setting ``PATTERNS=off`` leaves all of it out of the app."""

from collections.abc import Callable, Mapping

import azure.durable_functions as df
from pydantic import JsonValue

from adapters.settings import patterns_are_on
from functions.patterns import (
    async_http_api,
    delay_reminders,
    design_review,
    fan_out_fan_in,
    function_chaining,
    human_interaction,
    monitor,
    open_cases,
    quote_with_timeout,
)
from functions.patterns.inputs import Input

_MODULES = (
    function_chaining,
    fan_out_fan_in,
    async_http_api,
    monitor,
    human_interaction,
    delay_reminders,
    quote_with_timeout,
    design_review,
    open_cases,
)
INPUTS: Mapping[str, type[Input]] = {
    "FunctionChaining": function_chaining.ChainInput,
    "FanOutFanIn": fan_out_fan_in.FanInput,
    "AsyncHttpApi": async_http_api.ReportInput,
    "Monitor": monitor.MonitorInput,
    "HumanInteraction": human_interaction.HumanInput,
    "DelayReminders": delay_reminders.RemindersInput,
    "QuoteWithTimeout": quote_with_timeout.QuoteInput,
    "DesignReview": design_review.DesignInput,
    "DisciplineReview": design_review.DisciplineInput,
    "CountedReview": open_cases.CountedInput,
}


def blueprints() -> tuple[df.Blueprint, ...]:
    """What the app registers: one for each pattern, or none."""
    return tuple(module.blueprint for module in _MODULES) if patterns_are_on() else ()


def readers() -> Mapping[str, Callable[[JsonValue], JsonValue]]:
    """How the body of each orchestration becomes its input; none if the gallery is off."""
    return {name: given.checked for name, given in INPUTS.items()} if patterns_are_on() else {}
