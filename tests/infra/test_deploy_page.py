"""docs/operate/deploy.md names what the template takes and creates."""

import re

import infra_template as template
import pytest

PAGE = (template.ROOT / "docs" / "operate" / "deploy.md").read_text(encoding="utf-8")
PARAMETERS = template.compiled()["parameters"]
ROWS = {
    cells[0].strip("`"): cells[1:]
    for cells in re.findall(r"^\| (`\w+`) \| (.*?) \| (.*?) \| (.*?) ?\|$", PAGE, re.MULTILINE)
}
IF_PROD = re.compile(r"\[if\(equals\(parameters\('environmentType'\), 'prod'\), '?(.+?)'?, '?(.+?)'?\)\]")


def test_the_page_has_every_parameter_and_no_other():
    """A row for each."""
    assert set(PARAMETERS) <= set(ROWS)
    settable = {
        name
        for name in ROWS
        if name[0].islower() and name not in {"azureStorage", "public", "private", "privateStorage"}
    }
    assert settable <= set(PARAMETERS)


@pytest.mark.parametrize("name", [name for name, it in PARAMETERS.items() if "allowedValues" in it])
def test_the_page_has_every_allowed_value(name):
    """A choice can be made from the page alone."""
    assert [value.strip("`") for value in ROWS[name][0].split(", ")] == [
        str(it) for it in PARAMETERS[name]["allowedValues"]
    ]


@pytest.mark.parametrize(
    "name", [name for name, it in PARAMETERS.items() if IF_PROD.match(str(it.get("defaultValue")))]
)
def test_the_page_has_both_defaults(name):
    """Where dev and prod differ, the page says how."""
    prod, dev = IF_PROD.match(PARAMETERS[name]["defaultValue"]).groups()
    assert [value.strip("`") for value in ROWS[name][1].split(", ")] == [dev, prod]


@pytest.mark.parametrize("name", [name for name, it in PARAMETERS.items() if {"minValue", "maxValue"} <= it.keys()])
def test_the_page_has_the_bounds(name):
    """Numbers that are refused are said to be."""
    assert ROWS[name][0] == f"{PARAMETERS[name]['minValue']} to {PARAMETERS[name]['maxValue']}"


def test_the_page_has_what_azd_reads():
    """Each variable of main.bicepparam is in the table, with its default."""
    source = (template.INFRA / "main.bicepparam").read_text(encoding="utf-8")
    for name, default in re.findall(r"readEnvironmentVariable\('(APPROVAL_\w+)', '(\w*)'\)", source):
        (row,) = re.findall(rf"^\| `{name}` \| .* \| (.*) \|$", PAGE, re.MULTILINE)
        assert row == (f"`{default}`" if default else "none")


def test_the_page_has_every_alert():
    """Six rules, each with the severity that it has."""
    source = (template.INFRA / "modules" / "alerts.bicep").read_text(encoding="utf-8")
    rules = re.findall(r"name: '([a-z-]+)'\n    says.*?severity: (\d)", source, re.DOTALL)
    assert len(rules) == 6
    for name, severity in rules:
        assert re.search(rf"^\| `{name}` \| .* \| {severity} \|$", PAGE, re.MULTILINE)


def test_the_page_has_the_containers():
    """Package and exports are found under the names that the page gives."""
    variables = template.compiled()["variables"]
    assert f"`{variables['packageContainer']}`" in PAGE
    assert f"`{variables['exportContainer']}`" in PAGE
