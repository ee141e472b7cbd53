"""Functions as devhost's loader describes them, made without an app."""

from devhost.app.indexer import Function, Http, Kind


def function(name, kind=Kind.HTTP, trigger="httpTrigger", parameter="req", http=None):
    """A function of this kind that gives an empty text."""
    return Function(
        name=name,
        kind=kind,
        trigger={"type": trigger, "name": parameter},
        bindings=(),
        handler=str,
        is_async=False,
        durable_name=name,
        parameter=parameter,
        http=http,
        clients=(),
        wants_context=False,
        output=True,
        outputs=(),
        schedule=None,
        directory="",
    )


def http_function(name, route, methods=(), level="anonymous"):
    """An HTTP function at this route."""
    return function(name, http=Http(route, methods, level))
