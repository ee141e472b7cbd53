"""A browser without scripts, pictures or opinions: it opens pages, fills in forms and keeps cookies."""

import http.client
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

FORM = "application/x-www-form-urlencoded"


class _Parts(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.forms, self.links, self.heading, self.title = [], [], "", ""
        self._open, self._area = "", None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.forms.append({"action": given["action"], "method": given["method"], "fields": [], "buttons": []})
        elif tag == "a":
            self.links.append(given["href"])
        elif self.forms and tag == "input":
            is_box = given.get("type") in {"radio", "checkbox"}
            if not is_box or "checked" in given:
                self.forms[-1]["fields"].append((given["name"], given.get("value", "")))
        elif self.forms and tag == "textarea":
            self._area = given["name"]
            self.forms[-1]["fields"].append((given["name"], ""))
        elif self.forms and tag == "button":
            self.forms[-1]["buttons"].append((given.get("name"), given.get("value")))
        self._open = tag if tag in {"h1", "title"} else self._open

    def handle_endtag(self, tag):
        self._open = "" if tag == self._open else self._open
        self._area = None if tag == "textarea" else self._area

    def handle_data(self, data):
        if self._area:
            name, before = self.forms[-1]["fields"][-1]
            self.forms[-1]["fields"][-1] = (name, (before + data).removeprefix("\n"))
        if self._open == "h1":
            self.heading += data
        if self._open == "title":
            self.title += data


@dataclass
class Page:
    """What was answered, at the end of all redirections; headers by their names in small letters."""

    status: int
    headers: dict
    path: str
    text: str
    parts: _Parts = field(init=False)

    def __post_init__(self):
        self.parts = _Parts(self.text)

    @property
    def heading(self):
        """Its first heading, on one line."""
        return re.sub(r"\s+", " ", self.parts.heading).strip()

    def form(self, action):
        """The form with this action, or one that begins so."""
        return next(form for form in self.parts.forms if form["action"].startswith(action))


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, origin):
        self.origin, self.cookies = origin, {}

    def get(self, path, *, method="GET", follow=True, **headers):
        """The page at this path."""
        return self._ask(method, path, None, headers, follow=follow)

    def post(self, path, fields, *, follow=True, **headers):
        """What a form with these fields is answered with."""
        given = {"Origin": self.origin, "Content-Type": FORM} | headers
        return self._ask("POST", path, urlencode(fields).encode(), given, follow=follow)

    def send(self, page, action, *, follow=True, **changes):
        """The form of a page, filled in; a name with ``__`` is one with a point."""
        form = page.form(action)
        changes = {name.replace("__", "."): value for name, value in changes.items()}
        fields = [(name, value) for name, value in form["fields"] if name not in changes] + list(changes.items())
        if form["method"] == "get":
            return self.get(f"{form['action'].partition('#')[0]}?{urlencode(fields)}", follow=follow)
        return self.post(form["action"], fields, follow=follow)

    def sign_in(self, person):
        """Signed in as this person."""
        page = self.post("/sign-in", {"person": person, "next": "/inbox"})
        assert page.path == "/inbox", page.text
        return self

    def _ask(self, method, path, body, headers, *, follow):
        for _ in range(6):
            answer, text = self._once(method, path, body, headers)
            place = answer.headers.get("Location")
            if not follow or answer.status != http.HTTPStatus.SEE_OTHER:
                names = {name.lower(): value for name, value in answer.headers.items()}
                return Page(answer.status, names, path, text)
            method, path, body, headers = "GET", place, None, {}
        raise AssertionError("it leads in circles")

    def _once(self, method, path, body, headers):
        there = urlsplit(self.origin)
        connection = http.client.HTTPConnection(there.hostname, there.port, timeout=30)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = {name: value for name, value in ({"Cookie": cookies} | headers).items() if value}
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies.pop(name, None)
            if value and "max-age=0" not in cookie.lower():
                self.cookies[name] = value
        connection.close()
        return answer, text
