"""The management API's fine print: dates, lists, purges, waiting starts, URLs."""

from urllib.parse import quote

import azure.durable_functions as df
import pytest
from refusals import refused

from devhost.dotnet.query_values import enum_values, moment, number, whole
from devhost.durabletask import history as h
from devhost.timekeeping.ticks import parse, stamp

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def done(context):
    """Gives its input back."""
    return context.get_input()


@app.orchestration_trigger(context_name="context")
def fails(context):  # noqa: ARG001 - the binding's name
    """Fails."""
    raise ValueError("no")


@app.orchestration_trigger(context_name="context")
def waits(context):
    """Waits for E."""
    yield context.wait_for_external_event("E")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2990-01-02", "2990-01-02T00:00:00Z"), ("01/02/2990", "2990-01-02T00:00:00Z"),
        ("2990/1/2", "2990-01-02T00:00:00Z"),
        ("2990.1.2", "2990-01-02T00:00:00Z"), ("1.2.2990", "2990-01-02T00:00:00Z"), ("2990-01", "2990-01-01T00:00:00Z"),
        ("2990-01-01 10:00", "2990-01-01T10:00:00Z"), ("2990-01-01,10:00", "2990-01-01T10:00:00Z"),
        ("2990-01-01Z", "2990-01-01T00:00:00Z"), ("2990-01-01T00:00:00+0200", "2989-12-31T22:00:00Z"),
        ("2990-01-01T00:00:00 -02:00", "2990-01-01T02:00:00Z"),
        ("2990-01-01T00:00:00.123456789Z", "2990-01-01T00:00:00.1234567Z"),
        ("2990-01-01 00:00:00 GMT", "2990-01-01T00:00:00Z"),
    ],
)  # fmt: skip
def test_dates_are_read_as_net_reads_them(text, read):
    """What ``DateTime.TryParse`` takes is a date (contract 1.1)."""
    at = moment(text)
    assert at is not None
    assert stamp(at) == read


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2990", "29900101", "13/02/2990", "2990-13-01", "2990-02-30", "2990-W01-1", "2990-001",
        "10000-01-01",
        "2990-01-01T10", "2990-01-01T24:00:00", "29900101T000000Z", '"2990-01-01"', "2990-01-01T00:00:00 02:00",
        "Thu, 01 Jan 2990 00:00:00 GMT", "Monday", "638000000000000000",
    ],
)  # fmt: skip
def test_what_is_no_date_is_absent(text):
    """Anything else counts as absent, a wrong weekday too (contract 1.1)."""
    assert moment(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2 Jan 2990", "January 2, 2990", "January 2990", "January 1", "Jan/1/2000", "1/1/2990 10:00 PM", "3:00 AM",
        "5pm", "Fri, 01 Jan 2990 00:00:00 GMT", "Friday, 2990-01-01",
    ],
)  # fmt: skip
def test_english_words_in_a_date_are_not_read(text):
    """Unlike in .NET: such a filter counts as absent."""
    assert moment(text, parse("2026-11-24T23:24:00Z")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12:00", "2026-11-24T12:00:00Z"), ("3:00", "2026-11-24T03:00:00Z"),
        ("1/2", "2026-01-02T00:00:00Z"), ("2000,01,01", "2000-01-01T00:00:00Z"),
    ],
)  # fmt: skip
def test_what_a_date_leaves_out_is_todays(text, expected):
    """A time without a date is today, a day without a year is this year's (contract 1.1)."""
    assert stamp(moment(text, parse("2026-11-24T23:24:00Z"))) == expected


def test_numbers_are_read_as_net_reads_them():
    """Seconds may have decimals, exponents and thousands' commas, counts have 32 bits (contract 1.3, 1.6)."""
    assert [number(one) for one in ("1,000", " 5 ", "1e1", ".5", "1_0", "nan", "")] == [
        1000,
        5,
        10,
        0.5,
        None,
        None,
        None,
    ]
    assert [whole(one, 7) for one in (" 2", "+3", "1.5", "2147483648", "")] == [2, 3, 7, 7, 7]


def test_states_are_named_or_numbered():
    """Names count in their exact case, numbers in any writing; an unknown number matches nothing (contract 1.6)."""
    assert enum_values("Running, Failed,running", h.STATUS_NUMBERS) == {"Running", "Failed"}
    assert enum_values("00,+5", h.STATUS_NUMBERS) == {"Running", "Terminated"}
    assert enum_values("99", h.STATUS_NUMBERS) == {"99"}
    with pytest.raises(ValueError, match="Requested value 'Unknown' was not found"):
        enum_values("-1", h.STATUS_NUMBERS)


