"""The route table (contract 6.1)."""

import pytest
from made_functions import http_function

from devhost.errors import BadRoute
from devhost.web.routes import RouteTable


def http(name, route, *methods):
    """An HTTP function with this route."""
    return http_function(name, route, methods)


def found(route, path, prefix="api"):
    """The route values of a GET, None if there is no match."""
    match = RouteTable([http("f", route)], prefix).match("GET", path)
    return None if match is None else match.params


def test_a_parameter_is_one_segment_behind_the_prefix():
    """The prefix comes first, and a parameter takes one segment."""
    table = RouteTable([http("HttpStart", "orchestrators/{functionName}", "POST", "GET")])
    match = table.match("POST", "/api/orchestrators/OrchFunction")
    assert match.function.name == "HttpStart"
    assert match.params == {"functionName": "OrchFunction"}
    assert table.match("GET", "/orchestrators/OrchFunction") is None
    assert table.match("GET", "/api/orchestrators") is None
    assert table.match("GET", "/api/orchestrators/a/b") is None


def test_wrong_verb_is_no_match():
    """A wrong verb does not match, and lets a later route have the request; no methods means all."""
    table = RouteTable([http("a", "x", "GET"), http("b", "x", "POST"), http("c", "{y}")])
    assert table.match("GET", "/api/x").function.name == "a"
    assert table.match("post", "/api/x").function.name == "b"
    assert table.match("DELETE", "/api/x").function.name == "c"
    assert RouteTable([http("a", "x", "GET")]).match("HEAD", "/api/x") is None


def test_first_by_name_not_most_specific():
    """The first match in the order given is taken, even if a later one is more specific."""
    table = RouteTable([http("a_get", "items/{id}"), http("z_list", "items/list")])
    assert table.match("GET", "/api/items/list").function.name == "a_get"
    table = RouteTable([http("a_any", "{*all}"), http("z_list", "items/list")])
    assert table.match("GET", "/api/items/list").function.name == "a_any"
    table = RouteTable([http("a_list", "items/list"), http("z_get", "items/{id}"), http("zz", "{*all}")])
    assert table.match("GET", "/api/items/list").function.name == "a_list"
    assert table.match("GET", "/api/items/5").function.name == "z_get"
    assert table.match("GET", "/api/other/5").function.name == "zz"


@pytest.mark.parametrize("path", ["/API/Items/AbC", "/api/items/AbC/", "/api/./x/../items/AbC"])
def test_case_and_slashes(path):
    """Literals match in any case, values keep theirs; one slash at the end and dot segments do not count."""
    assert found("items/{Id}", path) == {"Id": "AbC"}


@pytest.mark.parametrize(
    ("sent", "value"),
    [("a%20b", "a b"), ("a+b", "a+b"), ("%C3%A4", "ä"), ("a%2Fb", "a%2Fb"), ("a%2fb", "a%2fb"), ("a%3Fb", "a?b")],
)
def test_values_are_decoded(sent, value):
    """Values are URL-decoded, but for an encoded slash; a plus stays a plus."""
    assert found("items/{id}", f"/api/items/{sent}") == {"id": value}


@pytest.mark.parametrize(
    ("route", "path", "values"),
    [
        ("x/{a?}", "/api/x", {}),
        ("x/{a?}", "/api/x/1", {"a": "1"}),
        ("x/{a?}/{b?}", "/api/x/1", {"a": "1"}),
        ("x/{a?}/{b?}", "/api/x/1/2/3", None),
        ("x/{a=7}", "/api/x", {"a": "7"}),
        ("x/{a=7}", "/api/x/1", {"a": "1"}),
        ("x/{a=7}/y", "/api/x/y", None),
        ("x/{*rest}", "/api/x", {}),
        ("x/{*rest}", "/api/x/1/2/", {"rest": "1/2/"}),
        ("x/{**rest}", "/api/x/1/2", {"rest": "1/2"}),
        ("x/{*rest=d}", "/api/x", {"rest": "d"}),
        ("x/a-{v}-b", "/api/x/A-1-2-B", {"v": "1-2"}),
        ("x/a-{v}-b", "/api/x/a--b", None),
        ("x/{a}-{b}", "/api/x/1-2-3", {"a": "1-2", "b": "3"}),
        ("x/{f}.{e?}", "/api/x/name.tar.gz", {"f": "name.tar", "e": "gz"}),
        ("x/{f}.{e?}", "/api/x/name", {"f": "name"}),
        ("x/{{y}}", "/api/x/{y}", {}),
        ("x/{a}", "/api/x//", None),
        ("x/{a}/y", "/api/x//y", None),
        ("x.y", "/api/xzy", None),
    ],
)
def test_templates(route, path, values):
    """Optional parameters, defaults, catch-alls and mixed segments work as in ASP.NET Core."""
    assert found(route, path) == values


