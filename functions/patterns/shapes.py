"""What each pattern takes. Imported with the first input that is read: the app's start does not pay for pydantic."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from functions.patterns.delay_reminders import FREQUENCIES
from functions.patterns.fan_out_fan_in import MOST_ATTACHMENTS
from functions.patterns.inputs import MOST_WAIT_S, Input, Line
from functions.patterns.open_cases import KEY, KEY_HINT
from functions.patterns.quote_with_timeout import MOST_WORK_S

MOST_LOOKS = 100
Name = Annotated[Line, StringConstraints(min_length=1, max_length=60)]


class ChainInput(Input):
    """What FunctionChaining takes.

    Example: ``{"title": "Mill Lane bridge"}``
    """

    title: Line = Field(
        "Mill Lane bridge", min_length=1, max_length=200, description="Give a title of 1 to 200 characters."
    )


class FanInput(Input):
    """What FanOutFanIn takes; the attachments are numbered from 1.

    Example: ``{"attachments": 5, "unreadable": [2]}``
    """

    attachments: int = Field(5, ge=0, le=MOST_ATTACHMENTS, description="Give a whole number from 0 to 200.")
    unreadable: list[int] = Field(
        default=[],
        max_length=MOST_ATTACHMENTS,
        description="Give a list of the numbers of attachments whose review fails.",
    )


class ReportInput(Input):
    """What AsyncHttpApi takes.

    Example: ``{"seconds": 2}``
    """

    seconds: int = Field(
        2, ge=0, le=MOST_WORK_S, description="Give the time that the work takes, in whole seconds from 0 to 60."
    )


class MonitorInput(Input):
    """What Monitor takes: how often to poll, times in seconds, and at which poll the permit will be there.

    Example: ``{"every": 2, "factor": 2, "most": 8, "within": 60, "grantedAt": 3}``
    """

    every: int = Field(60, ge=2, le=MOST_WAIT_S, description="Give the first interval in seconds, 2 to 432000.")
    factor: float = Field(2, ge=1, le=10, description="Give by what the interval grows, a number from 1 to 10.")
    most: int = Field(3600, ge=2, le=MOST_WAIT_S, description="Give the longest interval in seconds, 2 to 432000.")
    within: int = Field(
        86_400, ge=0, le=366 * 86_400, description="Give the time until the last look in seconds, at most a year."
    )
    grantedAt: int = Field(  # noqa: N815 - its name in JSON
        3, ge=0, description="Give at which look the condition holds, or 0 for never."
    )

    @model_validator(mode="after")
    def _looks_are_few(self) -> Self:
        interval, passed, looks = float(min(self.every, self.most)), 0.0, 1
        while passed < self.within and looks <= MOST_LOOKS:
            passed, interval, looks = passed + interval, self.after(interval), looks + 1
        if looks > MOST_LOOKS:
            hint = f"Look less often: this would be more than {MOST_LOOKS} looks, each of which stays in the history."
            raise PydanticCustomError("too-many-looks", "{hint}", {"hint": hint})
        return self

    def after(self, interval: float) -> float:
        """The interval, in seconds, that comes after this one."""
        return min(interval * self.factor, float(self.most))


class HumanInput(Input):
    """What HumanInteraction takes.

    Example: ``{"seconds": 20}``
    """

    seconds: int = Field(
        20, ge=2, le=MOST_WAIT_S, description="Give the time to decide in whole seconds, 2 to 432000 (five days)."
    )


class RemindersInput(Input):
    """What DelayReminders takes; frequency and interval mean what they mean in an iCalendar rule.

    Example: ``{"to": "Manager", "count": 3, "frequency": "SECONDLY", "interval": 2}``
    """

    to: Line = Field(
        "Manager", min_length=1, max_length=200, description="Say who is reminded, in 1 to 200 characters."
    )
    count: int = Field(10, ge=1, le=100, description="Give the number of reminders, 1 to 100.")
    frequency: Literal["DAILY", "HOURLY", "MINUTELY", "SECONDLY"] = Field(
        "DAILY", description="Give DAILY, HOURLY, MINUTELY or SECONDLY."
    )
    interval: int = Field(1, ge=1, le=MOST_WAIT_S, description="Give how many of these lie between two reminders.")

    @model_validator(mode="after")
    def _gap_fits_a_timer(self) -> Self:
        if not 1 < self.interval * FREQUENCIES[self.frequency][1] <= MOST_WAIT_S:
            hint = "Leave 2 seconds to 5 days between two reminders."
            raise PydanticCustomError("gap-out-of-range", "{hint}", {"hint": hint})
        return self


class QuoteInput(Input):
    """What QuoteWithTimeout takes, in seconds: how long it waits, and how long the quote takes.

    Example: ``{"timeout": 2, "takes": 6}``
    """

    timeout: int = Field(30, ge=2, le=MOST_WAIT_S, description="Give the time to wait in whole seconds, 2 to 432000.")
    takes: int = Field(
        1, ge=0, le=MOST_WORK_S, description="Give how long the quote takes in whole seconds, from 0 to 60."
    )


class DisciplineInput(Input):
    """What DisciplineReview takes.

    Example: ``{"discipline": "Structure", "seconds": 20}``
    """

    discipline: Name = Field("Structure", description="Give the discipline in 1 to 60 characters.")
    seconds: int = Field(
        20, ge=2, le=MOST_WAIT_S, description="Give the time to decide in whole seconds, 2 to 432000 (five days)."
    )


class DesignInput(Input):
    """What DesignReview takes.

    Example: ``{"disciplines": ["Structure", "Fire safety"], "seconds": 20}``
    """

    disciplines: list[Name] = Field(
        default=["Structure", "Fire safety", "Cost"],
        min_length=1,
        max_length=10,
        description="Give a list of 1 to 10 disciplines, each of 1 to 60 characters.",
    )
    seconds: int = Field(
        20, ge=2, le=MOST_WAIT_S, description="Give the time to decide in whole seconds, 2 to 432000 (five days)."
    )


class CountedInput(Input):
    """What CountedReview takes.

    Example: ``{"approver": "Manager", "seconds": 20}``
    """

    approver: str = Field("Manager", pattern=KEY, description=KEY_HINT)
    seconds: int = Field(
        20, ge=2, le=MOST_WAIT_S, description="Give the time to decide in whole seconds, 2 to 432000 (five days)."
    )


# What each orchestration takes.
INPUTS: Mapping[str, type[Input]] = {
    "FunctionChaining": ChainInput,
    "FanOutFanIn": FanInput,
    "AsyncHttpApi": ReportInput,
    "Monitor": MonitorInput,
    "HumanInteraction": HumanInput,
    "DelayReminders": RemindersInput,
    "QuoteWithTimeout": QuoteInput,
    "DesignReview": DesignInput,
    "DisciplineReview": DisciplineInput,
    "CountedReview": CountedInput,
}
