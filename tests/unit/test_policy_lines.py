"""The line of each key of a policy file."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.policy.lines import lines_of

TEXT = """\
# a comment with [a.header] and key = 1
schema = 1

[people]
dana = { name = "Dana # no comment", "e-mail" = 'd@x' } # one
"eli marsh" = { name = "E", list = [1,
  2, { deep = true }] }

[[policy.scheme.level]]
name = '''
[[policy.scheme.level]]
'''
approvers = [
  { group = "a" },   # ]
  # nothing, here
  { people = ["x", "y"] },
]
[[policy.scheme.level]]
a.b = 2026-01-01
within = \"\"\"5 \\\"\"\" days\"\"\"
on_expiry = "reject"
[groups]#everybody
both=["ann","bob"]
limits={bob=5,cat={of=[1]}}
long = [
1
,
2
]
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("schema",), 2),
        (("people",), 4),
        (("people", "dana"), 5),
        (("people", "dana", "e-mail"), 5),
        (("people", "eli marsh", "list", 0), 6),
        (("people", "eli marsh", "list", 1), 7),
        (("people", "eli marsh", "list", 2, "deep"), 7),
        (("policy",), 9),
        (("policy", "scheme", "level", 0), 9),
        (("policy", "scheme", "level", 0, "approvers"), 13),
        (("policy", "scheme", "level", 0, "approvers", 1, "people", 1), 16),
        (("policy", "scheme", "level", 1), 18),
        (("policy", "scheme", "level", 1, "a", "b"), 19),
        (("policy", "scheme", "level", 1, "within"), 20),
        (("policy", "scheme", "level", 1, "on_expiry"), 21),
        (("groups",), 22),
        (("groups", "both", 1), 23),
        (("groups", "limits", "cat", "of", 0), 24),
        (("groups", "long", 0), 26),
        (("groups", "long", 1), 28),
    ],
)
def test_a_key_is_on_the_line_where_it_is_written(place, line):
    """In tables, lists of tables, inline tables and arrays, with or without blanks; strings do not mislead."""
    assert lines_of(TEXT)[place] == line


def places(value, at=()):
    """Every place of a document that was read."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield (*at, key)
        yield from places(each, (*at, key))


def test_every_place_has_a_line_and_no_other_has():
    """What the reader of TOML finds and what has a line are the same places."""
    assert set(places(tomllib.loads(TEXT))) == set(lines_of(TEXT))


words = st.text(alphabet="ab\"'[]{}=#.,\\\n \u00e9", max_size=6)
keys = st.text(alphabet="ab", min_size=1, max_size=2) | words.map(lambda text: "k" + text)


def quoted(text):
    """The text as a basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def strings(text):
    """Every way to write the text."""
    yield quoted(text)
    if "'" not in text:
        if "\n" not in text:
            yield f"'{text}'"
        yield f"'''\n{text}'''"
    yield '"""\n' + text.replace("\\", "\\\\").replace('"', '\\"') + '"""'


scalars = (
    st.integers(0, 9).map(str)
    | st.sampled_from(["true", "1.5", "2026-01-31", "2026-01-31 10:00:00"])
    | words.flatmap(lambda text: st.sampled_from(list(strings(text))))
)
gaps = st.sampled_from(["", " ", "\n", " # a ] comment\n", "\r\n"])


def arrays(values):
    """Arrays of such values, with gaps and comments in them."""
    return st.tuples(gaps, st.lists(values, max_size=3), gaps).map(
        lambda made: f"[{made[0]}" + f",{made[2]}".join(made[1]) + f"{made[2]}]"
    )


def inline_tables(values):
    """Inline tables, which stay on one line but for what is in their values."""
    return st.dictionaries(keys, values, max_size=3).map(
        lambda pairs: "{" + ", ".join(f"{quoted(key)} = {value}" for key, value in pairs.items()) + "}"
    )


values = st.recursive(scalars, lambda inner: arrays(inner) | inline_tables(inner), max_leaves=6)
tables = st.dictionaries(keys, values, max_size=3)


@given(tables, st.lists(st.tuples(st.sampled_from(["one", "two.three", 'two."f o"']), tables), max_size=5))
def test_every_place_of_any_document_is_on_a_line_that_names_it(top, several):
    """A key's own letters are on its line, for any values, gaps and headers."""

    def body(pairs):
        return "".join(f"{quoted(key)} = {value}\n" for key, value in pairs.items())

    text = body(top) + "".join(f"[[{name}]]\n{body(pairs)}" for name, pairs in several)
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found, written = lines_of(text), text.split("\n")
    assert set(places(read)) == set(found)
    for place, line in found.items():
        if isinstance(place[-1], str) and place[-1] not in {"two", "f o"}:
            assert quoted(place[-1])[1:-1] in written[line - 1]
