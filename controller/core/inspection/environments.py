"""Environments: each held against the kinds that it offers."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from controller.core.document import Document, Loc
from controller.core.environment import EnvironmentFormat
from controller.core.inspection.types import takes
from controller.core.kind import Kind, Limits
from controller.core.module import Module
from controller.core.rejection import Rejection, nearest
from controller.core.source import FromEnvironment

Offered = Mapping[str, tuple[Kind, Module]]
"""What an environment offers, and can be read."""

_TEAM = re.compile(r"[a-z][a-z0-9_-]{0,30}")


def environment_mistakes(
    document: Document,
    environment: EnvironmentFormat,
    kinds: Mapping[str, tuple[Kind, Module]],
    folders: Collection[str],
) -> Iterator[Rejection]:
    """What an environment says that the kinds know nothing of.

    Args:
        document: the environment's file, for the places.
        environment: what that says.
        kinds: those of the catalogue that can be read.
        folders: the names of all kinds, also of those that cannot be read.
    """
    offered = {name: kinds[name] for name in environment.kinds if name in kinds}
    yield from _kinds(document, environment, folders)
    yield from _limits(document, environment, kinds, folders)
    yield from _quotas(document, environment)
    yield from _budget(document, environment, offered)
    if set(environment.kinds) == offered.keys():  # else what the others read is not known
        yield from _providers(document, environment, offered)
        yield from _values(document, environment, offered)
    yield from _unset(document, environment, offered)


def _kinds(
    document: Document, environment: EnvironmentFormat, folders: Collection[str]
) -> Iterator[Rejection]:
    if not environment.title.strip():
        yield document.reject(("title",), "`title` is empty", "Say it in a few words: people read it.")
    for index, name in enumerate(environment.kinds):
        if name not in folders:
            yield document.reject(("kinds", index), f"there is no kind `{name}`", nearest(name, set(folders)))
        elif name in environment.kinds[:index]:
            yield document.reject(("kinds", index), f"`{name}` stands in `kinds` twice", "Delete one.")


def _limits(
    document: Document, environment: EnvironmentFormat, kinds: Offered, folders: Collection[str]
) -> Iterator[Rejection]:
    for name, limits in environment.limits.items():
        if name not in folders:
            yield document.reject(("limits", name), f"there is no kind `{name}`", nearest(name, set(folders)))
        elif name not in environment.kinds:
            problem = f"`{name}` is not offered here, and nothing of it can be limited"
            yield document.reject(("limits", name), problem, "Add it to `kinds`, or delete its limits.")
        elif name in kinds:
            yield from _unlimited(document, kinds[name][0], limits)


def _unlimited(document: Document, kind: Kind, limits: Limits) -> Iterator[Rejection]:
    parameters = kind.format.parameters
    for name, values in limits.items():
        loc: Loc = ("limits", kind.name, name)
        if name not in parameters:
            problem = f"`{kind.name}` has no parameter `{name}`"
            yield document.reject(loc, problem, nearest(name, parameters))
            continue
        if not values:
            problem = f"no value of `{name}` is left, so that no `{kind.name}` can be asked for"
            yield document.reject(loc, problem, "List what is offered, or take the kind out of `kinds`.")
        for index, value in enumerate(values):
            if not parameters[name].takes(value):
                shown = str(value).lower() if isinstance(value, bool) else value
                problem = f"`{name}` of `{kind.name}` cannot be `{shown}` anyway"
                yield document.reject((*loc, index), problem, "Limits narrow what a kind offers: delete it.")


def _providers(document: Document, environment: EnvironmentFormat, offered: Offered) -> Iterator[Rejection]:
    used = {kind.format.provider for kind, _ in offered.values()} - {"builtin"}
    for name in environment.providers:
        if name not in used:
            problem = f"no kind that is offered here uses the provider `{name}`"
            yield document.reject(("providers", name), problem, nearest(name, used) if used else "Delete it.")


def _values(document: Document, environment: EnvironmentFormat, offered: Offered) -> Iterator[Rejection]:
    known = {key for kind, _ in offered.values() for key in _read_by(kind)}
    for key, value in environment.values.items():
        loc = ("values", key)
        if key not in known:
            way_out = f"{nearest(key, known)} Or delete it." if known else "Delete it."
            yield document.reject(loc, f"no kind that is offered here reads `{key}`", way_out)
        for kind, module in offered.values():
            yield from _misfits(document, loc, value, kind, module)


def _unset(document: Document, environment: EnvironmentFormat, offered: Offered) -> Iterator[Rejection]:
    """Values that a kind has no default for, and that are not there."""
    for kind, _ in offered.values():
        for variable, source in kind.format.variables.items():
            if not isinstance(source, FromEnvironment) or "default" in source.model_fields_set:
                continue
            if source.environment not in environment.values:
                problem = f"`{kind.name}` needs `{source.environment}` for its variable `{variable}`"
                yield document.reject(("values",), problem, f"Add `{source.environment}` to `values`.")


def _read_by(kind: Kind) -> Iterator[str]:
    sources = kind.format.variables.values()
    yield from (source.environment for source in sources if isinstance(source, FromEnvironment))
    yield from (parameter.allowed_by for parameter in kind.format.parameters.values() if parameter.allowed_by)


def _misfits(document: Document, loc: Loc, value: Any, kind: Kind, module: Module) -> Iterator[Rejection]:
    """A value that Terraform would refuse for the variable that takes it, or that allows nothing."""
    for name, source in kind.format.variables.items():
        variable = module.variables.get(name)
        if not isinstance(source, FromEnvironment) or source.environment != loc[-1] or variable is None:
            continue
        type_ = variable.attributes["type"].text if "type" in variable.attributes else "any"
        if not takes(type_, value):
            problem = f"`{loc[-1]}` goes to the variable `{name}` of `{kind.name}`, which is a `{' '.join(type_.split())}`"
            yield document.reject(loc, problem, "Write such a value.")
    for name, parameter in kind.format.parameters.items():
        if parameter.allowed_by == loc[-1] and not isinstance(value, bool):
            problem = f"`{loc[-1]}` says whether `{name}` of `{kind.name}` may be asked for"
            yield document.reject(loc, problem, "Write `true` or `false`.")


def _quotas(document: Document, environment: EnvironmentFormat) -> Iterator[Rejection]:
    quotas = environment.quotas
    tables: list[tuple[Loc, Mapping[str, int]]] = [(("quotas", "default"), quotas.default)]
    tables += [(("quotas", "teams", team), table) for team, table in quotas.teams.items()]
    for loc, table in tables:
        for kind, number in table.items():
            if kind not in environment.kinds:
                problem, way_out = f"`{kind}` is not offered here", nearest(kind, environment.kinds)
                yield document.reject((*loc, kind), problem, way_out)
            if number < 0:
                yield document.reject((*loc, kind), f"`{number}` requests cannot be had", "Write 0 or more.")
    yield from _teams(document, ("quotas", "teams"), quotas.teams)


def _teams(document: Document, loc: Loc, teams: Collection[str]) -> Iterator[Rejection]:
    for team in teams:
        if not _TEAM.fullmatch(team):
            problem = f"no team can be called `{team}`"
            yield document.reject((*loc, team), problem, "Write the name of its folder under `requests/`.")


def _budget(document: Document, environment: EnvironmentFormat, offered: Offered) -> Iterator[Rejection]:
    budget = environment.budget
    if budget is None:
        return
    amounts: list[tuple[Loc, float | None]] = [(("budget", "default"), budget.default)]
    amounts += [(("budget", "teams", team), amount) for team, amount in budget.teams.items()]
    for loc, amount in amounts:
        if amount is not None and amount < 0:
            yield document.reject(loc, f"`{amount:.15g}` cannot be spent", "Write 0 or more.")
    yield from _teams(document, ("budget", "teams"), budget.teams)
    for name, (kind, _) in sorted(offered.items()):
        cost = kind.format.cost
        if cost is not None and cost.currency != budget.currency:
            problem = f"`{name}` has its price in {cost.currency}, and does not count for a budget in {budget.currency}"
            yield document.reject(
                ("budget", "currency"),
                problem,
                f"Write the budget in {cost.currency}, or the price in {budget.currency}.",
            )
            break
