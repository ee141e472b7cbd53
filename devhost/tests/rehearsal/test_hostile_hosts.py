"""``python -m devhost export`` from hosts that answer anything, or nothing."""

import json
import math

import pytest
from called import devhost
from scripted import API, Scripted

from devhost.cli.export import export, main
from devhost.rehearsal import remote_host as module
from devhost.rehearsal.remote_host import TOKEN, RemoteHost, RemoteHostError

TRICK = "\x1b[2J\u202e\u2028\ud800\x9b\x7f"
DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.fixture
def api():
    """A scripted management API."""
    server = Scripted()
    yield server
    server.close()


def read(api, **options):
    """What an export writes and tells, and its counts."""
    lines, told = [], []
    counts = export(RemoteHost(api.origin, pause=lambda _: None, **options), lines.append, told.append, (), None)
    return [json.loads(line) for line in lines], told, counts


BAD_ANSWERS = {
    "HTML": (200, {"Content-Type": "text/html"}, b"<html>\x1b[2J</html>"),
    "nothing": (200, {}, b""),
    "half": (None, {}, b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"inst'),
    "half of JSON": (200, {}, b'{"instanceId": "b", "runti'),
    "deep JSON": (200, {}, DEEP),
    "no HTTP": (None, {}, b"\x00\x1b[2J nonsense\r\n\r\n"),
    "a status that is none": (None, {}, b"HTTP/1.1 999999 \x1b[2J\r\n\r\n"),
    "a list": (200, {}, [5]),
    "null": (200, {}, None),
    "a number of 5000 digits": (200, {}, b"9" * 5000),
    "a status that is a list": (200, {}, {"instanceId": "b", "runtimeStatus": ["Running"]}),
    "no id": (200, {}, {"runtimeStatus": "Running"}),
    "an error": (500, {}, None),
    "a pause that is no number": (503, {"Retry-After": "nan"}, None),
    "an unknown status": (418, {}, None),
    "a refusal": (400, {}, {"ExceptionMessage": TRICK}),
    "a deep refusal": (400, {}, DEEP),
    "a redirect": (302, {"Location": "http://[broken/"}, None),
}


@pytest.mark.parametrize("bad", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_one_bad_answer_does_not_hide_the_next_instance(api, capsys, bad, monkeypatch):
    """It is one harmless sentence, the other instances are exported, and the exit code is 1."""
    monkeypatch.setattr(RemoteHost.__init__, "__kwdefaults__", RemoteHost.__init__.__kwdefaults__ | {"pause": _pause})
    api.list(["a", "b", "c"])
    for one in "abc":
        api.show(one)
    api.show("b", bad)
    assert main(["--base-url", api.origin]) == 1
    said = capsys.readouterr()
    assert [json.loads(line)["instanceId"] for line in said.out.splitlines()] == ["a", "c"]
    about_b, summary = said.err.splitlines()
    assert about_b.startswith("b: ")
    assert about_b.endswith("; passed over")
    assert about_b.isprintable()
    assert "1 that the host could not show" in summary


def _pause(seconds):
    """Refuses what a real pause would refuse."""
    assert math.isfinite(seconds)
    assert seconds >= 0


@pytest.mark.parametrize("bad", [bad for name, bad in BAD_ANSWERS.items() if "refusal" not in name])
def test_a_bad_list_is_one_sentence(api, capsys, bad, monkeypatch):
    """Where the list itself is nonsense nothing can be read: exit code 2."""
    monkeypatch.setattr(RemoteHost.__init__, "__kwdefaults__", RemoteHost.__init__.__kwdefaults__ | {"pause": _pause})
    api.answers[API] = [bad]
    assert main(["--base-url", api.origin]) == 2
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert line.isprintable()
    assert said.out == ""


def test_a_host_that_fails_again_and_again_is_given_up(api):
    """After three instances in a row it is not asked for a fourth."""
    api.list(["a", "b", "c", "d", "e"])
    for one in "bcde":
        api.show(one, (418, {}, None))
    api.show("a")
    with pytest.raises(RemoteHostError, match="answers 418"):
        read(api)
    assert {path.removeprefix(API) for _, path, *_ in api.asked} == {"", "a", "b", "c", "d"}


def test_ids_that_no_address_holds_are_no_fault_of_the_host(api):
    """Three of them in a row are reported and passed over, and the instance after them is exported."""
    api.list(["\ud800", "x\udfff", TRICK, "a"])
    api.show("a")
    written, told, counts = read(api)
    assert [one["instanceId"] for one in written] == ["a"]
    assert [one.endswith(": no address can hold its id; passed over") for one in told] == [True] * 3
    assert counts.refused == 3


def test_an_id_that_is_none_is_passed_over(api):
    """Entries of the list may have an id that is no text, or none that an address can hold."""
    api.answers[API] = [
        (200, {TOKEN: ""}, [{"instanceId": one} for one in ([1], None, {"a": 1}, "\ud800", "", "a")]),
    ]
    api.show("a")
    lines, told, counts = read(api)
    assert [line["instanceId"] for line in lines] == ["a"]
    assert counts.refused == len(told) == 5


def test_an_answer_without_end_is_given_up(api, monkeypatch):
    """A host cannot fill the memory: an answer has a largest size."""
    monkeypatch.setattr(module, "LARGEST", 1 << 20)
    api.answers[API] = [(200, {}, b" " * ((1 << 20) + 1))]
    with pytest.raises(RemoteHostError, match="an answer of more than 1 MB"):
        read(api)


def test_nothing_is_lost_and_nothing_moves_the_terminal(api, tmp_path):
    """What people wrote is exported to the letter; characters that act on a terminal are JSON escapes in it."""
    body = {"instanceId": "a", "runtimeStatus": "Running", "input": f"{TRICK} Größe 🙂"}
    api.list(["a"])
    api.show("a", (200, {}, body))
    for encoding in ("utf-8", "ascii"):
        said = devhost("export", "--base-url", api.origin, PYTHONIOENCODING=encoding)
        assert said.code == 0, said.err
        assert json.loads(said.out) == body
        assert said.out.removesuffix("\n").isprintable()
    assert devhost("export", "--base-url", api.origin, "--output", tmp_path / "out.jsonl").code == 0
    text = (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert json.loads(text) == body
    assert "Größe" in text


@pytest.mark.parametrize("key", ["a\nb", "schlüssel", "\udcff"])
def test_a_key_that_is_none_is_refused_unread(key, capsys):
    """A key that no header can hold is one sentence, and is not repeated."""
    assert main(["--base-url", "https://app.example", "--code", key]) == 2
    said = capsys.readouterr().err
    assert said.startswith("export: the key holds a character that no key has")
    assert said.count("\n") == 1


@pytest.mark.parametrize("seconds", ["nan", "-1", "0", "1e9", "soon"])
def test_a_time_limit_that_is_none_is_refused(seconds, capsys):
    """It must be a number of seconds that a request can take."""
    with pytest.raises(SystemExit):
        main(["--base-url", "https://app.example", "--timeout", seconds])
    assert "--timeout" in capsys.readouterr().err


def test_where_nothing_can_be_written_it_is_said(api, tmp_path):
    """A folder in the file's place, and a full disk under standard output, are named."""
    api.list(["a"])
    api.show("a")
    said = devhost("export", "--base-url", api.origin, "--output", tmp_path)
    assert (said.code, said.err) == (2, f"export: {tmp_path} cannot be written: Is a directory.\n")
