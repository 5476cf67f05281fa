"""Kinds: each kind.yaml held against its own module, and against common sense."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from controller.core.document import Document, Loc
from controller.core.hcl import Block
from controller.core.inspection.parameters import parameter_mistakes
from controller.core.inspection.types import takes, takes_parameter, takes_text
from controller.core.kind import KindFormat, words
from controller.core.module import Module
from controller.core.parameter import Parameter
from controller.core.rejection import Rejection, nearest
from controller.core.source import Constant, FromEnvironment, FromParameter, FromRequest, Source


def kind_mistakes(document: Document, kind: KindFormat, module: Module) -> Iterator[Rejection]:
    """What a kind says that its module does not, or the other way round.

    Args:
        document: its kind.yaml, for the places.
        kind: what that says.
        module: the module beside it; every file of it could be read.
    """
    yield from _empty(document, (), document.value)
    yield from parameter_mistakes(document, kind)
    yield from _variables(document, kind, module)
    yield from _secrets(document, kind, module)
    yield from _outputs(document, kind, module)
    yield from _disposable(document, kind, module)
    yield from _maps(document, kind)
    yield from _price(document, kind)


def _empty(document: Document, loc: Loc, value: object) -> Iterator[Rejection]:
    """Texts for people that say nothing, wherever they stand."""
    if isinstance(value, dict):
        for name, inner in value.items():
            is_text = name in {"title", "description", "unit", "says"} or loc == ("errors",)
            if is_text and isinstance(inner, str) and not inner.strip():
                yield document.reject(
                    (*loc, name), f"`{name}` is empty", "Say it in a few words: people read it."
                )
            if name in {"parameters", "errors", "resource_name"} or loc == ("parameters",):
                yield from _empty(document, (*loc, name), inner)


def _variables(document: Document, kind: KindFormat, module: Module) -> Iterator[Rejection]:
    given = {*kind.variables, *kind.secrets}
    for name, block in module.variables.items():
        if name not in given:
            way_out = f"Add `{name}` to `{'secrets' if _is_ephemeral(block) else 'variables'}`, or delete the variable."
            problem = f"the module's variable `{name}` gets no value"
            yield document.reject(("variables",), f"{problem} ({block.path}:{block.line})", way_out)
    for name, source in kind.variables.items():
        variable = module.variables.get(name)
        if variable is None:
            yield document.reject(
                ("variables", name), f"the module has no variable `{name}`", nearest(name, module.variables)
            )
        elif _is_ephemeral(variable):
            problem = f"`{name}` is ephemeral in the module, and a value given here would be kept"
            yield document.reject(("variables", name), problem, "Move it to `secrets`.")
        else:
            type_ = variable.attributes["type"].text if "type" in variable.attributes else "any"
            yield from _misfits(document, ("variables", name), source, type_, kind.parameters)
    taken = [source for source in kind.variables.values() if isinstance(source, FromRequest)]
    if kind.resource_name is not None and not any(source.source == "resource_name" for source in taken):
        problem = "no variable takes the `resource_name` that this is the rule for"
        yield document.reject(
            ("resource_name",), problem, "Add a variable with `{from: resource_name}`, or delete it."
        )


def _misfits(
    document: Document, loc: Loc, source: Source, type_: str, parameters: Mapping[str, Parameter]
) -> Iterator[Rejection]:
    """Values that Terraform would refuse for the variable's type."""
    for place, value, fits in _offered(source, type_, parameters):
        if not fits:
            problem = f"the module's variable `{loc[-1]}` is a `{' '.join(type_.split())}`, and {_said(value)} is none"
            yield document.reject((*loc, *place), problem, "Give it such a value, or change its type.")


def _offered(
    source: Source, type_: str, parameters: Mapping[str, Parameter]
) -> Iterator[tuple[Loc, Any, bool]]:
    """What a source gives a variable of a type: where that stands, what it is, and whether it fits."""
    match source:
        case FromParameter(parameter=name, map=None):
            yield ("parameter",), name, takes_parameter(type_, parameters[name])
        case FromParameter(map=mapping):
            for word, value in (mapping or {}).items():
                yield ("map", word), value, takes(type_, value)
        case FromRequest(source=fact):
            yield ("from",), fact, takes_text(type_)
        case FromEnvironment(default=default):
            yield ("default",), default, takes(type_, default)
        case Constant(constant=constant):
            yield ("constant",), constant, takes(type_, constant)


