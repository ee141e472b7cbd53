"""Histories of ``Notice`` that the real extension recorded, replayed through the real SDK.

A red test here means that notices on their way would break: version the orchestrator, do not record again.
"""

import json
import pathlib

import pytest

from functions import notices

HISTORIES = sorted((pathlib.Path(__file__).parent / "histories").glob("*.json"))
NOTICE = notices.Notice.build().get_user_function()


def recorded(path):
    """The recorded turns of a file."""
    return json.loads(path.read_text(encoding="utf-8"))["episodes"]


def test_there_is_one_that_was_tried_again_and_one_started_by_hand():
    """Both ends: everybody got it, and nobody had to hear of anything."""
    ends = {path.stem: recorded(path)[-1]["answer"]["output"] for path in HISTORIES}
    assert ends == {"tried_again": {"noor": "sent", "ruth": "sent"}, "by_hand": {}}


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_every_recorded_turn_gives_the_recorded_answer(path):
    """Today's code gives the actions, status and output that were recorded, turn by turn."""
    for episode in recorded(path):
        assert json.loads(NOTICE(json.dumps(episode["payload"]))) == episode["answer"]
