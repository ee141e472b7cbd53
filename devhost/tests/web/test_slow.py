"""Callers who are slow: a connection, a head, a body, and an answer that nobody reads (Kestrel's limits)."""

import asyncio

import pytest
from aiohttp import web

from devhost.web.kestrel import Limits, Response, Server

SOON = 0.05
LONG = 3600.0
HEAD = b"POST /x HTTP/1.1\r\nHost: localhost\r\n"
NEVER = Limits(
    idle_s=LONG, head_s=LONG, body_grace_s=LONG, body_rate=0, answer_grace_s=LONG, answer_rate=1, check_s=SOON
)


async def served(limits, story, handler=None):
    """What the story makes of a connection to a server with these limits."""
    seen = []

    async def answer(request):
        body = await request.read()
        seen.append(body)
        return Response(body=str(len(body)).encode())

    def request(message, payload, protocol, writer, task):
        return web.BaseRequest(message, payload, protocol, writer, task, asyncio.get_running_loop())

    server = Server(handler or answer, limits=limits, request_factory=request, access_log=None)
    listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
    try:
        return await asyncio.wait_for(story(reader, writer), 20), seen
    finally:
        writer.close()
        listening.close()
        await server.shutdown(1)


def status(answer):
    """Status and headers that say how the connection goes on."""
    head = answer.decode().split("\r\n\r\n")[0].split("\r\n")
    return head[0], [line for line in head if line.startswith(("Content-Length", "Connection"))]


TIMED_OUT = ("HTTP/1.1 408 Request Timeout", ["Content-Length: 0", "Connection: close"])


@pytest.mark.parametrize("sent", [b"G", b"GET /x HTT", HEAD, HEAD + b"X: y\r\n"])
def test_a_head_that_does_not_end_is_timed_out(sent):
    """408, and the connection is closed."""

    async def story(reader, writer):
        writer.write(sent)
        return await reader.read()

    answer, seen = asyncio.run(served(NEVER._replace(head_s=SOON), story))
    assert (status(answer), seen) == (TIMED_OUT, [])


def test_a_head_that_drips_is_timed_out_all_the_same():
    """The time counts from the first byte of the head, however many come."""

    async def story(reader, writer):
        answer = asyncio.ensure_future(reader.readuntil(b"\r\n\r\n"))  # a reset may follow
        writer.write(HEAD)
        while not answer.done():
            if not writer.transport.is_closing():
                writer.write(b"X: y\r\n")
            await asyncio.wait([answer], timeout=SOON / 10)
        return answer.result()

    assert status(asyncio.run(served(NEVER._replace(head_s=SOON), story))[0]) == TIMED_OUT


def test_a_second_head_on_the_same_connection_is_timed_out():
    """After an answer as before it."""

    async def story(reader, writer):
        writer.write(HEAD + b"Content-Length: 2\r\n\r\nab")
        first = await reader.readuntil(b"\r\n\r\n2")
        writer.write(b"GET ")
        return first, await reader.read()

    (first, second), seen = asyncio.run(served(NEVER._replace(head_s=SOON), story))
    assert first.startswith(b"HTTP/1.1 200")
    assert (status(second), seen) == (TIMED_OUT, [b"ab"])


def test_a_connection_without_a_request_is_closed():
    """Without an answer, whether or not there was a request before."""

    async def story(reader, _):
        return await reader.read()

    async def later(reader, writer):
        writer.write(HEAD + b"Content-Length: 0\r\n\r\n")
        return await reader.read()

    assert asyncio.run(served(NEVER._replace(idle_s=SOON), story))[0] == b""
    assert asyncio.run(served(NEVER._replace(idle_s=SOON), later))[0].endswith(b"\r\n\r\n0")


@pytest.mark.parametrize("length", [b"Content-Length: 100000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc"])
def test_a_body_that_comes_too_slowly_is_timed_out(length):
    """Fewer bytes a second than the least, after a time of grace: 408, and no function has run."""

    async def story(reader, writer):
        writer.write(HEAD + length + b"12")
        return await reader.read()

    slow = NEVER._replace(body_grace_s=SOON, body_rate=240)
    answer, seen = asyncio.run(served(slow, story))
    assert (status(answer), seen) == (TIMED_OUT, [])


def test_a_body_that_comes_fast_enough_is_taken():
    """However long it takes as a whole; and one that has come is measured no more."""

    async def story(reader, writer):
        writer.write(HEAD + b"Content-Length: 2000\r\n\r\n")
        for _ in range(20):
            writer.write(b"x" * 100)
            await writer.drain()
        return await reader.readuntil(b"\r\n\r\n2000")

    _, seen = asyncio.run(served(NEVER._replace(body_grace_s=0.0, body_rate=1, check_s=0.0), story))
    assert seen == [b"x" * 2000]


def test_a_request_that_has_come_is_measured_no_more():
    """While its function runs, the caller is not the one who is slow."""
    measured = []

    async def looks(request):
        await request.read()
        measured.append(request._protocol.is_measured)
        return Response(body=b"done")

    async def story(reader, writer):
        writer.write(HEAD)
        writer.write(b"Content-Length: 4\r\n\r\nab")
        await writer.drain()
        writer.write(b"cd")
        return await reader.readuntil(b"done")

    assert asyncio.run(served(NEVER, story, looks))[0].startswith(b"HTTP/1.1 200")
    assert measured == [False]


def test_an_answer_that_nobody_reads_is_given_up():
    """The connection is cut; what was to be sent is not kept for ever."""
    ended = asyncio.Event()

    async def large(request):
        async def told():
            await request._protocol._task_handler
            ended.set()

        asyncio.get_running_loop().create_task(told())
        return Response(body=b"x" * 50_000_000)

    async def story(reader, writer):
        reader._transport.pause_reading()
        writer.write(HEAD + b"Content-Length: 0\r\n\r\n")
        await ended.wait()
        return True

    assert asyncio.run(served(NEVER._replace(answer_grace_s=SOON, answer_rate=10**12), story, large))[0]


def test_the_limits_are_those_of_kestrel():
    """130 s, 30 s, and 240 bytes a second after 5 s, both ways."""
    assert Limits() == (130.0, 30.0, 5.0, 240, 5.0, 240, 1.0)
