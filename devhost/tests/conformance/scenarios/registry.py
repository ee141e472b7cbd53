"""The list that the scenarios enter themselves in."""

from collections.abc import Callable
from dataclasses import dataclass

from host import Host


@dataclass(frozen=True)
class Scenario:
    """What is done to a host; `last`: alone and after the others, since it sees the whole hub."""

    name: str
    play: Callable[[Host], None]
    last: bool


SCENARIOS: list[Scenario] = []


def scenario(*, last: bool = False) -> Callable[[Callable[[Host], None]], Callable[[Host], None]]:
    """Enters the function below under its name."""

    def enter(play: Callable[[Host], None]) -> Callable[[Host], None]:
        SCENARIOS.append(Scenario(play.__name__, play, last))
        return play

    return enter