@pytest.mark.parametrize(
    ("constraint", "good", "bad"),
    [
        ("int", ["5", "-5", "+5"], ["x", "5.0", "2147483648"]),
        ("long", ["2147483648"], ["9223372036854775808"]),
        ("bool", ["true", "FALSE"], ["1", "yes"]),
        (
            "guid",
            ["0fa85f6457174562b3fc2c963f66afa6", "{0fa85f64-5717-4562-b3fc-2c963f66afa6}"],
            ["0fa85f64-5717-4562-b3fc", "x"],
        ),
        ("datetime", ["2026-11-24", "2026-11-24T10:00:00Z"], ["soon", "monday"]),
        ("decimal", ["1.5", "1,000", "-3"], ["1e5", "x"]),
        ("double", ["1.5", "1e5"], ["x"]),
        ("alpha", ["abC"], ["a1", "ä"]),
        ("minlength(3)", ["abc"], ["ab"]),
        ("maxlength(3)", ["abc"], ["abcd"]),
        ("length(3)", ["abc"], ["ab"]),
        ("length(2,3)", ["ab", "abc"], ["a", "abcd"]),
        ("min(18)", ["18"], ["17", "x"]),
        ("max(18)", ["18"], ["19"]),
        ("range(1,10)", ["1", "10"], ["0", "11"]),
        ("regex(^a+$)", ["aA"], ["ab"]),
        (r"regex(^\d{{3}}-(x|y)$)", ["123-x"], ["12-x", "123-z"]),
        ("int:min(5)", ["5"], ["4", "x"]),
        ("INT", ["5"], ["x"]),
    ],
)
def test_constraints(constraint, good, bad):
    """A value that breaks a constraint is no match."""
    template = f"x/{{v:{constraint}}}"
    for value in good:
        assert found(template, f"/api/x/{value}") == {"v": value}, value
    for value in bad:
        assert found(template, f"/api/x/{value}") is None, value


def test_constraint_on_what_is_absent():
    """A constraint on an optional parameter counts only if there is a value; a default must hold too."""
    assert found("x/{v:int?}", "/api/x") == {}
    assert found("x/{v:int?}", "/api/x/a") is None
    assert found("x/{v:int=5}", "/api/x") == {"v": "5"}
    assert found("x/{v:int=a}", "/api/x") is None


def test_prefixes():
    """A prefix may have several segments or none."""
    assert found("x/{v}", "/a/b/x/1", prefix="a/b") == {"v": "1"}
    assert found("x/{v}", "/x/1", prefix="") == {"v": "1"}
    assert found("plain", "/plain/", prefix="") == {}
    assert found("{v?}", "/", prefix="") == {}
    assert found("/x", "/x", prefix="") == {}


@pytest.mark.parametrize(
    "route",
    ["x/{", "x/}", "x//y", "/x", "x/{a}/{A}", "x/{*a}/b", "x/{a}{b}", "x/{a?}-b", "x/{}", "x/{a:nope}", "x/a?",
     "x/{a:min(b)}", "x/{a:regex([)}", "x/{a=1?}", "x/b{*a}", "x/{a:length(1,2,3)}"],
)  # fmt: skip
def test_templates_that_are_refused(route):
    """A template that ASP.NET Core cannot read stops the host, with the function's name and a reason."""
    with pytest.raises(BadRoute, match=r"function f cannot be used: .+"):
        RouteTable([http("f", route)])
