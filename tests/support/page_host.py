"""A devhost with this app, set up for people: keys, local sign-in, an outbox, and a policy file or none."""

import importlib.util

from places import ROOT

from devhost.testing.process import HostProcess

_NEW_KEYS = importlib.util.spec_from_file_location("new_keys", ROOT / "scripts/new_keys.py")
_keys = importlib.util.module_from_spec(_NEW_KEYS)
_NEW_KEYS.loader.exec_module(_keys)


def people_host(folder, policies=None, **settings):
    """A host that has started; close it."""
    given = _keys.new_keys("2026-11") | {"IDENTITY": "local", "OUTBOX": str(folder / "outbox")}
    given |= {"APPROVAL_POLICIES": policies} if policies else {}
    made = HostProcess(ROOT, folder / "state", **given | settings)
    made.environment["PUBLIC_BASE_URL"] = made.origin
    made.start()
    return made
