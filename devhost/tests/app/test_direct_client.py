"""The durable client gives the same by devhost's direct way as through its socket."""

import re
from pathlib import Path

import pytest

from devhost.testing.process import HostProcess, until

APP = Path(__file__).parent / "client_app"
CALLS = (
    "client.start_new('waits', 'w')",
    "client.start_new('waits', 'w')",
    "client.start_new('gives', 'g', {'a': [1, 2.5, None, 'ä☃\\ud83d']})",
    "client.start_new('gives', 'ä b+c%41', 'x')",
    "client.start_new('gives', 'long' * 200)",
    "client.start_new('gives', 'x' * 9000)",
    "client.start_new('gives', 'a/b')",
    "client.start_new('gives', 'a?b#c')",
    "client.start_new('gives', '..')",
    "client.start_new('gives', 'big', 'x' * 200_000)",
    "client.start_new('none', 'n')",
    "client.raise_event('w', 'a b/ä', 1)",
    "client.raise_event('none', 'E', 1)",
    "client.suspend('w', 'a & b?')",
    "client.resume('w', 'ä')",
    "client.resume('none', 'x')",
    "client.raise_event('w', 'E', {'deep': [[['x']]]})",
    "client.terminate('none', 'x')",
    "client.rewind('none', 'x')",
    "client.restart('none')",
    "client.signal_entity(df.EntityId('Counter', 'k'), 'add', 2)",
    "shaped(client.get_status('none'))",
    "shaped(client.get_status('ä b+c%41', show_history=True, show_history_output=True, show_input=True))",
    "shaped(client.get_status('x' * 9000))",
    "shaped(client.read_entity_state(df.EntityId('none', 'k')))",
    "shaped(client.read_entity_state(df.EntityId('counter', 'k')))",
    "shaped(client.purge_instance_history('ä b+c%41'))",
    "shaped(client.purge_instance_history('none'))",
    "shaped(client.purge_instance_history('g'))",
)
PENDING = "/runtime/webhooks/durabletask/instances?runtimeStatus=Pending&showInput=false"
VARYING = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{32}|127\.0\.0\.1:\d+|localhost:\d+|code=[\w%-]+")


def settled(host, call):
    """What the call comes to, once no instance has messages that it has not taken in."""
    until(lambda: host.ask("GET", PENDING) == [] or None, "an instance is still Pending")
    return host.ask("POST", "/api/do", [call])[0]


@pytest.fixture
def outcomes(tmp_path):
    """Starts a host with these options and gives what each of the calls came to."""
    made = []

    def run(*options):
        host = HostProcess(APP, tmp_path / "-".join(("state", *options)), "--virtual-time", *options)
        made.append(host)
        host.start()
        return [VARYING.sub("*", " ".join(settled(host, call))) for call in CALLS]

    yield run
    for host in made:
        host.close()


def test_every_call_gives_the_same_value_type_or_exception(outcomes):
    """Start, event, status, end, purge: with odd ids, long ones and large inputs."""
    direct, by_socket = outcomes(), outcomes("--plain-sdk")
    assert list(zip(CALLS, direct, strict=True)) == list(zip(CALLS, by_socket, strict=True))
