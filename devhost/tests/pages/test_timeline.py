"""A history becomes lanes, bars and their places."""

import json
from itertools import pairwise

from devhost.durabletask import history as h
from devhost.pages import picture as p
from devhost.pages import timeline as t
from devhost.pages.format import age, duration, one_line, search_texts, shown, since
from devhost.timekeeping.ticks import SECOND, stamp

START = 1_767_225_600 * SECOND
MS = SECOND // 1000


def at(seconds):
    """Ticks, so many seconds after the start."""
    return START + round(seconds * SECOND)


def begun(name="Flow"):
    """The first message."""
    return h.execution_started(
        instance_id="i", execution_id="e", name=name, version=None, input_text=None, at=START, generation=0
    )


def episode(began, ended, *rows):
    """An episode's rows."""
    return [h.orchestrator_started(at(began)), *rows, h.orchestrator_completed(at(ended))]


def scheduled(number, name, seconds):
    """An activity's row."""
    own = {"EventType": h.TASK_SCHEDULED, "Name": name, "Version": "", "Input": None}
    return h.row(own, at(seconds), number)


def timer(number, fire_at, seconds):
    """A timer's row."""
    return h.row({"EventType": h.TIMER_CREATED, "FireAt": stamp(at(fire_at))}, at(seconds), number)


def child(number, name, instance_id, seconds):
    """A sub-orchestration's row."""
    return h.row({"EventType": h.SUB_CREATED, "Name": name, "InstanceId": instance_id}, at(seconds), number)


def sent(to, request, seconds):
    """A row of a message to an entity."""
    own = {"EventType": h.EVENT_SENT, "InstanceId": to, "Name": "op", "Input": request}
    return h.row(own, at(seconds), 5)


def told(rows, now=100, **more):
    """The intervals without episodes and marks, as kind, name, beginning and end in seconds, state."""
    intervals = t.intervals_of(rows, at(now), **more)
    return [
        (one.kind, one.name, seconds(one.began), None if one.ended is None else seconds(one.ended), one.state)
        for one in intervals
        if one.kind not in ("episode", "mark")
    ]


def seconds(ticks):
    """After the start."""
    return (ticks - START) / SECOND


def test_an_activity_lasts_from_its_row_to_its_answer():
    """Scheduled and answered are one interval; a failure is one that failed."""
    rows = episode(1, 1.2, begun(), scheduled(0, "Book", 1.1), scheduled(1, "Pay", 1.1))
    rows += episode(3, 3.1, h.task_completed(0, '"ok"', at(2)), h.task_failed(1, "no", "", at(2.5)))
    assert told(rows) == [("activity", "Book", 1.1, 2, "done"), ("activity", "Pay", 1.1, 2.5, "failed")]


def test_a_timer_ends_with_the_episode_that_takes_it_in():
    """The stamp of its row is when it was made, so that one is not asked."""
    rows = episode(1, 1.2, begun(), timer(0, 21, 1.1))
    rows += episode(20.5, 20.6, h.timer_fired(0, at(21), at(1.1)))
    assert told(rows) == [("timer", "", 1.1, 20.5, "done")]


def test_what_is_open_has_no_end_until_the_instance_is_over():
    """A running activity is open; at the end of the instance, what has not finished was dropped."""
    rows = episode(1, 1.2, begun(), scheduled(0, "Book", 1.1), timer(1, 50, 1.1))
    assert [one[3:] for one in told(rows)] == [(None, "open"), (None, "open")]
    rows += episode(5, 5.2, h.terminated("enough", at(4)), h.execution_completed(2, "Terminated", "enough", at(5.1)))
    assert [one[3:] for one in told(rows)] == [(5.1, "dropped"), (5.1, "dropped")]


def test_an_event_is_a_moment_after_a_wait_since_the_last_episode():
    """Both are in the lane of the event's name."""
    rows = episode(1, 2, begun()) + episode(9, 9.5, h.event_raised("Approval", "1", at(8)))
    assert told(rows) == [("wait", "Approval", 2, 8, "done"), ("event", "Approval", 8, 8, "done")]
    assert {one.lane for one in t.intervals_of(rows, at(10)) if one.kind in ("wait", "event")} == {
        ("event", "Approval")
    }


def test_an_event_that_came_with_the_start_was_not_waited_for():
    """There was no episode before it."""
    rows = episode(1, 2, begun(), h.event_raised("Early", "1", at(0.5)))
    assert told(rows) == [("event", "Early", 0.5, 0.5, "done")]


def test_awaited_events_are_open_waits_and_suspending_does_not_shorten_them():
    """They reach from the last episode that did something; one that only held the instance is none."""
    rows = episode(1, 2, begun()) + episode(5, 5.1, h.suspended("wait", at(4)))
    assert told(rows, waits=["Approval"]) == [("wait", "Approval", 2, None, "open"), ("hold", "", 4, None, "open")]
    rows += episode(7, 7.1, h.resumed(None, at(6)))
    assert told(rows, waits=["Approval"])[1] == ("hold", "", 4, 6, "done")


