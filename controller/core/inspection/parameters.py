"""Parameters: what is said of one and has no effect, and those that nothing takes."""

from collections.abc import Iterator, Mapping

from controller.core.document import Document
from controller.core.kind import KindFormat
from controller.core.parameter import Mistake, Parameter
from controller.core.rejection import Rejection
from controller.core.source import FromParameter

_NUMBERS = ("integer", "number")
_MEANT_FOR: Mapping[str, tuple[str, ...]] = {
    "pattern": ("string", "map"),
    "key_pattern": ("map",),
    "minimum": _NUMBERS,
    "maximum": _NUMBERS,
    "min_length": ("string",),
    "max_length": ("string", "map"),
    "unit": _NUMBERS,
}


def parameter_mistakes(document: Document, kind: KindFormat) -> Iterator[Rejection]:
    """What is wrong with the parameters of a kind, and does not keep it from being rendered."""
    used = set(_used(kind))
    for name, parameter in kind.parameters.items():
        loc = ("parameters", name)
        for field, problem, way_out in _without_effect(parameter):
            yield document.reject((*loc, field), problem, way_out)
        if name not in used:
            way_out = "Give it to one of `variables`, or delete it: whoever sets it would wait in vain."
            yield document.reject(loc, f"nothing takes the parameter `{name}`", way_out)


def _without_effect(parameter: Parameter) -> Iterator[Mistake]:
    for name, types in _MEANT_FOR.items():
        if getattr(parameter, name) is not None and parameter.type not in types:
            fitting = " or ".join(f"`{type_}`" for type_ in types)
            yield name, f"`{name}` says nothing of a `{parameter.type}`", f"Delete it; it is for {fitting}."
    enum = parameter.enum or ()
    twice = [str(value) for index, value in enumerate(enum) if value in enum[:index]]
    if twice:
        yield "enum", f"`{twice[0]}` stands in `enum` twice", "Delete one."
    if parameter.allowed_by is not None and parameter.default is None:
        problem = f"where an environment does not say `{parameter.allowed_by}: true`, no value could be given"
        yield "allowed_by", problem, "Add the `default` that is allowed everywhere."


def _used(kind: KindFormat) -> Iterator[str]:
    sources = [*kind.variables.values(), *([kind.cost.per_month] if kind.cost else [])]
    yield from (source.parameter for source in sources if isinstance(source, FromParameter))
    yield from (secret.rotate for secret in kind.secrets.values() if secret.rotate)
