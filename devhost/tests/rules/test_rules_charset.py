"""The charset of a request's body: every row was seen on the real extension."""

import json

import azure.durable_functions as df
import pytest
from refusals import refused

from devhost.dotnet.charset import media_type, text_of

app = df.DFApp()
BYTES = b'{"by":"J\xfcrgen \x80"}'
WORDS = '"J\u00fcrgen \U0001f600"'
INVALID = (
    "The character set provided in ContentType is invalid. "
    "Cannot read content as string using an invalid character set."
)  # fmt: skip
UTF_7 = "Support for UTF-7 is disabled. See https://aka.ms/dotnet-warnings/SYSLIB0001 for more information."
AS_UTF_8, AS_LATIN_1, AS_ASCII = "J\ufffdrgen \ufffd", "J\xfcrgen \x80", "J?rgen ?"


@app.orchestration_trigger(context_name="context")
def told(context):
    """Gives back what it is started with, or waits for an event and gives that back."""
    given = context.get_input()
    return (yield context.wait_for_external_event("said")) if given is None else given


@app.entity_trigger(context_name="context")
def kept(context):
    """Keeps what it is given."""
    context.set_state(json.loads(context._input))  # get_input takes JSON in a text alone


def refusal(call, *given):
    """Status and body of a refusal."""
    found = refused(call, *given)
    return found.status, found.body


def typed(charset):
    """The header of a JSON body."""
    return {"content-type": f"application/json; charset={charset}"}


TAKEN = {
    **dict.fromkeys(("utf-8", "UTF-8", '"utf-8"', "unicode-1-1-utf-8", "utf-8 "), AS_UTF_8),
    **dict.fromkeys(("ISO-8859-1", "latin1", "l1", "cp819", "iso_8859-1", '"iso-8859-1"'), AS_LATIN_1),
    **dict.fromkeys(("us-ascii", "ascii", "us", "iso646-us", "cp367"), AS_ASCII),
    "iso-8859-1; charset=utf-8": AS_LATIN_1,
    "utf-8; charset=iso-8859-1": AS_UTF_8,
}
UNKNOWN = (
    "utf8", "UTF8", "'utf-8'", '""', "nonsense", "latin-1", "windows-1252", "cp1252", "iso-8859-15", "shift_jis",
    "gb2312", "koi8-r", "ibm437", "ucs-4", '"iso\\-8859-1"', "1200",
)  # fmt: skip


@pytest.mark.parametrize(("charset", "by"), TAKEN.items())
def test_an_events_charset_counts(durable_host, charset, by):
    """An event's body is read in the charset of its content type, the first one if there are several."""
    host = durable_host(app)
    case = host.start("told")
    assert host.manage("POST", f"instances/{case}/raiseEvent/said", BYTES, typed(charset)).status == 202
    assert host.status(case).output == {"by": by}


def test_a_starts_charset_counts(durable_host):
    """A start's body is read in its charset, whatever its media type; one that cannot be read is UTF-8."""
    host = durable_host(app)
    for kind, by in (
        ("x/y; charset=iso-8859-1", AS_LATIN_1), ("nonsense; charset=iso-8859-1", AS_UTF_8),
        ("application/json; charset=iso-8859-1;", AS_UTF_8), ("application/json; charset=", AS_UTF_8),
    ):  # fmt: skip
        case = host.manage("POST", "orchestrators/told", BYTES, {"content-type": kind}).json()["id"]
        assert host.status(case).input == {"by": by}


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("text/plain; charset=iso-8859-1", BYTES.decode("iso-8859-1")),
        ("application/json ; CHARSET = iso-8859-1", {"by": AS_LATIN_1}),
        ("application/json; charset=", BYTES.decode("utf-8", "replace")),
        ("application/json;", BYTES.decode("utf-8", "replace")),
    ],
)
def test_a_signals_charset_counts(durable_host, kind, state):
    """A signal's body is read in its charset; with a content type that cannot be read it is a text."""
    host = durable_host(app)
    assert host.manage("POST", "entities/kept/a?op=keep", BYTES, {"content-type": kind}).status == 202
    host.run_until_idle()
    assert host.entity("kept", "a") == state


@pytest.mark.parametrize("charset", UNKNOWN)
def test_an_unknown_charset_is_refused(durable_host, charset):
    """What .NET has no encoding for is a 500 at each route that takes a body, before anything else is looked at."""
    host = durable_host(app)
    case = host.start("told")
    for path in (
        "orchestrators/told",
        f"instances/{case}/raiseEvent/said",
        "entities/kept/a?op=x",
        "entities/no/?op=x",
    ):
        status, body = refusal(host.manage, "POST", path, BYTES, typed(charset))
        assert (status, body["Message"]) == (500, "Something went wrong while processing your request")
        assert (body["ExceptionMessage"], body["ExceptionType"]) == (INVALID, "System.InvalidOperationException")
    assert host.status(case).runtime_status == "Running"


