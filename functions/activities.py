"""The activities. The engine runs each at least once: a worker that dies before its answer is stored runs it again."""

import secrets
from typing import Any

import azure.durable_functions as df

from adapters import directory, mail, sealing
from adapters.engine import Engine
from approval import messages
from approval.errors import UnfitPolicyFile
from approval.notices import moves_to_tell, notice_id
from approval.open_level import answer
from approval.opening import Request

_OPENING_BYTES = 16
blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="outcome")
def Approval(outcome: str) -> str:  # noqa: N802 - the original tutorial's name
    """The message to the author: ``outcome`` is Approved or Rejected.

    A second run gives the same sentence and does nothing else.
    """
    return messages.decided(outcome)


@blueprint.activity_trigger(input_name="to")
def Escalation(to: str) -> str:  # noqa: N802 - the original tutorial's name
    """The message when nobody decided in time: ``to`` gets the case.

    A second run gives the same sentence and does nothing else.
    """
    return messages.escalated(to)


@blueprint.activity_trigger(input_name="request")
def OpenLevel(request: dict) -> dict[str, Any]:  # type: ignore[type-arg]  # noqa: N802 - a durable name; the worker takes no generic types
    """Open a level, or escalate it: who is asked and why, by when, and who comes next (``approval.opening``).

    A second run reads the directory again and draws another opening; the one whose result is stored counts.

    Raises:
        UnfitPolicyFile: no policy file is in force, or the level needs what it has no more.
        InvalidSetting: a key is not usable.
    """
    asked = Request.from_json(request)
    file = directory.policy_file()
    if file is None:
        raise UnfitPolicyFile(str(asked.level), "No policy file is in force: set APPROVAL_POLICIES.")
    found = answer(
        asked,
        file,
        directory.digest(),
        sealing.act_keys(),
        sealing.input_keys(),
        asked.opening or secrets.token_hex(_OPENING_BYTES),
    )
    return found.to_json()


@blueprint.activity_trigger(input_name="news")
@blueprint.durable_client_input(client_name="client")
async def Announce(  # noqa: N802 - a durable name
    news: dict,  # type: ignore[type-arg]  # the worker takes no generic types
    client: df.DurableOrchestrationClient,
) -> dict[str, Any]:
    """Put entries into the record of a case by repeating them, and start a ``Notice`` for each move to tell people of.

    A second run starts only the notices that the first one has not: a start over one that is over would send it again.

    Raises:
        StartFailed, EngineFailed: the engine did not answer as it should.
    """
    entries = news["entries"]
    engine = Engine(client)
    for move in moves_to_tell(entries) if mail.is_on() else ():
        own_id = notice_id(news["instance"], news["run"], move)
        if await engine.status(own_id) is None:
            await engine.start("Notice", {"case": news["instance"], "move": move}, own_id)
    return {"entries": entries}
