"""Keys: made, kept and checked."""

import json
import stat

import pytest
from made_functions import http_function

from devhost.errors import BadState
from devhost.web.keys import Keys


def http(level, name="HttpStart"):
    """An HTTP function of this level."""
    return http_function(name, name, level=level)


@pytest.fixture
def keys(tmp_path):
    """Keys in a folder that is not there yet."""
    return Keys(tmp_path / "state")


def test_keys_are_kept(tmp_path):
    """Keys are made when first asked for, differ, and are the same after a restart."""
    first = Keys(tmp_path)
    shown = [first.master, first.host, first.durable, first.of(http("function"))]
    assert len(set(shown)) == 4
    again = Keys(tmp_path)
    assert [again.master, again.host, again.durable, again.of(http("function"))] == shown


def test_only_the_owner_reads_them(keys, tmp_path):
    """The file of keys can be read by its owner alone."""
    assert keys.master
    assert stat.S_IMODE((tmp_path / "state" / "keys.json").stat().st_mode) == 0o600


def test_keys_need_no_encoding(keys):
    """A key is in a URL as it is."""
    assert keys.durable.replace("-", "").replace("_", "").isalnum()


def test_anonymous_asks_for_nothing(keys):
    """An anonymous function is open, also with a wrong key (contract 6.2)."""
    assert keys.check(http("anonymous"), {}, {})
    assert keys.check(http("anonymous"), {"x-functions-key": "wrong"}, {})


def test_function_level(keys):
    """A function takes its own key, the host key or the master key, in the query or in the header (contract 6.2)."""
    function = http("function")
    for key in (keys.of(function), keys.host, keys.master):
        assert keys.check(function, {}, {"code": key})
        assert keys.check(function, {"X-Functions-Key": key}, {})
    for key in ("", "wrong", keys.durable, keys.of(http("function", "Other"))):
        assert not keys.check(function, {}, {"code": key})
    assert not keys.check(function, {}, {})


def test_admin_level(keys):
    """An admin function takes the master key alone (contract 6.2)."""
    function = http("admin")
    assert keys.check(function, {}, {"CODE": keys.master})
    assert not keys.check(function, {}, {"code": keys.host})
    assert not keys.check(function, {}, {"code": keys.of(function)})


@pytest.mark.parametrize("header", ["wrong", ""])
def test_header_beats_query(keys, header):
    """The header counts even if it is wrong or empty, whatever the query says (contract 1.1)."""
    assert not keys.check(http("function"), {"x-functions-key": header}, {"code": keys.master})


def test_durable_webhooks(keys):
    """The durable webhooks take their system key or the master key (contract 1.1)."""
    assert keys.check_durable({}, {"code": keys.durable})
    assert keys.check_durable({}, {"code": keys.master})
    assert not keys.check_durable({}, {"code": keys.host})
    assert not keys.check_durable({}, {})


def test_admin_routes(keys):
    """The host's own admin routes take the master key alone."""
    assert keys.check_admin({"x-functions-key": keys.master}, {})
    assert not keys.check_admin({}, {"code": keys.durable})


def test_letters_beyond_ascii(keys):
    """A key with letters beyond ASCII is wrong, not an error."""
    assert not keys.check(http("function"), {}, {"code": "schlüssel"})


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"master": 5}), json.dumps({"functions": []})])
def test_broken_file(tmp_path, text):
    """A broken file of keys stops the host with a sentence, and stays as it was."""
    file = tmp_path / "keys.json"
    file.write_text(text)
    with pytest.raises(BadState, match="delete"):
        Keys(tmp_path)
    assert file.read_text() == text


def test_folder_that_takes_no_file(tmp_path):
    """A state folder that cannot be written is said so."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BadState, match="cannot be"):
        _ = Keys(tmp_path / "file").master


NO_KEYS = [None, "", " ", "\t"]


@pytest.mark.parametrize("empty", NO_KEYS)
@pytest.mark.parametrize("shown", ["", "None", "null", " ", "\t"])
def test_an_empty_or_null_key_opens_nothing(tmp_path, empty, shown):
    """Anyone who empties a key in the file gets another one; the empty text is never a key."""
    text = {
        "master": empty,
        "host": empty,
        "system": {"durabletask_extension": empty},
        "functions": {"httpstart": empty},
    }
    (tmp_path / "keys.json").write_text(json.dumps(text))
    keys = Keys(tmp_path)
    for headers, query in (({}, {"code": shown}), ({"x-functions-key": shown}, {}), ({}, {})):
        assert not keys.check(http("function"), headers, query)
        assert not keys.check(http("admin"), headers, query)
        assert not keys.check_durable(headers, query)
        assert not keys.check_admin(headers, query)
    assert min(map(len, (keys.master, keys.host, keys.durable, keys.of(http("function"))))) > 40


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"system": {"durabletask_extension": 5}}),
        json.dumps({"functions": {"httpstart": ["a"]}}),
        json.dumps({"functions": {"httpstart": True}}),
        json.dumps({"master": "\ud800"}),
        "[" * 100_000,
        '{"functions": ' + '{"a": ' * 100_000,
    ],
)
def test_a_key_that_is_no_text_stops_the_host(tmp_path, text):
    """With a sentence; nothing is guessed, and the file stays as it was."""
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(BadState, match="delete"):
        Keys(tmp_path)
    assert (tmp_path / "keys.json").read_text() == text


def test_a_missing_part_is_made(tmp_path):
    """An empty object is a file of keys too."""
    (tmp_path / "keys.json").write_text("{}")
    keys = Keys(tmp_path)
    assert keys.check_durable({}, {"code": keys.durable})


def test_an_edited_file_is_its_owners_again(tmp_path):
    """An editor may have written it for everybody to read."""
    file = tmp_path / "keys.json"
    file.write_text("{}")
    file.chmod(0o644)
    Keys(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
