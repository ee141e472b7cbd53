"""Loading and checking an app."""

import json
import sys
import textwrap
from pathlib import Path

import pytest

from devhost.app.indexer import ClientBinding, Http, Kind, TimerBinding, load
from devhost.app.modules import unload
from devhost.errors import AppRefused

HEAD = """\
import typing
from typing import *
import azure.functions as func
import azure.durable_functions as df
app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
"""


@pytest.fixture(autouse=True)
def _leave_no_app():
    yield
    unload()


@pytest.fixture
def write(tmp_path):
    """Write an app: the text of function_app.py after the usual head, and further files by path."""

    def write(text, head=HEAD, folder="app", **files):
        root = tmp_path / folder
        (root / "host.json").parent.mkdir(exist_ok=True)
        (root / "host.json").write_text('{"version": "2.0"}')
        (root / "function_app.py").write_text(head + textwrap.dedent(text))
        for name, content in files.items():
            path = root / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(content))
        return root

    return write


@pytest.fixture
def refusal(write):
    """Why an app of this text is refused."""

    def refusal(text, **more):
        with pytest.raises(AppRefused) as refused:
            load(write(text, **more))
        assert str(refused.value).count("\n") == 0
        return refused.value.reason

    return refusal


def activity(parameters, more=""):
    """An app with one activity of these parameters."""
    return f'{more}\n@app.activity_trigger(input_name="x")\ndef a({parameters}): return x\n'


def http(signature, decorator='@app.route(route="h")', keyword=""):
    """An app with one HTTP function of this signature."""
    return f"{decorator}\n{keyword}def h{signature}: return 'x'\n"


EVERYTHING = """
    @app.route(route="orchestrators/{functionName}", methods=["POST", "GET"], auth_level=func.AuthLevel.FUNCTION)
    @app.durable_client_input(client_name="client", task_hub="Other")
    async def HttpStart(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
        return func.HttpResponse("x")

    @app.orchestration_trigger(context_name="context", orchestration="Flow")
    def orchestrator(context):
        yield context.call_activity("Approval", 1)

    @app.activity_trigger(input_name="outcome", activity="Approval")
    def approve(outcome: str, context: func.Context):
        return outcome

    @app.entity_trigger(context_name="context", entity_name="Counter")
    def count(context):
        context.set_state(1)

    @app.timer_trigger(arg_name="timer", schedule="%EVERY%", run_on_startup=True)
    def tick(timer: func.TimerRequest) -> None:
        pass

    @app.queue_trigger(arg_name="message", queue_name="q", connection="C")
    def queue(message: func.QueueMessage) -> None:
        pass
"""


def test_every_kind_of_function(write, monkeypatch):
    """Each trigger gives a function of its kind, under the name the engine knows it by (contract 4.5, 6.4)."""
    monkeypatch.setenv("EVERY", "0 * * * * *")
    app = load(write(EVERYTHING))
    assert (app.errors, app.warnings) == ({}, ())
    assert {one.name: (one.kind, one.durable_name, one.parameter) for one in app.functions} == {
        "HttpStart": (Kind.HTTP, "HttpStart", "req"),
        "orchestrator": (Kind.ORCHESTRATION, "Flow", "context"),
        "approve": (Kind.ACTIVITY, "Approval", "outcome"),
        "count": (Kind.ENTITY, "Counter", "context"),
        "tick": (Kind.TIMER, "tick", "timer"),
        "queue": (Kind.OTHER, "queue", "message"),
    }
    start = app.function("httpstart")
    assert start.http == Http("orchestrators/{functionName}", ("POST", "GET"), "function")
    assert start.clients == (ClientBinding("client", "Other"),)
    assert [client.parameter for client in start.clients] == ["client"]
    assert (start.is_async, start.output, start.wants_context) == (True, True, False)
    assert app.function("approve").wants_context
    assert app.function("approve").output
    assert app.function("tick").schedule == TimerBinding("0 * * * * *", run_on_startup=True)
    assert not app.function("tick").output
    assert app.function("queue").trigger["type"] == "queueTrigger"
    assert app.durable(Kind.ORCHESTRATION)["flow"].name == "orchestrator"
    assert app.function("nobody") is None


