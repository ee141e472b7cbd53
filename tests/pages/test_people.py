"""What people do on the pages, over HTTP as a browser without scripts sends it."""

import re
import threading

import pytest
from page_host import people_host
from visitor import Visitor

from devhost.testing.process import until

STRUCTURE = {
    "fields__kind": "structure",
    "fields__amount": "£80,000",
    "fields__category": "2",
    "fields__departure": "no",
}
CASE = re.compile(r"P-[0-9A-Z]{8}")


def submitted(author, title="Mill Lane bridge", **answers):
    """The address of a new case, submitted through the form and the page to check it."""
    form = author.get("/submit")
    check = author.send(form, "/submit/check", title=title, **(STRUCTURE | answers))
    assert check.heading == "Check your answers", check.text
    done = author.send(check, "/submit")
    assert done.heading == title, done.text
    return done.path


def decided(person, case, act, **more):
    """The page behind the confirmation of an act."""
    page = person.get(case)
    confirm = person.send(page, f"{case}/confirm", act=act)
    return person.send(confirm, f"{case}/confirm", **more)


def soon(person, path, text):
    """The page at this path once it has the text: the record comes a moment after the verdict."""
    for _ in range(200):
        page = person.get(path)
        if text in page.text:
            return page
    raise AssertionError(f"{text!r} is not on {path}")


def test_a_proposal_goes_its_way_through_all_levels(county):
    """Two clicks each: Approve, and Approve now. The outcome and everybody's part are on the page."""
    dana, noor, ruth, pat = map(county, ("dana", "noor", "ruth", "pat"))
    case = submitted(dana)
    inbox = noor.get("/inbox")
    assert re.fullmatch(r"(1 waits|[\d,]+ wait) for you", inbox.heading)
    assert case in inbox.parts.links
    assert "You have approved it" in decided(noor, case, "approve", comment="Good.").text
    assert "It is your turn" in ruth.get(case).text
    decided(ruth, case, "approve")
    decided(pat, case, "approve")
    page = soon(dana, case, "Good.")
    assert "Approved by Pat Keane" in page.text
    assert "withdraw" not in page.text


def test_the_page_to_check_names_who_decides_by_when(county):
    """By the amount: Ruth's limit covers it, Eli's does not; Finance only above 50,000."""
    dana = county("dana")
    form = dana.get("/submit")
    large = dana.send(
        form, "/submit/check", title="A", **(STRUCTURE | {"fields__kind": "scheme", "fields__amount": "60000"})
    )
    small = dana.send(
        form, "/submit/check", title="A", **(STRUCTURE | {"fields__kind": "scheme", "fields__amount": "40000"})
    )
    assert "Ruth Pemberton (authority spend, limit 100,000 GBP)" in large.text
    assert "Pat Keane or Sam Osei" in large.text
    assert "skipped" in small.text
    assert "Eli Marsh" not in large.text.replace("Eli Marsh</strong>", "")


def test_a_form_that_was_sent_twice_is_one_case_and_one_act(county):
    """The second answer is that of the first."""
    dana, noor = county("dana"), county("noor")
    form = dana.get("/submit")
    check = dana.send(form, "/submit/check", title="Twice", **STRUCTURE)
    first, second = (dana.send(check, "/submit") for _ in range(2))
    assert first.path == second.path
    page = noor.get(first.path)
    confirm = noor.send(page, f"{first.path}/confirm", act="approve")
    again = [noor.send(confirm, f"{first.path}/confirm") for _ in range(2)]
    assert [each.path for each in again] == [first.path] * 2
    page = soon(dana, first.path, "Noor Haddad approved")
    assert page.text.count("Noor Haddad approved") == 1


