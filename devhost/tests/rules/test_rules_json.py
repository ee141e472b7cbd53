"""JSON as the extension reads and writes it: every row was seen on the real one."""

import contextlib
import json
import sys

import azure.durable_functions as df
import pytest

from devhost.dotnet import newtonsoft_strict as strict_json
from devhost.dotnet import newtonsoft_text as loose_text
from devhost.dotnet.charset import text_of
from devhost.dotnet.json_text import compact, plain, recoded
from devhost.dotnet.newtonsoft import LooseJsonError, check_whole, first_token
from devhost.testing.host import Refused

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def shown(context):
    """Gives its input back."""
    return context.get_input()


@app.orchestration_trigger(context_name="context")
def through_activity(context):
    """Sends a value through an activity."""
    return repr((yield context.call_activity("same", context.get_input())))


@app.orchestration_trigger(context_name="context")
def nested(context):
    """Gives so many arrays within arrays."""
    value = 1
    for _ in range(context.get_input()):
        value = [value]
    return value


@app.activity_trigger(input_name="value")
def same(value):
    """Gives its input back."""
    return value


TAKEN = {
    b"1 2": "1", b"{a:1}": '{"a":1}', b"{1:2}": '{"1":2}', b"[,]": "[undefined]", b"[1,]": "[1]",
    b"[1,,2]": "[1,undefined,2]", b'{"a":1,"b":2,"a":3}': '{"a":3,"b":2}', b'"\\ud83d\\ude00"': '"\U0001f600"',
    b'"\\ud800"': '"\ufffd"', b"'a\\'b'": '"a\'b"', b'"a\nb"': '"a\\nb"', b"undefined": "undefined", b"NaN": '"NaN"',
    b"-Infinity": '"-Infinity"', b"1.": "1.0", b".5": "0.5", b"1e5": "100000.0", b"1e400": '"Infinity"', b"0x1F": "31",
    b"010": "8", b"0xFFFFFFFFFFFFFFFF": "-1", b"1e16": "10000000000000000.0", b"1e17": "1E+17", b"-0.0": "-0.0",
    b"0.0000001": "1E-07", b"12345678901234567890": "12345678901234567890", b"1/2": "1", b"// c\n5": "/* c*/",
    b"/*c*/": "/*c*/", b'{/*c*/"a":1}': '{"a":1}', b"new Date(5)": "new Date(5)", b"\xef\xbb\xbf5": "5",
    b"\xff\xfe5\x00": "5", b"\x005": "5", b"\xc2\xa05": "5", b",": "undefined", b'{"a":,}': '{"a":undefined}',
    b"{\xc3\xa4:1}": '{"\xe4":1}', b'"\x7f\xe2\x80\xa8\xc2\x85"': '"\x7f\\u2028\\u0085"',
    b"[" * 64 + b"]" * 64: "[" * 64 + "]" * 64,
    b'"\xe4"': '"\ufffd"', b"true,": "true", b"5\x00": "5", b'{"a":NaN}': '{"a":"NaN"}',
}  # fmt: skip
REFUSED = {
    b"": "Error reading JToken from JsonReader. Path '', line 0, position 0.",
    b"\n": "Error reading JToken from JsonReader. Path '', line 0, position 0.",
    b" ": "Error reading JToken from JsonReader. Path '', line 1, position 1.",
    b"{": "Error reading JObject from JsonReader. Path '', line 1, position 1.",
    b'{"a"': "Invalid character after parsing property name. Expected ':' but got: \0. Path '', line 1, position 4.",
    b'{"a":': "Unexpected end of content while loading JObject. Path 'a', line 1, position 5.",
    b'{"a":1,': "Unexpected end of content while loading JObject. Path 'a', line 1, position 7.",
    b"[1 2]": "After parsing a value an unexpected character was encountered: 2. Path '[0]', line 1, position 3.",
    b"[1,": "Unexpected end of content while loading JArray. Path '[0]', line 1, position 3.",
    b'"\\u12G4"': "Invalid Unicode escape sequence: \\u12G4. Path '', line 1, position 3.",
    b"truex": "Error parsing boolean value. Path '', line 1, position 4.",
    b"nullx": "Error parsing null value. Path '', line 1, position 4.",
    b"nul": "Unexpected end when reading JSON. Path '', line 1, position 3.",
    b"-Inf": "Unexpected end when reading JSON. Path '', line 1, position 4.",
    b"+1": "Unexpected character encountered while parsing value: +. Path '', line 0, position 0.",
    b"--1": "Input string '--1' is not a valid number. Path '', line 1, position 3.",
    b"08": "Input string '08' is not a valid number. Path '', line 1, position 2.",
    b"-0x10": "Input string '-0x10' is not a valid number. Path '', line 1, position 5.",
    b"0xFFFFFFFFFFFFFFFFF": "Input string '0xFFFFFFFFFFFFFFFFF' is not a valid number. Path '', line 1, position 19.",
    b"1_000": "Unexpected character encountered while parsing number: _. Path '', line 1, position 1.",
    b"/": "Unexpected end while parsing comment. Path '', line 1, position 1.",
    b'{"a"/*c*/:1}': "Invalid character after parsing property name. Expected ':' but got: /. "
    "Path '', line 1, position 4.",
    b"new": "Unexpected end while parsing constructor. Path '', line 1, position 3.",
    b"]": "JsonToken EndArray is not valid for closing JsonType None. Path '', line 1, position 1.",
    b'{"a":[}': "Unexpected character encountered while parsing value: }. Path 'a', line 1, position 6.",
    b"[{]": "Invalid property identifier character: ]. Path '[0]', line 1, position 2.",
    b"{a-b:1}": "Invalid JavaScript property identifier character: -. Path '', line 1, position 2.",
    b"[.]": "Input string '.' is not a valid number. Path '[0]', line 1, position 2.",
    b'{"a b":[1,{"c.d":tru}]}': "Error parsing boolean value. Path '['a b'][1]['c.d']', line 1, position 20.",
    b"[" * 65 + b"]" * 65: f"The reader's MaxDepth of 64 has been exceeded. Path '{'[0]' * 64}', line 1, position 65.",
}


