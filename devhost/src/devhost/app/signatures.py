"""What the worker reads from a function's signature, and what it refuses there (Python worker: functions).

1. Parameters and bindings are the same set, both ways; ``context`` is allowed beside them, as a ``func.Context``.
2. An annotation of a bound parameter is a class or one of ``typing``'s generics. ``list[str]``, ``dict[str, Any]``,
   ``Optional[dict]``, ``dict | None`` and a ``NewType`` are neither, and cost the whole app.
3. The class must be one that the binding's converter, in azure-functions, knows.
4. ``func.Out[...]`` and only it goes with a binding of direction out.
5. The return annotation counts if there is a ``$return`` binding: then it is a class that the converter knows. So an
   HTTP function may say neither ``-> dict`` nor ``-> None``.

The same rules are applied by the worker of 3.11 and 3.12 and by azure-functions-runtime of 3.13.
"""

import inspect
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import azure.functions as func

_OUT: Final = 1  # BindingDirection.OUT and INOUT, which are plain numbers in the SDK
_INOUT: Final = 2
# typing's own generics, bare and with arguments; types.GenericAlias, which list[str] is, is another class.
_ALIASES: Final = (type(typing.List), type(typing.List[int]))  # noqa: UP006 -- the old spelling is the subject
_NOT_GENERIC: Final = (typing.Union, tuple, ClassVar, Callable)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a call of the function takes and gives.

    Attributes:
        wants_context: whether ``context`` is passed.
        outputs: the parameters that take an ``Out``.
        returns: whether a returned value has a place to go.
    """

    wants_context: bool
    outputs: tuple[str, ...]
    returns: bool


def read_signature(handler: Callable[..., Any], bindings: Iterable[Any]) -> Signature:
    """What the worker makes of this function and its bindings.

    Raises:
        ValueError: with the worker's reason.
        TypeError, NameError, AttributeError: Python's own, for annotations that cannot be evaluated or compared.
    """
    parameters = dict(inspect.signature(handler).parameters)
    annotations = typing.get_type_hints(handler)
    bound: dict[str, Any] = {}
    explicit: str | None = None
    implicit: str | None = None
    for binding in bindings:
        _check_direction(binding)
        if binding.name == "$return":
            explicit = explicit or binding.type
            continue
        bound[binding.name] = binding
        if _has_implicit_output(binding.type):
            implicit = binding.type
    wants_context = "context" in parameters and "context" not in bound
    if wants_context:
        parameters.pop("context")
        _check_context(annotations)
    _check_names(set(parameters), set(bound))
    for name, binding in bound.items():
        if name in annotations:
            _check_parameter(binding, annotations[name])
    if explicit is not None and "return" in annotations:
        _check_return(explicit, annotations["return"])
    return Signature(
        wants_context=wants_context,
        outputs=tuple(name for name, binding in bound.items() if binding.direction == _OUT),
        returns=explicit is not None or implicit is not None,
    )


def _check_direction(binding: Any) -> None:
    if binding.direction == _INOUT:
        raise ValueError('"inout" bindings are not supported')
    if binding.name == "$return" and binding.direction != _OUT:
        raise ValueError('"$return" binding must have direction set to "out"')


def _check_context(annotations: Mapping[str, Any]) -> None:
    if "context" not in annotations:
        return
    annotation = annotations["context"]
    if not isinstance(annotation, type) or annotation.__name__ != "Context":
        raise ValueError(
            f'the "context" parameter is expected to be of type azure.functions.Context, got {annotation!r}'
        )


def _check_names(parameters: set[str], bound: set[str]) -> None:
    if parameters - bound:
        raise ValueError(
            "the following parameters are declared in Python but not in the function definition "
            f"(function.json or function decorators): {_listed(parameters - bound)}"
        )
    if bound - parameters:
        raise ValueError(
            "the following parameters are declared as bindings but are not present in Python: "
            f"{_listed(bound - parameters)}"
        )


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _check_parameter(binding: Any, annotation: Any) -> None:
    name = binding.name
    is_out = _is_out(annotation)
    wanted = annotation
    if is_out:
        arguments = typing.get_args(annotation)
        if len(arguments) != 1:
            raise ValueError(f"binding {name} has invalid Out annotation {annotation!r}")
        wanted = arguments[0]
    if not isinstance(wanted, type) and not _is_generic(wanted):
        raise ValueError(f"binding {name} has invalid non-type annotation {annotation!r}")
    if binding.direction == _OUT and not is_out:
        raise ValueError(
            f'binding {name} is declared to have the "out" direction, but its annotation in Python is not '
            "a subclass of azure.functions.Out"
        )
    if binding.direction != _OUT and is_out:
        raise ValueError(
            f'binding {name} is declared to have the "in" direction in the binding decorator, but its annotation '
            "is azure.functions.Out in Python"
        )
    plain = wanted in (str, bytes) and not _has_implicit_output(binding.type)
    if not _converts("generic" if plain else binding.type, wanted, out=is_out):
        shown = getattr(wanted, "__name__", repr(wanted))
        raise ValueError(
            f'type of {name} binding in the binding decorator "{binding.type}" does not match its '
            f'Python annotation "{shown}"'
        )


def _check_return(binding_type: str, annotation: Any) -> None:
    if not isinstance(annotation, type):
        raise ValueError(f"has invalid non-type return annotation {annotation!r}")  # noqa: TRY004 -- one kind of refusal
    if not _converts(binding_type, annotation, out=True):
        raise ValueError(
            f'Python return annotation "{annotation.__name__}" does not match binding type "{binding_type}"'
        )


def _is_generic(annotation: Any) -> bool:
    if isinstance(annotation, type):
        return issubclass(annotation, typing.Generic)
    return isinstance(annotation, _ALIASES) and getattr(annotation, "__origin__", None) not in _NOT_GENERIC


def _is_out(annotation: Any) -> bool:
    origin = typing.get_origin(annotation) if _is_generic(annotation) else None
    candidate = annotation if origin is None else origin
    return isinstance(candidate, type) and candidate.__name__ == "Out"


def _converter(binding_type: str) -> Any:
    return func.get_binding_registry().get(binding_type)


def _has_implicit_output(binding_type: str) -> bool:
    """Whether what the function returns goes to this binding; so it is with triggers that azure-functions knows not."""
    converter = _converter(binding_type)
    if converter is None:
        return binding_type != "durableClient"
    return bool(getattr(converter, "has_implicit_output", lambda: False)())


def _converts(binding_type: str, annotation: Any, *, out: bool) -> bool:
    converter = _converter(binding_type)
    if converter is None:
        return issubclass(annotation, (str, bytes, bytearray) if out else (str, bytes))
    check = converter.check_output_type_annotation if out else converter.check_input_type_annotation
    return bool(check(annotation))
