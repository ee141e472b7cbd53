"""An app that serves pages at the root of its site: its home page, forms, cookies and files (contract 6.1, 6.3).

Each answer here was seen on the real extension's rig too, but for the host's own page and how a cookie is spelled.
"""

import json
from contextlib import closing
from http.client import HTTPConnection

import pytest

from devhost.testing.process import HostProcess

APP = """
import json
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
DIGEST = {"ETag": '"d1"', "Cache-Control": "public, max-age=31536000, immutable"}

@app.route("{ignored:maxlength(0)?}", methods=["GET", "HEAD"])
def Home(req):
    return func.HttpResponse(json.dumps(["Home", req.url, dict(req.route_params)]), mimetype="text/html")

@app.route("cases/{id}", methods=["GET"])
def Case(req):
    return func.HttpResponse(json.dumps([req.url, req.route_params["id"]]), mimetype="text/html")

@app.route("sign-in", methods=["POST"])
def SignIn(req):
    answer = func.HttpResponse(status_code=303, headers={"Location": "/?as=" + req.form["person"]})
    answer.headers.add("Set-Cookie", "session=aB1.x-_~; Path=/; HttpOnly; SameSite=Lax")
    answer.headers.add("Set-Cookie", "seen=; Path=/; Max-Age=0")
    return answer

@app.route("static/{file}", methods=["GET", "HEAD"])
def Static(req):
    if req.headers.get("If-None-Match") == '"d1"':
        return func.HttpResponse(status_code=304, headers=DIGEST)
    if req.route_params["file"].endswith(".css"):
        return func.HttpResponse("a{color:red}", headers=DIGEST, mimetype="text/css")
    return func.HttpResponse(bytes(range(256)), headers=DIGEST, mimetype="image/png")

@app.route("api/health", methods=["GET"])
def Health(req):
    return "well"
"""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def running(folder, app, prefix="", **settings):
    """A host of the app, in a folder of its own."""
    (folder / "app").mkdir()
    (folder / "app/function_app.py").write_text(app)
    host_json = {"version": "2.0", "extensions": {"http": {"routePrefix": prefix}}}
    (folder / "app/host.json").write_text(json.dumps(host_json))
    host = HostProcess(folder / "app", folder / "state", **settings)
    host.start()
    return host


@pytest.fixture(scope="module", params=["false", "true"], ids=["with the host's page", "without it"])
def site(request, tmp_path_factory):
    """The app above, whether the host's own page is turned off or not."""
    host = running(tmp_path_factory.mktemp("site"), APP, AzureWebJobsDisableHomepage=request.param)
    yield host
    host.close()


def send(host, path, method="GET", headers=None, body=None):
    """Status, headers and body of the answer."""
    with closing(HTTPConnection("127.0.0.1", host.port, timeout=10)) as connection:
        connection.request(method, path, body, headers or {})
        with connection.getresponse() as answer:
            return answer.status, answer.headers, answer.read()


@pytest.mark.parametrize(("path", "url"), [("/", "/"), ("/?a=1", "/?a=1"), ("/.", "/"), ("/x/..", "/")])
def test_the_empty_path_is_the_home_functions(site, path, url):
    """With the empty prefix, a route of one optional value without length is the root, whatever the setting says."""
    status, headers, body = send(site, path)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert json.loads(body) == ["Home", f"http://127.0.0.1:{site.port}{url}", {}]
    assert send(site, path, "HEAD")[::2] == (200, b"")


def test_the_console_says_where_the_apps_pages_are(site):
    """One line, as for devhost's own."""
    assert f"open: {site.origin}/ (the app's own pages)\n" in site.text


@pytest.mark.parametrize(
    "path",
    ["/x", "/index.html", "//", "///", "/%20", "/%2F", "/api", "/api/", "/api/x", "/cases", "/cases/", "/cases/a/b",
     "/static/", "/admin", "/runtime", "/favicon.ico", "/runtime/webhooks/durabletask/instances/none", "//cases/a"],
)  # fmt: skip
def test_the_home_function_has_no_other_path(site, path):
    """What nobody serves stays a bare 404, the management API its own, and a route with the wrong verb too."""
    assert send(site, path)[::2] == (404, b"")
    assert send(site, "/cases/a", "POST", FORM, "a=1")[0] == 404


