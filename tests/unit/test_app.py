"""The app as a whole: what is deployed, and that its parts agree."""

import ast
import importlib.util
import json
import pathlib
import re
import tomllib
from datetime import UTC, datetime

import azure.functions as func
import pytest
from azure.durable_functions import DurableOrchestrationClient

from approval.case import Case
from approval.policy.one_level import OneLevelPolicy
from approval.review.one_level import Review
from functions import activities, review_flow, start
from functions.start import CATALOGUE

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def function_app():
    """The deployed module, fresh: it gives its functions once only, and other tests load apps of this name too."""
    spec = importlib.util.spec_from_file_location("deployed_app", ROOT / "function_app.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def functions(function_app):
    """The app's functions by name; the SDK gives the list only once."""
    return {function.get_function_name(): function for function in function_app.app.get_functions()}


def test_the_worker_finds_exactly_one_app(function_app):
    """More than one, or one under two names, and it loads nothing."""
    registers = [name for name, value in vars(function_app).items() if isinstance(value, func.FunctionRegister)]
    assert registers == ["app"]
    assert function_app.app.auth_level is func.AuthLevel.FUNCTION


def test_the_original_tutorials_names_are_there(functions):
    """Names are data in running histories and in people's links."""
    assert set(functions) >= {"HttpStart", "OrchFunction", "OrchFunctionChain", "Approval", "Escalation"}


def test_the_catalogue_holds_every_orchestration_and_nothing_else(functions):
    """What can be started by name is what the app declares as orchestrations, but for what the app starts itself."""
    kinds = {name: function.get_trigger().type for name, function in functions.items()}
    declared = {name for name, kind in kinds.items() if kind == "orchestrationTrigger"}
    assert set(CATALOGUE) == declared - {"HistoryRetention", "Notice"}
    assert declared >= {"HistoryRetention", "Notice"}


def test_every_activity_that_is_called_by_name_exists(functions):
    """The engine would wait for an unknown one for ever, without a word."""
    kinds = {name: function.get_trigger().type for name, function in functions.items()}
    asked = Review.opened(Case(OneLevelPolicy()), datetime(2026, 11, 24, tzinfo=UTC))
    ended = [asked.heard("yes", asked.now), asked.heard("no", asked.now), asked.woke(asked.due)]
    called = {effect.activity for review in ended for effect in review.to_start}
    assert called == {"Approval", "Escalation"}
    called |= {"OpenLevel", "Announce"}  # of a case under a policy file
    for path in (ROOT / "functions").rglob("*.py"):
        called |= set(re.findall(r'call_activity(?:_with_retry)?\("(\w+)"', path.read_text(encoding="utf-8")))
    assert called == {name for name, kind in kinds.items() if kind == "activityTrigger"}


def test_the_starter_is_where_the_original_tutorial_has_it(functions):
    """POST and GET, by name, behind a function key."""
    bindings = functions["HttpStart"].get_dict_repr()["bindings"]
    trigger = next(binding for binding in bindings if binding["type"] == "httpTrigger")
    assert trigger["route"] == "api/orchestrators/{functionName}"
    assert [method.value for method in trigger["methods"]] == ["POST", "GET"]
    assert trigger["authLevel"] is func.AuthLevel.FUNCTION


def test_only_pages_are_outside_of_api(functions):
    """The host adds no prefix, so each route of the API spells it out, and every address stays what it was."""
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    assert host["extensions"]["http"] == {"routePrefix": ""}
    routes = {
        trigger.route
        for function in functions.values()
        if (trigger := function.get_trigger()).type == "httpTrigger"
        and function.get_user_function().__module__ not in ("functions.pages", "functions.sign_in")
    }
    assert {"api/orchestrators/{functionName}", "api/health", "api/stats"} <= routes
    assert not [route for route in routes if not route.startswith("api/")]


def test_binding_parameters_have_names_and_types_that_the_worker_takes(functions):
    """No underscore, no generic annotation: the worker would refuse the whole app."""
    for name in ("Approval", "Escalation"):
        (binding,) = functions[name].get_dict_repr()["bindings"]
        assert functions[name].get_user_function().__annotations__[binding["name"]] is str
        assert "_" not in binding["name"]


def test_every_package_of_the_app_has_its_layer():
    """The tool that holds the imports looks at the packages that are listed, and knows of no other."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    ignore = (ROOT / ".funcignore").read_text(encoding="utf-8")
    deployed = set(re.findall(r"^!/(\w+)/\*\.py$", ignore, re.MULTILINE))
    assert {name for layer in layers for name in layer.split(" | ")} == deployed
    assert deployed <= set(project["tool"]["importlinter"]["root_packages"])
    unknowing = next(each for each in contracts if each.get("forbidden_modules") == ["devhost"])
    assert set(unknowing["source_modules"]) == deployed


def test_only_the_engine_port_calls_the_durable_client():
    """All else asks ``adapters.engine``; the starter alone takes its answer, the links, from the client itself."""
    methods = {name for name in vars(DurableOrchestrationClient) if not name.startswith("__")}
    assert {"start_new", "get_status", "_get_start_new_url"} <= methods
    found = set()
    for path in [ROOT / "function_app.py", *(ROOT / "functions").rglob("*.py"), *(ROOT / "adapters").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                owner = ast.unparse(node.value).rpartition(".")[2]
                if owner.endswith("client") or (node.attr in methods and owner != "context"):
                    found.add((path.relative_to(ROOT).as_posix(), node.attr))
    elsewhere = {(path, name) for path, name in found if path != "adapters/engine.py"}
    assert elsewhere == {("functions/start.py", "create_check_status_response")}
    assert ("adapters/engine.py", "start_new") in found


def test_the_app_file_registers_and_nothing_else():
    """Read it to learn what is deployed."""
    tree = ast.parse((ROOT / "function_app.py").read_text(encoding="utf-8"))
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert imported == ["functions"]
    assert {part.blueprint for part in (start, review_flow, activities)}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.If)]


def test_the_host_file_is_strict_json_with_the_bundle_and_the_safe_start():
    """The SDK reads it with a strict parser; a live instance is never replaced."""
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    assert host["extensionBundle"] == {"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)"}
    durable = host["extensions"]["durableTask"]
    assert durable["overridableExistingInstanceStates"] == "NonRunningStates"
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]{2,44}", durable["hubName"])


def test_the_host_file_has_no_settings_that_say_nothing():
    """``logging.applicationInsights`` is not read under ``telemetryMode: OpenTelemetry``."""
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    assert host["telemetryMode"] == "OpenTelemetry"
    assert set(host["logging"]) == {"logLevel"}


def test_the_settings_example_starts_core_tools_with_azurite():
    """A copy of it is all that `func start` needs."""
    values = json.loads((ROOT / "local.settings.json.example").read_text(encoding="utf-8"))["Values"]
    assert values == {
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "AzureWebJobsStorage": "UseDevelopmentStorage=true",
        "AzureWebJobsDisableHomepage": "true",
        "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING": "1",
        "APPROVAL_TIMEOUT": "PT20S",
    }


def test_only_the_app_is_deployed():
    """What is deployed is named, and all else stays behind."""
    lines = (ROOT / ".funcignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[:2] == ["*", "**"]
    assert {line.partition("/")[2].partition("/")[0].replace("[", "").replace("]", "") for line in rules[2:]} == {
        "approval", "adapters", "functions", "service", "web", "host.json", "requirements.txt", "function_app.py",
    }  # fmt: skip


@pytest.mark.parametrize(("package", "known"), [("approval", {"approval"}), ("service", {"approval", "service"})])
def test_the_pure_packages_know_no_clock_and_no_outside_world(package, known):
    """Nothing in them imports what reads time, chance, files or the environment; the domain knows itself only."""
    allowed = known | {
        "base64", "binascii", "collections", "cryptography", "dataclasses", "datetime", "dateutil", "decimal",
        "difflib", "enum", "functools", "hashlib", "hmac", "json", "math", "pydantic", "pydantic_core", "re",
        "typing", "unicodedata", "urllib",
    }  # fmt: skip
    for path in [*(ROOT / package).glob("*.py"), *(ROOT / package / "review").glob("*.py")]:
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert {name.split(".")[0] for name in names} <= allowed, path
        assert not re.search(r"\.(utcnow|now|today)\(|\bopen\(", source), path


def test_no_script_speaks_past_what_shows_strangers_texts():
    """A script prints and writes to standard error only through the function that makes texts harmless."""
    speaking = re.compile(r"\bprint\(|sys\.(__)?stderr(__)?\.write|traceback\.print_")
    scripts = list((ROOT / "scripts").glob("*.py"))
    assert scripts
    assert [path.name for path in scripts if speaking.search(path.read_text(encoding="utf-8"))] == []
