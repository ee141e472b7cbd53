"""The host under bytes that are no decent requests: it answers or closes in time, lives, and serves the next caller.

The bytes are made from good requests by a seeded choice of damages, so each run sends the same ones.
"""

import contextlib
import random
import re
import socket
import threading
from collections.abc import Callable

import pytest

ANSWER = re.compile(rb"HTTP/1\.[01] [1-5]\d\d |HTTP/0\.9 400 |HTTP/9\.9 [45]\d\d ")
SEED = 20_261_124
ROUNDS, EACH = 12, 25
SILENCE_S = 0.1
WITHIN_S = 10.0  # an answer, or the end of the connection
HUB = b"/runtime/webhooks/durabletask"
GOOD = b"GET " + HUB + b"/instances?top=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
JSON_BODY = b'{"title": "fuzz"}'
SEEDS = (
    GOOD,
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"POST " + HUB + b"/orchestrators/Chain HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: 17\r\n\r\n" + JSON_BODY,
    b"POST " + HUB + b"/orchestrators/Chain HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n11\r\n" + JSON_BODY + b"\r\n0\r\n\r\n",
    b"POST " + HUB + b"/instances/one/raiseEvent/go%20on HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: 17\r\n\r\n" + JSON_BODY,
    b"DELETE "
    + HUB
    + b"/instances?createdTimeFrom=2026-01-01 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b'POST /devhost/clock HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 14\r\n\r\n{"advance": 1}',
    b"POST /admin/functions/Do HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
)
BODIES = (
    b"", b"\0", b"-", b"NaN", b"1e99999", b"9" * 5_000, b"// x\n5", b"\xff\xfe\x00", b"\xef\xbb\xbf1", b'"\\ud800"',
    b"[" * 20_000, b'{"a":' * 3_000, b'{"a":1,"a":2}', b'"' + b"x" * 100_000 + b'"', b'{"input": ' + b"[" * 20_000,
    b'{"advance": 1e308}', b'{"advance": 1e30}', b'{"advance": NaN}', b'{"advance": -5}', b'{"advance": "x"}',
    b'{"advance": []}',
    b'{"__class__": "os", "__module__": "os", "__data__": "x"}',
)  # fmt: skip
Damage = Callable[[random.Random, bytes], bytes]