def test_defaults_of_http(write):
    """Without a route it is the function's name, also if the route is blank; without methods all; the app's level."""
    app = load(
        write("""
        @app.route()
        def one(req): return "x"
        @app.route(route=" ")
        def two(req): return "x"
    """)
    )
    assert app.function("one").http == Http("one", (), "anonymous")
    assert app.function("two").http == Http("two", (), "anonymous")


def test_order_of_the_host(write):
    """Functions are in the host's order: by name, as if in upper case (contract 6.1)."""
    names = ["b_x", "Bax", "a-1", "A1", "bZ"]
    text = "".join(f'@app.function_name("{name}")\n@app.route(route="{name}")\ndef f{i}(req): return "x"\n'
                   for i, name in enumerate(names))  # fmt: skip
    assert [one.name for one in load(write(text)).functions] == ["a-1", "A1", "Bax", "bZ", "b_x"]


def test_packages_of_the_app(write, monkeypatch):
    """The app's own packages are found, and the SDK finds host.json in the current directory."""
    elsewhere = [entry for entry in sys.path if entry and not Path(entry, "functions").exists()]
    monkeypatch.setattr(sys, "path", elsewhere)
    app = load(
        write(
            "from functions.start import bp\napp.register_functions(bp)\n",
            functions__start="""
                import azure.durable_functions as df
                from rules import ANSWER
                bp = df.Blueprint()
                @bp.activity_trigger(input_name="x")
                def late(x):
                    import later
                    return ANSWER + later.MORE
            """,
            rules="ANSWER = 42",
            later="MORE = 1",
        )
    )
    assert Path.cwd() == app.folder
    assert app.function("late").handler(x=1) == 43
    assert app.function("late").directory == str(app.folder / "functions")


def test_two_apps_in_one_process(write):
    """A second app gets its own modules, though they are called like those of the first, late imports included."""
    text = activity("x", "import rules\n") + '@app.activity_trigger(input_name="x")\ndef late(x):\n  import later\n'
    first = load(write(text, folder="first", rules="N = 1", later=""))
    first.function("late").handler(x=1)
    assert sys.modules["rules"].N == 1
    before = Path.cwd()
    second = load(write(text, folder="second", rules="N = 2", later=""))
    assert "later" not in sys.modules
    assert sys.modules["rules"].N == 2
    assert (before, Path.cwd()) == (first.folder, second.folder)
    assert str(first.folder) not in sys.path
    assert first.function("a").handler(x=5) == 5


def test_unloading_restores(write, monkeypatch):
    """What another project had loaded under an app's names comes back when the app goes, and so does the directory."""
    here = Path.cwd()
    foreign = type(sys)("rules")
    foreign.__file__ = "/elsewhere/rules.py"
    monkeypatch.setitem(sys.modules, "rules", foreign)
    load(write(activity("x", "import rules\nassert rules.N == 1\n"), rules="N = 1"))
    assert sys.modules["rules"] is not foreign
    unload()
    assert sys.modules["rules"] is foreign
    assert "function_app" not in sys.modules
    assert Path.cwd() == here


def test_the_host_itself_stays(write):
    """Modules of the host and installed ones survive a change of apps."""
    kept = [sys.modules[name] for name in ("devhost.app.indexer", "azure.functions", "json")]
    load(write(activity("x"), devhost="raise RuntimeError", json="raise RuntimeError"))
    unload()
    assert [sys.modules[name] for name in ("devhost.app.indexer", "azure.functions", "json")] == kept


