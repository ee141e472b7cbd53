"""A devhost in a process of its own with the app whose instances the pages show."""

import html
import json
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import quote, urlencode

from checkout import TESTS

APP = TESTS / "apps/pages"
FORM = "application/x-www-form-urlencoded"
API = "/runtime/webhooks/durabletask"


class Answer:
    """What the host answered."""

    def __init__(self, status, headers, body):
        self.status, self.headers = status, headers
        self.text = body.decode()

    @property
    def words(self):
        """The text of the page, as a person sees it."""
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.text)).split())

    @property
    def token(self):
        """Of its forms."""
        return re.search(r'name="token" value="([^"]+)"', self.text)[1]


class Running:
    """A devhost process."""

    def __init__(self, state, *options):
        command = [sys.executable, "-m", "devhost", "--app", str(APP), "--state", str(state), "--port", "0", *options]
        self.state = state
        self.lines = []
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        ready = threading.Event()

        def read():
            for line in self._process.stdout:
                self.lines.append(line)
                if "devhost is ready on" in line:
                    ready.set()
            ready.set()

        self._reader = threading.Thread(target=read)
        self._reader.start()
        assert ready.wait(30)
        found = re.search(r"ready on http://[^:]+:(\d+)", self.lines[-1])
        assert found, "".join(self.lines)
        self.port = int(found[1])

    def close(self):
        """Ends the process."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        self._reader.join(30)
        self._process.stdout.close()

    def ask(self, method, path, body=None, headers=None, address="127.0.0.1"):
        """One request."""
        connection = HTTPConnection(address, self.port, timeout=30)
        try:
            connection.request(method, path, body, {"Host": f"localhost:{self.port}", **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def page(self, path=""):
        """A page that is there."""
        answer = self.ask("GET", f"/devhost{path}")
        assert answer.status == 200, answer.text
        return answer

    def post(self, path, fields, **headers):
        """A form, sent as a browser sends it."""
        body = urlencode(fields)
        sent = {"Content-Type": FORM, "Origin": f"http://localhost:{self.port}", "Sec-Fetch-Site": "same-origin"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", f"/devhost{path}", body, {name: one for name, one in sent.items() if one is not None})

    def act(self, instance_id, action, **fields):
        """A form of the instance's page."""
        path = f"/instances/{quote(instance_id, safe='')}"
        return self.post(f"{path}/{action}", {"token": self.page(path).token, **fields})

    def start(self, name, given=None, instance_id=None):
        """An instance, at rest."""
        tail = f"/{quote(instance_id, safe='')}" if instance_id else ""
        body = b"" if given is None else json.dumps(json.dumps(given))
        started = self.begin(f"{quote(name)}{tail}", body)
        self.settle()
        return started

    def begin(self, path, body=b"", **headers):
        """Starts an instance; its id."""
        answer = self.ask("POST", f"{API}/orchestrators/{path}", body, headers)
        assert answer.status == 202, answer.text
        return json.loads(answer.text)["id"]

    def settle(self, seconds=0):
        """Lets so much time pass, and all that follows happen."""
        assert self.ask("POST", "/devhost/clock", json.dumps({"advance": seconds})).status == 200

    def status(self, instance_id):
        """The status answer."""
        return json.loads(self.ask("GET", f"{API}/instances/{quote(instance_id, safe='')}").text)

    def dump(self):
        """Everything in the database."""
        with closing(sqlite3.connect(self.state / "PagesApp.db")) as db:
            return list(db.iterdump())


def of(instance_id):
    """The path of its page."""
    return f"/instances/{quote(instance_id, safe='')}"


def gallery_of(host):
    """An instance in each state."""
    found = {
        "open": host.start("Approve"),
        "completed": host.start("Echo", {"title": "Mill Lane"}),
        "failed": host.start("Fails"),
        "parent": host.start("Parent"),
        "stalled": host.start("Stalls"),
        "steps": host.start("Steps"),
        "unknown": host.start("Nothing"),
        "terminated": host.start("Approve"),
        "suspended": host.start("Approve"),
    }
    host.act(found["terminated"], "terminate", reason="enough of it")
    host.act(found["suspended"], "suspend", reason="hold on")
    host.settle()
    return found
