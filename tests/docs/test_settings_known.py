"""The app's own settings files say nothing that the local host does not know."""

import json

from places import ROOT

from devhost.app.host_json import read_host_json
from devhost.app.known_settings import of_host_json, of_local_settings
from devhost.app.local_host import KEYS


def test_the_apps_own_settings_are_known():
    """None of them is unknown, and none is without effect."""
    assert of_host_json(read_host_json(ROOT).raw) == []
    assert of_local_settings(json.loads((ROOT / "local.settings.json.example").read_text()), KEYS) == []
