"""The local sign-in, its session, and what comes from a page of somebody else."""

import time
from datetime import UTC, datetime
from pathlib import Path

import azure.functions as func
import itsdangerous.timed
import pytest
from places import ROOT

from adapters import directory, identity
from service.errors import ForeignOrigin, FormOutOfDate, MissingSetting, NoSignIn, NotSignedIn, UnknownPerson

HERE = {"host": "localhost:7071"}
PLATFORM = ("WEBSITE_INSTANCE_ID", "WEBSITE_OWNER_NAME", "WEBSITE_POD_NAME")


@pytest.fixture(autouse=True)
def local(monkeypatch):
    """A laptop with the local sign-in, and the three built-in people."""
    monkeypatch.setattr(directory, "_read", [directory.InForce()])
    monkeypatch.setenv("IDENTITY", "local")
    monkeypatch.setenv("SESSION_KEY", "k" * 32)
    for name in (*PLATFORM, "PUBLIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def signed(person="manager", headers=HERE):
    """The headers of a request after this person has signed in."""
    cookie = identity.begin(headers, person)
    return {**headers, "cookie": cookie.partition(";")[0]}


def test_who_has_signed_in_is_known_by_the_cookie():
    """By id, with how and when, in UTC."""
    found = identity.person_of(signed())
    assert (found.person_id, found.how) == ("manager", "local")
    assert abs((datetime.now(UTC) - found.at).total_seconds()) < 60


def test_a_request_of_the_functions_host_is_understood():
    """Names of headers in any case of letters."""
    headers = {"Host": "127.0.0.1:7071", "Cookie": f"other=1; {signed()['cookie']}"}
    request = func.HttpRequest("GET", "http://127.0.0.1:7071/", headers=headers, body=b"")
    assert identity.person_of(request.headers).person_id == "manager"


def test_the_cookie_is_kept_from_scripts_and_from_other_places():
    """Twelve hours; Secure only where the connection can be."""
    cookie = identity.begin(HERE, "manager")
    assert cookie.endswith("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax")
    assert identity.end(HERE) == "session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
    assert identity.end({"host": "approval.example"}).endswith("; Secure")


def test_two_sign_ins_are_two_sessions():
    """A form of the one is none of the other."""
    first, second = (identity.person_of(signed()) for _ in range(2))
    assert first.session != second.session
    identity.check_form(first, identity.form_token(first))
    with pytest.raises(FormOutOfDate):
        identity.check_form(second, identity.form_token(first))


@pytest.mark.parametrize("token", [None, "", "x", "é", "A" * 43])
def test_a_form_without_the_sessions_token_is_refused(token):
    """A page of somebody else cannot know it."""
    with pytest.raises(FormOutOfDate):
        identity.check_form(identity.person_of(signed()), token)


@pytest.mark.parametrize(
    "cookie", ["", "session", "session=", "session=x.y.z", "session=é", "other=1", "session=" * 900]
)
def test_no_other_cookie_signs_anybody_in(cookie):
    """Nobody is signed in, and nothing fails."""
    assert identity.person_of({**HERE, "cookie": cookie}) is None


def test_a_changed_cookie_signs_nobody_in():
    """Each of its characters counts."""
    headers = signed()
    name, _, value = headers["cookie"].partition("=")
    for place in range(len(value) - 1):  # the last one holds bits that do not count
        other = "A" if value[place] != "A" else "B"
        assert identity.person_of({**HERE, "cookie": f"{name}={value[:place]}{other}{value[place + 1 :]}"}) is None


def test_a_form_token_is_no_session():
    """Each is signed for its own purpose."""
    token = identity.form_token(identity.person_of(signed()))
    assert identity.person_of({**HERE, "cookie": f"session={token}"}) is None


def test_another_key_ends_all_sessions(monkeypatch):
    """The rotation of SESSION_KEY signs everybody out."""
    headers = signed()
    monkeypatch.setenv("SESSION_KEY", "n" * 32)
    assert identity.person_of(headers) is None


def test_a_session_ends_after_twelve_hours(monkeypatch):
    """And one from the future is none."""
    headers, now = signed(), time.time()
    for later, is_known in ((43_199, True), (43_202, False), (-60, False)):
        monkeypatch.setattr(itsdangerous.timed.time, "time", lambda later=later: now + later)
        assert (identity.person_of(headers) is not None) is is_known


def test_who_is_no_longer_in_the_directory_is_signed_out(monkeypatch):
    """Their session is still right, and they are nobody here."""
    headers = signed()
    monkeypatch.setattr(directory, "BUILT_IN", {})
    assert identity.person_of(headers) is None


def test_without_a_session_nobody_is_signed_in():
    """401 with where to go."""
    with pytest.raises(NotSignedIn, match="/sign-in"):
        identity.signed_in(HERE)


@pytest.mark.parametrize("name", PLATFORM)
def test_azure_has_no_local_sign_in(monkeypatch, name):
    """Whatever IDENTITY says; a cookie from elsewhere is not believed either."""
    headers = signed()
    monkeypatch.setenv(name, "x")
    assert identity.person_of(headers) is None
    with pytest.raises(NoSignIn):
        identity.begin(HERE, "manager")


@pytest.mark.parametrize("value", ["", "none", "Locale", "entra"])
def test_the_local_sign_in_must_be_asked_for(monkeypatch, value):
    """The default is none."""
    headers = signed()
    monkeypatch.setenv("IDENTITY", value)
    assert identity.person_of(headers) is None
    with pytest.raises(NoSignIn):
        identity.begin(HERE, "manager")


@pytest.mark.parametrize(
    ("host", "is_this_machine"),
    [
        ("localhost", True),
        ("LOCALHOST:7071", True),
        ("127.0.0.1:80", True),
        ("127.5.0.1", True),
        ("[::1]:7071", True),
        ("", False),
        ("approval.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("evil.example@localhost", False),
        ("localhost@evil.example", False),
        ("localhost/evil", False),
        ("localhost:7071:7071", False),
        ("128.0.0.1", False),
        ("[::2]", False),
    ],
)
def test_the_local_sign_in_is_for_this_machine(host, is_this_machine):
    """A name that somebody lets lead here does not count."""
    headers = signed()
    assert (identity.person_of({**headers, "host": host}) is not None) is is_this_machine


def test_nobody_is_believed_for_a_principal_in_a_header():
    """Anybody can write it where Azure's sign-in is not in front."""
    forged = {**HERE, "x-ms-client-principal": "eyJ1c2VySWQiOiJtYW5hZ2VyIn0=", "x-ms-client-principal-id": "manager"}
    assert identity.person_of(forged) is None
    assert identity.person_of({**forged, **signed("author")}).person_id == "author"


def test_no_code_of_the_app_reads_a_principal():
    """The header's name is in comments only."""
    for package in ("adapters", "approval", "functions", "service", "web"):
        for path in Path(ROOT / package).rglob("*.py"):
            lines = path.read_text(encoding="utf-8").casefold().splitlines()
            assert not [line for line in lines if "client-principal" in line and "``" not in line], path


def test_only_people_of_the_directory_sign_in():
    """An unknown id is refused."""
    with pytest.raises(UnknownPerson):
        identity.begin(HERE, "mallory")


def test_without_a_session_key_the_setting_is_named(monkeypatch):
    """503; and nobody is signed in."""
    headers = signed()
    monkeypatch.delenv("SESSION_KEY")
    assert identity.person_of(headers) is None
    with pytest.raises(MissingSetting, match="SESSION_KEY"):
        identity.begin(HERE, "manager")


@pytest.mark.parametrize(
    ("origin", "is_own"),
    [
        ("http://localhost:7071", True),
        ("https://approval.example", True),
        ("null", False),
        ("http://localhost:7072", False),
        ("http://127.0.0.1:7071", False),
        ("https://evil.example", False),
        ("http://localhost:7071.evil.example", False),
        ("https://approval.example.evil.example", False),
    ],
)
def test_a_change_comes_from_a_page_of_our_own(monkeypatch, origin, is_own):
    """By Host, if that is this machine, or by PUBLIC_BASE_URL."""
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://Approval.example/")
    for may_be_absent in (False, True):
        if is_own:
            identity.check_origin({**HERE, "origin": origin}, may_be_absent=may_be_absent)
        else:
            with pytest.raises(ForeignOrigin):
                identity.check_origin({**HERE, "origin": origin}, may_be_absent=may_be_absent)


def test_another_host_name_does_not_make_an_origin_ours():
    """A page that lets its own name lead here has the same Origin and Host."""
    with pytest.raises(ForeignOrigin):
        identity.check_origin({"host": "evil.example", "origin": "http://evil.example"})


def test_an_absent_origin_is_for_json_and_for_the_sign_in():
    """A form of a browser always has one."""
    identity.check_origin(HERE, may_be_absent=True)
    with pytest.raises(ForeignOrigin):
        identity.check_origin(HERE)
    assert identity.begin(HERE, "manager")
    with pytest.raises(ForeignOrigin):
        identity.begin({**HERE, "origin": "https://evil.example"}, "manager")


@pytest.mark.parametrize(
    ("given", "goes"),
    [
        ("/inbox", "/inbox"),
        ("/proposals/P-7K3M9QXV?x=1#act", "/proposals/P-7K3M9QXV?x=1#act"),
        (None, "/"),
        ("", "/"),
        ("inbox", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("https://evil.example", "/"),
        ("/é", "/"),
        ("/" + "a" * 2000, "/"),
    ],
)
def test_the_sign_in_leads_to_a_path_of_this_service(given, goes):
    """And never elsewhere."""
    assert identity.local_path(given) == goes


def test_a_person_is_shown_without_the_session():
    """A value in a log or a traceback does not give it away."""
    found = identity.person_of(signed())
    assert found.session not in repr(found)
