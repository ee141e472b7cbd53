"""YourCase from its start to its end, in virtual time."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_a_case_is_registered_and_announced(durable_host):
    """The output is the sentence with the title."""
    host = durable_host(ROOT)
    case = host.start("YourCase", {"title": "Two weeks in May"})
    assert host.status(case).output == "Two weeks in May: registered."
