"""The load of the kill test for cases with levels: people who submit and act, and what they were answered.

1. Only a whole answer counts. A request without one is sent again with its key until there is one, by two people at a
   time if it comes so; an act that is early too.
2. Everybody works with everybody's cases, so that two of them act at the same moment.
3. What the record, the outcome and the mails have to be follows from rules that are written here once more, for the two
   policies below: who is asked at which level, and what a counted act does.
"""

import base64
import json
import random
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import Any
from urllib.parse import urlencode

from client import APPROVED, REJECTED, Client
from load import Answers

Json = dict[str, Any]
Message = tuple[str, str, str]  # to whom, what it is about, and the level where somebody is asked
ROUTES = "/api/proposals"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LATEST = 8  # how many cases are worked on at a time
# Of examples/policies/county.toml, for proposals of Dana: who is asked at which level.
SCHEME = {"kind": "scheme", "amount": "60000.00"}
STRUCTURE = {"kind": "structure", "amount": "40000.00"}
ASKED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "scheme": (("ruth",), ("pat", "sam")),
    "structure": (("noor", "ruth"), ("ruth",)),
}
AUTHOR, STRANGER = "dana", "jo"
SETTINGS = {
    "APPROVAL_POLICIES": "examples/policies/county.toml",
    "IDENTITY": "local",
    "PATTERNS": "off",
    "SEAL_KEY": f"2026-11:{base64.b64encode(bytes(range(32))).decode()}",
    "ID_KEY": "a key for the ids of a test that nobody needs to keep",
    "SESSION_KEY": "a key for the sessions of a test that nobody needs to keep",
}


@dataclass
class Request:
    """An act, and the answer to it: None until there is a whole one that says what became of it."""

    person: str
    key: str
    body: Json
    status: int | None = None
    answer: Json = field(default_factory=dict)


@dataclass
class Case:
    """A proposal, and what was done to it."""

    key: str
    fields: Json
    id: str | None = None
    requests: list[Request] = field(default_factory=list)
    forged: list[int] = field(default_factory=list)

    @property
    def asked(self) -> tuple[tuple[str, ...], ...]:
        """Who is asked at its levels."""
        return ASKED[self.fields["kind"]]


class Office:
    """What all clerks share.

    Attributes:
        up: set while the host serves.
        over: set when it is time to go home.
        cases: of all.
        done: keys of those that are left alone now.
        changing: held while something of this is changed.
        answers: how many there were.
        unanswered: how many requests the host has not answered to the end.
    """

    def __init__(self) -> None:
        self.up, self.over = threading.Event(), threading.Event()
        self.changing = threading.Lock()
        self.cases: list[Case] = []
        self.done: set[str] = set()
        self.answers = Answers()
        self.unanswered = 0


