"""docs/catalogue.md, made of the kinds and environments that this repository ships."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from controller.core.catalogue import Catalogue, read_catalogue
from controller.core.draft import Draft, scalar
from controller.core.environment import Environment
from controller.core.identity import RequestId
from controller.core.kind import Kind
from controller.core.offer import Offered, offered, offering, sentence
from controller.core.parameter import Parameter, Rule
from controller.core.source import FromParameter

WORDS = {
    Rule.FREE: "free",
    Rule.IN_PLACE: "in place",
    Rule.DOWNTIME: "downtime",
    Rule.REPLACE: "**replace**",
    Rule.GROW_ONLY: "grow only",
    Rule.FORBIDDEN: "forbidden",
}


def shipped(root: Path) -> Catalogue:
    files = (
        path for path in (root / "terraform").rglob("*") if path.is_file() and ".terraform" not in path.parts
    )
    return read_catalogue({path.relative_to(root).as_posix(): path.read_bytes() for path in files})


def kinds_page(catalogue: Catalogue) -> str:
    """Every kind that is offered anywhere, rehearsals first."""
    kinds = sorted(catalogue.kinds.values(), key=lambda kind: (not kind.format.rehearsal, kind.name))
    return "\n".join(line for kind in kinds if offering(kind, catalogue) for line in _kind(kind, catalogue))


def _kind(kind: Kind, catalogue: Catalogue) -> Iterator[str]:
    places = offering(kind, catalogue)
    yield from ("", f"## `{kind.name}`: {kind.format.title}", "", sentence(kind.format.description), "")
    yield from ("| parameter | it says | it takes | unless given | a change |", "|---|---|---|---|---|")
    yield from (_parameter(one) for one in offered(kind))
    yield from ("", f"- **Offered in** {'; '.join(_place(kind, place) for place in places)}.")
    shown = [f"`{name}`" for name, output in kind.format.outputs.items() if output.show]
    yield f"- **You get** {', '.join(shown) or 'nothing to connect to'}."
    yield f"- **It costs** {_cost(kind)}."
    if kind.format.resource_name:
        yield f"- **Its name**: {kind.format.resource_name.says}. What you name `orders` is `{places[0].name}-orders` there."
    if kind.format.stateful:
        yield "- It holds data: whoever destroys it, or makes it anew, is told so first."
    yield f"- **What remains of it** once it is destroyed: {_farewell(kind, places)}."
    yield from ("", "```yaml", *_example(kind, places[0]), "```")


def _parameter(one: Offered) -> str:
    parameter = one.parameter
    default = "must be given" if one.default is None else f"`{scalar(one.default)}`"
    allowed = f"; other than that only where the environment's `values` have `{parameter.allowed_by}`"
    takes = _choices(one) + (allowed if parameter.allowed_by else "")
    cells = (f"`{one.name}`", sentence(parameter.description), takes, default, _change(parameter))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _change(parameter: Parameter) -> str:
    takes = f": {parameter.time_taken}" if parameter.time_taken else ""
    return f"{WORDS[parameter.change]}{takes}"


def _choices(one: Offered) -> str:
    if one.choices is None:
        return one.takes
    unit = f" {one.parameter.unit}" if one.parameter.unit else ""
    return ", ".join(f"`{scalar(choice)}`" for choice in one.choices) + unit


def _place(kind: Kind, place: Environment) -> str:
    everywhere = {one.name: one.choices for one in offered(kind)}
    narrowed = [one for one in offered(kind, place) if one.choices != everywhere[one.name]]
    only = ", ".join(f"`{one.name}` only {_choices(one)}" for one in narrowed)
    return f"`{place.name}`" + (f" ({only})" if only else "")


def _farewell(kind: Kind, places: Sequence[Environment]) -> str:
    """What its kind says, by environment where that makes a difference."""
    said = {place.name: kind.format.farewell.take(place.format.values) for place in places}
    if len(set(said.values())) == 1:
        return said[places[0].name]
    return "; ".join(f"in `{name}` {words}" for name, words in said.items())


def _cost(kind: Kind) -> str:
    cost = kind.format.cost
    if cost is None:
        return "nothing that is counted here"
    if not isinstance(cost.per_month, FromParameter):
        return f"about {cost.per_month:g} {cost.currency} a month"
    prices = ", ".join(f"{price} (`{value}`)" for value, price in (cost.per_month.map or {}).items())
    return f"by `{cost.per_month.parameter}`, about {prices} {cost.currency} a month"


def _example(kind: Kind, place: Environment) -> Iterator[str]:
    """The least that is accepted: what has a default is left out."""
    draft = Draft(RequestId(place.name, kind.name, "orders"), "payments")
    yield f"# {draft.path}"
    yield from (f"kind: {kind.name}", f"name: {draft.id.name}", f"environment: {place.name}")
    needed = [one for one in offered(kind, place) if one.default is None]
    yield from ["parameters:"] if needed else []
    yield from (f"  {one.name}: {scalar(one.choices[0]) if one.choices else '…'}" for one in needed)
