"""What the host reports, kept for the test to read."""

from __future__ import annotations

from collections import defaultdict


class KeptLog:
    """Where the hub and the endpoints report what happens.

    Attributes:
        complaints: what the host has complained of, such as that an instance will never go on.
        steps: what the host has reported of each instance.
    """

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.steps: dict[str, list[str]] = defaultdict(list)

    def step(self, instance_id: str, text: str) -> None:
        """One thing that happened."""
        self.steps[instance_id].append(text)

    def complain(self, instance_id: str, text: str) -> None:
        """One thing that will not happen, and why."""
        self.complaints.append(f"{instance_id}: {text}")

    def warn(self, text: str) -> None:
        """A warning."""
        self.complaints.append(text)

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """One request that was answered; the test knows."""

    def failed(self, function: str, error: BaseException) -> None:
        """An HTTP function raised."""
        self.complaints.append(f"{function}: {type(error).__name__}: {error}")
