"""All patterns."""

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

MODULES = (
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