@pytest.mark.parametrize(("body", "stored"), TAKEN.items(), ids=lambda one: repr(one)[:40])
def test_the_first_token_of_a_loose_body_is_taken(body, stored):
    """What Newtonsoft takes for JSON is written back as it writes it (contract 1.8)."""
    assert first_token(text_of(body)) == stored


@pytest.mark.parametrize(("body", "words"), REFUSED.items(), ids=lambda one: repr(one)[:40])
def test_a_refusal_has_the_words_and_the_place_of_the_reader(body, words):
    """A body that is no JSON is refused with path, line and position as Newtonsoft counts them (contract 1.8)."""
    with pytest.raises(LooseJsonError) as refused:
        first_token(text_of(body))
    assert str(refused.value) == words


@pytest.mark.parametrize("text", ["true x", "true,", "1,2", "1}", "[1]]", '{"a":1}{"b":2}'])
def test_a_start_has_nothing_behind_its_value(text):
    """A start's body is one value, and what follows is named (contract 1.3)."""
    with pytest.raises(LooseJsonError, match="Additional text encountered after finished reading JSON content: "):
        check_whole(text)


@pytest.mark.parametrize(
    ("body", "status", "words", "kind"),
    [
        (b"{", 500, "Unexpected end when reading JSON. Path '', line 1, position 1.", "JsonSerializationException"),
        (b'{"a":1', 500, "Unexpected end when deserializing object. Path 'a', line 1, position 6.",
         "JsonSerializationException"),
        (b'{"a":[', 500, "Unexpected end when reading token. Path 'a'.", "JsonWriterException"),
        (b"[", 500, "Unexpected end when reading token. Path ''.", "JsonWriterException"),
        (b"[[", 500, "Unexpected end when reading token. Path '[0]'.", "JsonWriterException"),
        (b"tru", 400, "Unexpected end when reading JSON. Path '', line 1, position 3.", "JsonReaderException"),
    ],
)  # fmt: skip
def test_a_start_with_a_bad_body_is_refused(durable_host, body, status, words, kind):
    """What the reader refuses is a 400, what it finds unfinished a 500 (contract 1.3)."""
    with pytest.raises(Refused) as refused:
        durable_host(app).start_raw("shown", body)
    assert refused.value.status == status
    assert refused.value.body["ExceptionMessage"] == words
    assert refused.value.body["ExceptionType"] == f"Newtonsoft.Json.{kind}"


def test_a_loose_input_reaches_the_orchestrator_as_json(durable_host):
    """The stored input is the raw body, and the trigger payload holds what it means (contract 3.1)."""
    host = durable_host(app)
    case = host.start_raw("shown", b"{a: 'x', b: 0x10,}")
    assert host.status(case).output == {"a": "x", "b": 16}
    assert host.rows(case)[1]["Input"] == "{a: 'x', b: 0x10,}"


