"""YourCase from its start to its end, in virtual time."""

from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_an_answer_ends_the_case(durable_host):
    """The output says what was answered."""
    host = durable_host(ROOT)
    case = host.start("YourCase", {"title": "Two weeks in May"})
    host.raise_event(case, "Answer", "yes")
    assert host.status(case).output == "Two weeks in May: yes."


def test_a_case_that_nobody_answers_ends_too(durable_host):
    """After twenty seconds, if the input says nothing else."""
    host = durable_host(ROOT)
    case = host.start("YourCase", {"title": "Two weeks in May"})
    host.advance(timedelta(seconds=20))
    assert host.status(case).output == "Two weeks in May: nobody answered."
