"""The app as a whole: what is deployed, and that its parts agree."""

import ast
import importlib
import json
import pathlib
import pkgutil
import re
import tomllib
from datetime import UTC, datetime

import azure.functions as func
import loaded
import pytest
from azure.durable_functions import DurableOrchestrationClient

from approval.case import Case
from approval.policy.one_level import OneLevelPolicy
from approval.review.one_level import Review
from functions.start import CATALOGUE

ROOT = pathlib.Path(__file__).parents[2]
TASK_SCHEDULED = 4
PAGES = {"functions.pages", "functions.sign_in"}


@pytest.fixture(scope="module")
def function_app():
    """The deployed module."""
    return loaded.deployed()


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


def test_every_activity_that_is_called_exists(functions):
    """The engine would wait for an unknown one for ever, without a word. Recorded histories name what was called."""
    declared = {name for name, function in functions.items() if function.get_trigger().type == "activityTrigger"}
    asked = Review.opened(Case(OneLevelPolicy()), datetime(2026, 11, 24, tzinfo=UTC))
    ended = [asked.heard("yes", asked.now), asked.heard("no", asked.now), asked.woke(asked.due)]
    called = {effect.activity for review in ended for effect in review.to_start}
    assert called == {"Approval", "Escalation"}
    recorded = {row["Name"] for row in _recorded_rows() if row["EventType"] == TASK_SCHEDULED}
    assert len(recorded) > len(called)
    assert called | recorded <= declared


def _recorded_rows():
    tests = ROOT / "tests"
    for path in [*(tests / "replay/histories").rglob("*.json"), *(tests / "patterns/histories").glob("*.json")]:
        for episode in json.loads(path.read_text(encoding="utf-8")).get("episodes", ()):
            yield from episode["payload"].get("history", [])


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
        and function.get_user_function().__module__ not in PAGES
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
    """All else asks ``adapters.engine``; the starter alone takes its answer, the links, from the client itself.

    A rule of structure, as the import contracts are: no call would show that the others can do without.
    """
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


def test_every_blueprint_is_registered(functions):
    """A module of functions that the app's file left out would not be deployed."""
    names = [f"functions.{each.name}" for each in pkgutil.iter_modules(importlib.import_module("functions").__path__)]
    with_blueprint = {name for name in names if hasattr(importlib.import_module(name), "blueprint")}
    users = [function.get_user_function() for function in functions.values()]
    registered = {getattr(user, "orchestrator_function", user).__module__ for user in users}
    assert {"functions.start", "functions.review_flow", "functions.activities"} <= with_blueprint
    assert with_blueprint <= registered | {"functions.heartbeat"}  # off, as no setting says otherwise


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
        "policies.toml",
    }  # fmt: skip