def test_utf_7_is_refused_in_words_of_its_own(durable_host):
    """UTF-7 is known and switched off."""
    _, body = refusal(durable_host(app).manage, "POST", "orchestrators/told", BYTES, typed("utf-7"))
    assert (body["ExceptionMessage"], body["ExceptionType"]) == (UTF_7, "System.NotSupportedException")


def test_nobody_reads_what_is_not_there(durable_host):
    """An empty body, and one that no route reads, may have any charset; an event's instance is looked for first."""
    host = durable_host(app)
    assert host.manage("POST", "orchestrators/told", b"", typed("nonsense")).status == 202
    assert host.manage("POST", "entities/kept/a?op=x", b"", typed("nonsense")).status == 202
    case = host.start("told")
    assert host.manage("POST", f"instances/{case}/suspend?reason=x", BYTES, typed("nonsense")).status == 202
    assert refusal(host.manage, "POST", "instances/none/raiseEvent/said", BYTES, typed("nonsense")) == (404, None)


@pytest.mark.parametrize(
    "kind",
    ["application/json;", "application/json;;charset=utf-8", "application/json; charset=", "application/json; =x",
     "application/json; charset=UTF 8", 'application/json; charset="utf-8', "application/json, text/plain",
     "application/json; charset=utf-8,application/json", "application/json x", "application", "application/", "",
     'application/json; x="a\\";charset=utf-8'],
)  # fmt: skip
def test_an_event_needs_a_content_type_that_can_be_read(durable_host, kind):
    """A content type that .NET cannot read is none, so an event with it is refused."""
    host = durable_host(app)
    case = host.start("told")
    told_ = refusal(host.manage, "POST", f"instances/{case}/raiseEvent/said", b"1", {"content-type": kind})
    assert told_ == (400, {"Message": "Only application/json request content is supported"})


@pytest.mark.parametrize(
    "kind",
    ["APPLICATION/JSON", " application/json", "application / json", "application/json; x", "application/json;charset",
     'application/json; x="a;charset=utf-8"', "application/json;\tq=1", "application/json; charset*=utf-8''x",
     'application/json; x="a\\"', 'application/json; x="\\"', 'application/json; x="\\é"',
     'application/json; x="a\\"b"'],
)  # fmt: skip
def test_a_content_type_may_be_written_in_many_ways(kind):
    """Case, blanks, further parameters and such without a value do not matter."""
    found = media_type(kind)
    assert found is not None
    assert (found.name, found.charset) == ("application/json", None)


LE, BE = "utf-16-le", "utf-16-be"


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("utf-16", WORDS.encode(LE), WORDS), ("unicode", b"\xff\xfe" + WORDS.encode(LE), WORDS),
        ("utf-16le", b"\xfe\xff\x31\x00", "\ufffe1"), ("utf-16be", WORDS.encode(BE), WORDS),
        ("unicodeFFFE", b"\xfe\xff" + WORDS.encode(BE), WORDS), ("ucs-2", b"{ ", "\u207b"),
        ("utf-32", WORDS.encode("utf-32-le"), WORDS), ("utf-32be", b"\0\0\xfe\xff" + WORDS.encode("utf-32-be"), WORDS),
        ("utf-32", b"\0\0\0{", "\ufffd"), ("utf-16", b"1\0 ", "1\ufffd"), ("utf-16", b"1\0\0\xd8", "1\ufffd"),
        ("utf-8", b"\xef\xbb\xbf1", "1"), ("utf-8", b"\xff\xfe1", "\ufffd\ufffd1"),
        ("iso-8859-1", b"\xef\xbb\xbf1", "\xef\xbb\xbf1"), ("us-ascii", b"\xff\xfe1", "??1"),
        (None, b"\xef\xbb\xbf1", "1"), (None, b"\xff\xfe1\0", "1"), (None, b"\xfe\xff\x001", "1"),
        (None, b"\xff\xfe\0\0" + WORDS.encode("utf-32-le"), WORDS), (None, b"\0\0\xfe\xff", "\0\0\ufffd\ufffd"),
        (None, b"+/v8-", "+/v8-"),
    ],
)  # fmt: skip
def test_a_byte_order_mark_counts_where_no_charset_does(charset, body, text):
    """With a charset only its own mark is taken away; without one the mark names the encoding."""
    assert text_of(body, "" if charset is None else f"application/json; charset={charset}") == text
