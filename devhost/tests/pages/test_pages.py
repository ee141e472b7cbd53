"""The pages under /devhost, over HTTP against a host in a process of its own, in virtual time."""

import asyncio
import html
import json
import re
import socket
import sqlite3
import sys
from contextlib import closing
from datetime import datetime
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from pages_host import FORM, Running, gallery_of, of

from devhost.durabletask.model import Instance
from devhost.pages import guard
from devhost.pages.site import About, Pages
from devhost.store.database import Store
from devhost.store.read_only import Wanted
from devhost.testing.process import until
from devhost.timekeeping.clock import VirtualClock

HOSTILE = '"><script>alert(1)<img src=x onerror=alert(2)>&amp;\u202e'
NOT_IN_OUR_PAGES = {"img", "i", "iframe", "object", "style"}


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """One host for all; each test starts its own instances."""
    running = Running(tmp_path_factory.mktemp("state"), "--virtual-time")
    yield running
    running.close()


class Tags(HTMLParser):
    """The tags of a page, and whether all is closed that has to be."""

    VOID = frozenset({"meta", "link", "input", "line", "rect", "path", "br"})

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """One that opens."""
        self.found.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        """One that is alone."""
        self.found.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        """One that closes the last that was opened."""
        assert self.open.pop() == tag


def check(page):
    """The page is well formed, and nothing in it acts or comes from elsewhere."""
    tags = Tags(page.text)
    assert tags.open == []
    names = {tag for tag, _ in tags.found}
    assert not names & NOT_IN_OUR_PAGES
    assert {one["src"] for tag, one in tags.found if tag == "script"} <= {"/devhost/live.js"}
    for _, attributes in tags.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action"):
            assert attributes.get(name, "/devhost").startswith(("/devhost", "#"))
    ids = [one["id"] for _, one in tags.found if "id" in one]
    assert len(ids) == len(set(ids))
    labelled = {one["for"] for tag, one in tags.found if tag == "label"}
    fields = {one["id"] for tag, one in tags.found if tag in ("input", "select", "textarea") and "id" in one}
    assert fields <= labelled
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    return page


# -------------------------------------------------------------------- what is shown


@pytest.fixture(scope="module")
def gallery(host):
    """An instance in each state."""
    return gallery_of(host)


@pytest.mark.parametrize(
    ("which", "status", "words"),
    [
        ("open", "Running", ["Waits for Approval", "somebody is asked", "1 episode, 1 timer", "Terminate", "Suspend"]),
        ("completed", "Completed", ["Mill Lane", "activity Note", "Purge", "2 episodes, 1 activity call"]),
        ("failed", "Failed", ["Rewind", "Purge", "<i>not now</i>", "TaskFailed", "1 failed"]),
        ("parent", "Completed", ["sub-orchestration Echo", "2 sub-orchestrations", "entity @counter@c"]),
        ("stalled", "Running", ["Warning. Python has finished", "stalled"]),
        ("steps", "Completed", ["60 activity calls", "The last 100 of 122 rows"]),
        ("unknown", "Failed", ["Nothing"]),
        ("terminated", "Terminated", ["enough of it", "not finished when the instance ended"]),
        ("suspended", "Suspended", ["Resume", "suspended, open, hold on", "hold on"]),
    ],
)
def test_an_instance_in_any_state_has_a_page_with_its_picture(host, gallery, which, status, words):
    """Status, timeline, history and what one can do; and it is in the list under its status."""
    page = check(host.page(of(gallery[which])))
    assert f"{status} {gallery[which]}" in page.words
    for text in words:
        assert text in page.words
    assert 'role="img"' in page.text
    assert gallery[which] in check(host.page(f"?status={status}")).text


def test_children_and_parents_lead_to_each_other(host, gallery):
    """By links, also from the history."""
    parent = gallery["parent"]
    assert f'href="/devhost{of(parent + "-1")}"' in host.page(of(parent)).text
    assert f'href="/devhost{of(parent)}"' in host.page(of(f"{parent}-1")).text


def test_an_entity_shows_its_state(host, gallery):
    """It has no timeline, and its name in the list is that it is one."""
    del gallery
    page = check(host.page(of("@counter@c")))
    assert "State" in page.words
    assert "Timeline" not in page.words
    assert "entity" in host.page("?q=@counter").words


def test_the_list_warns_of_what_will_not_go_on(host, gallery):
    """The sentence is that of the console."""
    del gallery
    assert "Warning" in host.page("?name=Stalls").words
    assert any("Python has finished" in line for line in host.lines)