@pytest.fixture
def host(durable_host):
    """A host with a completed, a failed, a running, a terminated and a suspended instance, c to s."""
    host = durable_host(app)
    host.start("done", 1, "x-c")
    host.start("fails", None, "x-f")
    for name in "rst":
        host.start("waits", None, f"x-{name}")
    host.suspend("x-s")
    host.terminate("x-t")
    return host


def listed(host, query, headers=None):
    """The last letters of the ids in a list's answer, and its token."""
    answer = host.manage("GET", f"instances?instanceIdPrefix=x-&{query}", headers=headers)
    return "".join(one["instanceId"][-1] for one in answer.json()), answer.headers["x-ms-continuation-token"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "cfrst"), ("runtimeStatus=Running,Failed", "fr"), ("runtimeStatus=%20Running", "r"),
        ("runtimeStatus=5,7", "st"), ("runtimeStatus=running", "cfrst"), ("runtimeStatus=", "cfrst"),
        ("runtimeStatus=Nonsense,Failed", "f"), ("runtimeStatus=99", ""), ("createdTimeFrom=2990-01", ""),
        ("createdTimeTo=2990-01&runtimeStatus=Failed", "f"), ("createdTimeTo=2020-01-01", ""),
        ("createdTimeFrom=x", "cfrst"), ("top=abc", "cfrst"), ("top=2147483648", "cfrst"),
    ],
)  # fmt: skip
def test_a_list_takes_the_filters_that_say_something(host, query, found):
    """Filters that cannot be read are none (contract 1.6)."""
    assert listed(host, query) == (found, "")


def test_a_list_is_paged_by_its_token(host):
    """The token leads to the next page; what is no base64 counts as none (contract 1.6)."""
    first, token = listed(host, "top=2")
    second, more = listed(host, "top=2", {"x-ms-continuation-token": token})
    third, last = listed(host, "top=2", {"x-ms-continuation-token": more})
    assert (first, second, third, last) == ("cf", "rs", "t", "")
    assert listed(host, "top=2", {"x-ms-continuation-token": "!!"})[0] == "cf"
    assert listed(host, "top=0") == ("", "eC1j ")


def test_a_list_refuses_two_things(host):
    """The state Unknown is a bad argument, a negative page breaks the storage (contract 1.2, 1.6)."""
    unknown = refused(listed, host, "runtimeStatus=Unknown")
    assert (unknown.status, unknown.body["ExceptionMessage"]) == (400, "Requested value 'Unknown' was not found.")
    negative = refused(listed, host, "top=-1")
    assert (negative.status, negative.body["ExceptionType"]) == (
        500,
        "DurableTask.AzureStorage.Storage.DurableTaskStorageException",
    )


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("runtimeStatus=Completed,Running", "frst"), ("runtimeStatus=Terminated", "cfrs"),
        ("runtimeStatus=Running", ""), ("runtimeStatus=Nonsense", ""), ("", ""), ("createdTimeTo=2020-01-02", "cfrst"),
    ],
)  # fmt: skip
def test_a_purge_of_many_strikes_what_is_not_terminal(host, query, left):
    """States that are not terminal are struck from the list, and an empty list is no filter (contract 1.7)."""
    path = f"instances?createdTimeFrom=2020-01-01&{query}"
    if left == "cfrst":
        assert refused(host.manage, "DELETE", path).status == 404
    else:
        assert host.manage("DELETE", path).json() == {"instancesDeleted": 5 - len(left)}
    assert listed(host, "")[0] == left


@pytest.mark.parametrize("query", ["timeout=0.01&pollingInterval=0.01", "timeout=1,000&pollingInterval=0.01"])
def test_a_start_may_wait(durable_host, query):
    """A completed instance is answered with its output alone (contract 1.3)."""
    answer = durable_host(app).manage("POST", f"orchestrators/done?{query}", b'"7"')
    assert (answer.status, answer.json()) == (200, 7)


