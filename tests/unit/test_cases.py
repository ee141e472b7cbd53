"""Which instances are cases, and what is read of them."""

import asyncio
import base64
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from companies import CASE, company, submission

from adapters import sealing
from adapters.cases import case_of, decoded, read_case
from approval.errors import UnreadableInput
from approval.seals import Purpose, Sealed
from approval.submission import stored_input

COUNTY = company("county")
VALUES = {"kind": "structure", "amount": Decimal("80000.00"), "category": 2, "departure": False}
MILL_LANE = submission(COUNTY, "dana", VALUES)
ENTRIES = [{"n": number, "move": 1, "at": "2026-11-25T16:40:00Z", "what": "skipped"} for number in (1, 2, 3)]


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    """One key that seals."""
    monkeypatch.setenv("SEAL_KEY", f"2026-11:{base64.b64encode(bytes(32)).decode()}")
    monkeypatch.delenv("SEAL_PUBLIC_KEYS", raising=False)


def sealed(text=None, purpose=Purpose.INPUT):
    """The input of an instance."""
    return stored_input(sealing.seal(text or MILL_LANE.to_text(), purpose))


def answer(given, **members):
    """A status answer as the engine gives it: the input as JSON text."""
    return {
        "name": "OrchFunction",
        "instanceId": CASE,
        "runtimeStatus": "Running",
        "input": json.dumps(given),
        "customStatus": {"state": "with approvers", "run": "51aa"},
        "createdTime": "2026-11-25T16:40:00Z",
        "historyEvents": [
            {"EventType": "ExecutionStarted", "FunctionName": "OrchFunction"},
            {"EventType": "TaskCompleted", "FunctionName": "OpenLevel", "Result": {"entries": [{"n": 9}]}},
            {"EventType": "TaskCompleted", "FunctionName": "Announce", "Result": {"entries": ENTRIES[:2]}},
            {"EventType": "TaskCompleted", "FunctionName": "Announce", "Result": json.dumps({"entries": ENTRIES[1:]})},
            {"EventType": "TaskFailed", "FunctionName": "Announce", "Reason": "x"},
            {"EventType": "TaskCompleted", "FunctionName": "Announce", "Result": "junk"},
        ],
        **members,
    }


def test_a_case_has_what_was_submitted_its_status_and_its_record():
    """The record is joined from the results of Announce, each entry once."""
    case = case_of(answer(sealed()))
    assert (case.id, case.submission, case.run, case.runtime_status) == (CASE, MILL_LANE, "51aa", "Running")
    assert list(case.record) == ENTRIES
    assert case.given == sealed()


def test_before_its_first_turn_a_case_has_no_status_and_no_record():
    """It is a case all the same."""
    case = case_of(answer(sealed(), customStatus=None, historyEvents=None))
    assert (case.status, case.run, case.record) == ({}, None, ())


def test_an_input_that_is_no_text_is_read_too():
    """Another starter stores the value itself."""
    assert case_of(answer(None, input=sealed())).submission == MILL_LANE


@pytest.mark.parametrize(
    "forged",
    [
        None,
        "x",
        {"schemaVersion": 1, "proposal": None},
        {"schemaVersion": 2, "input": MILL_LANE.to_text(), "key": "2026-11", "seal": "AAAA"},
        {"schemaVersion": 2, "input": MILL_LANE.to_text(), "key": "2026-10", "seal": "AAAA"},
    ],
)
def test_an_input_that_we_have_not_sealed_makes_no_case(forged):
    """Whoever started the instance."""
    assert case_of(answer(forged)) is None


def test_the_input_of_another_case_makes_no_case():
    """The id is in the sealed text."""
    assert case_of(answer(sealed(), instanceId="P-00000000")) is None
    assert case_of(answer(sealed(replace(MILL_LANE, case="P-00000000").to_text()))) is None


def test_a_sealed_act_is_no_input():
    """The seal is for one purpose."""
    text = MILL_LANE.to_text()
    act = sealing.seal(text, Purpose.ACT)
    assert case_of(answer(stored_input(Sealed(text, act.key, act.seal)))) is None


def test_another_orchestration_with_a_genuine_input_is_no_case():
    """It would have no record and no rules."""
    assert case_of(answer(sealed(), name="OrchFunctionChain")) is None


def test_a_case_of_a_newer_version_is_no_silence():
    """It is genuine and cannot be read: a fault, not an absence."""
    with pytest.raises(UnreadableInput):
        case_of(answer(sealed('{"case": "P-7K3M9QXV"}')))


class Engine:
    """An engine with one instance."""

    def __init__(self):
        self.asked = []

    async def status(self, instance_id, *, history=False):
        """The answer, if it is that instance."""
        self.asked.append((instance_id, history))
        return answer(sealed()) if instance_id == CASE else None


def test_a_case_is_read_with_its_history_or_without():
    """Without is enough for many, and cheaper."""
    engine = Engine()
    assert asyncio.run(read_case(engine, CASE)).id == CASE
    assert asyncio.run(read_case(engine, CASE, with_record=False)).id == CASE
    assert asyncio.run(read_case(engine, "P-00000000")) is None
    assert engine.asked == [(CASE, True), (CASE, False), ("P-00000000", True)]


def test_the_keys_by_which_acts_count_are_those_of_the_latest_opening():
    """Each opening of a level names them again; an answer without any leaves them as they are."""
    results = [{"keys": {"a": "x"}}, {"keys": {"b": "y"}}, {"keys": {}}, "junk"]
    rows = [{"EventType": "TaskCompleted", "FunctionName": "OpenLevel", "Result": json.dumps(each)} for each in results]
    assert case_of(answer(sealed(), historyEvents=rows)).act_keys == {"b": "y"}
    assert case_of(answer(sealed())).act_keys == {}


@pytest.mark.parametrize("stored", ["[" * 3_000, "[", "", None, 5])
def test_what_is_no_json_is_the_value_itself(stored):
    """Whoever starts an instance through the engine can send it; a list of cases goes on."""
    assert decoded(stored) == stored
    assert decoded('{"a": 1}') == {"a": 1}