def test_an_unknown_instance_is_a_friendly_404(host):
    """It says what may have happened and where to go."""
    answer = host.ask("GET", "/devhost/instances/nowhere")
    assert answer.status == 404
    assert "was purged, or never started" in check(answer).words
    assert host.ask("GET", "/devhost/nothing/here").status == 404


def test_long_and_odd_texts_are_cut_with_the_whole_behind_them(host):
    """In a <details>, all of it."""
    page = host.page(of(host.start("Echo", ["x" * 3000, "end of it"])))
    assert re.search(r"<details data-key=\"input\">.*end of it", page.text, re.DOTALL)


def test_hostile_texts_stay_texts(host):
    """In ids, names, inputs, statuses, outputs, events, reasons and filters."""
    case = host.start("Echo", {"message": HOSTILE}, HOSTILE)
    open_case = host.start("Approve", HOSTILE, f"open{HOSTILE}")
    host.act(open_case, "raise", event=f"Other{HOSTILE}", data=json.dumps(HOSTILE))
    host.settle()
    for one in (case, open_case):
        assert HOSTILE in html.unescape(check(host.page(of(one))).text)
    host.act(open_case, "terminate", reason=HOSTILE)
    host.settle()
    check(host.page(of(open_case)))
    unknown = host.start(HOSTILE)
    check(host.page(of(unknown)))
    for query in ({"q": HOSTILE}, {"name": HOSTILE}, {"status": HOSTILE}, {"done": HOSTILE}, {"before": HOSTILE}):
        check(host.page(f"?{urlencode(query)}"))
    refused = host.act(host.start("Approve"), "raise", event=HOSTILE, data=HOSTILE)
    assert refused.status == 400
    assert HOSTILE in html.unescape(check(refused).text)


# -------------------------------------------------------------------- the list


def test_the_list_is_searched_in_ids_inputs_outputs_and_custom_statuses(host):
    """Also for what JSON spells otherwise; what is no wildcard of the reader's is none of SQL's."""
    case = host.start("Echo", {"title": 'Brücke "Süd"', "share": "100%_"}, "needle-in-an-id")
    for text in ("NEEDLE-in", "Brücke", 'Brücke "Süd"', "100%_", "needle%2Din"):
        assert (case in host.page(f"?{urlencode({'q': text})}").text) is (text != "needle%2Din"), text
    assert "No instance matches" in host.page("?q=needle_in").words
    assert "No instance matches" in host.page("?q=needle%25id").words
    assert case not in host.page("?q=needle&status=Failed").text
    assert case not in host.page("?q=needle&name=Approve").text


def test_the_list_is_paged_from_new_to_old_and_back(host):
    """No instance is left out or shown twice, and the filter stays."""
    started = [host.start("Echo", n, f"page-{n:03}") for n in range(105)]
    seen, url = [], "/devhost?q=page-"
    while url:
        page = host.ask("GET", url)
        ids = re.findall(r"<bdi>(page-\d+)</bdi></a>", page.text)
        seen.append(ids)
        url = _link(page, "Older")
    assert [len(ids) for ids in seen] == [50, 50, 5]
    assert [one for ids in seen for one in ids] == started[::-1]
    back = host.ask("GET", _link(page, "Newer"))
    assert re.findall(r"<bdi>(page-\d+)</bdi></a>", back.text) == seen[1]
    first = host.ask("GET", _link(back, "Newer"))
    assert re.findall(r"<bdi>(page-\d+)</bdi></a>", first.text) == seen[0]
    assert _link(first, "Newer") is None


def _link(page, text):
    found = re.search(rf'href="([^"]+)"[^>]*>{text}</a>', page.text)
    return html.unescape(found[1]) if found else None


def test_newest_first_is_found_without_looking_at_the_rest(tmp_path):
    """By the place where an instance was made; a continued one is new again."""
    path = tmp_path / "hub.db"
    store = Store(path)
    reader = store.read_only()
    with closing(sqlite3.connect(path)) as db:
        for number in (1, 2, 3, 1):
            values = Instance(str(number), "e", "A", None, 0, "Running", None, None, None, number, number)
            marks = ",".join("?" * len(values))
            db.execute(f"INSERT OR REPLACE INTO instances VALUES ({marks})", values)  # noqa: S608
        db.commit()
        plan = db.execute("EXPLAIN QUERY PLAN SELECT id FROM instances WHERE rowid<5 ORDER BY rowid DESC").fetchall()
    assert [one.id for one in reader.newest(Wanted(), 2)] == ["1", "3"]
    assert reader.census() == [("A", "Running", 3)]
    assert "SEARCH instances USING INTEGER PRIMARY KEY" in plan[0][3]
    reader.close()
    store.close()