def test_a_start_is_one_however_the_waiting_ends(durable_host):
    """A pause longer than the timeout is refused after the start (contract 1.3)."""
    host = durable_host(app)
    wrong = refused(host.manage, "POST", "orchestrators/done/waited?timeout=1&pollingInterval=5", b'"7"')
    assert (wrong.status, wrong.body) == (400, {"Message": "Total timeout 1 should be bigger than retry timeout 5"})
    assert host.status("waited").output == 7


def test_a_start_may_wait_in_vain(durable_host):
    """After the timeout, at once if it is negative, the answer is the check-status one (contract 1.3)."""
    host = durable_host(app)
    answer = host.manage("POST", "orchestrators/waits/waited?timeout=-1&pollingInterval=-2", b"")
    assert (answer.status, answer.json()["id"]) == (202, "waited")
    wrong = refused(host.manage, "POST", "orchestrators/waits/other?timeout=5&pollingInterval=-1", b"")
    assert wrong.status == 400
    assert wrong.body["Message"].startswith("The value needs to translate in milliseconds to -1")


def test_a_failed_instance_ends_the_waiting_with_its_status(durable_host):
    """Only a completed one is answered with its output alone (contract 1.3)."""
    host = durable_host(app)
    answer = host.manage("POST", "orchestrators/fails?timeout=5&pollingInterval=0.01", b"")
    assert (answer.status, answer.json()["runtimeStatus"]) == (200, "Failed")


def test_a_restart_without_input_gives_null(durable_host):
    """The input of a restart is that of the status answer, written again (contract 1.8)."""
    host = durable_host(app)
    for body, given in ((b"", "null"), (b"{a: 1 }", '{"a":1}')):
        case = host.start_raw("done", body)
        again = host.manage("POST", f"instances/{case}/restart").json()["id"]
        assert host.rows(again)[1]["Input"] == given


def test_a_location_is_written_as_net_writes_urls(durable_host):
    """Needless escapes of the path are undone and needed ones made; of the query only letters are (contract 1.4)."""
    host = durable_host(app)
    case = "a'b ä~[1]"
    started = host.manage("POST", f"orchestrators/waits/{quote(case, safe='')}", b"")
    assert started.json()["statusQueryGetUri"].partition("?")[0].endswith("/a%27b+%C3%A4%7E%5B1%5D")
    assert started.headers["Location"].partition("?")[0].endswith("/a%27b+%C3%A4~%5B1%5D")
    status = host.manage("GET", f"instances/{quote(case, safe='')}?x=%65%27%40")
    assert status.headers["Location"].endswith("/instances/a'b%20%C3%A4~%5B1%5D?x=e%27%40")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "instances/x-c//", 200), ("GET", "instances/x-c////", 200),
        ("POST", "instances/x-r/raiseEvent/..", 404),
        ("POST", "instances/x-r///raiseEvent/a", 404), ("GET", "makeprimary", 200), ("PUT", "makeprimary/", 200),
        ("GET", "//instances/x-c///", 200), ("GET", "instances//x-c", 404),
        ("POST", "instances/x-r/raiseEvent/%00", 400),
        ("POST", "instances/x-r/rewind?taskHub=Other", 404), ("POST", "instances/x-r/restart?taskHub=Other", 400),
        ("DELETE", "instances?taskHub=Other", 400),
        ("DELETE", "instances?taskHub=Other&createdTimeFrom=2020-01-01", 404),
        ("GET", "instances?taskHub=Other", 200), ("GET", "instances/x-c?taskHub=other", 404),
    ],
)  # fmt: skip
def test_odd_paths_and_other_hubs(host, method, path, status):
    """Slashes at the start and the end do not count, and another hub is an empty one (contract 1.1, 1.9)."""
    if status == 200:
        assert host.manage(method, path).status == 200
    else:
        assert refused(host.manage, method, path, b"1").status == status


def test_a_list_without_any_filter_shows_inputs(durable_host):
    """`showInput=false` counts beside a filter only, as on the extension."""
    host = durable_host(app)
    host.start("done", "x", "an-id")

    def inputs(query):
        return [one["input"] for one in host.manage("GET", f"instances?{query}").json()]

    assert inputs("showInput=false") == inputs("") == ['"x"']
    for filtered in ("instanceIdPrefix=an", "runtimeStatus=Completed", "createdTimeFrom=2020-01-01"):
        assert inputs(f"showInput=false&{filtered}") == [None]
    assert inputs("showInput=false&runtimeStatus=nonsense") == ['"x"']