def test_a_complaint_is_a_stall_since_the_last_episode_with_its_sentence():
    """It is part of the picture's words too."""
    intervals = t.intervals_of(episode(1, 2, begun()), at(10), complaint="it waits for ever")
    assert [(one.kind, seconds(one.began), one.note) for one in intervals if one.kind == "stall"] == [
        ("stall", 2, "it waits for ever")
    ]
    picture = p.draw(intervals, at(10))
    assert any("it waits for ever" in sentence for sentence in picture.words)
    assert picture.summary == "1 episode; 10 s so far; stalled."


def test_a_child_and_an_entity_have_lanes_of_their_own():
    """An entity's answer comes as an event of the request's id, and is not shown as one; a signal has no answer."""
    request = json.dumps({"op": "add", "id": "g1"})
    rows = episode(1, 2, begun(), child(0, "Sub", "i-1", 1.1), sent("@counter@c", request, 1.2))
    rows += episode(4, 5, h.sub_failed(0, "no", None, at(3)), h.event_raised("g1", "{}", at(3.5)))
    rows += episode(6, 7, sent("@counter@c", json.dumps({"op": "reset", "signal": True}), 6.5))
    assert told(rows) == [
        ("sub", "Sub", 1.1, 3, "failed"),
        ("entity", "@counter@c add", 1.2, 3.5, "done"),
        ("event", "signal reset", 6.5, 6.5, "done"),
    ]


def test_a_message_to_an_entity_that_cannot_be_read_is_still_drawn():
    """Whatever a history holds, there is a picture."""
    assert told(episode(1, 2, begun(), sent("@counter@c", "[1", 1.5)))[0][:2] == ("entity", "@counter@c op")


def test_a_rewound_instance_is_not_over():
    """What its new life schedules is open."""
    rows = episode(1, 2, begun(), h.execution_completed(0, "Failed", "no", at(1.5)))
    rows += episode(5, 6, h.generic("again", at(4)), scheduled(1, "Book", 5.5))
    assert told(rows) == [("activity", "Book", 5.5, None, "open")]


def test_the_scale_keeps_the_order_and_shows_both_a_millisecond_and_ten_days():
    """Places rise from edge to edge, a longer gap is a wider one, and nothing vanishes."""
    moments = [START, START + MS, at(1), at(864_000), at(864_000) + MS]
    scale = p.Scale(moments)
    places = [scale.place(one) for one in moments]
    gaps = [later - earlier for earlier, later in pairwise(places)]
    assert (places[0], places[-1]) == (p.LEFT, p.RIGHT)
    assert gaps[2] > gaps[1] > gaps[0] > 3
    assert abs(gaps[0] - gaps[3]) < 0.1


def test_a_scale_of_one_moment_has_a_place_for_it():
    """An instance that has just begun has no width yet."""
    assert p.Scale([START]).place(START) == p.LEFT


def test_what_overlaps_within_a_lane_gets_a_row_of_its_own_and_what_follows_does_not():
    """Three at once take three rows, the fourth one the first again."""
    rows = episode(1, 1.2, begun(), *(scheduled(n, "Look", 1.1) for n in range(3)))
    rows += episode(9, 9.2, *(h.task_completed(n, None, at(5)) for n in range(3)), scheduled(3, "Look", 9.1))
    (lane,) = [one for one in p.draw(t.intervals_of(rows, at(20)), at(20)).lanes if one.name == "Look"]
    tops = [bar.y for bar in lane.bars]
    assert tops[0] < tops[1] < tops[2]
    assert tops[3] == tops[0]
    assert lane.height == p.LABEL_HEIGHT + 3 * p.ROW_HEIGHT


def test_lanes_lie_under_each_other_within_the_picture():
    """None overlaps the next, and all bars lie within their lane and the width."""
    rows = episode(1, 1.2, begun(), scheduled(0, "A", 1.1), timer(1, 9, 1.1), child(2, "B", "b", 1.15))
    picture = p.draw(t.intervals_of(rows, at(20), waits=["Go"]), at(20))
    assert [(one.title, one.name) for one in picture.lanes] == [
        ("orchestrator", ""), ("activity", "A"), ("timers", ""), ("sub-orchestration", "B"), ("event", "Go"),
    ]  # fmt: skip
    for lane, below in zip(picture.lanes, [*picture.lanes[1:], None], strict=True):
        assert lane.y + lane.height <= (below.y if below else picture.height)
        for bar in lane.bars:
            assert lane.y < bar.y < lane.y + lane.height
            assert 0 <= bar.x <= bar.x + bar.width <= 100