# -------------------------------------------------------------------- what is done


def test_an_event_is_raised_from_the_page(host):
    """The page says so, and the instance goes on with the data."""
    case = host.start("Approve")
    answer = host.act(case, "raise", event="Approval", data='"Approved"')
    assert (answer.status, answer.headers["Location"]) == (303, f"/devhost{of(case)}?done=raise")
    host.settle()
    assert host.status(case)["output"] == "Approved"
    assert "The event was sent." in host.page(f"{of(case)}?done=raise").words


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"event": "Approval", "data": "Approved"}, 'A text needs its quotes: "Approved"'),
        ({"event": " ", "data": "1"}, "Say which event"),
        ({"event": "Approval", "data": '{"a":'}, "not JSON (line 1, column 6)"),
    ],
)
def test_an_event_that_cannot_be_sent_is_refused_beside_its_form(host, fields, sentence):
    """With a sentence, and what was typed is still there; nothing was sent."""
    case = host.start("Approve")
    answer = host.act(case, "raise", **fields)
    assert answer.status == 400
    assert sentence in check(answer).words
    field = "data" if fields["event"].strip() else "event"
    assert re.search(rf'id="{field}"[^>]* aria-invalid="true" aria-describedby="[^"]*problem-raise"', answer.text)
    assert html.escape(fields["data"], quote=False) in html.unescape(answer.text)
    assert host.status(case)["runtimeStatus"] == "Running"
    assert "EventRaised" not in host.page(of(case)).words


def test_an_instance_is_held_resumed_and_terminated_from_the_page(host):
    """A second suspend is refused with the host's reason."""
    case = host.start("Approve")
    assert host.act(case, "suspend", reason="wait").status == 303
    host.settle()
    assert host.status(case)["runtimeStatus"] == "Suspended"
    again = host.act(case, "suspend", reason="")
    assert again.status == 500
    assert "Cannot suspend the orchestration instance" in check(again).words
    assert host.act(case, "resume").status == 303
    host.settle()
    assert host.act(case, "terminate", reason="enough").status == 303
    host.settle()
    assert (host.status(case)["runtimeStatus"], host.status(case)["output"]) == ("Terminated", "enough")
    late = host.act(case, "raise", event="Approval", data="1")
    assert late.status == 410
    assert "The instance has ended. Nothing was done." in check(late).words


def test_a_failed_instance_is_rewound_from_the_page(host):
    """It runs, and fails, once more."""
    case = host.start("Fails")
    assert host.act(case, "rewind", reason="again").status == 303
    host.settle()
    page = host.page(of(case))
    assert "rewound" in page.words
    assert "GenericEvent" in page.words


def test_purging_is_asked_for_twice(host):
    """The first answer is a question and removes nothing; the second removes the instance."""
    case = host.start("Echo", 1)
    question = host.act(case, "purge")
    assert "Purge this instance?" in check(question).words
    assert host.status(case)["runtimeStatus"] == "Completed"
    done = host.act(case, "purge", sure="yes")
    assert done.headers["Location"] == "/devhost?done=purge"
    assert host.ask("GET", f"/devhost{of(case)}").status == 404
    assert host.post(f"{of(case)}/purge", {"token": host.page().token}).status == 404


def test_an_open_instance_is_not_purged(host):
    """The host's own refusal is on the page."""
    answer = host.act(host.start("Approve"), "purge", sure="yes")
    assert answer.status == 412
    assert "Only orchestrations in a terminal state can be purged" in answer.words


def test_virtual_time_is_advanced_from_the_page(host):
    """All that falls due happens, and one is back where one was."""
    case = host.start("Approve")
    fields = {"token": host.page().token, "by": "0,5", "unit": "minutes", "back": f"/devhost{of(case)}"}
    answer = host.post("/advance", fields)
    assert (answer.status, answer.headers["Location"]) == (303, f"/devhost{of(case)}?done=advance")
    assert host.status(case)["output"] == "nobody decided"
    elsewhere = host.post("/advance", {**fields, "by": "1", "back": "https://example.com/devhost/instances/"})
    assert elsewhere.headers["Location"] == "/devhost?done=advance"


def shown_time(host):
    """The time in the head of the pages, in seconds."""
    return datetime.fromisoformat(re.search(r'<time datetime="([^"]+)"', host.page().text)[1]).timestamp()