def flip(chance: random.Random, data: bytes) -> bytes:
    """Some bytes are others."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        made[chance.randrange(len(made))] = chance.randrange(256)
    return bytes(made)


def drop(chance: random.Random, data: bytes) -> bytes:
    """A piece is missing."""
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.randint(1, 20) :]


def insert(chance: random.Random, data: bytes) -> bytes:
    """Something is in between."""
    at = chance.randrange(len(data))
    odd = (
        b"\r\n",
        b"\0",
        b"%",
        b"%zz",
        b"%00",
        b"%ff",
        b"\xff\xfe",
        b"\xc3",
        b" ",
        b":",
        b"\t",
        b"/../",
        b"?" * 50,
        b"\xed\xa0\x80",
    )
    return data[:at] + chance.choice(odd) + data[at:]


def truncate(chance: random.Random, data: bytes) -> bytes:
    """The rest does not come."""
    return data[: chance.randrange(len(data))]


def lengths(chance: random.Random, data: bytes) -> bytes:
    """It says another length than it has."""
    said = chance.choice(
        (b"-1", b"0", b"99", b"1e3", b"18446744073709551616", b"9" * 400, b"+17", b"17, 17", b"0x11", b"")
    )
    return re.sub(rb"Content-Length: \d+", b"Content-Length: " + said, data)


def chunks(chance: random.Random, data: bytes) -> bytes:
    """Its chunks are not what they say."""
    said = chance.choice((b"ffffffffffffffff", b"-1", b"zz", b"", b"11;x=" + b"y" * 5000, b"0", b"1", b"7fffffff"))
    return data.replace(b"\r\n\r\n11\r\n", b"\r\n\r\n" + said + b"\r\n")


def header(chance: random.Random, data: bytes) -> bytes:
    """It has one header more."""
    more = chance.choice((
        b"X: " + b"y" * 40_000, b"X" * 9_000 + b": y", b": none", b"no colon", b" folded: x", b"Content-Length: 5",
        b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: chunked", b"Host: other", b"Expect: 100-continue",
        b"Expect: miracles", b"Upgrade: websocket", b"X-Latin: \xe4\xf6", b"Content-Encoding: gzip",
        b"Content-Type: application/json; charset=klingon", b"x-ms-continuation-token: \xff%%", b"traceparent: 00-zz",
    ))  # fmt: skip
    return data.replace(b"\r\n", b"\r\n" + more + b"\r\n", 1)


def many_headers(_: random.Random, data: bytes) -> bytes:
    """It has thousands of headers."""
    return data.replace(b"\r\n", b"\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(3000)), 1)


def line(chance: random.Random, data: bytes) -> bytes:
    """Its first line is another one."""
    first = chance.choice((
        b"", b"GET", b"GET /", b"GET / HTTP/9.9", b"GET / HTTP/1.1 more", b"get / HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01",
        b"PRI * HTTP/2.0", b"GET " + b"/a" * 10_000 + b" HTTP/1.1", b"OPTIONS * HTTP/1.1", b"CONNECT x:1 HTTP/1.1",
        b"GET http://elsewhere/x HTTP/1.1", b"GET //// HTTP/1.1", b"GET /%2e%2e/%00%ff HTTP/1.0",
        b"G\xc3\x84T / HTTP/1.1",
        b"GET " + HUB + b"/instances/%ed%a0%80 HTTP/1.1", b"POST " + HUB + b"/orchestrators/Chain/%ff%fe HTTP/1.1",
    ))  # fmt: skip
    return first + b"\r\n" + data.partition(b"\r\n")[2]


def pipelined(chance: random.Random, data: bytes) -> bytes:
    """Others come behind it without waiting."""
    kept = data.replace(b"Connection: close\r\n", b"")
    return kept * chance.randint(1, 5) + chance.choice(SEEDS)


def body(chance: random.Random, data: bytes) -> bytes:
    """Its body is odd JSON of the right length."""
    head, blank, _ = data.partition(b"\r\n\r\n")
    odd = chance.choice(BODIES)
    return re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(odd), head) + blank + odd


DAMAGES: tuple[Damage, ...] = (
    flip, drop, insert, truncate, lengths, chunks, header, many_headers, line, pipelined, body,
)  # fmt: skip


def exchange(port: int, data: bytes) -> bytes:
    """What comes back until the connection ends; a timeout is a hang."""
    with socket.create_connection(("127.0.0.1", port), WITHIN_S) as connection:
        got = b""
        try:
            connection.sendall(data)
            connection.settimeout(SILENCE_S)
            while some := _received(connection):
                got += some
        except (ConnectionError, BrokenPipeError):
            pass  # it closed while we were still sending, which it may
        return got


def _received(connection: socket.socket) -> bytes:
    """More of the answer; a host that is silent waits for more of the request, and learns that there is none."""
    try:
        return connection.recv(65536)
    except TimeoutError:
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(WITHIN_S)
        return connection.recv(65536)


def serves(host) -> None:
    """A good request is answered as ever."""
    assert exchange(host.port, GOOD).startswith(b"HTTP/1.1 200 ")
    assert not host.has_died()


def trouble(host) -> list[str]:
    """What the host has said of failures of its own."""
    return [line for line in host.lines if any(sign in line for sign in ("host itself", "Traceback", "aiohttp.server"))]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_damaged_requests_are_answered_or_closed(host, number):
    """Each ends in time, no answer is a 500 of the host's own, and the next good request is served."""
    chance = random.Random(SEED + number)
    for _ in range(EACH):
        data = chance.choice(SEEDS)
        for damage in chance.choices(DAMAGES, k=chance.choice((1, 1, 2, 3))):
            data = damage(chance, data) if data else data
        answer = exchange(host.port, data)
        assert not answer or ANSWER.match(answer), (data[:300], answer[:300])
        assert b"devhost.Unstored" not in answer
        assert b'"ExceptionType":"devhost.' not in answer, (data[:500], answer)
    serves(host)
    assert not trouble(host)


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_an_odd_body_is_refused_or_taken(host, number):
    """None of them makes the host fail, whichever endpoint receives it."""
    text = BODIES[number]
    for seed in SEEDS:
        head, _, _ = seed.partition(b"\r\n\r\n")
        if b"Content-Length" in head:
            head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(text), head)
            answer = exchange(host.port, head + b"\r\n\r\n" + text)
            assert ANSWER.match(answer)
            assert b" 500 " not in answer[:15] or b"Newtonsoft" in answer, answer
    serves(host)
    assert not trouble(host)


def test_callers_who_send_a_byte_now_and_then_hinder_nobody(host):
    """Fifty connections in the middle of a request leave the host free for others, and may end at any time."""
    slow = [socket.create_connection(("127.0.0.1", host.port), WITHIN_S) for _ in range(50)]
    try:
        for number, connection in enumerate(slow):
            connection.sendall(SEEDS[number % len(SEEDS)][: 10 + number])
        for _ in range(5):
            serves(host)
            for number, connection in enumerate(slow):
                with contextlib.suppress(ConnectionError):  # a line that has come to its end may have been refused
                    connection.sendall(SEEDS[number % len(SEEDS)][10 + number : 11 + number])
    finally:
        for connection in slow:
            connection.close()
    serves(host)


def test_good_requests_come_through_amid_damaged_ones(host):
    """While four callers send damaged requests, a fifth one has each of its answers."""
    over = threading.Event()

    def rage(seed: int) -> None:
        chance = random.Random(seed)
        while not over.is_set():
            exchange(host.port, chance.choice(DAMAGES)(chance, chance.choice(SEEDS)))

    callers = [threading.Thread(target=rage, args=(SEED + number,)) for number in range(4)]
    for caller in callers:
        caller.start()
    try:
        for _ in range(50):
            serves(host)
    finally:
        over.set()
        for caller in callers:
            caller.join()
