"""The policies in force as JSON: how a proposal finds its policy, and each level in words. Pure.

Example, of one policy::

    {"name": "scheme", "title": "Highway scheme", "digest": "sha256:…", "visible_to": "staff",
     "different_people": false, "taken": ["every other proposal"],
     "levels": [{"number": 1, "name": "Line of authority", "words": [{"what": "Time", "how": "5 days from when …"}]}],
     "fields": [{"name": "amount", "type": "money", "label": "Whole cost", "choices": [], "currency": "GBP",
                 "min": "0", "max": "5000000", "default": null, "optional": false}]}

The digest is that of the whole file: it changes with any change of it. A case shows the one that it was started with.
"""

from typing import Any

from approval.policy.frozen import FrozenPolicy
from approval.policy.model import Policy, PolicyFile
from approval.policy.one_level import OneLevelPolicy
from approval.policy.words import level_in_words, routes_in_words

BUILT_IN = "built-in"
_TITLE = "One level"


def policies_view(file: PolicyFile, digest: str) -> dict[str, Any]:
    """All policies, in the file's order.

    Example: ``{"file": "Northshire highways", "zone": "Europe/London", "digest": "sha256:…",
    "policies": [{"name": "scheme", "title": "Highway scheme", "taken": ["every other proposal"]}]}``
    """
    listed = [
        {"name": policy.name, "title": policy.title, "taken": _taken(file, policy)} for policy in file.policies.values()
    ]
    return {"file": file.name, "zone": file.zone, "digest": digest, "policies": listed}


def policy_view(file: PolicyFile, policy: Policy, digest: str) -> dict[str, Any]:
    """One policy, as above."""
    levels = [
        {
            "number": number,
            "name": level.name,
            "words": [{"what": what, "how": how} for what, how in level_in_words(file, level)],
        }
        for number, level in enumerate(policy.levels, 1)
    ]
    return {
        "name": policy.name,
        "title": policy.title,
        "digest": digest,
        "visible_to": str(policy.visible_to),
        "different_people": policy.different_people,
        "taken": _taken(file, policy),
        "levels": levels,
        "fields": FrozenPolicy.of(file, policy, digest).to_json()["fields"],
    }


def built_in_policies_view() -> dict[str, Any]:
    """The one policy that counts where no policy file is in force."""
    listed = {"name": BUILT_IN, "title": _TITLE, "taken": ["every proposal"]}
    return {"file": None, "zone": "UTC", "digest": "", "policies": [listed]}


def built_in_policy_view(policy: OneLevelPolicy) -> dict[str, Any]:
    """That policy, in the form of the others."""
    words = [
        {"what": "Asks", "how": policy.approver},
        {"what": "Time", "how": f"{policy.timeout} from the start"},
        {"what": "If nobody acts", "how": f"it goes to {policy.escalate_to}, and the case ends"},
    ]
    return {
        "name": BUILT_IN,
        "title": _TITLE,
        "digest": "",
        "visible_to": "staff",
        "different_people": False,
        "taken": ["every proposal"],
        "levels": [{"number": 1, "name": policy.approver, "words": words}],
        "fields": [],
    }


def _taken(file: PolicyFile, policy: Policy) -> list[str]:
    return [when for each, when in routes_in_words(file) if each.name == policy.name]
