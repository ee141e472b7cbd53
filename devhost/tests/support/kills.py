"""Kills of a host under load, and what has to be there after them."""

import contextlib
import random
import threading
from collections.abc import Callable
from typing import Any

from client import Client
from load import Person, faults, history_faults

from devhost.testing.process import HostProcess, until

PEOPLE = 4
LIVES_S = (0.0, 0.25)  # after it serves
STARTS_S = (0.15, 0.4)  # after it was spawned
WHILE_STARTING = 0.15
SETTLED_WITHIN_S = 30
MOST = 5  # times as many kills, at most, until the load was one


def outlive(host: HostProcess, make_client: Callable[[HostProcess], Client], kills: int, seed: int) -> None:
    """Kills the host while people work with it; fails if something is not as it was promised to them.

    Args:
        host: the host, not started.
        make_client: gives each of the people a client.
        kills: how often, at least. On a slow machine it is more often, until the kills have met a real load.
        seed: of what people do, and of the moments.
    """
    chance = random.Random(seed)
    up, over = threading.Event(), threading.Event()
    people = [Person(make_client(host), f"p{n}", seed + n, up, over) for n in range(PEOPLE)]
    for person in people:
        person.start()
    try:
        for done in range(MOST * kills):
            if done >= kills and _was_a_load(people, kills):
                break
            _live_and_die(host, chance, up)
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
    assert _was_a_load(people, kills)
    assert sum(record.first_accepted is not None for record in ended) > kills


def _was_a_load(people: list[Person], kills: int) -> bool:
    """Whether there were cases in number, most of them decided, and kills that met requests on their way."""
    records = [record for person in people for record in list(person.records)]
    return (
        len(records) > kills
        and sum(record.first_accepted is not None for record in records) > kills
        and sum(person.unanswered for person in people) > kills / 2
    )


def _live_and_die(host: HostProcess, chance: random.Random, up: threading.Event) -> None:
    """One life of the host. Its length is what the test varies, not something to wait for."""
    moment = threading.Event()
    host.spawn()
    if chance.random() < WHILE_STARTING:
        moment.wait(chance.uniform(*STARTS_S))
    else:
        host.await_ready()
        up.set()
        moment.wait(chance.uniform(*LIVES_S))
    host.kill()
    up.clear()
