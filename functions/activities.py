"""The activities. The engine runs each at least once: a worker that dies before its answer is stored runs it again."""

import azure.durable_functions as df

from approval import messages

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
