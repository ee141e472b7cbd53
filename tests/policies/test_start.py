"""The app on the local host with a policy file, right or wrong, and its sign-in over HTTP."""

import http.client
import os
import subprocess
from contextlib import closing

import pytest
from places import ROOT

from devhost.testing.process import HostProcess, command, quiet_port

COUNTY = ROOT / "examples/policies/county.toml"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """A host of the app with the county's policies and the local sign-in."""
    host = HostProcess(
        ROOT,
        tmp_path_factory.mktemp("state"),
        APPROVAL_POLICIES="examples/policies/county.toml",
        IDENTITY="local",
        SESSION_KEY="k" * 32,
    )
    try:
        host.start()
        yield host
    finally:
        host.close()


def post(host, path, body, **headers):
    """Status and headers of the answer to a form; a redirect is not followed."""
    with closing(http.client.HTTPConnection(host.origin.removeprefix("http://"), timeout=30)) as connection:
        connection.request("POST", path, body, FORM | headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, dict(answer.getheaders())


def test_a_wrong_policy_file_stops_the_app_with_each_mistake(tmp_path):
    """The host says file, line, key, what is wrong and what would be right, and serves nothing."""
    path = tmp_path / "wrong.toml"
    path.write_text(COUNTY.read_text(encoding="utf-8").replace("[groups]", "[grups]", 1), encoding="utf-8")
    done = subprocess.run(
        command(ROOT, tmp_path / "state", quiet_port()),
        env={**os.environ, "APPROVAL_POLICIES": str(path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    said = done.stdout + done.stderr
    assert "WrongPolicyFile: The app does not start, as the policy file that APPROVAL_POLICIES names has" in said
    line = COUNTY.read_text(encoding="utf-8").partition("[groups]")[0].count("\n") + 1
    assert f"{path}:{line}: grups: This key is unknown. Did you mean groups?" in said


def test_people_of_the_policy_file_sign_in(host):
    """303 with a cookie that scripts and other places do not see."""
    status, headers = post(host, "/sign-in", "person=noor&next=%2Finbox")
    assert (status, headers["Location"]) == (303, "/inbox")
    cookie = headers["Set-Cookie"].lower()
    assert cookie.startswith("session=")
    assert {"httponly", "samesite=lax", "path=/"} <= set(cookie.split("; "))


def test_nobody_else_signs_in(host):
    """Somebody who is not in the file, or a page of somebody else."""
    assert post(host, "/sign-in", "person=manager")[0] == 422
    assert post(host, "/sign-in", "person=noor", Origin="https://evil.example")[0] == 403


def test_signing_out_clears_the_cookie(host):
    """Its value is empty and its time is over."""
    status, headers = post(host, "/sign-out", "")
    assert (status, headers["Location"]) == (303, "/sign-in")
    assert headers["Set-Cookie"].lower().startswith("session=;")