def test_another_script_name(write, monkeypatch):
    """PYTHON_SCRIPT_FILE_NAME names another file; what is no file name is refused."""
    folder = write("")
    (folder / "function_app.py").rename(folder / "main_app.py")
    (folder / "main_app.py").write_text(HEAD + activity("x"))
    monkeypatch.setenv("PYTHON_SCRIPT_FILE_NAME", "main_app.py")
    assert load(folder).function("a") is not None
    monkeypatch.setenv("PYTHON_SCRIPT_FILE_NAME", "../main.py")
    with pytest.raises(AppRefused, match="not a file name"):
        load(folder)


def test_missing_script(tmp_path):
    """A folder without function_app.py is no app of the v2 model."""
    with pytest.raises(AppRefused, match=r"there is no function_app\.py"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import nosuchmodule", "ModuleNotFoundError: No module named 'nosuchmodule' (function_app.py, line 6)."),
        ("def (", "SyntaxError: invalid syntax (function_app.py, line 6)."),
        ("raise KeyError('x')", "KeyError: 'x' (function_app.py, line 6)."),
        ("import sys; sys.exit(3)", "SystemExit: 3 (function_app.py, line 6)."),
        ("import inner.deep", "ZeroDivisionError: division by zero (inner/deep.py, line 2)."),
        ("import json; json.loads('{')", "(function_app.py, line 6)."),
    ],
)
def test_import_errors(refusal, text, reason):
    """A script that cannot be imported is refused with the exception and the app's own line, without a traceback."""
    said = refusal(text, inner__deep="# divides\n1 / 0\n")
    assert said.startswith("function_app.py cannot be imported: ")
    assert reason in said
    assert "function_app" not in sys.modules


def test_missing_module_advice(refusal):
    """A missing module comes with the worker's advice."""
    assert refusal("import nosuchmodule").endswith("Please check the requirements.txt file for the missing module.")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("other = df.DFApp()\n", "More than one DFApp or other top level function app instances are defined: app and"),
        ("other = app\n", "app and other (one app under two names)"),
        ("app = 1\n", "Could not find top level function app instances in function_app.py."),
        ("", "No functions were found in function_app.py"),
        (
            '@app.function_name("a")\n@app.route(route="h")\ndef h(req): return "x"\n' + activity("x"),
            "Function a does not have a unique function name.",
        ),
        (
            '@app.function_name("A")\n@app.route(route="h")\ndef h(req): return "x"\n' + activity("x"),
            "the names A and a differ in case only",
        ),
        ('@app.function_name("a")\ndef h(req): return "x"\n', "Function a does not have a trigger."),
    ],
)
def test_one_app_object_with_unique_functions(refusal, text, reason):
    """One app object, functions with unique names in any case: else Azure has no function at all (contract 6.4)."""
    assert reason in refusal(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (activity("x, z=1"), "are declared in Python but not in the function definition"),
        (activity("y"), "are declared in Python but not in the function definition"),
        (activity("x, **more"), "not in the function definition (function.json or function decorators): more"),
        (activity(""), "declared as bindings but are not present in Python: x"),
        (activity("x, context: dict"), 'the "context" parameter is expected to be of type azure.functions.Context'),
        (
            '@app.orchestration_trigger(context_name="ctx")\ndef o(ctx): yield 1\n',
            'the "context" parameter is expected to be of type azure.functions.Context',
        ),
        (
            '@app.route(route="h")\n@app.durable_client_input(client_name="starter")\nasync def h(req, client): ...\n',
            "not in the function definition (function.json or function decorators): client",
        ),
    ],
)
def test_parameters_are_bindings(refusal, text, reason):
    """Parameters and bindings are the same set; context may be beside them (Python worker: functions)."""
    assert reason in refusal(text)


@pytest.mark.parametrize(
    "annotation",
    ["list[str]", "dict[str, Any]", "Optional[dict]", "dict | None", "typing.Tuple[int]", "typing.Callable",
     "NewType('N', str)", "TypeVar('T')"],
)  # fmt: skip
def test_annotations_that_cost_the_whole_app(refusal, annotation):
    """An annotation that is neither a class nor a generic of typing is refused (Python worker: functions)."""
    assert "binding x has invalid non-type annotation" in refusal(activity(f"x: {annotation}"))


