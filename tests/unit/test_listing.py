"""Lists of cases: what each reader may see of them, page by page."""

import asyncio
import base64

import pytest
from fake_engine import FakeEngine
from places import ROOT
from seen_cases import status

from adapters import directory
from approval import case_id
from functions import listing, scan
from service.act_errors import EngineSilent, QueryInvalid

NESTED = base64.urlsafe_b64encode(b"[" * 2_900).decode().rstrip("=")


@pytest.fixture(autouse=True)
def county(monkeypatch):
    """The county's policy file is in force, and nobody has scanned yet."""
    monkeypatch.setenv("APPROVAL_POLICIES", str(ROOT / "examples/policies/county.toml"))
    directory.start()
    scan.forget()
    yield
    scan.forget()
    monkeypatch.undo()
    directory.start()


@pytest.fixture
def engine():
    """An engine without instances."""
    return FakeEngine()


def put(engine, number, runtime="Running", **changes):
    """A case of that number."""
    own_id = case_id.of_random(number.to_bytes(5, "big"))
    engine.put(own_id, customStatus=status(**changes), runtimeStatus=runtime)
    return own_id


def listed(engine, reader="noor", **query):
    """The answer to one request."""
    return asyncio.run(listing.page(engine, reader, query))


def ids(answer):
    """Of the items."""
    return [item["id"] for item in answer["items"]]


def test_what_waits_for_me_comes_from_the_scan(engine):
    """For whoever has the turn."""
    own_id = put(engine, 1)
    put(engine, 2, turn=status()["turn"] | {"with": ["pat"]})
    assert ids(listed(engine, turn="me")) == [own_id]
    put(engine, 3)
    assert ids(listed(engine, turn="me")) == [own_id]  # five seconds have not passed
    scan.forget()
    assert len(ids(listed(engine, turn="me"))) == 2


def test_all_cases_are_listed_in_pages(engine):
    """Each once, over all states; the last page has no cursor."""
    own = [put(engine, number, runtime="Completed" if number % 2 else "Running") for number in range(120)]
    found, cursor, pages = [], {}, 0
    while pages == 0 or cursor["cursor"]:
        answer = listed(engine, **cursor)
        found += ids(answer)
        cursor, pages = {"cursor": answer["next"]}, pages + 1
    assert (found, pages) == (own, 3)


def test_a_list_can_be_of_one_state_or_of_my_own_cases(engine):
    """Or of both."""
    mine = put(engine, 1)
    put(engine, 2, author={"id": "eli", "name": "Eli Marsh"})
    over = put(engine, 3, "Completed", state="approved")
    assert ids(listed(engine, "dana", author="me")) == [mine, over]
    assert ids(listed(engine, state="approved")) == [over]
    assert ids(listed(engine, "dana", author="me", state="with approvers")) == [mine]


def test_what_is_nobodys_case_is_in_no_list(engine):
    """Without a run no level was opened: its input may be anybody's."""
    put(engine, 1, run=None)
    engine.put("P-00000002", customStatus={"stage": "waiting", "title": "x"})
    engine.put("P-00000003", customStatus=status(), name="CountedReview")
    assert ids(listed(engine)) == []


def test_a_case_that_the_reader_may_not_see_is_not_listed(engine):
    """Those who take part see it."""
    own_id = put(engine, 1, visibleTo="parties")
    assert ids(listed(engine, "pat")) == []
    assert ids(listed(engine, "noor")) == ids(listed(engine, "dana")) == [own_id]


@pytest.mark.parametrize(
    "query",
    [
        {"turn": "noor"}, {"author": "dana"}, {"state": "open"}, {"cursor": "x"}, {"cursor": "bnVsbA"}, {"cursor": "é"},
        {"cursor": "W10"}, {"curser": "x"}, {"turn": "me", "state": "approved"}, {"cursor": "x" * 5_000},
        {"cursor": NESTED},
    ],
)  # fmt: skip
def test_a_query_that_says_something_else_is_refused(engine, query):
    """Nothing is guessed."""
    with pytest.raises(QueryInvalid):
        listed(engine, **query)


def test_a_cursor_counts_for_its_own_list(engine):
    """With another filter it is refused."""
    for number in range(120):
        put(engine, number)
    cursor = listed(engine)["next"]
    with pytest.raises(QueryInvalid):
        listed(engine, state="approved", cursor=cursor)


@pytest.mark.parametrize("query", [{}, {"turn": "me"}])
def test_an_engine_that_fails_is_ours(engine, query):
    """The list is not empty then."""
    engine.fails = True
    with pytest.raises(EngineSilent):
        listed(engine, **query)


def test_a_case_that_was_cut_off_is_listed_as_what_it_is(engine):
    """Its status was left as it was; nobody has the turn, and it is not among the open ones."""
    own_id = put(engine, 1, "Terminated")
    (item,) = listed(engine, "dana", author="me")["items"]
    assert (item["id"], item["state"], item["turn"]["with"]) == (own_id, "stopped", [])
    assert ids(listed(engine, state="with approvers")) == []


def test_a_suspended_case_still_waits_for_those_who_are_asked(engine):
    """It takes votes; whoever holds the engine's key cannot hide it from them."""
    own_id = put(engine, 1, "Suspended")
    assert ids(listed(engine, turn="me")) == ids(listed(engine, state="with approvers")) == [own_id]
