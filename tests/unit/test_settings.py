"""Application settings."""

import os

import pytest

from adapters import settings
from approval.policy.one_level import Policy
from service.errors import InvalidSetting


@pytest.mark.parametrize("value", [None, "", "  "])
def test_without_a_setting_the_original_tutorials_twenty_seconds_count(monkeypatch, value):
    """An empty setting is none."""
    monkeypatch.delenv("APPROVAL_TIMEOUT", raising=False)
    if value is not None:
        monkeypatch.setenv("APPROVAL_TIMEOUT", value)
    assert settings.company_policy() == Policy("PT20S", "Manager", "Head of department")


def test_a_changed_setting_counts_from_the_next_look_on(monkeypatch):
    """Nothing is remembered from the start of the process."""
    for value in ("P3D", "PT5S"):
        monkeypatch.setenv("APPROVAL_TIMEOUT", f" {value} ")
        assert settings.company_policy().timeout == value


def test_an_unusable_setting_is_refused_by_its_name(monkeypatch):
    """Anyone who runs the app learns which setting it is and what would be right."""
    monkeypatch.setenv("APPROVAL_TIMEOUT", "20 seconds")
    with pytest.raises(InvalidSetting, match=r"APPROVAL_TIMEOUT is not usable: .*Write for example PT20S"):
        settings.company_policy()


def test_the_sdk_is_told_to_build_no_objects(monkeypatch):
    """Whatever the setting said before."""
    name = "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING"
    monkeypatch.delenv(name)
    settings.insist_on_plain_json()
    assert os.environ[name] == "1"
    monkeypatch.setenv(name, "0")
    settings.insist_on_plain_json()
    assert os.environ[name] == "1"