@pytest.mark.parametrize(
    "annotation",
    ["dict", "str", "Any", "typing.Dict[str, Any]", "typing.List", "typing.Iterable[str]", "Literal['a']", "None",
     "Annotated[str, 1]", "Box", "Box[int]", "Shape"],
)  # fmt: skip
def test_annotations_that_are_fine(write, annotation):
    """Classes, TypedDicts, generics of typing and no annotation are taken for an activity."""
    more = "T = TypeVar('T')\nclass Box(Generic[T]): ...\nclass Shape(TypedDict):\n  a: int\n"
    assert load(write(activity(f"x: {annotation}", more))).function("a") is not None


def test_annotation_that_cannot_be_evaluated(refusal):
    """A forward reference that does not resolve is refused with Python's own reason."""
    assert refusal(activity("x: 'Nope'")) == "cannot load the a function: name 'Nope' is not defined"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (http("(req: dict)"), '"httpTrigger" does not match its Python annotation "dict"'),
        (http("(req: Any)"), '"httpTrigger" does not match its Python annotation "Any"'),
        (http("(req: typing.Dict)"), "issubclass() arg 1 must be a class"),
        (http("(req) -> None"), 'Python return annotation "NoneType" does not match binding type "http"'),
        (http("(req) -> dict"), 'Python return annotation "dict" does not match binding type "http"'),
        (http("(req) -> Optional[str]"), "has invalid non-type return annotation"),
        (http("(req: func.Out[str])"), 'declared to have the "in" direction'),
        (http("(req, res: str)", '@app.route(route="h", binding_arg_name="res")'), 'have the "out" direction'),
        (http("(req, res: func.Out)", '@app.route(route="h", binding_arg_name="res")'), "invalid Out annotation"),
        (
            http("(req, res: func.Out[int])", '@app.route(route="h", binding_arg_name="res")'),
            '"http" does not match its Python annotation "int"',
        ),
        (
            '@app.timer_trigger(arg_name="t", schedule="x")\ndef t(t: dict) -> None: ...\n',
            '"timerTrigger" does not match its Python annotation "dict"',
        ),
        (
            '@app.generic_trigger(arg_name="m", type="fooTrigger")\ndef m(m: int): ...\n',
            '"fooTrigger" does not match its Python annotation "int"',
        ),
    ],
)
def test_annotations_that_do_not_fit_the_binding(refusal, text, reason):
    """An annotation that the binding's converter does not know is refused (Python worker: functions)."""
    assert reason in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        http("(req: func.HttpRequest) -> func.HttpResponse"),
        http("(req: str) -> str"),
        http("(req, res: func.Out[func.HttpResponse])", '@app.route(route="h", binding_arg_name="res")'),
        http("(req, res)", '@app.route(route="h", binding_arg_name="res")'),
        '@app.timer_trigger(arg_name="t", schedule="0 * * * * *")\ndef t(t: str) -> str: ...\n',
        '@app.generic_trigger(arg_name="m", type="fooTrigger")\ndef m(m: str): ...\n',
    ],
)
def test_annotations_that_fit(write, text):
    """Annotations that the converter knows are taken."""
    assert len(load(write(text)).functions) == 1


def test_outputs(write):
    """A binding of direction out that is no $return is a parameter; returning a value is then an error."""
    app = load(write(http("(req, res: func.Out[str])", '@app.route(route="h", binding_arg_name="res")')))
    assert (app.function("h").outputs, app.function("h").output) == (("res",), False)


def test_plain_client_for_a_sync_function(write):
    """A durable client of the plain binding is a text, and a function that takes it need not be async."""
    app = load(
        write("""
        @app.generic_trigger(arg_name="req", type="httpTrigger", route="x")
        @app.generic_output_binding(arg_name="$return", type="http")
        @app.generic_input_binding(arg_name="client", type="durableClient")
        def start(req: func.HttpRequest, client: str): return client
    """)
    )
    assert [client.parameter for client in app.function("start").clients] == ["client"]
    assert app.warnings == ()


