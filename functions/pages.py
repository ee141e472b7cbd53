"""The routes of the pages.

1. A page that only looks takes GET and HEAD and records nothing; what records something takes POST from one of them.
2. What makes the pages is imported with the first request for one: the app's start does not pay for it.
"""
# ruff: noqa: PLC0415 - rule 2

import azure.durable_functions as df
import azure.functions as func

from adapters import tracing
from adapters.engine import Engine

LOOK, SEND = ("GET", "HEAD"), ("GET", "HEAD", "POST")
OPEN = func.AuthLevel.ANONYMOUS
blueprint = df.Blueprint()


@blueprint.route(route="{ignored:maxlength(0)?}", methods=LOOK, auth_level=OPEN)
@blueprint.durable_client_input(client_name="client")
async def HomePage(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """The inbox."""
    from functions import page_answers, page_lists

    return await page_answers.for_person(req, Engine(client), page_lists.inbox)


@blueprint.route(route="inbox", methods=LOOK, auth_level=OPEN)
@blueprint.durable_client_input(client_name="client")
async def InboxPage(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """What waits for the one who reads, and what this person has submitted."""
    from functions import page_answers, page_lists

    return await page_answers.for_person(req, Engine(client), page_lists.inbox)


@blueprint.route(route="sign-in", methods=LOOK, auth_level=OPEN)
def SignInPage(req: func.HttpRequest) -> func.HttpResponse:  # noqa: N802
    """Who are you? Local runs only."""
    from functions import page_lists

    return page_lists.sign_in(req)


@blueprint.route(route="submit", methods=SEND, auth_level=OPEN)
@blueprint.durable_client_input(client_name="client")
async def SubmitPage(  # noqa: N802
    req: func.HttpRequest, client: df.DurableOrchestrationClient, context: func.Context
) -> func.HttpResponse:
    """The empty form, and by POST the submission."""
    from functions import page_answers, page_submit

    with tracing.of_invocation(context):
        return await page_answers.for_person(req, Engine(client), page_submit.submitting, page_submit.check)


@blueprint.route(route="submit/check", methods=SEND, auth_level=OPEN)
@blueprint.durable_client_input(client_name="client")
async def CheckPage(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """The answers, and who decides by when."""
    from functions import page_answers, page_submit

    return await page_answers.for_person(req, Engine(client), page_submit.check, page_submit.check)


@blueprint.route(route="submit/change", methods=SEND, auth_level=OPEN)
@blueprint.durable_client_input(client_name="client")
async def ChangePage(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """The form with its answers."""
    from functions import page_answers, page_submit

    return await page_answers.for_person(req, Engine(client), page_submit.change, page_submit.change)


@blueprint.route(route="proposals/{id}", methods=LOOK, auth_level=OPEN)
@blueprint.durable_client_input(client_name="client")
async def CasePage(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """A case: whose turn it is, and the form if it is the reader's."""
    from functions import page_answers, page_case

    return await page_answers.for_person(req, Engine(client), page_case.look)


@blueprint.route(route="proposals/{id}/decide", methods=LOOK, auth_level=OPEN)
@blueprint.durable_client_input(client_name="client")
async def DecidePage(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """The question alone."""
    from functions import page_answers, page_case

    return await page_answers.for_person(req, Engine(client), page_case.decide)


@blueprint.route(route="proposals/{id}/confirm", methods=SEND, auth_level=OPEN)
@blueprint.durable_client_input(client_name="client")
async def ConfirmPage(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """What will be recorded, and by POST the recording of it."""
    from functions import page_answers, page_case

    return await page_answers.for_person(req, Engine(client), page_case.confirm, page_case.confirm_again)


@blueprint.route(route="proposals/{id}/withdraw", methods=SEND, auth_level=OPEN)
@blueprint.durable_client_input(client_name="client")
async def WithdrawPage(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """The last look before a proposal is withdrawn, and by POST the withdrawal."""
    from functions import page_answers, page_case

    return await page_answers.for_person(req, Engine(client), page_case.withdraw, page_case.withdraw_again)


@blueprint.route(route="policies", methods=LOOK, auth_level=OPEN)
@blueprint.durable_client_input(client_name="client")
async def PoliciesPage(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """Which proposal is decided how."""
    from functions import page_answers, page_lists

    return await page_answers.for_person(req, Engine(client), page_lists.policies)


@blueprint.route(route="policies/{name}", methods=LOOK, auth_level=OPEN)
@blueprint.durable_client_input(client_name="client")
async def PolicyPage(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """How is this decided? In words, and on the reader's own numbers."""
    from functions import page_answers, page_lists

    return await page_answers.for_person(req, Engine(client), page_lists.policy)


@blueprint.route(route="outbox", methods=LOOK, auth_level=OPEN)
@blueprint.durable_client_input(client_name="client")
async def OutboxPage(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """The mails that would have gone out, of a local run."""
    from functions import page_answers, page_lists

    return await page_answers.for_person(req, Engine(client), page_lists.outbox)


@blueprint.route(route="static/{file}", methods=LOOK, auth_level=OPEN)
def StaticFile(req: func.HttpRequest) -> func.HttpResponse:  # noqa: N802
    """A file that pages are drawn with; its name has the digest of its content."""
    from functions import page_lists

    return page_lists.static(req)