@pytest.mark.parametrize("body", [b" ", b"[1"])
def test_an_input_that_is_no_json_fails_the_instance(durable_host, body):
    """A body of blanks, or an array that ends too early, starts an instance that fails before Python (contract 1.3)."""
    host = durable_host(app)
    case = host.start_raw("shown", body)
    assert host.status(case).output == (
        "Orchestrator function 'shown' failed: One or more errors occurred. (Exception while executing function: shown)"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e16, "10000000000000000.0"), (98765432109876544.0, "98765432109876540.0"), (1e17, "1E+17"), (1e-7, "1E-07"),
        (1.5e-5, "1.5E-05"), (0.0001, "0.0001"), (5e-324, "5E-324"), (1e100, "1E+100"), (float("nan"), '"NaN"'),
        (float("-inf"), '"-Infinity"'), ("\u2028\x85", '"\\u2028\\u0085"'), ("\ud800", '"\ufffd"'),
        (10**30, "1" + "0" * 30),
        ({"a": [1e20, None]}, '{"a":[1E+20,null]}'), ("1e+20", '"1e+20"'),
    ],
)  # fmt: skip
def test_numbers_and_texts_are_written_as_net_writes_them(value, text):
    """Outputs, statuses and results are stored in .NET's writing, not in Python's (contract 4.11)."""
    assert compact(value) == text


def test_the_result_of_an_activity_is_rewritten(durable_host):
    """The history holds an activity's result compact and in .NET's writing; NaN comes back as text (contract 5.1)."""
    host = durable_host(app)
    case = host.start("through_activity", {"x": [1e20, "ä", float("nan")]})
    (row,) = (row for row in host.rows(case) if row["EventType"] == 5)
    assert row["Result"] == '{"x":[1E+20,"ä","NaN"]}'
    assert host.status(case).output == "{'x': [1e+20, 'ä', 'NaN']}"


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ({"$type": "T", "a": 1}, {"a": 1}), ({"$id": "1", "$type": "T", "b": 2}, {"b": 2}), ({"$type": 5}, {}),
        ({"$values": [1]}, [1]), ({"a": 1, "$type": "T"}, {"a": 1, "$type": "T"}), ([{"$type": "T"}], [{"$type": "T"}]),
        ({"$foo": 1, "$type": "x"}, {"$foo": 1, "$type": "x"}),
    ],
)  # fmt: skip
def test_what_newtonsoft_takes_for_its_own_is_lost(value, left):
    """``$id`` and ``$type`` at the head of an output's or a result's outermost object are dropped (contract 4.11)."""
    assert plain(value) == left
    assert recoded(json.dumps(value)) == compact(left)


def test_an_output_that_is_nested_too_deep_fails(durable_host):
    """The answer may hold 64 levels, its own object among them (contract 3.3)."""
    host = durable_host(app)
    assert host.status(host.start("nested", 63)).runtime_status == "Completed"
    deep = host.status(host.start("nested", 64))
    assert deep.output.startswith(
        "Orchestrator function 'nested' failed: One or more errors occurred. (The reader's MaxDepth of 64 has been "
        "exceeded. Path 'output[0][0]"
    )


def calls(work, *given):
    """How many functions run, of Python's and of C's, while ``work`` does."""
    count = 0

    def note(_, what, __):
        nonlocal count
        count += what in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work(*given)
    except LooseJsonError:
        pass
    finally:
        sys.setprofile(before)
    return count


FEW_STEPS = {
    "items": lambda n: "[" + "1," * n + "]", "texts": lambda n: "[" + '"a\u00fc",' * n + "]",
    "blanks": lambda n: " " * n,
    "blanks within": lambda n: "[" + " \n" * n + ",]", "lines": lambda n: "\r\n" * n, "NULs": lambda n: "\0" * n + "1",
    "comment": lambda n: "/*" + "*\n" * n + "*/1", "unfinished comment": lambda n: "/*" + "*" * n,
    "line comment": lambda n: "//" + "x" * n, "text": lambda n: "'" + "x\n" * n + "'",
    "name": lambda n: "{" + "a" * n + ":1}",
    "escapes": lambda n: "'" + "\\n\\u0041" * n + "'", "unfinished text": lambda n: '"' + "x" * n,
    "digits": lambda n: "1" * n + ",", "hexadecimal": lambda n: "0x" + "f" * n, "signs": lambda n: "-" * n,
    "commas": lambda n: "[" + "," * n + "]", "members": lambda n: "{" + '"a":1,' * n + ",}", "deep": lambda n: "[" * n,
    "constructor": lambda n: "new A(" + "1," * n + ")",
}  # fmt: skip