def test_sync_function_with_a_rich_client(write):
    """A sync function with the rich client loads in Azure and fails at each call: that is a warning (contract 2.1)."""
    decorators = '@app.route(route="h")\n@app.durable_client_input(client_name="client")'
    app = load(write(http("(req, client)", decorators)))
    assert "Write async def" in app.warnings[0]
    assert load(write(http("(req, client)", decorators, "async "))).warnings == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (http("(req)", '@app.route(route="Admin/x")'), "conflicts with one or more built in routes"),
        (http("(req)", '@app.route(route="/runtimes")'), "conflicts with one or more built in routes"),
        (http("(req)", '@app.function_name("1h")\n@app.route(route="h")'), "'1h' is not a valid function name"),
        (http("(req)", '@app.function_name("host")\n@app.route(route="h")'), "'host' is not a valid function name"),
        (http("(my__req)", '@app.route(route="h", trigger_arg_name="my__req")'), "The binding name my__req is invalid"),
        (http("(req, ä)", '@app.route(route="h", binding_arg_name="ä")'), "The binding name ä is invalid"),
        (
            '@app.timer_trigger(arg_name="t", schedule="%NO_SUCH%")\ndef h(t) -> None: ...\n',
            "'%NO_SUCH%' does not resolve to a value",
        ),
    ],
)
def test_functions_in_error(write, text, reason):
    """What the host refuses costs that function only; the others run (Functions host: function errors)."""
    app = load(write(text + activity("x")))
    assert [one.name for one in app.functions] == ["a"]
    assert reason in next(iter(app.errors.values()))


def test_only_functions_in_error(refusal):
    """If no function is left, the app is refused."""
    assert "no function is left" in refusal(http("(req)", '@app.route(route="admin")'))


@pytest.mark.parametrize(
    ("first", "second", "conflict"),
    [
        ('"x", methods=["GET"]', '"X/", methods=["GET", "POST"]', True),
        ('"x"', '"x", methods=["GET"]', True),
        ('"x", methods=["GET"]', '"x", methods=["POST"]', False),
        ('"x/{a}"', '"x/{b}"', False),
    ],
)
def test_conflicting_routes(write, first, second, conflict):
    """The same route with a common method is an error of the second function in the host's order (contract 6.1)."""
    text = f'@app.route(route={second})\ndef zz(req): return "x"\n@app.route(route={first})\ndef aa(req): return "x"\n'
    app = load(write(text))
    wanted = {"zz": "The route specified conflicts with the route defined by function 'aa'."} if conflict else {}
    assert app.errors == wanted


def test_snake_case_names(write):
    """Single underscores in binding names are fine, as on hosts from 4.1038 on."""
    text = '@app.activity_trigger(input_name="my_x")\ndef a(my_x): ...\n'
    assert load(write(text)).errors == {}


def test_one_durable_name_twice(write):
    """Of two activities under one durable name the later in the host's order gets every call; that is a warning."""
    text = """
        @app.activity_trigger(input_name="x", activity="Same")
        def one(x): return 1
        @app.activity_trigger(input_name="x", activity="same")
        def two(x): return 2
    """
    app = load(write(text))
    assert app.durable(Kind.ACTIVITY)["same"].name == "two"
    assert "every call goes to two" in app.warnings[0]


def test_one_name_for_an_orchestration_and_an_activity(write):
    """An orchestration and an activity may share a durable name."""
    text = """
        @app.activity_trigger(input_name="x", activity="Same")
        def one(x): return 1
        @app.orchestration_trigger(context_name="context", orchestration="Same")
        def two(context): yield 1
    """
    assert load(write(text)).warnings == ()


def test_own_classes_keep_their_module(write):
    """A class of the script belongs to the module function_app, as the durable codec writes it (contract 4.11)."""
    app = load(write(activity("x", "class Order: ...\n")))
    assert sys.modules["function_app"].Order.__module__ == "function_app"
    assert json.dumps([one.name for one in app.functions]) == '["a"]'