def test_two_people_decide_at_the_same_moment(county):
    """One counts; the other reads who was quicker."""
    case = submitted(county("dana"), "At once")
    people = [county("noor"), county("ruth")]
    pages = [person.send(person.get(case), f"{case}/confirm", act="approve") for person in people]
    answers = [None, None]

    def send(number):
        answers[number] = people[number].send(pages[number], f"{case}/confirm")

    threads = [threading.Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    headings = sorted(answer.heading for answer in answers)
    assert headings == ["At once", "This has been decided already"]
    loser = next(answer for answer in answers if answer.status == 409)
    assert re.search(r"(Noor Haddad|Ruth Pemberton) has approved it on", loser.text)


def test_a_rejection_needs_its_reason(county):
    """Without one the page comes back, with what is missing on top and beside the box."""
    case = submitted(county("dana"), "Needs a reason")
    noor = county("noor")
    page = decided(noor, case, "reject")
    assert page.status == 422
    assert page.text.count("Say why, in a few words.") == 2
    done = noor.send(page, f"{case}/confirm", comment="The bearings are missing.")
    assert "Rejected by Noor Haddad" in done.text


def test_an_author_withdraws(county):
    """On a page of its own; nobody can decide then."""
    dana, noor = county("dana"), county("noor")
    case = submitted(dana, "To be withdrawn")
    confirm = noor.send(noor.get(case), f"{case}/confirm", act="approve")
    page = dana.send(dana.get(f"{case}/withdraw"), f"{case}/withdraw")
    assert "Withdrawn" in page.text
    late = noor.send(confirm, f"{case}/confirm")
    assert (late.status, late.heading) == (409, "This has been decided already")


def test_who_wrote_it_has_no_form_and_cannot_make_one_up(county):
    """Noor's own case: Ruth is asked, and Noor's forged form answers that she wrote it."""
    noor, ruth = county("noor"), county("ruth")
    case = submitted(noor, "Noor's own")
    assert "wrote it" in noor.get(case).text
    assert "It is your turn" not in noor.get(case).text
    page = ruth.send(ruth.get(case), f"{case}/confirm", act="approve")
    fields = dict(page.form(f"{case}/confirm")["fields"])
    token = dict(noor.get(case).form("/sign-out")["fields"])["token"]
    forged = noor.post(f"{case}/confirm", fields | {"token": token})
    assert (forged.status, forged.heading) == (403, "You wrote it")
    assert "Technical approval: approved" not in noor.get(case).text


def test_a_page_that_is_too_old_decides_nothing(county):
    """A form of another opening, or of a level that is over."""
    case = submitted(county("dana"), "Too old")
    noor, ruth = county("noor"), county("ruth")
    stale = ruth.send(ruth.get(case), f"{case}/confirm", act="approve")
    decided(noor, case, "approve")
    answer = ruth.send(stale, f"{case}/confirm")
    assert answer.status == 409
    assert "It is your turn" in ruth.get(case).text  # at the next level


def test_the_list_leaves_out_what_was_just_decided(county):
    """And says that it was; somebody else with the same browser has decided nothing."""
    case = submitted(county("dana"), "Just decided")
    noor = county("noor")
    before = len(CASE.findall(noor.get("/inbox").text))
    decided(noor, case, "approve")
    after = noor.get("/inbox")
    assert f"You have just approved {CASE.search(case)[0]}" in after.text
    assert f'href="{case}">Just decided' not in after.text
    assert len(CASE.findall(after.text)) <= before + 1
    noor.sign_in("dana")
    assert "You have just" not in noor.get("/inbox").text


def test_a_policy_is_tried_on_ones_own_numbers(county):
    """With the people and dates that a submission would have, and a link to what it takes."""
    dana = county("dana")
    page = dana.get("/policies/structures")
    tried = dana.send(page, "/policies/structures", **STRUCTURE)
    assert "Such a proposal takes this policy." in tried.text
    other = dana.send(page, "/policies/structures", **(STRUCTURE | {"fields__kind": "scheme"}))
    assert "Such a proposal takes Highway scheme." in other.text
    wrong = dana.send(page, "/policies/structures", **(STRUCTURE | {"fields__amount": "much"}))
    assert wrong.status == 422


def test_a_mail_leads_to_the_case_and_nothing_more(county):
    """A scanner that opens every link of every mail, and every link there, changes nothing."""
    case = submitted(county("dana"), "Scanned")
    noor = county("noor")
    links = until(
        lambda: {link for link in noor.get("/outbox").parts.links if link.startswith(case)} or None,
        "the mail is there",
    )
    assert links == {case}
    before = noor.get(case).text
    seen, ahead = set(), {case, f"{case}/decide", f"{case}/confirm?act=approve", f"{case}/withdraw", "/inbox"}
    while ahead:
        path = ahead.pop()
        seen.add(path)
        for method in ("HEAD", "GET"):
            page = noor.get(path, method=method)
        ahead |= {link for link in page.parts.links if link.startswith("/") and link not in seen and len(seen) < 80}
    assert re.sub(r'name="(token|idempotency)" value="[^"]*"', "", noor.get(case).text) == re.sub(
        r'name="(token|idempotency)" value="[^"]*"', "", before
    )


def test_a_stranger_with_a_mails_link_sees_the_sign_in_and_comes_back(county, county_host):
    """Nothing of the case is on that page."""
    case = submitted(county("dana"), "Forwarded mail")
    stranger = Visitor(county_host.origin)
    page = stranger.get(case)
    assert (page.heading, page.status) == ("Who are you?", 200)
    assert "Forwarded mail" not in page.text
    back = stranger.send(page, "/sign-in", person="ruth")
    assert back.path == case
    assert back.heading == "Forwarded mail"


@pytest.mark.parametrize("then", ["//evil.example/", "https://evil.example/", "/\\evil.example", "inbox"])
def test_the_sign_in_leads_to_paths_of_ours_only(county_host, then):
    """All else leads home."""
    visitor = Visitor(county_host.origin)
    page = visitor.get(f"/sign-in?next={then}")
    assert dict(page.form("/sign-in")["fields"])["next"] == "/"
    answer = visitor.post("/sign-in", {"person": "dana", "next": then}, follow=False)
    assert answer.headers["location"] == "/"


def test_the_sign_in_answers_a_browser_with_a_page(county_host):
    """And a program with a problem."""
    visitor = Visitor(county_host.origin)
    page = visitor.post("/sign-in", {"person": "nobody"}, Accept="text/html,*/*")
    assert (page.status, page.heading) == (422, "Who are you?")
    assert page.text.count("Choose who you are.") == 2
    assert "person-unknown" in visitor.post("/sign-in", {"person": "nobody"}, Accept="application/json").text
    refused = visitor.sign_in("dana").post("/sign-out", {"token": "x"}, Accept="text/html")
    assert (refused.status, refused.heading) == (403, "We did not take that form")


def test_a_form_from_elsewhere_is_refused(county):
    """Without the session's token, with another's, or from another origin; nothing is recorded."""
    case = submitted(county("dana"), "Forged")
    noor, ruth = county("noor"), county("ruth")
    page = noor.send(noor.get(case), f"{case}/confirm", act="approve")
    fields = dict(page.form(f"{case}/confirm")["fields"])
    other = dict(ruth.get("/inbox").form("/sign-out")["fields"])["token"]
    for given, headers in (
        (fields | {"token": ""}, {}),
        (fields | {"token": other}, {}),
        (fields, {"Origin": "https://evil.example"}),
        (fields, {"Origin": ""}),
        (fields, {"Origin": "null"}),
    ):
        answer = noor.post(f"{case}/confirm", given, **headers)
        assert answer.status == 403
        # The token alone leads back to the form; some of the rest the host refuses by itself.
        assert answer.heading in ({"We did not take that form", ""} if headers else {"Approve: are you sure?"})
    assert "Noor Haddad approved" not in noor.get(case).text


def test_a_form_that_cannot_be_read_is_refused(county):
    """Another type, or too large."""
    dana = county("dana")
    assert dana.post("/submit", {}, **{"Content-Type": "application/json"}).status == 400
    assert dana.post("/submit", {"title": "x" * 70_000}).status in {400, 413}


def test_nobody_signed_in_is_led_to_the_sign_in(county_host):
    """On every page; a form says that nothing was recorded."""
    visitor = Visitor(county_host.origin)
    for path in ("/", "/inbox", "/submit", "/policies", "/policies/scheme", "/outbox", "/proposals/P-7K3M9QXV?a=1"):
        answer = visitor.get(path, follow=False)
        assert answer.status == 303, path
        assert answer.headers["location"].startswith("/sign-in?next=/")
    answer = visitor.post("/submit", {"title": "x"})
    assert (answer.status, answer.heading) == (401, "Sign in first")


def test_what_is_not_there_and_what_is_not_for_me_look_the_same(county):
    """404 with the same page."""
    dana = county("dana")
    for path in (
        "/proposals/P-00000000",
        "/proposals/junk",
        "/proposals/P-00000000/confirm?act=approve",
        "/policies/none",
    ):
        answer = dana.get(path)
        assert (answer.status, answer.heading) == (404, "Page not found"), path


def test_every_page_has_the_headers(county):
    """No script, no frame, no other origin, no cache."""
    dana = county("dana")
    for path in ("/", "/inbox", "/submit", "/policies", "/policies/scheme", "/outbox", "/sign-in", "/proposals/junk"):
        headers = dana.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'"), path
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["content-type"].lower().replace(" ", "") == "text/html;charset=utf-8"


def test_static_files_are_kept_for_ever_and_others_are_not_found(county):
    """By the names that pages use."""
    dana = county("dana")
    style = re.search(r'href="(/static/style\.[0-9a-f]+\.css)"', dana.get("/inbox").text)[1]
    answer = dana.get(style)
    assert answer.status == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert dana.get("/static/style.css").status == 404


def test_kim_does_not_submit(county):
    """The policy file says so, and the page too."""
    assert county("kim").get("/submit").heading == "You do not submit proposals here"


def test_what_is_typed_comes_back_when_something_is_wrong(county):
    """To the character, with each problem on top and beside its box; the form keeps its id."""
    dana = county("dana")
    form = dana.get("/submit")
    evil = '"><script>alert(1)</script> £ ü'
    page = dana.send(form, "/submit/check", title=evil, summary=evil, **(STRUCTURE | {"fields__amount": "1.850"}))
    assert page.status == 422
    fields = dict(page.form("/submit/check")["fields"])
    assert (fields["title"], fields["summary"], fields["fields.amount"]) == (evil, evil, "1.850")
    assert fields["idempotency"] == dict(form.form("/submit/check")["fields"])["idempotency"]
    assert page.parts.title.startswith("Error: ")
    assert "#fields-amount" in page.parts.links
    more = dana.post("/submit/change", [*page.form("/submit/check")["fields"], ("go", "add")])
    assert "Document 1" in more.text
    assert dict(more.form("/submit/check")["fields"])["title"] == evil


def test_without_a_policy_file_three_people_can_try_it(plain):
    """Submit as the author, decide as the manager, see the outcome as the author."""
    author, manager, head = plain("author"), plain("manager"), plain("head")
    form = author.get("/submit")
    check = author.send(form, "/submit/check", title="Plain", amount="80,000", currency="GBP", timeout="P1D")
    assert "If nobody decides, it goes to Head of department." in check.text
    case = author.send(check, "/submit").path
    assert "1 waits for you" in manager.get("/inbox").heading
    assert "It is your turn" not in head.get(case).text
    page = manager.send(manager.get(case), f"{case}/confirm", act="reject")
    done = manager.send(page, f"{case}/confirm", comment="Not yet.")
    assert "Rejected by Morgan Manager" in done.text
    assert "Not yet." in author.get(case).text
    late = manager.send(page, f"{case}/confirm", act="approve", idempotency="0" * 32)
    assert late.status == 409


def test_a_case_that_was_started_with_the_readmes_curl_is_in_the_inbox_too(plain, plain_host):
    """Whatever role its policy names."""
    body = {
        "title": "By curl",
        "author": "dana@example.com",
        "policy": {"timeout": "P1D", "approver": "Head of bridges"},
    }
    own_id = plain_host.ask("POST", "/api/orchestrators/OrchFunction", body)["id"]
    manager = plain("manager")
    for _ in range(80):
        page = manager.get(f"/proposals/{own_id}")
        if "It is your turn" in page.text:
            break
    assert "By curl" in page.text
    assert "It is your turn" in page.text


def test_a_setting_that_is_missing_is_named_and_nothing_is_lost(tmp_path):
    """503 in words; looking goes on."""
    host = people_host(tmp_path, "examples/policies/county.toml", SEAL_KEY=None)
    try:
        dana = Visitor(host.origin).sign_in("dana")
        check = dana.send(dana.get("/submit"), "/submit/check", title="No key", **STRUCTURE)
        answer = dana.send(check, "/submit")
        assert (answer.status, answer.heading) == (503, "The app is not set up completely")
        assert "SEAL_KEY" in answer.text
        assert dana.get("/inbox").status == 200
    finally:
        host.close()


def test_a_browser_gets_a_page_where_nobody_can_sign_in(tmp_path):
    """Without IDENTITY, as everywhere but on a machine of one's own."""
    host = people_host(tmp_path, IDENTITY=None)
    try:
        for path in ("/", "/sign-in", "/proposals/P-00000000"):
            answer = Visitor(host.origin).get(path)
            assert (answer.status, answer.heading) == (503, "Nobody can sign in yet"), path
    finally:
        host.close()


def test_a_form_of_an_earlier_session_keeps_what_was_written(county):
    """Nothing is recorded; the page comes back with it, and is sent from there. Without a session it says how."""
    dana = county("dana")
    check = dana.send(dana.get("/submit"), "/submit/check", title="Kept", summary="Long thoughts.", **STRUCTURE)
    dana.cookies.clear()
    nobody = dana.send(check, "/submit")
    assert (nobody.status, nobody.heading) == (401, "Sign in first")
    assert "Then load this page again" in nobody.text
    dana.sign_in("dana")
    again = dana.send(check, "/submit")
    assert (again.status, again.heading) == (403, "Check your answers")
    assert "nothing was recorded" in again.text
    done = dana.send(again, "/submit")
    assert (done.heading, "Long thoughts." in done.text) == ("Kept", True)

    noor = county("noor")
    confirm = noor.send(noor.get(done.path), f"{done.path}/confirm", act="reject")
    noor.sign_in("noor")
    again = noor.send(confirm, f"{done.path}/confirm", comment="The bearings are missing.")
    assert (again.status, "The bearings are missing." in again.text) == (403, True)
    assert "The bearings are missing." not in dana.get(done.path).text
    assert noor.send(again, f"{done.path}/confirm").path == done.path
    soon(dana, done.path, "The bearings are missing.")


def test_a_withdrawal_of_an_earlier_session_is_asked_for_again(county):
    """With its comment; another person's session does not withdraw it."""
    dana = county("dana")
    case = submitted(dana, "Still there")
    page = dana.get(f"{case}/withdraw")
    dana.sign_in("dana")
    again = dana.send(page, f"{case}/withdraw", comment="Not now.")
    assert ("nothing was recorded" in again.text, "Not now." in again.text) == (True, True)
    dana.sign_in("pat")
    assert dana.send(again, f"{case}/withdraw").path == case
    assert "Withdrawn by" not in dana.get(case).text
