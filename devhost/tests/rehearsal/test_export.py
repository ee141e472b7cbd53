"""``python -m devhost export``: from a host that behaves, from one that does not, and with keys."""

import json
import os
from urllib.request import Request, urlopen

import pytest
from called import devhost
from checkout import REVIEWS
from scripted import API, Scripted, dripping

from devhost.cli.export import blotted, export, main
from devhost.rehearsal.remote_host import TOKEN, RemoteHost, RemoteHostError
from devhost.testing.process import HostProcess, until

KEY = "se/cret+key=="


@pytest.fixture
def api():
    """A scripted management API."""
    server = Scripted()
    yield server
    server.close()


def read(api, statuses=(), code=None, **options):
    """What an export writes and tells, its counts, and how long it would have paused."""
    lines, told, pauses = [], [], []
    reader = RemoteHost(api.origin, code, pause=pauses.append, **options)
    counts = export(reader, lines.append, told.append, statuses, code)
    return [json.loads(line) for line in lines], told, counts, pauses


def test_all_pages_are_read(api):
    """The token of each page asks for the next one; an id that comes twice is read once; entities are left out."""
    api.list(["a", "b"], ["b", "@counter@k", "c"])
    for one in "abc":
        api.show(one)
    lines, told, counts, _ = read(api)
    assert [line["instanceId"] for line in lines] == ["a", "b", "c"]
    assert (told, counts.entities) == ([], 1)
    first, second = [headers for _, path, _, headers in api.asked if path == API]
    assert TOKEN not in first
    assert second[TOKEN] == "page1"


def test_it_only_reads_and_asks_for_everything(api):
    """GET and nothing else; each instance with history, results and input; the list by status if wanted."""
    api.list(["a"])
    api.show("a")
    read(api, ["Running", "Suspended"])
    assert {method for method, *_ in api.asked} == {"GET"}
    (_, _, listed, _), (_, _, shown, _) = api.asked
    assert listed["runtimeStatus"] == ["Running,Suspended"]
    assert shown == {"showHistory": ["true"], "showHistoryOutput": ["true"], "showInput": ["true"]}


def test_a_status_that_the_api_does_not_know_is_refused(capsys):
    """The API lists everything for a name that it does not know, in lower case too: so such a name is an error."""
    with pytest.raises(SystemExit):
        main(["--base-url", "http://localhost:1", "--status", "running"])
    assert "invalid choice: 'running'" in capsys.readouterr().err


def test_what_is_gone_or_cannot_be_shown_is_told(api):
    """A purged instance, and one whose history the host cannot show, are passed over with a word."""
    api.list(["a", "gone", "double"])
    api.show("a")
    api.show("gone", (404, {}, None))
    api.show("double", (400, {}, {"ExceptionMessage": "An item with the same key has already been added."}))
    lines, told, counts, _ = read(api)
    assert [line["instanceId"] for line in lines] == ["a"]
    assert told[0].startswith("gone: gone since it was listed")
    assert told[1].startswith("double: the host cannot show its history (An item with the same key")
    assert "1 gone meanwhile; 1 that the host could not show" in counts.text()


def test_a_busy_host_is_asked_again(api):
    """429 and 5xx pass: the request is repeated, after the pause that the host asks for or a growing one."""
    api.list(["a"])
    good = {"instanceId": "a", "runtimeStatus": "Running"}
    api.show("a", (429, {"Retry-After": "7"}, None), (503, {}, None), (500, {}, None), (202, {}, good))
    lines, _, _, pauses = read(api)
    assert (lines, pauses) == ([good], [7.0, 2.0, 4.0])


def test_a_host_that_stays_busy_is_given_up(api):
    """After five tries it is an error that says what was answered."""
    api.list(["a"])
    api.show("a", (503, {}, None))
    with pytest.raises(RemoteHostError, match="could not be read in 5 tries: it answers 503"):
        read(api)
    assert len(api.asked) == 6


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((401, {}, None), "the system key durabletask_extension .* environment variable DEVHOST_CODE"),
        ((403, {}, None), "wants a key"),
        ((404, {}, None), "there is no management API at .*: is the base URL right"),
        (
            (302, {"Location": "https://elsewhere.example/?code=1"}, None),
            "sends on to https://elsewhere.example, and red",
        ),
        ((200, {}, {"hello": 1}), "does not answer as a management API"),
        ((200, {}, b"<html>"), "no JSON"),
        ((418, {}, None), "answers 418"),
    ],
)
def test_what_went_wrong_is_said(api, answer, why):
    """Each failure has its sentence, with the way out."""
    api.answers[API] = [answer]
    with pytest.raises(RemoteHostError, match=why):
        read(api)


def test_a_page_that_comes_again_ends_it(api):
    """A token that was there before would go on for ever."""
    api.answers[API] = [(200, {TOKEN: "same"}, [])]
    with pytest.raises(RemoteHostError, match="the same page again and again"):
        read(api)


def test_nobody_there(api):
    """A closed port is tried again, then named."""
    api.origin = "http://127.0.0.1:1"
    with pytest.raises(RemoteHostError, match=r"could not be read in 5 tries: .*refused"):
        read(api)


def test_a_request_ends_in_time(api):
    """An answer that comes in drops and never ends is given up when the time is over."""
    with dripping() as origin:
        api.origin = origin
        with pytest.raises(RemoteHostError, match=r"no whole answer within 0\.3 s"):
            read(api, timeout_s=0.3)


