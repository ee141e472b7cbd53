"""What devhost changes in the SDK leaves every value as it is, its type included."""

import importlib
import pickle

import azure.durable_functions as df
import pytest
from dateutil.parser import parse
from hypothesis import given
from hypothesis import strategies as st

from devhost.app.sdk_patches import fast_replay

MODULE = importlib.import_module("azure.durable_functions.models.history.HistoryEvent")
app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def clock(context):
    """Tells what its clock is made of."""
    now = context.current_utc_datetime
    yield context.create_timer(now)
    later = context.current_utc_datetime
    return [[type(one).__name__, repr(one.tzinfo), one.tzname(), one.isoformat()[-6:]] for one in (now, later)]


@pytest.fixture(scope="module")
def parsers():
    """The SDK's own parser of timestamps, and devhost's."""
    undo = fast_replay()
    fast = MODULE.dt_parse
    undo()
    slow = MODULE.dt_parse
    assert fast is not slow
    return slow, fast


def told(parser, *given_):
    """All that an app can see of what a parser gives or raises."""
    try:
        moment = parser(*given_)
    except Exception as error:  # noqa: BLE001 - any is compared
        return type(error), str(error)
    zone = moment.tzinfo
    return moment, repr(moment), moment.isoformat(), type(zone), zone, pickle.dumps(moment), hash(moment), moment.fold


TEXTS = [
    "2026-11-26T01:00:00.1234567Z", "2026-11-26T01:00:00Z", "2026-11-26T01:00:00.1Z", "2026-11-26T01:00:00.123Z",
    "2026-11-26T01:00:00+00:00", "2026-11-26T01:00:00.1234567+00:00", "2026-11-26T01:00:00+01:00",
    "2026-11-26T01:00:00",
    "2026-11-26", "20261126", "2026-W48-4", "2026-11-26T24:00:00Z", "2026-11-26T23:59:60Z", "2026-02-30T00:00:00Z",
    "2026-11-26T01:00:00.12345678901Z", "2026-11-26 01:00:00Z", "2026-11-26T0100Z", "2026-11-26T01:00:00,5Z", "1:2",
    "0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2026-11-26T01:00:00-00:00", "",
    "2026-11-26T01:00:00.9999999Z", "2026-11-26T01:00:00z", "\u0662026-11-26T01:00:00Z", "Thu, 26 Nov 2026", "junk",
    None, 5, b"2026-11-26T01:00:00Z", [],
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_timestamp_is_the_same_value_of_the_same_types(parsers, text):
    """Value, text, kind of time zone and pickle are those that the SDK's own parser gives; so are its exceptions."""
    slow, fast = parsers
    assert told(fast, text) == told(slow, text)
    assert told(fast, text) == told(slow, text)  # from memory as well


@given(st.datetimes(), st.integers(0, 7), st.sampled_from(["Z", "", "+00:00", "-03:30"]))
def test_any_timestamp_of_any_length_is_the_same(moment, digits, zone):
    """However many digits a second has, and whatever zone."""
    undo = fast_replay()
    fast = MODULE.dt_parse
    undo()
    second = f".{moment.microsecond:06d}7"[: digits + 1] if digits else ""
    text = f"{moment.isoformat()[:19]}{second}{zone}"
    assert told(fast, text) == told(MODULE.dt_parse, text)


def test_an_orchestrators_clock_shows_the_sdks_own_utc(durable_host):
    """``current_utc_datetime`` has the zone that dateutil gives it: ``tzlocal()`` where this machine's own is UTC."""
    host = durable_host(app)
    case = host.start("clock")
    host.run_until_idle()
    assert host.status(case).output == [["datetime", repr(parse("2000-01-01T00:00:00Z").tzinfo), "UTC", "+00:00"]] * 2


def test_what_a_replay_is_made_of_keeps_its_names():
    """A named tuple that is made once is one of the same name, module and fields."""
    executor = importlib.import_module("azure.durable_functions.models.TaskOrchestrationExecutor")
    make = getattr(executor, "TaskOrchestrationExecutor", executor)

    def seen():
        values = list(make().event_to_SetTaskValuePayload.values())
        return [(repr(one), type(one).__module__, type(one).__qualname__, one._fields, tuple(one)) for one in values]

    plain = seen()
    undo = fast_replay()
    try:
        assert seen() == plain
    finally:
        undo()