@pytest.mark.parametrize("make", FEW_STEPS.values(), ids=FEW_STEPS)
@pytest.mark.parametrize("work", [first_token, check_whole])
def test_a_long_text_is_read_in_long_strides(work, make):
    """Whatever has no bound is read at once: a text of 20,000 pieces takes less than one step for ten of them."""
    assert calls(work, make(20_000)) < 2_000


MANY_STEPS = {
    "strict objects": lambda n: "[" + '{"a":[1]},' * n + "1] x",
    "objects": lambda n: "[" + "{a:'b'}," * n + "]", "members": lambda n: "{" + "a:1," * n + "}",
    "words": lambda n: "[" + "undefined,NaN," * n + "]", "arrays": lambda n: "[" + "[,]," * n + "]",
    "comments": lambda n: "/**/\n" * n + "1", "quotes": lambda n: "[" + "'a'," * n + "]",
    "refused at the end": lambda n: "[" * 60 + "{a:1}," * n + "x",
    "escapes": lambda n: "[" + "'\\n'," * n + "]", "broken texts": lambda n: "[" + '"a\\\'",' * n + "]",
}  # fmt: skip


@pytest.mark.parametrize("make", MANY_STEPS.values(), ids=MANY_STEPS)
@pytest.mark.parametrize("work", [first_token, check_whole])
def test_steps_grow_as_the_text_does(work, make):
    """A text that is four times as long takes four times as many steps."""
    assert calls(work, make(2_000)) < 4.2 * calls(work, make(500))


@pytest.mark.parametrize("make", [*FEW_STEPS.values(), *MANY_STEPS.values()], ids=[*FEW_STEPS, *MANY_STEPS])
def test_the_standard_reader_is_not_asked_again_and_again(monkeypatch, make):
    """Its refusals look at the whole text before them, so after a few the exact reader goes on alone."""
    refused = 0

    def counted(ask):
        def wrapped(*given):
            nonlocal refused
            try:
                return ask(*given)
            except (ValueError, RecursionError, StopIteration):
                refused += 1
                raise

        return wrapped

    monkeypatch.setattr(strict_json, "_SCAN", counted(strict_json._SCAN))
    monkeypatch.setattr(loose_text, "scanstring", counted(loose_text.scanstring))
    with contextlib.suppress(LooseJsonError):
        check_whole(make(500))
    assert refused <= loose_text.MOST_FAILED_TRIES


@pytest.mark.parametrize("text", ["1" * 381, "-" + "1" * 380, "[1," + "1" * 381 + "]", '{"a":\n' + "1" * 400 + ",}"])
def test_a_whole_number_has_380_digits_at_most(text):
    """A longer one is refused in words of its own, also within what is strict JSON otherwise."""
    for work in (first_token, check_whole):
        with pytest.raises(LooseJsonError, match=r"^JSON integer -?1+ is too large to parse\. Path '.*', line \d"):
            work(text)
    assert first_token("1" * 380) == "1" * 380
    assert first_token("1" * 381 + ".5") == '"Infinity"'


def test_strict_runs_within_a_loose_text_keep_order_and_places():
    """What is read in one stride counts as it would one by one: names, indexes, lines and positions."""
    assert first_token('{"a":1,"b":2,"a":3,c:4}') == '{"a":3,"b":2,"c":4}'
    assert first_token("[1,\n-0,1.50,true,\t\"x\",null,[2,{}],'y']") == '[1,0,1.5,true,"x",null,[2,{}],"y"]'
    for text, place in (
        ('[1,\n"a",\r\n{"b":[2,\r3,]},x', "Path '[2]', line 4, position 5."),
        ('{"a":1,\n"b":2,\n?', "Path 'b', line 3, position 0."),
        ("[1,,,,?", "Path '[3]', line 1, position 6."),
        ("new A(1,2,", "Path '[1]', line 1, position 10."),
    ):
        with pytest.raises(LooseJsonError) as refused:
            first_token(text)
        assert str(refused.value).endswith(place), str(refused.value)