class Clerk(threading.Thread):
    """Submits and acts under the names of all people, for as long as the test goes on.

    Args:
        client: of their own.
        name: part of all keys.
        seed: of their choices.
        office: shared by all.
    """

    def __init__(self, client: Client, name: str, seed: int, office: Office) -> None:
        super().__init__(name=name)
        self._client, self._office = client, office
        self._chance = random.Random(seed)
        self._sessions: dict[str, str] = {}
        self._count = 0
        self.trouble: BaseException | None = None

    def run(self) -> None:
        """Goes on until it is over."""
        try:
            while not self._office.over.is_set():
                if self._office.up.wait(0.1):
                    self._work()
        except BaseException as error:  # noqa: BLE001 - shown by the test
            self.trouble = error

    def ask_again(self, cases: list[Case]) -> None:
        """Sends everything that was never answered once more; the host has to be up."""
        for case in cases:
            for _ in range(2):  # the first may meet a connection that ended with the last kill
                if case.id is None:
                    self._submit(case)
            for request in case.requests:
                for _ in range(2):
                    if request.status is None:
                        self._act(case, request, is_last=True)

    def repeat_the_counted(self, cases: list[Case]) -> list[str]:
        """Sends each act that counts once more; says where the answer is not the same."""
        told = []
        for case in cases:
            for request in case.requests:
                if request.status == 200:
                    again = Request(request.person, request.key, request.body)
                    self._act(case, again)
                    if again.status != 200 or again.answer["act"] != request.answer["act"]:
                        told.append(f"{case.id}: {request} was answered {again} when it was sent again")
        return told

    def _work(self) -> None:
        with self._office.changing:
            pool = [case for case in self._office.cases if case.key not in self._office.done]
        chance = self._chance.random()
        if len(pool) < LATEST and (not pool or chance < 0.3):
            self._begin()
            return
        case = self._chance.choice(pool)
        if case.id is None:
            self._submit(case)
        elif chance < 0.37:
            self._forge(case)
        else:
            request = next((one for one in case.requests if one.status is None), None)
            if request is None or chance < 0.8:
                request = self._wish(case)
                case.requests.append(request)
            self._act(case, request)

    def _begin(self) -> None:
        self._count += 1
        case = Case(f"{self.name}-{self._count}", self._chance.choice((SCHEME, STRUCTURE)))
        with self._office.changing:
            self._office.cases.append(case)
        self._submit(case)

    def _wish(self, case: Case) -> Request:
        """Mostly a vote of somebody who is asked at one of the levels, whether it is open or not."""
        self._count += 1
        key, chance = f"{self.name}-{self._count}", self._chance.random()
        if chance < 0.04:
            return Request(AUTHOR, key, {"act": "withdraw", "revision": 1})
        level = self._chance.randrange(len(case.asked))
        person = STRANGER if chance < 0.08 else self._chance.choice(case.asked[level])
        act = "reject" if chance > 0.85 else "approve"
        return Request(person, key, {"act": act, "revision": 1, "level": level + 1, "comment": key})

    def _submit(self, case: Case) -> None:
        body = {"title": f"Bridge {case.key}", "fields": case.fields}
        answer = self._sent(AUTHOR, "POST", ROUTES, body, case.key)
        if answer is not None and answer[0] != 503:
            assert answer[0] in {200, 201}, answer
            assert case.id in {None, answer[1]["id"]}, f"{case.key} is {case.id} and {answer[1]['id']}"
            case.id = answer[1]["id"]

    def _act(self, case: Case, request: Request, *, is_last: bool = False) -> None:
        answer = self._sent(request.person, "POST", f"{ROUTES}/{case.id}/acts", request.body, request.key)
        if answer is None or answer[0] in {202, 503}:
            return
        assert answer[0] in {200, 403, 409}, answer
        if answer[1].get("verdict") == "early" and not is_last:  # sent again later it may count
            return
        request.status, request.answer = answer
        state = answer[1].get("case", {}).get("state", "with approvers")
        if (
            state != "with approvers" and self._chance.random() < 0.7
        ):  # to the others more is sent, though they are over
            with self._office.changing:
                self._office.done.add(case.key)

    def _forge(self, case: Case) -> None:
        """An event that somebody sends with the key of the engine."""
        self._count += 1
        status = self._client.raise_event(case.id or "", {"act": f"forged {self._count}", "by": "ruth"})
        if status is None:
            self._lost()
        if status != 410:
            assert status in {None, 202}, status
            case.forged.append(status or 0)
        elif self._chance.random() < 0.7:
            with self._office.changing:
                self._office.done.add(case.key)

    def _sent(self, person: str, method: str, path: str, body: Json, key: str) -> tuple[int, Json] | None:
        cookie = self._session(person)
        if cookie is None:
            return None
        answer = self._client.send(method, path, body, {"Cookie": cookie, "Idempotency-Key": key})
        if answer is None:
            self._lost()
            return None
        self._office.answers.add()
        return answer[0], json.loads(answer[2])

    def _session(self, person: str) -> str | None:
        """The cookie of a person, who signs in once: a session outlives the host."""
        if person not in self._sessions:
            answer = self._client.send_text("POST", "/sign-in", urlencode({"person": person}), FORM)
            if answer is None:
                self._lost()
                return None
            assert answer[0] == 303, answer
            self._sessions[person] = answer[1]["Set-Cookie"].partition(";")[0]
        return self._sessions[person]

    def _lost(self) -> None:
        with self._office.changing:
            self._office.unanswered += 1
        self._office.up.clear()


def record_faults(case: Case, record: list[Json], status: Json) -> Iterator[str]:
    """What is not as it was promised in the record and in the status of a case that is settled."""
    acts = [entry for entry in record if entry["what"] == "act"]
    by_id = {entry["act"]["id"]: entry["verdict"] for entry in acts}
    shown = status["customStatus"]
    if [entry["n"] for entry in record] != list(range(1, len(record) + 1)):
        yield f"the numbers of its record are {[entry['n'] for entry in record]}"
    moves = [entry["move"] for entry in record]
    if moves != sorted(moves) or set(moves) != set(range(1, max(moves, default=0) + 1)):
        yield f"the moves of its record are {moves}"
    if len(by_id) != len(acts) or len(acts) != shown["acts"]:
        yield f"its record holds {len(acts)} acts with {len(by_id)} ids, and the review has seen {shown['acts']}"
    for request in case.requests:
        if request.status == 200 and by_id.get(request.answer["act"]["id"]) != "counts":
            yield f"{request} was answered with 200, and the record does not hold it as one that counts"
    promised = {request.answer["act"]["id"] for request in case.requests if request.status == 200}
    for entry in acts:
        if entry["verdict"] == "counts" and entry["act"]["id"] not in promised:
            told = [one for one in case.requests if one.key == entry["act"]["comment"] or one.body["act"] == "withdraw"]
            yield f"the act {entry} counts, and was answered with no 200: {told}"
    noted = sum(entry["count"] for entry in record if entry["what"] == "unsealed")
    # A closed case takes events, and hears none, until it is carried out.
    least = case.forged.count(202) if shown["state"] == "with approvers" else 0
    if not noted <= shown["unsealed"] <= len(case.forged) or shown["unsealed"] < least:
        yield f"{len(case.forged)} events were forged ({case.forged}), it has seen {shown['unsealed']}, noted {noted}"
    yield from _outcome_faults(case, acts, record, status)


