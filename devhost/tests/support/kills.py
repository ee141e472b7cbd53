"""Kills of a host under load, and what has to be there after them."""

import contextlib
import random
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from client import Client
from load import Answers, Person, faults, history_faults

from devhost.testing.process import HostProcess, until

PEOPLE = 4
WHILE_STARTING = 0.15
SETTLED_WITHIN_S = 30


class Lives(NamedTuple):
    """When a host is killed; each pair is the least and the most.

    Attributes:
        answers: how many people get after it serves.
        within_s: how long they are waited for.
        then_s: how long it lives after them.
        starts_s: when it is killed after it was spawned, if that is while it starts.
    """

    answers: tuple[int, int]
    within_s: float
    then_s: tuple[float, float]
    starts_s: tuple[float, float]


LIVES = Lives(answers=(0, 12), within_s=2.0, then_s=(0.0, 0.05), starts_s=(0.0, 0.3))


def outlive(host: HostProcess, make_client: Callable[[HostProcess], Client], kills: int, seed: int) -> None:
    """Kills the host while people work with it; fails if something is not as it was promised to them.

    Args:
        host: the host, not started.
        make_client: gives each of the people a client.
        kills: how often. A host lives until people got some answers, so that there is as much load on a slow machine.
        seed: of what people do, and of the moments.
    """
    chance = random.Random(seed)
    up, over, answers = threading.Event(), threading.Event(), Answers()
    people = [Person(make_client(host), f"p{n}", seed + n, up, over, answers) for n in range(PEOPLE)]
    for person in people:
        person.start()
    try:
        for _ in range(kills):
            live_and_die(host, LIVES, chance, up, answers)
        host.start()
    finally:
        over.set()
        for person in people:
            person.join()
    assert [person.trouble for person in people] == [None] * PEOPLE
    for person in people:
        person.ask_again()

    records = [record for person in people for record in person.records]
    client = make_client(host)
    found: dict[str, dict[str, Any]] = {}
    left: list[str] = []

    def settled() -> bool | None:
        found.update(client.everything())
        left[:] = faults(records, found)
        return not left or None

    with contextlib.suppress(AssertionError):
        until(settled, "all as promised", SETTLED_WITHIN_S)
    assert not left, "\n".join(left)
    ended = [record for record in records if found[record.id]["runtimeStatus"] == "Completed"]
    told = [fault for record in ended for fault in history_faults(client.history(record.id), record)]
    assert not told, "\n".join(told)
    # The load was one: cases in number, most of them decided, and kills that met requests on their way.
    assert len(records) > kills
    assert sum(record.first_accepted is not None for record in ended) > kills
    assert sum(person.unanswered for person in people) > kills / 2


def live_and_die(host: HostProcess, lives: Lives, chance: random.Random, up: threading.Event, answers: Answers) -> None:
    """One life of the host. Its length is what the test varies, not something to wait for."""
    moment = threading.Event()
    host.spawn()
    if chance.random() < WHILE_STARTING:
        moment.wait(chance.uniform(*lives.starts_s))
    else:
        host.await_ready()
        up.set()
        answers.await_more(chance.randint(*lives.answers), lives.within_s)
        moment.wait(chance.uniform(*lives.then_s))
    host.kill()
    up.clear()