def _said(value: object) -> str:
    shown = f"{value:.15g}" if isinstance(value, float) else json.dumps(value)
    return f"`{value if isinstance(value, str) else shown}`"


def _secrets(document: Document, kind: KindFormat, module: Module) -> Iterator[Rejection]:
    for name, secret in kind.secrets.items():
        variable, loc = module.variables.get(name), ("secrets", name)
        if variable is None:
            yield document.reject(
                loc, f"the module has no variable `{name}`", nearest(name, module.variables)
            )
        elif name in kind.variables and not _is_ephemeral(variable):
            yield document.reject(loc, f"`{name}` gets a value in `variables` already", "Delete it there.")
        else:
            yield from (
                variable.reject(
                    f"`{name}` is a secret, and Terraform would {what}",
                    f"Add `{attribute} = true` to the variable.",
                )
                for attribute, what in (
                    ("ephemeral", "write it to plans and to the state"),
                    ("sensitive", "print it"),
                )
                if not variable.has(attribute, "true")
            )
        if secret.rotate is not None and kind.parameters[secret.rotate].type != "integer":
            way_out = "Name a parameter of type `integer`: it is raised to rotate the secret."
            yield document.reject((*loc, "rotate"), f"`{secret.rotate}` cannot be raised", way_out)


def _is_ephemeral(variable: Block) -> bool:
    return variable.has("ephemeral", "true")


def _outputs(document: Document, kind: KindFormat, module: Module) -> Iterator[Rejection]:
    for name, output in kind.outputs.items():
        block, loc = module.outputs.get(name), ("outputs", name)
        if block is None:
            yield document.reject(loc, f"the module has no output `{name}`", nearest(name, module.outputs))
        elif block.has("ephemeral", "true"):
            yield document.reject(
                loc, f"`{name}` is ephemeral in the module, and nobody could read it", "Delete it."
            )
        elif output.show and block.has("sensitive", "true"):
            problem = f"`{name}` is sensitive in the module, and Terraform does not show it"
            yield document.reject(
                (*loc, "show"), problem, "Say `show: false`, or hand out a reference to it instead."
            )


def _disposable(document: Document, kind: KindFormat, module: Module) -> Iterator[Rejection]:
    for index, type_ in enumerate(kind.disposable):
        if type_ not in module.resource_types:
            problem, way_out = f"the module makes no `{type_}`", nearest(type_, module.resource_types)
            yield document.reject(("disposable", index), problem, way_out)


def _maps(document: Document, kind: KindFormat) -> Iterator[Rejection]:
    """Entries of a map for values that its parameter never has."""
    sources: list[tuple[Loc, object]] = [
        (("variables", name), source) for name, source in kind.variables.items()
    ]
    if kind.cost is not None:
        sources.append((("cost", "per_month"), kind.cost.per_month))
    for loc, source in sources:
        if isinstance(source, FromParameter) and source.map is not None:
            known = words(kind.parameters[source.parameter]) or ()
            for word in source.map:
                if word not in known:
                    problem = f"`{source.parameter}` is never `{word}`"
                    yield document.reject((*loc, "map", word), problem, nearest(word, known))


def _price(document: Document, kind: KindFormat) -> Iterator[Rejection]:
    if kind.cost is None:
        return
    price, loc = kind.cost.per_month, ("cost", "per_month")
    if not isinstance(price, FromParameter):
        yield from _amount(document, loc, price)
    elif price.map is not None:
        for word, amount in price.map.items():
            yield from _amount(document, (*loc, "map", word), amount)
    elif kind.parameters[price.parameter].type not in {"integer", "number"}:
        way_out = "Add a `map` that gives each value its price."
        yield document.reject((*loc, "parameter"), f"`{price.parameter}` is no price", way_out)


def _amount(document: Document, loc: Loc, amount: object) -> Iterator[Rejection]:
    if isinstance(amount, bool) or not isinstance(amount, int | float) or amount < 0:
        yield document.reject(loc, f"{_said(amount)} is no price", "Write what a month costs, 0 or more.")