def test_a_huge_fan_out_stays_a_picture():
    """Ten rows at most, and the lane says how many more there are; the oldest intervals of too many are left out."""
    rows = episode(1, 3, begun(), *(scheduled(n, "Look", 1 + n / 1000) for n in range(1000)))
    intervals = t.intervals_of(rows, at(20))
    picture = p.draw(intervals, at(20))
    lane = picture.lanes[-1]
    assert lane.height == p.LABEL_HEIGHT + p.MOST_ROWS * p.ROW_HEIGHT
    assert lane.crowded == p.MOST_INTERVALS - p.MOST_ROWS
    assert picture.earlier == len(intervals) - p.MOST_INTERVALS


def test_too_many_lanes_are_counted_and_not_drawn():
    """The table has them all."""
    rows = episode(1, 2, begun(), *(scheduled(n, f"A{n}", 1.5) for n in range(60)))
    picture = p.draw(t.intervals_of(rows, at(3)), at(3))
    assert (len(picture.lanes), picture.left_out) == (p.MOST_LANES, 61 - p.MOST_LANES)


def test_the_axis_has_marks_that_do_not_run_into_each_other():
    """It begins with 0 and ends with now, or with how long all took."""
    rows = episode(1, 2, begun(), *(scheduled(n, "A", 1.5) for n in range(40)))
    for n in range(40):
        rows += episode(3 + n, 3.5 + n, h.task_completed(n, None, at(3 + n)))
    ticks = p.draw(t.intervals_of(rows, at(90)), at(90)).ticks
    assert (ticks[0].text, ticks[-1].text) == ("0", "+42 s")
    assert all(later.x - earlier.x >= p.BETWEEN_TICKS for earlier, later in pairwise(ticks))
    open_ticks = p.draw(t.intervals_of(episode(1, 2, begun(), scheduled(0, "A", 1.5)), at(90)), at(90)).ticks
    assert open_ticks[-1].text == "now"


def test_nothing_at_all_is_a_picture_too():
    """An instance that is about to run has no rows."""
    picture = p.draw([], START)
    assert (picture.summary, len(picture.lanes)) == ("Nothing yet; 0 ms in all.", 1)


def test_an_open_timer_says_how_long_it_has_to_go():
    """As text at its bar, and in its sentence."""
    picture = p.draw(t.intervals_of(episode(1, 2, begun(), timer(0, 3600, 1.5)), at(60)), at(60))
    (bar,) = [bar for lane in picture.lanes if lane.kind == "timer" for bar in lane.bars]
    assert bar.text == "59 min left"
    assert bar.interval.sentence(START).endswith("timer, open, due 2026-01-01 01:00:00.000, in 59 min")


def test_times_are_said_in_units_that_fit():
    """From below a millisecond to days; ages in one unit."""
    units = [0, 5, 12 * MS, 1_250 * MS, 45 * SECOND, 200 * SECOND, 7500 * SECOND, 864_000 * SECOND]
    texts = ["0 ms", "< 1 ms", "12 ms", "1.2 s", "45 s", "3 min 20 s", "2 h 5 min", "10 d"]
    assert [duration(one) for one in units] == texts
    assert [age(START, START + one * SECOND) for one in (0, 5, 130, -90)] == [
        "just now", "5 s ago", "2 min ago", "in 1 min",
    ]  # fmt: skip
    assert (since(5), since(SECOND)) == ("+0", "+1 s")


def test_a_stored_text_is_shown_as_json_for_the_eye():
    """A text that holds JSON is opened; a long one is cut with the whole behind it; what is no JSON stays as it is."""
    assert shown(None) is None
    assert shown('{"a":1}').short == '{\n  "a": 1\n}'
    opened = shown(json.dumps('{"a":"é"}'))
    assert (opened.short, opened.note) == ('{\n  "a": "é"\n}', "a text that holds this JSON")
    assert shown("enough <b>").short == "enough <b>"
    long = shown(json.dumps(["x" * 2000]))
    assert long.short.endswith("…")
    assert "x" * 2000 in long.whole
    assert shown("[" * 100_000).short.startswith("[[[")


def test_a_custom_status_is_told_in_one_line():
    """Its message if it has one, else all of it, cut."""
    assert one_line('{"stage":"waiting","message":"Head of structures\\n is asked"}') == "Head of structures is asked"
    assert one_line('{"looks":3}') == '{"looks":3}'
    assert (one_line(None), len(one_line(json.dumps("y" * 500)))) == ("", 120)


def test_a_text_is_searched_in_every_way_that_json_spells_it():
    """A plain one once; one with quotes or umlauts as JSON, and as JSON within JSON."""
    assert search_texts("bridge") == ("bridge",)
    assert '\\\\\\"a\\\\\\"' in search_texts('"a"')
    assert {"Brücke", "Br\\u00fccke", "Br\\\\u00fccke"} <= set(search_texts("Brücke"))
