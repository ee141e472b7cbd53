"""What is answered about the policies in force, and about a proposal before it is submitted."""

from datetime import UTC, datetime
from typing import Any

import azure.functions as func

from adapters import directory, identity, settings
from adapters.identity import Signed
from approval.instants import written
from approval.json_values import JsonValue
from approval.policy.frozen import value_to_json
from approval.proposal import read_proposal
from functions import previewing
from functions.answers import changing_body, json_answer, tagged_answer
from functions.submitting import with_author
from service.act_errors import PolicyUnknown
from service.policy_view import BUILT_IN, built_in_policies_view, built_in_policy_view, policies_view, policy_view


async def listed(req: func.HttpRequest) -> func.HttpResponse:
    """The policies in force."""
    identity.signed_in(req.headers)
    file = directory.policy_file()
    view = built_in_policies_view() if file is None else policies_view(file, directory.digest())
    return tagged_answer(req, view)


async def one(req: func.HttpRequest) -> func.HttpResponse:
    """The policy that the address names."""
    identity.signed_in(req.headers)
    file, name = directory.policy_file(), req.route_params["name"]
    if file is None and name == BUILT_IN:
        return tagged_answer(req, built_in_policy_view(settings.company_policy()))
    if file is None or name not in file.policies:
        raise PolicyUnknown
    return tagged_answer(req, policy_view(file, file.policies[name], directory.digest()))


async def previewed(req: func.HttpRequest) -> func.HttpResponse:
    """What would happen to the proposal in the body."""
    by = identity.signed_in(req.headers)
    return json_answer(preview(changing_body(req), by))


def preview(body: JsonValue, by: Signed) -> dict[str, Any]:
    """What would happen to a proposal if it were submitted now.

    Example::

        {"policy": {"name": "scheme", "title": "Highway scheme", "digest": "sha256:…"},
         "fields": {"kind": "scheme", "amount": "60000.00", "category": 1, "departure": false},
         "amount": "60000.00 GBP",
         "path": [{"level": "Line of authority", "number": 1, "is": "ahead", "…": "…"}]}

    Raises:
        InvalidFields: the body is refused, as it would be if it were submitted.
        InvalidSetting: there is no policy file, and the setting of the built-in policy is not usable.
    """
    file = directory.policy_file()
    if file is None:
        return _preview_of_built_in(body, by, datetime.now(UTC))
    found = previewing.preview(body, file, by)
    draft, policy = found.draft, found.draft.policy
    return {
        "policy": {"name": policy.name, "title": policy.title, "digest": policy.digest},
        "fields": {name: value_to_json(value) for name, value in draft.values.items()},
        "amount": draft.amount,
        "path": [step.to_json() for step in found.levels],
    }


def _preview_of_built_in(body: JsonValue, by: Signed, now: datetime) -> dict[str, Any]:
    proposal, company = read_proposal(with_author(body, by)), settings.company_policy()
    policy = proposal.policy.over(company) if proposal.policy else company
    view = built_in_policy_view(policy)
    step = {
        "level": policy.approver, "number": 1, "is": "ahead", "with": [], "because": [policy.approver],
        "due": written(policy.due(now)), "left_out": [], "why": None, "depends": False, "outcome": None, "by": None,
        "at": None,
    }  # fmt: skip
    amount = f"{proposal.amount} {proposal.currency}" if proposal.amount else None
    policy_of = {name: view[name] for name in ("name", "title", "digest")}
    return {"policy": policy_of, "fields": {}, "amount": amount, "path": [step]}
