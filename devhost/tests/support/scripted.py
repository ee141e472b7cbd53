"""Management APIs that answer what a test wants, well or badly."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from devhost.rehearsal.remote_host import TOKEN

API = "/runtime/webhooks/durabletask/instances/"


def lower(headers):
    """The headers with their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}


class Scripted:
    """A management API that answers by a script: per path the answers in turn, the last one for ever."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                outer.asked.append((self.command, parts.path, parse_qs(parts.query), lower(self.headers)))
                script = outer.answers.get(parts.path, [(404, {}, None)])
                status, headers, body = script.pop(0) if len(script) > 1 else script[0]
                if status is None:  # the bytes, and nothing else
                    self.wfile.write(body)
                    return
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET  # noqa: N815 - the library's name

            def log_message(self, *_):
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def list(self, *pages):
        """The pages of the list, each of ids."""
        bodies = [[{"instanceId": one} for one in page] for page in pages]
        tokens = [{TOKEN: f"page{number} "} for number in range(1, len(pages))] + [{TOKEN: ""}]
        self.answers[API] = [(200, token, body) for token, body in zip(tokens, bodies, strict=True)]

    def show(self, instance_id, *answers):
        """What is answered for an instance; as it should be, if nothing is given."""
        body = {"instanceId": instance_id, "runtimeStatus": "Running", "historyEvents": []}
        self.answers[API + instance_id] = list(answers) or [(202, {}, body)]

    def close(self):
        """Ends the server."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def dripping():
    """A server that sends an answer's bytes one by one, for ever."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            while not over.wait(0.01):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    return

        def log_message(self, *_):
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