def _outcome_faults(case: Case, acts: list[Json], record: list[Json], status: Json) -> Iterator[str]:
    state, level = _state(case, [entry["act"] for entry in acts if entry["verdict"] == "counts"])
    shown, ends = status["customStatus"], [entry for entry in record if entry["what"] == "ended"]
    if shown["state"] != state or [entry["state"] for entry in ends] != [state] * (state != "with approvers"):
        yield f"it is {shown['state']} and ended as {ends}, and the acts that count make it {state}"
    if ends and [entry for entry in record if entry["what"] != "unsealed"][-1]["what"] != "ended":
        yield f"its record goes on after its end with {record[-1]}"
    opened = [entry["opening"]["level"] for entry in record if entry["what"] == "opened"]
    if opened != list(range(1, level + 1)) and (state, opened) != ("withdrawn", list(range(1, level))):
        yield f"the levels {opened} were opened, and level {level} is the last one"
    output = {"approved": APPROVED, "rejected": REJECTED, "withdrawn": []}.get(state)
    runs = "Running" if state == "with approvers" else "Completed"
    if (status["runtimeStatus"], status["output"]) != (runs, output):
        yield f"it is {status['runtimeStatus']} with {status['output']}, and {state}"


def _state(case: Case, counted: list[Json]) -> tuple[str, int]:
    """How it stands after the acts that count, and the last level that was opened."""
    level, voted = 1, Counter[int]()
    for act in counted:
        if act["act"] == "withdraw":
            return "withdrawn", level
        assert act["by"]["id"] in case.asked[level - 1], act
        assert act["level"] == level, act
        voted[level] += 1
        assert voted[level] == 1, act
        if act["act"] == "reject":
            return "rejected", level
        if level == len(case.asked):
            return "approved", level
        level += 1
    return "with approvers", level


def mail_faults(case: Case, record: list[Json], mails: Mapping[tuple[str, str], set[bytes]]) -> Iterator[str]:
    """What is not right in the mailboxes: each message at most once, and those once that hold until the end."""
    came, told = Counter[tuple[str, str]](), set[Message]()
    for (address, own_id), texts in mails.items():
        if len(texts) != 1:
            yield f"the mail {own_id} to {address} has {len(texts)} texts"
        mail = message_from_bytes(next(iter(texts)), policy=default)
        came[address, f"{mail['Subject']}\n{mail.get_content()}"] += 1
        told.add(_message(address.partition("@")[0], str(mail["Subject"]), mail.get_content()))
    doubles = {what: count for what, count in came.items() if count > 1}
    if doubles:
        yield f"more than once came {doubles}"
    if _owed(record) - told:
        yield f"the mails {_owed(record) - told} are missing, there are {told}"
    strangers = {person for person, _, _ in told} - {AUTHOR}.union(*case.asked)
    if strangers:
        yield f"mails came to {strangers}"


def _message(person: str, subject: str, text: str) -> Message:
    level = re.search(r"waits for your decision \((.*?)\)", text)
    return person, subject.partition(":")[0], level[1] if level else ""


def _owed(record: list[Json]) -> set[Message]:
    """What must have come by now: to those who have the turn, or how it ended."""
    ended = next((entry for entry in record if entry["what"] == "ended"), None)
    opening = [entry["opening"] for entry in record if entry["what"] == "opened"][-1]
    asked = {person for group in opening["groups"] for person in group["asked"]}
    if ended is None:
        return {(person, "Your decision", opening["name"]) for person in asked}
    if ended["state"] != "withdrawn":
        return {(AUTHOR, ended["state"].capitalize(), "")}
    is_closed = any(entry["what"] == "levelClosed" and entry["level"] == opening["level"] for entry in record)
    return set() if is_closed else {(person, "Not needed any more", "") for person in asked}


def by_case(mails: Mapping[tuple[str, str], set[bytes]]) -> dict[str, dict[tuple[str, str], set[bytes]]]:
    """The mails of each case, by the id in their link."""
    found: dict[str, dict[tuple[str, str], set[bytes]]] = {}
    for key, texts in mails.items():
        named = re.search(rb"/proposals/(P-\w{8})", next(iter(texts)))
        found.setdefault(named[1].decode() if named else "", {})[key] = texts
    return found
