"""The same request sent twice is one request."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadIdempotencyKey
from service.idempotency import digest, instance_id

visible = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=200)


@given(visible)
def test_a_key_gives_an_id_that_is_safe_in_every_link(key):
    """Only letters, digits and a dash, at most 100 characters, the same each time."""
    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", instance_id("OrchFunction", key))
    assert instance_id("OrchFunction", key) == instance_id("OrchFunction", key)


def test_an_id_does_not_change_between_releases():
    """A key must find its instance after a deployment too."""
    assert instance_id("OrchFunction", "k-1") == "OrchFunction-7e8df70659f7406566950b880e4f7a02"


@given(visible, visible)
def test_keys_and_orchestrations_do_not_share_ids(one, other):
    """Another key, or the same one for another orchestration, is another instance."""
    ids = {instance_id(name, key) for name in ("OrchFunction", "OrchFunctionChain") for key in (one, other)}
    assert len(ids) == (2 if one == other else 4)


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "a\n", "x" * 201, "\x7f"])
def test_a_key_that_does_not_survive_a_proxy_is_refused(key):
    """Visible ASCII without blanks, 1 to 200 of them."""
    with pytest.raises(BadIdempotencyKey, match="1 to 200 visible ASCII"):
        instance_id("OrchFunction", key)


def test_a_digest_sees_what_a_body_says_and_not_how_it_is_written():
    """Order of keys does not count, values and types do."""
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert len({digest(body) for body in (None, 0, False, "", "null", [], {}, 1.0, "1", 1)}) == 10