@pytest.mark.parametrize(("step", "seconds"), [("1 hours", 3600), ("1 days", 86400)])
def test_two_buttons_advance_by_an_hour_and_a_day(host, step, seconds):
    """The field beside them does not matter."""
    assert f'<button name="step" value="{step}" formnovalidate>' in host.page().text
    before = shown_time(host)
    answer = host.post("/advance", {"token": host.page().token, "by": "", "unit": "seconds", "step": step})
    assert (answer.status, answer.headers["Location"]) == (303, "/devhost?done=advance")
    assert 0 <= shown_time(host) - before - seconds < 60


@pytest.mark.parametrize("by", ["", "-1", "nan", "inf", "1e300", "x"])
def test_a_time_that_is_none_is_refused(host, by):
    """With a sentence; time does not move."""
    answer = host.post("/advance", {"token": host.page().token, "by": by, "unit": "days", "back": "/devhost"})
    assert answer.status == 400
    assert "Say how far as a number above 0" in answer.words


# -------------------------------------------------------------------- who may


def test_a_get_changes_nothing(host, gallery):
    """Not of an action's address either, and time does not move by looking."""
    host.settle()
    before = host.dump()
    for case in gallery.values():
        for tail in ("", "?rows=all", "?done=purge", "/raise?event=Approval&data=1", "/terminate", "/purge?sure=yes"):
            assert host.ask("GET", f"/devhost{of(case)}{tail}").status in (200, 303)
    for path in ("", "?q=a", "/advance?by=1&unit=days", "/clock"):
        host.ask("GET", f"/devhost{path}")
    assert host.dump() == before
    clock = VirtualClock()
    assert clock.peek() == clock.peek()


@pytest.mark.parametrize(
    ("fields", "headers", "status"),
    [
        ({"token": None}, {}, 403),
        ({"token": "guessed"}, {}, 403),
        ({"token": "ü"}, {}, 403),
        ({}, {"Origin": "http://evil.example"}, 403),
        ({}, {"Origin": "null"}, 403),
        ({}, {"Origin": "http://localhost:1"}, 403),
        ({}, {"Sec_Fetch_Site": "cross-site"}, 403),
        ({}, {"Sec_Fetch_Site": "same-site"}, 403),
        ({}, {"Content_Type": "text/plain"}, 403),
        ({}, {"Content_Type": "multipart/form-data; boundary=x"}, 403),
        ({}, {"Host": "evil.example"}, 403),
        ({}, {"X_Forwarded_For": "203.0.113.7"}, 403),
    ],
)
def test_a_post_from_elsewhere_does_nothing(host, fields, headers, status):
    """Without the token, from another origin, as another kind of body, to another host's name, through a proxy."""
    case = host.start("Approve")
    sent = {"token": host.page().token, "reason": "stolen", **fields}
    answer = host.post(f"{of(case)}/terminate", {key: one for key, one in sent.items() if one is not None}, **headers)
    host.settle()
    assert answer.status == status
    assert host.status(case)["runtimeStatus"] == "Running"


def test_a_post_without_a_browser_s_headers_needs_the_token_alone(host):
    """An old browser sends neither Origin nor Sec-Fetch-Site."""
    case = host.start("Approve")
    fields = {"token": host.page().token, "reason": ""}
    answer = host.post(f"{of(case)}/terminate", fields, Origin=None, Sec_Fetch_Site=None)
    assert answer.status == 303


@pytest.mark.parametrize(
    "name", ["evil.example", "localhost.evil.example", "192.168.0.7:7071", "", "[::1", "localhost:x"]
)
def test_only_a_loopback_name_is_answered(host, name):
    """The refusal says why and where to go, and shows nothing of the host."""
    answer = host.ask("GET", "/devhost", headers={"Host": name})
    assert answer.status in (400, 403)
    if answer.status == 403:
        assert "These pages answer to localhost only" in answer.words
        assert f"http://localhost:{host.port}/devhost" in answer.text
        assert "PagesApp" not in answer.text
    assert "token" not in answer.text


@pytest.mark.parametrize(
    "name", ["localhost", "LOCALHOST:80", "127.0.0.1", "127.8.8.8:7071", "[::1]:7071", "localhost."]
)
def test_any_loopback_name_is_answered(host, name):
    """With and without a port."""
    assert host.ask("GET", "/devhost", headers={"Host": name}).status == 200