@pytest.mark.parametrize(
    ("path", "says"), [("/api/health", b"well"), ("/API/health/", b"well"), ("/devhost", b"devhost")]
)
def test_the_home_function_hides_nothing(site, path, says):
    """Functions and devhost's own pages are where they were."""
    status, _, body = send(site, path)
    assert (status, says in body) == (200, True)


@pytest.mark.parametrize(("disabled", "status", "has_page"), [("false", 200, True), ("TRUE", 204, False)])
def test_without_a_home_function_the_root_is_the_hosts(tmp_path, disabled, status, has_page):
    """Its page for every method, or 204 if the setting turns it off."""
    host = running(tmp_path, APP, "pages", AzureWebJobsDisableHomepage=disabled)
    try:
        for method in ("GET", "POST", "PUT"):
            found, _, body = send(host, "/", method)
            assert (found, b"up and running" in body) == (status, has_page)
        assert send(host, "//")[0] == 404
        assert "open:" not in host.text
    finally:
        host.close()


def test_a_form_arrives_and_its_answer_leads_on(site):
    """The fields are decoded; 303, a Location without host and two cookies reach the browser."""
    status, headers, body = send(site, "/sign-in", "POST", FORM, "person=n%C3%B6%2B&x=1")
    assert (status, headers["Location"], body) == (500, None, b"")  # a header is ASCII
    status, headers, body = send(site, "/sign-in", "POST", FORM, "person=noor+h&x=")
    assert (status, headers["Location"], body) == (303, "/?as=noor h", b"")
    cookies = ["session=aB1.x-_~; path=/; samesite=lax; httponly", "seen=; max-age=0; path=/"]
    assert headers.get_all("Set-Cookie") == cookies


@pytest.mark.parametrize(
    ("file", "kind", "length"), [("a.css", "text/css; charset=utf-8", 12), ("a.png", "image/png", 256)]
)
def test_a_file_arrives_as_it_is_and_is_not_sent_twice(site, file, kind, length):
    """Bytes, type, tag and age; HEAD has the same without the bytes; a known tag gets 304."""
    for method, size in (("GET", length), ("HEAD", 0)):
        status, headers, body = send(site, f"/static/{file}", method)
        assert (status, headers["Content-Type"], headers["Content-Length"]) == (200, kind, str(length))
        assert (headers["ETag"], len(body)) == ('"d1"', size)
        status, headers, body = send(site, f"/static/{file}", method, {"If-None-Match": '"d1"'})
        assert (status, headers["ETag"], body) == (304, '"d1"', b"")
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("sent", "url", "value"),
    [
        ("a%3Ab", "a:b", "a:b"),
        ("a%40%21%24%26%27%28%29%2A%2C%3B%3D%2B", "a@!$&'()*,;=+", "a@!$&'()*,;=+"),
        ("a%2Db%2E%5F%7E", "a-b._~", "a-b._~"),
        ("a%25b", "a%25b", "a%b"),
        ("a%2525b", "a%25b", "a%25b"),
        ("a|b", "a%7Cb", "a|b"),
        ("a%5eb", "a%5Eb", "a^b"),
        ("a%5Bb%5D", "a%5Bb%5D", "a[b]"),
        ("a%2fb", "a%2fb", "a%2fb"),
        ("%E2%82%AC", "%E2%82%AC", "\u20ac"),
        ("%FF", "%FF", "%FF"),
        ("x/../%2E/a?b=%3A|&c", "a?b=%3A|&c", "a"),
    ],
)
def test_the_url_has_the_path_as_the_host_writes_it(site, sent, url, value):
    """Decoded once and escaped where it must be, however it was sent; the query stays as it was."""
    answer = json.loads(send(site, f"/cases/{sent}")[2])
    assert answer == [f"http://127.0.0.1:{site.port}/cases/{url}", value]