def test_the_key_travels_in_a_header_only(api):
    """The key is in no URL, and where an answer holds it, it is blotted out."""
    api.list(["a"])
    link = "https://x.example/?code=se%2Fcret%2Bkey%3D%3D"
    api.show("a", (202, {}, {"instanceId": "a", "runtimeStatus": "Running", "input": {"link": link, "raw": KEY}}))
    lines, *_ = read(api, code=KEY)
    assert lines[0]["input"] == {"link": "https://x.example/?code=[key]", "raw": "[key]"}
    for _, path, query, headers in api.asked:
        assert headers["x-functions-key"] == KEY
        assert "code" not in query
        assert KEY not in path


@pytest.mark.parametrize(
    ("url", "code", "why"),
    [
        ("localhost:7071", None, "must begin with http:// or https://"),
        ("ftp://host", None, "must begin with http:// or https://"),
        ("http://host/?code=abc", None, "must not hold a key or a query"),
        ("https://user:secret@host", None, "must not hold a key or a query"),
        ("http://app.example", KEY, "a key would go over http"),
        ("http://[broken", None, "cannot be read"),
    ],
)
def test_a_base_url_that_will_not_do(url, code, why):
    """A URL that holds a key, or would show it to everybody on the way, is refused; nothing of it is repeated."""
    with pytest.raises(RemoteHostError, match=why) as refused:
        RemoteHost(url, code)
    assert "abc" not in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("tail", ["", "/", "/runtime/webhooks/durabletask", "/runtime/webhooks/durabletask/instances/"])
def test_the_base_url_may_hold_the_path(api, tail):
    """With or without the management API's path it is the same host."""
    api.list([])
    api.origin += tail
    assert read(api)[0] == []


def test_blotting_leaves_other_text_alone():
    """Without a key nothing is taken out."""
    assert blotted("as it is", None) == "as it is"


def test_the_file_is_whole_or_not_there(api, tmp_path):
    """A file is written for its owner only; an export that fails leaves neither a new file nor a part of one."""
    api.list(["a"])
    api.show("a")
    path = tmp_path / "out.jsonl"
    assert main(["--base-url", api.origin, "--output", str(path)]) == 0
    before = path.read_bytes()
    assert (before.count(b"\n"), path.stat().st_mode & 0o777) == (1, 0o600)
    api.show("a", (418, {}, None))
    assert main(["--base-url", api.origin, "--output", str(path)]) == 2
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])


def test_what_could_not_be_shown_ends_with_one(api, capsys):
    """Exit code 1 where an instance is missing from the export because the host could not show it."""
    api.list(["a"])
    api.show("a", (400, {}, None))
    assert main(["--base-url", api.origin]) == 1
    assert "1 that the host could not show" in capsys.readouterr().err


# ---------------------------------------------------------------- the local host


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """A devhost that checks keys, with a case that waits, one that has ended, and an entity; its key beside it."""
    state = tmp_path_factory.mktemp("state")
    one = HostProcess(REVIEWS, state, "--enable-auth", "--virtual-time")
    one.start()
    keys = json.loads(next(state.glob("*keys*")).read_text(encoding="utf-8"))
    key = _key(keys)
    for orchestration in ("OrchFunction", "Chain", "Counted"):
        url = f"{one.origin}/runtime/webhooks/durabletask/orchestrators/{orchestration}"
        request = Request(url, data=b"", method="POST", headers={"x-functions-key": key})
        with urlopen(request, timeout=30) as answer:
            assert answer.status == 202
    until(lambda: _all_have_begun(one, key), "all three instances have begun")
    yield one, key, state
    one.close()


def _all_have_begun(one, key):
    url = f"{one.origin}/runtime/webhooks/durabletask/instances/"
    with urlopen(Request(url, headers={"x-functions-key": key}), timeout=30) as answer:
        listed = json.load(answer)
    return True if len(listed) == 4 and all(one["runtimeStatus"] != "Pending" for one in listed) else None


def _key(keys):
    """The system key, wherever the file has it."""
    found = [value for name, value in _flat(keys) if "durabletask_extension" in name]
    return found[0]


def _flat(value, name=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _flat(inner, f"{name}.{place}")
    else:
        yield name, value


def exported(host, path, *options, code):
    """Exports into the file."""
    settings = {"DEVHOST_CODE": code} if code else {}
    return devhost("export", "--base-url", host.origin, "--output", path, *options, **settings)


def test_an_export_of_the_local_host_replays(host, tmp_path):
    """What is exported from devhost agrees with the app that runs there, and so does its database meanwhile."""
    one, key, state = host
    path = tmp_path / "cases.jsonl"
    said = exported(one, path, code=key)
    assert said.code == 0, said.err
    assert "entities, which have no history, left out: 1" in said.err
    assert key not in said.err + said.out + path.read_text(encoding="utf-8")
    database = next(state.glob("*.db"))
    for source in (path, database):
        replayed = devhost("replay", "--app", REVIEWS, source)
        assert replayed.code == 0, replayed.out
        assert replayed.out.count("It waits for the event 'Approval' or the timer of ") == 2
        assert "Chain" in replayed.out


def test_without_the_key_it_says_which(host, tmp_path):
    """A host that checks keys answers 401; the message names the key, and no wrong key is repeated."""
    one, _, _ = host
    for code in (None, "wrong-key"):
        said = exported(one, tmp_path / "no.jsonl", code=code)
        assert (said.code, "durabletask_extension" in said.err) == (2, True)
        assert "wrong-key" not in said.err
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - nothing at all