def test_who_comes_from_another_machine_is_refused_whatever_name_is_asked_for():
    """The address of the connection counts, in either writing."""
    headers = {"Host": "localhost:7071"}
    assert guard.refusal("127.0.0.1", headers) is None
    assert guard.refusal("::1", headers) is None
    assert guard.refusal("::ffff:127.0.0.1", headers) is None
    for peer in ("192.168.0.7", "::ffff:192.168.0.7", "fe80::1%eth0", None):
        assert "the machine that devhost runs on" in guard.refusal(peer, headers)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A host that listens to the network and checks keys."""
    running = Running(tmp_path_factory.mktemp("opened"), "--host", "0.0.0.0", "--enable-auth")  # noqa: S104 - under test
    yield running
    running.close()


def test_with_keys_and_an_open_address_the_pages_stay_local_and_say_so(opened):
    """They ask for no key; there is no virtual time to move."""
    key = json.loads((opened.state / "keys.json").read_text(encoding="utf-8"))["system"]["durabletask_extension"]
    page = check(opened.page(of(opened.begin("Approve", **{"x-functions-key": key}))))
    assert "answer on this machine only; the host checks keys, these pages ask for none" in page.words
    assert "The host itself listens on 0.0.0.0, the pages do not" in page.words
    assert "Advance" not in page.words
    fields = {"token": page.token, "by": "1", "unit": "days", "back": "/devhost"}
    assert "Time is real here" in opened.post("/advance", fields).words


def test_another_address_of_this_machine_is_refused(opened):
    """As a neighbour in the network would be."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        address = probe.getsockname()[0]
    answer = opened.ask("GET", "/devhost", address=address)
    assert answer.status == 403
    assert f"this request came from {address}" in answer.words


def test_files_have_their_types_and_other_methods_are_refused(host):
    """The style sheet, the script and the icon; HEAD has no body."""
    for name, kind in (("style.css", "text/css"), ("live.js", "text/javascript"), ("icon.svg", "image/svg+xml")):
        answer = host.ask("GET", f"/devhost/{name}")
        assert (answer.status, answer.headers.get_content_type()) == (200, kind)
    assert (host.ask("HEAD", "/devhost").status, host.ask("HEAD", "/devhost").text) == (200, "")
    assert host.ask("DELETE", "/devhost").status == 405
    too_long = host.ask("POST", "/devhost/advance", b"x", {"Content-Type": FORM, "Content-Length": str(10**8)})
    assert too_long.status == 413
    assert host.ask("GET", "/devhost/../devhost/render.py").status == 404


def test_looking_for_news_is_not_told_on_the_console(host):
    """A page that polls every second would fill it; a first request is shown."""
    host.ask("GET", "/devhost?q=quietly", headers={"X-Devhost-Poll": "1"})
    host.ask("GET", "/devhost?q=loudly")
    until(lambda: "q=loudly" in "".join(host.lines) or None, "the line of the second look")
    assert "q=quietly" not in "".join(host.lines)


def _alone(reader):
    """Pages over a store that opens such a second reader, and their answer to a look at the list."""
    hub = SimpleNamespace(queries=SimpleNamespace(read_only=reader), clock=VirtualClock())
    hub.runner = SimpleNamespace(functions=SimpleNamespace(spelled={}))
    pages = Pages(hub, None, About("Hub", "127.0.0.1", "http://localhost:7071", has_keys=False))
    transport = SimpleNamespace(get_extra_info=lambda _: ("127.0.0.1", 50_000))
    request = SimpleNamespace(transport=transport, headers={"Host": "localhost"}, raw_path="/devhost", method="GET")
    answer = asyncio.run(pages.answer(request))
    pages.close()
    return answer


def test_a_store_that_cannot_be_read_is_said(mocker):
    """The page is a sentence, not a traceback."""
    answer = _alone(mocker.Mock(side_effect=sqlite3.OperationalError("disk I/O error")))
    assert (answer.status, answer.text) == (500, "The store cannot be read: disk I/O error. Try again.")


def test_without_jinja_the_pages_say_what_to_install(monkeypatch, mocker):
    """The host itself runs without it."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, "devhost.pages.render", raising=False)
    reader = mocker.Mock()
    reader.newest.return_value, reader.census.return_value = [], []
    answer = _alone(lambda: reader)
    assert answer.status == 501
    assert "durable-devhost[pages]" in answer.text


@pytest.mark.parametrize("header", [{"Origin": "http://stranger.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_page_of_another_site_cannot_move_time(host, header):
    """A plain POST needs no permission in a browser; devhost looks at where it came from."""
    before = host.ask("POST", "/devhost/clock", '{"advance": 0}').text
    answer = host.ask("POST", "/devhost/clock", '{"advance": 3600}', header)
    assert answer.status == 403
    assert "another site" in answer.text
    after = host.ask("POST", "/devhost/clock", '{"advance": 0}').text
    assert json.loads(after)["now"][:13] == json.loads(before)["now"][:13]
