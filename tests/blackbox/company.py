"""A company that decides by its own policy file: its people, signed in, and somebody who holds the engine's key."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

from caller import ENDED, Answer, Caller, send, until

JSON = {"Content-Type": "application/json"}


@dataclass
class Company:
    """A host that was started with a policy file and ``IDENTITY=local``.

    Attributes:
        caller: of the same host, for what needs a function key.
        is_movable: whether the host runs on a clock that ``hurries`` moves.
    """

    caller: Caller
    is_movable: bool = False
    _cookies: dict[str, str] = field(default_factory=dict)

    @cached_property
    def engine_link(self) -> str:
        """A link of the management API; it holds the engine's key."""
        link: str = self.caller.started("OrchFunctionChain").links["statusQueryGetUri"]
        return link

    @property
    def url(self) -> str:
        """``http://localhost:7071``, without a slash."""
        return self.caller.base_url

    def hurries(self, seconds: float) -> None:
        """Move the host's clock on, where it can be moved; elsewhere the wait is a real one."""
        if self.is_movable:
            assert send("POST", f"{self.url}/devhost/clock", json.dumps({"advance": seconds}).encode()).status == 200

    def cookie(self, person: str) -> str:
        """The session of this person."""
        if person not in self._cookies:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = send("POST", f"{self.url}/sign-in", f"person={person}".encode(), headers)
            assert answer.status == 303, answer
            self._cookies[person] = answer.headers["set-cookie"].partition(";")[0]
        return self._cookies[person]

    def ask(
        self,
        person: str | None,
        method: str,
        path: str,
        body: Any = None,
        key: str | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to what this person asks, with these headers; None is nobody."""
        headers: dict[str, str | bytes] = dict(JSON) if body is not None else {}
        headers |= more or {}
        if person is not None:
            headers["Cookie"] = self.cookie(person)
        if key is not None:
            headers["Idempotency-Key"] = key
        return send(method, self.url + path, None if body is None else json.dumps(body).encode(), headers)

    def submitted(self, author: str, fields: Mapping[str, Any], key: str | None = None, **more: Any) -> "Proposal":
        """A case of this author, with its first level open."""
        answer = self.ask(
            author, "POST", "/api/proposals", {"title": "Mill Lane bridge", "fields": fields, **more}, key
        )
        assert answer.status == 201, answer
        case = Proposal(self, answer.json["id"], author)
        case.asks(1)
        return case

    def machine(self, method: str, path: str, body: Any = None) -> Answer:
        """The answer to a request with a function key."""
        headers = {**self.caller.own_headers, **JSON}
        return send(method, self.url + path, None if body is None else json.dumps(body).encode(), headers)


@dataclass
class Proposal:
    """A case under the company's policy file."""

    company: Company
    id: str
    author: str

    def seen_by(self, person: str) -> dict[str, Any]:
        """The case as this person sees it."""
        answer = self.company.ask(person, "GET", f"/api/proposals/{self.id}")
        assert answer.status == 200, answer
        seen: dict[str, Any] = answer.json
        return seen

    def asks(self, level: int) -> dict[str, Any]:
        """The case, once this level is open and its opening is in the record."""

        def open_there() -> dict[str, Any] | None:
            seen = self.seen_by(self.author)
            here = [step["number"] for step in seen["path"] if step["is"] == "here"]
            return seen if seen["turn"]["with"] and here == [level] else None

        return until(open_there, f"level {level} of {self.id} is open")

    def is_over(self) -> dict[str, Any]:
        """The case, once it is over and so is its instance."""
        until(lambda: self.status()["runtimeStatus"] in ENDED or None, f"{self.id} is over")
        return self.seen_by(self.author)

    def acts(
        self, person: str, act: str = "approve", level: int | None = 1, key: str | None = None, **more: Any
    ) -> Answer:
        """The answer to an act of this person."""
        body = {"act": act, "revision": 1} | ({} if level is None else {"level": level}) | more
        return self.company.ask(person, "POST", f"/api/proposals/{self.id}/acts", body, key)

    def counts(self, person: str, act: str = "approve", level: int | None = 1, **more: Any) -> dict[str, Any]:
        """What a counting act of this person answers."""
        answer = self.acts(person, act, level, **more)
        assert (answer.status, answer.json["verdict"]) == (200, "counts"), answer
        done: dict[str, Any] = answer.json
        return done

    def record(self, holds: str | None = None) -> list[dict[str, Any]]:
        """The entries of the record, once there is one of the kind that it must hold."""

        def entries() -> list[dict[str, Any]] | None:
            answer = self.company.ask(self.author, "GET", f"/api/proposals/{self.id}/acts")
            assert answer.status == 200, answer
            found: list[dict[str, Any]] = answer.json["entries"]
            return found if holds is None or any(entry["what"] == holds for entry in found) else None

        return until(entries, f"the record of {self.id} has {holds}")

    def status(self, query: str = "") -> dict[str, Any]:
        """The engine's own answer, for somebody who holds its key."""
        found: dict[str, Any] = Attacker(self.company).look(self.id, query).json
        return found


class Attacker:
    """Somebody who holds the engine's system key, and no session."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self._link = urlsplit(company.engine_link)

    def url(self, path: str, query: str = "") -> str:
        """An address of the management API, with the key."""
        link = self._link
        base = link.path.partition("/instances/")[0]
        return f"{link.scheme}://{link.netloc}{base}{path}?{link.query}{query and '&'}{query}"

    def look(self, own_id: str, query: str = "") -> Answer:
        """The status of an instance."""
        return send("GET", self.url(f"/instances/{quote(own_id)}", query))

    def listed(self, prefix: str) -> list[dict[str, Any]]:
        """The instances whose ids begin so."""
        found: list[dict[str, Any]] = send(
            "GET", self.url("/instances", f"instanceIdPrefix={quote(prefix)}&top=200")
        ).json
        return found

    def raises(self, own_id: str, payload: Any) -> Answer:
        """The answer to an event named Approval."""
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return send("POST", self.url(f"/instances/{quote(own_id)}/raiseEvent/Approval"), raw, JSON)

    def starts(self, own_id: str, given: Any, name: str = "OrchFunction") -> None:
        """An instance with this input."""
        answer = send("POST", self.url(f"/orchestrators/{name}/{quote(own_id)}"), json.dumps(given).encode(), JSON)
        assert answer.status == 202, answer

    def ends(self, own_id: str, *, within_s: float = 60) -> dict[str, Any]:
        """The status of an instance, once it is over; a clock that can be moved is moved until then."""

        def ended() -> dict[str, Any] | None:
            seen: dict[str, Any] = self.look(own_id).json
            if seen["runtimeStatus"] in ENDED:
                return seen
            self.company.hurries(20)
            return None

        return until(ended, f"{own_id} is over", within_s=within_s)

    def restarts(self, own_id: str) -> None:
        """The instance runs again from its input, under its id."""
        answer = send("POST", self.url(f"/instances/{quote(own_id)}/restart", "restartWithNewInstanceId=false"), b"")
        assert answer.status == 202, answer

    def terminates(self, own_id: str) -> Answer:
        """The answer to ending the instance."""
        return send("POST", self.url(f"/instances/{quote(own_id)}/terminate", "reason=x"), b"")

    def events(self, own_id: str) -> list[Any]:
        """What was raised, from the history."""
        rows = self.look(own_id, "showHistory=true&showHistoryOutput=true").json["historyEvents"]
        raised = [row.get("Input") for row in rows if row["EventType"] == "EventRaised"]
        return [json.loads(each) if isinstance(each, str) else each for each in raised]


def at_once(*works: Any) -> list[Any]:
    """The results of these, begun together."""
    with ThreadPoolExecutor(len(works)) as pool:
        return [each.result() for each in [pool.submit(work) for work in works]]
