"""Plays the calls of ``calls.jsonl`` on a host that runs ``app/``, and tells what came back and what was sent.

    python tests/http_activity/http_calls/play.py --base-url http://localhost:7071 [--record] [--only NAME ...]

A small server on this machine gives the answers of a call, byte for byte, and keeps the requests that it gets. Each
line of the file is one call: its ``name``, the ``request`` that the orchestrator makes, the server's ``answers`` by
path, and ``real``: status and output of the orchestration on the Durable extension 3.19.0, and the requests that came.
``{base}`` and ``{port}`` are the server's address, ``{x*N}`` are N times x; a character of an answer is a byte.
The calls are played in order: the host keeps cookies from one to the next.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import socket
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

SHOWN = (1, 2, 10)  # an unknown name, no connection, an answer that breaks off: their cause is told too
CALLS = Path(__file__).parent / "calls.jsonl"
NOT_FOUND = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Answers:
    """A server on a free port: gives raw answers by path, keeps the requests that it gets.

    Attributes:
        port: where it listens, on the loopback addresses.
        answers: of the present call, ``path: text``; a character is a byte.
        seen: the requests of the present call, ``[request line, headers, body]``.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.answers: dict[str, str] = {}
        self.seen: list[list[Any]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Takes no more connections."""
        self._listener.close()

    def filled(self, text: str) -> str:
        """The text with this server's address and the long texts in place."""
        text = re.sub(r"\{x\*(\d+)\}", lambda match: "x" * int(match[1]), text)
        return text.replace("{base}", f"http://127.0.0.1:{self.port}").replace("{port}", str(self.port))

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, ValueError), connection.makefile("rb") as stream:
            while (line := stream.readline().decode("latin-1").rstrip("\r\n")) and line.isprintable():
                headers = []
                while header := stream.readline().decode("latin-1").rstrip("\r\n"):
                    name, _, value = header.partition(":")
                    headers.append((name, value[1:] if value[:1] == " " else value))
                lower = {name.lower(): value for name, value in headers}
                body = stream.read(int(lower.get("content-length") or 0))
                if lower.get("transfer-encoding") == "chunked":
                    while size := int(stream.readline(), 16):
                        body += stream.read(size)
                        stream.readline()
                    stream.readline()
                self.seen.append([line, [list(header) for header in headers], body.decode("latin-1")])
                answer = self.filled(self.answers.get(line.split(" ")[1], NOT_FOUND))
                if line.startswith("HEAD "):
                    answer = answer.partition("\r\n\r\n")[0] + "\r\n\r\n"
                connection.sendall(answer.encode("latin-1"))
                if (
                    not re.search("content-length: \\d|chunked", answer.lower())
                    or "connection: close" in answer.lower()
                ):
                    return


def read() -> list[dict[str, Any]]:
    """The calls."""
    return [json.loads(line) for line in CALLS.read_text().splitlines()]


def asked(url: str, body: Any = None) -> Any:
    """The JSON answer of a request."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def play(server: Answers, base: str, case: dict[str, Any], patience: float = 30) -> dict[str, Any]:
    """What came of a call: ``status``, ``output`` and the requests ``seen``."""
    server.answers, server.seen = case.get("answers", {}), []
    request = json.loads(server.filled(json.dumps(case["request"])))
    links = asked(f"{base}/api/go", request)
    end = time.monotonic() + patience
    while (status := asked(links["statusQueryGetUri"]))["runtimeStatus"] in ("Pending", "Running"):
        if time.monotonic() > end:
            break
        time.sleep(0.05)  # between two looks of the recorder
    return masked(server, {"status": status["runtimeStatus"], "output": status["output"], "seen": server.seen})


def masked(server: Answers, told: dict[str, Any]) -> dict[str, Any]:
    """The same without what differs from run to run, the server's port and lines of stacks, and without long texts."""
    text = re.sub("x{100,}", "xxx", json.dumps(told).replace(str(server.port), "{port}"))
    return json.loads(re.sub(r"(\\n|\\r|\\\\n|\\\\r)+ +at [^\"]*?(?=\"|\\\"|\\\\\")", "", text))


def told(output: Any) -> Any:
    """An output as far as it can be the same: serialized exceptions by kind, a missing credential by its words."""
    if not isinstance(output, str) or not output.startswith("failed: "):
        return output
    text, _, details = output.partition(" \n ")
    if text.startswith("failed: DefaultAzureCredential"):
        return text.partition(" credentials.")[0], details.split(": ")[1]
    if details.startswith("{"):
        fields = json.loads(details)
        inner = fields["InnerException"] if fields["HttpRequestError"] in SHOWN else None
        return text, fields["$type"], fields["HttpRequestError"], fields["Message"], (inner or {}).get("$type")
    return text, details.partition("\n")[0]


def sent(requests: list[list[Any]]) -> list[Any]:
    """Requests, the order of their headers aside."""
    return [(line, sorted(map(tuple, headers)), body) for line, headers, body in requests]


def same(call: dict[str, Any], result: dict[str, Any]) -> bool:
    """What came of a call is what was recorded."""
    real = call["real"]
    ours, theirs = sent(result["seen"]), sent(real["seen"])
    if call["name"] == "nothing":  # .NET tries again as often as it finds a connection that was open before
        ours, theirs = ours[:1], theirs[:1]
    return (result["status"], told(result["output"]), ours) == (real["status"], told(real["output"]), theirs)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--record", action="store_true", help="write what came back into calls.jsonl")
    parser.add_argument("--only", nargs="*", help="the names of some calls")
    options = parser.parse_args()
    server = Answers()
    calls = read()
    for call in calls:
        if options.only is None or call["name"] in options.only:
            result = play(server, options.base_url, call)
            text = "as recorded" if call.get("real") and same(call, result) else json.dumps(result)
            sys.stdout.write(f"{call['name']}: {text}\n")
            if options.record:
                call["real"] = result
    if options.record:
        CALLS.write_text("".join(json.dumps(call) + "\n" for call in calls))


if __name__ == "__main__":
    main()
