"""Signing in and out over HTTP."""

import json

import azure.functions as func
import pytest

from adapters import directory, identity
from functions import sign_in

SIGN_IN = sign_in.SignIn.build().get_user_function()
SIGN_OUT = sign_in.SignOut.build().get_user_function()
HERE = {"Host": "localhost:7071", "Content-Type": "application/x-www-form-urlencoded"}
OWN = {**HERE, "Origin": "http://localhost:7071"}


@pytest.fixture(autouse=True)
def local(monkeypatch):
    """A laptop with the local sign-in."""
    monkeypatch.setattr(directory, "_read", [directory.InForce()])
    monkeypatch.setenv("IDENTITY", "local")
    monkeypatch.setenv("SESSION_KEY", "k" * 32)


def post(handler, body, headers=HERE):
    """The answer to a form."""
    return handler(func.HttpRequest("POST", "http://localhost:7071/", headers=headers, body=body))


def signed():
    """The headers of a browser in which the manager has signed in, and its form token."""
    cookie = post(SIGN_IN, b"person=manager").headers["Set-Cookie"].partition(";")[0]
    headers = {**OWN, "Cookie": cookie}
    token = identity.form_token(identity.person_of(func.HttpRequest("GET", "/", headers=headers, body=b"").headers))
    return headers, token


def code(answer):
    """Status and code of a refusal."""
    return answer.status_code, json.loads(answer.get_body())["code"]


def test_signing_in_leads_on_with_a_session():
    """303 to the path that was asked for."""
    answer = post(SIGN_IN, b"person=manager&next=%2Fproposals%2FP-7K3M9QXV")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/proposals/P-7K3M9QXV")
    assert answer.headers["Set-Cookie"].startswith("session=")
    assert answer.headers["Cache-Control"] == "no-store"


def test_signing_in_never_leads_elsewhere():
    """A link of a stranger with a place of his own in it leads home."""
    assert post(SIGN_IN, b"person=manager&next=%2F%2Fevil.example").headers["Location"] == "/"


@pytest.mark.parametrize(
    ("body", "headers", "refused"),
    [
        (b"person=mallory", HERE, (422, "person-unknown")),
        (b"", HERE, (422, "person-unknown")),
        (b"person=manager", {**HERE, "Origin": "https://evil.example"}, (403, "origin-foreign")),
        (b"person=manager", {**HERE, "Host": "evil.example"}, (404, "sign-in-off")),
        (b'{"person": "manager"}', {**HERE, "Content-Type": "application/json"}, (400, "form-unreadable")),
    ],
)
def test_a_sign_in_that_is_refused_sets_no_cookie(body, headers, refused):
    """It says why, and what to do."""
    answer = post(SIGN_IN, body, headers)
    assert code(answer) == refused
    assert "Set-Cookie" not in answer.headers


def test_without_a_session_key_the_sign_in_names_the_setting(monkeypatch):
    """503, for whoever runs the app."""
    monkeypatch.delenv("SESSION_KEY")
    assert code(post(SIGN_IN, b"person=manager")) == (503, "setting-missing")


def test_signing_out_ends_the_session_in_this_browser():
    """303 to the sign-in, with an empty cookie."""
    headers, token = signed()
    answer = post(SIGN_OUT, f"token={token}".encode(), headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert answer.headers["Set-Cookie"].startswith("session=; Path=/; Max-Age=0")


def test_a_page_of_somebody_else_signs_nobody_out():
    """Neither without the form's token nor from another origin."""
    headers, token = signed()
    assert code(post(SIGN_OUT, b"", headers)) == (403, "form-out-of-date")
    for other in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert code(post(SIGN_OUT, f"token={token}".encode(), {**headers, **other})) == (403, "origin-foreign")


def test_who_is_not_signed_in_may_sign_out():
    """There is nothing to end."""
    assert post(SIGN_OUT, b"").status_code == 303
