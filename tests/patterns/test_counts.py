"""Turns, activities and timers are the bill: asserted for the recordings of the real extension and for devhost alike.

``(turns, activities, timers)``. Where results come in parallel the turns are a range, on both.
"""

import json

import generate_diagrams
import pytest

ANY = {"fanned_out": range(2, 7), "design_approved": range(2, 4), "design_rejected": range(2, 4)}
COUNTS = {
    "chained": (4, 3, 0),
    "fanned_out_none": (1, 0, 0),
    "fanned_out": (3, 5, 0),
    "report": (2, 1, 0),
    "permit_granted": (6, 3, 2),
    "permit_not_granted": (8, 4, 3),
    "human_approved": (3, 1, 1),
    "human_expired": (3, 1, 1),
    "reminders": (7, 3, 3),
    "quote_in_time": (2, 1, 1),
    "quote_late": (3, 1, 1),
    "design_approved": (3, 0, 0),
    "design_rejected": (3, 0, 0),
    "discipline_junk_then_rejected": (3, 0, 2),
    "discipline_escalated": (2, 0, 1),
    "counted": (3, 0, 1),
    "input_out_of_range": (1, 0, 0),
}
# Which events the recorded instance heard, so that devhost's hears the same; to itself, or to a child of that number.
EVENTS = {
    "human_approved": [("", "Approved")],
    "design_approved": [("-1", "Approved"), ("-2", "Approved")],
    "design_rejected": [("-1", "what"), ("-1", False)],
    "discipline_junk_then_rejected": [("", "what"), ("", False)],
    "counted": [("", "Approved")],
}


@pytest.mark.parametrize("name", COUNTS)
def test_the_recording_has_these_counts(name):
    """What the real extension did."""
    cost = generate_diagrams.costs(name)
    assert (cost["turns"], cost["activities"], cost["timers"]) == COUNTS[name]


@pytest.mark.parametrize("name", [name for name in COUNTS if name != "input_out_of_range"])
def test_devhost_takes_the_same_turns_and_gives_the_same_output(name, lab):
    """The local bill is the real one, and so is what comes out."""
    document = generate_diagrams.recording(name)
    first, last = document["episodes"][0]["payload"], document["episodes"][-1]["answer"]
    instance_id = lab.start(document["orchestration"], json.loads(first["input"]))
    for child, payload in EVENTS.get(name, []):
        lab.hears(instance_id + child, payload)
    assert lab.output(instance_id, within_s=60) == last["output"]
    turns = lab.turns(instance_id)
    kinds = [row["EventType"] for turn in turns for row in turn]
    assert len(turns) in ANY.get(name, [COUNTS[name][0]])
    assert (kinds.count(generate_diagrams.SCHEDULED), kinds.count(generate_diagrams.TIMER_CREATED)) == COUNTS[name][1:]


@pytest.mark.parametrize("attachments", [1, 50, 200])
def test_a_fan_out_takes_one_activity_for_each_and_never_more_turns_than_results(attachments, lab):
    """However results come together, no turn is without one."""
    instance_id = lab.start("FanOutFanIn", {"attachments": attachments, "unreadable": [1]})
    assert lab.output(instance_id)["failed"] == [1]
    turns = lab.turns(instance_id)
    assert 2 <= len(turns) <= attachments + 1
    assert sum(row["EventType"] == generate_diagrams.SCHEDULED for turn in turns for row in turn) == attachments
