"""What is decided how: the policies in force, a look ahead at a proposal, and the description of the API.

What an answer needs is imported with the first request: the app's start does not pay for it.
"""
# ruff: noqa: PLC0415 - as said above

import azure.durable_functions as df
import azure.functions as func

from functions.answers import answered, tagged_answer

blueprint = df.Blueprint()


@blueprint.route(route="api/policies", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def ListPolicies(req: func.HttpRequest) -> func.HttpResponse:  # noqa: N802
    """200 with the policies in force, and which proposals take them."""
    from functions import policy_answers

    return await answered(lambda: policy_answers.listed(req))


@blueprint.route(route="api/policies/{name}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def ReadPolicy(req: func.HttpRequest) -> func.HttpResponse:  # noqa: N802
    """200 with one policy: its levels in words, and the fields of a proposal."""
    from functions import policy_answers

    return await answered(lambda: policy_answers.one(req))


@blueprint.route(route="api/proposals:preview", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def PreviewProposal(req: func.HttpRequest) -> func.HttpResponse:  # noqa: N802
    """200 with who would decide on this proposal, and by when. Nothing is started."""
    from functions import policy_answers

    return await answered(lambda: policy_answers.previewed(req))


@blueprint.route(route="api/openapi.json", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def OpenApi(req: func.HttpRequest) -> func.HttpResponse:  # noqa: N802
    """200 with the description of the API, the same for everybody."""
    from service.openapi import document

    return tagged_answer(req, document())
