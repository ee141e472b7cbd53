"""The committed template keeps what deploy.md promises about security, without a compiler."""

import copy
import json
import re

import infra_rules as rules
import infra_template as template
import pytest
from infra_rules import RULES

from adapters import settings
from functions import retention

BY_SENTENCE = {rule.says: rule for rule in RULES}
SPOILT = [(rule, spoil) for rule in RULES for spoil in rule.spoilt]
RESOURCES = template.resources(template.compiled())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.says)
def test_the_template_keeps_the_rule(rule):
    """The sentence is true of the committed template."""
    assert not rule.complaints(RESOURCES)


@pytest.mark.parametrize(("rule", "spoil"), SPOILT, ids=[f"{rule.says}-{n}" for n, (rule, _) in enumerate(SPOILT)])
def test_a_spoilt_template_is_noticed(rule, spoil):
    """Each way to break a rule is reported by that rule."""
    broken = copy.deepcopy(RESOURCES)
    spoil(broken)
    assert rule.complaints(broken)


def test_allowed_shared_keys_are_noticed():
    """``allowSharedKeyAccess: true`` in the text of the template makes the rule fail."""
    text = template.COMPILED.read_text(encoding="utf-8")
    spoilt = text.replace('"allowSharedKeyAccess": false', '"allowSharedKeyAccess": true')
    assert spoilt != text
    rule = BY_SENTENCE["No key opens the storage account."]
    assert rule.complaints(template.resources(json.loads(spoilt)))


def test_no_parameter_is_a_secret():
    """Nothing has to be given that must not be seen, so a parameter file can be committed."""
    kinds = {name: parameter["type"] for name, parameter in template.compiled()["parameters"].items()}
    assert set(kinds.values()) <= {"string", "int", "bool", "array", "object"}
    assert not [name for name in kinds if re.search("secret|password|key$", name, re.IGNORECASE)]


def test_no_output_is_a_secret():
    """Outputs are names and addresses; they stay readable in the resource group's deployments."""
    assert set(template.compiled()["outputs"]) == {
        "AZURE_FUNCTION_APP_NAME",
        "AZURE_FUNCTION_APP_URL",
        "AZURE_STORAGE_ACCOUNT_NAME",
        "AZURE_LOG_ANALYTICS_WORKSPACE_ID",
    }


def test_every_parameter_is_described():
    """Each parameter of the template says what it is."""
    parameters = template.compiled()["parameters"]
    assert not [name for name, parameter in parameters.items() if not parameter.get("metadata", {}).get("description")]


def test_roles_are_given_on_single_resources():
    """No role reaches further than the storage account, the component or the task hub."""
    roles = rules.of(RESOURCES, rules.ROLE)
    assert roles
    assert all("resourceId(" in role.body["scope"] for role in roles)


def test_the_export_container_is_the_one_that_the_app_writes_to():
    """The retention run finds its container, under the name that the template makes it by."""
    assert template.compiled()["variables"]["exportContainer"] == retention.CONTAINER


def test_the_task_hub_has_the_name_of_host_json():
    """Both engines keep the cases under the same hub name."""
    host = json.loads((template.ROOT / "host.json").read_text(encoding="utf-8"))
    assert template.compiled()["variables"]["taskHubName"] == host["extensions"]["durableTask"]["hubName"]


def test_the_settings_are_those_that_the_app_reads():
    """Each setting of the app is set by the template, but for those of a local run, and none that it does not know."""
    rows = "\n".join(re.findall(r"^\| (``.*?``) \|", settings.__doc__, re.MULTILINE))
    known = set(re.findall(r"``(\w+)``", rows))
    compiled = template.compiled()
    given = compiled["resources"]["app"]["properties"]["parameters"]["settings"]["value"]
    ours = given.partition("createObject(")[2].partition("), if(")[0] + compiled["variables"]["policySettings"]
    assert set(re.findall(r"'([A-Z_]+)', ", ours)) == known - {"IDENTITY", "OUTBOX"}
