"""The fields of a form or of a query, as a page needs them: by name, by number, and all of one name.

``service.forms`` reads the bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent, in its order.

    Example: ``Form((("title", "Mill Lane bridge"), ("contributors", "eli"), ("contributors", "ruth")))``
    """

    pairs: tuple[tuple[str, str], ...] = ()

    def one(self, name: str) -> str:
        """The first value of this name; empty if there is none."""
        return next((value for each, value in self.pairs if each == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of this name."""
        return tuple(value for each, value in self.pairs if each == name)

    def but(self, *names: str) -> Iterator[tuple[str, str]]:
        """All but the fields of these names."""
        return ((name, value) for name, value in self.pairs if name not in names)
