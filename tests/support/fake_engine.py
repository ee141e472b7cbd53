"""An engine in memory for what the routes ask of one: it starts, shows, lists and hears, and has no orchestrator.

Instead of one, ``hears`` says what an event does to an instance.
"""

import asyncio
import json

from adapters.engine import EngineFailed, IdTaken, Page


class FakeEngine:
    """Instances by their ids, as status answers.

    Attributes:
        hears: called with the status answer of an instance and an event's payload; None if events do nothing.
        fails: whether it answers nothing as it should.
    """

    def __init__(self):
        self.answers, self.events, self.hears, self.fails = {}, [], None, False

    async def start(self, orchestration, given, instance_id=None):
        """A new instance; two starts that overlap both come through, as on the real engine."""
        self._check()
        taken = instance_id in self.answers
        await asyncio.sleep(0)
        if taken:
            raise IdTaken(instance_id)
        self.put(instance_id, given, name=orchestration, runtimeStatus="Pending")
        return instance_id

    def put(self, own_id, given=None, **changes):
        """An instance with this input."""
        self.answers[own_id] = {
            "instanceId": own_id, "name": "OrchFunction", "runtimeStatus": "Running", "input": json.dumps(given),
            "customStatus": None, "createdTime": "2026-11-25T16:40:00Z", "historyEvents": [],
        } | changes  # fmt: skip

    def announced(self, own_id, *entries):
        """The activity ``Announce`` has given these entries back."""
        result = json.dumps({"entries": entries})
        row = {"EventType": "TaskCompleted", "FunctionName": "Announce", "Result": result}
        self.answers[own_id]["historyEvents"].append(row)

    def opened(self, own_id, keys):
        """The activity ``OpenLevel`` has named these keys."""
        row = {"EventType": "TaskCompleted", "FunctionName": "OpenLevel", "Result": json.dumps({"keys": dict(keys)})}
        self.answers[own_id]["historyEvents"].append(row)

    async def status(self, instance_id, *, history=False, with_input=True):
        """The answer; without history and input if those are not asked for."""
        self._check()
        await asyncio.sleep(0)
        answer = self.answers.get(instance_id)
        hidden = {"historyEvents"} if not history else set()
        hidden |= set() if with_input else {"input"}
        return answer and {name: value for name, value in answer.items() if name not in hidden}

    async def send_event(self, instance_id, event, payload):
        """The event is given to ``hears``."""
        self._check()
        answer = self.answers.get(instance_id)
        if answer is None or answer["runtimeStatus"] not in {"Running", "Pending"}:
            return False
        self.events.append((instance_id, event, payload))
        if self.hears:
            self.hears(answer, payload)
        return True

    async def page(self, token="", **query):
        """A page of the list in the order of the ids; the token is the number of those before it."""
        self._check()
        begin, top = int(token or 0), int(query.get("top", 100))
        states = query.get("runtimeStatus")
        found = [
            {name: value for name, value in answer.items() if name not in {"input", "historyEvents"}}
            for own_id, answer in sorted(self.answers.items())
            if own_id.startswith(query.get("instanceIdPrefix", ""))
            and (not states or answer["runtimeStatus"] in states)
        ]
        end = begin + top
        return Page(tuple(found[begin:end]), str(end) if end < len(found) else "")

    async def pages(self, *, seconds, most, **query):  # noqa: ARG002 - as the real one has them
        """All of them."""
        token = ""
        while True:
            found = await self.page(token, **query)
            yield found
            token = found.token
            if not token:
                return

    def _check(self):
        if self.fails:
            raise EngineFailed(503)
