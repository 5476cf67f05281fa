"""Happening: what a change does to a request, in the request's own words."""

from collections.abc import Iterator
from dataclasses import dataclass

from controller.core.change import Change, Create, Destroy, ParameterChange, Update
from controller.core.kind import Kind
from controller.core.parameter import Rule
from controller.core.plan import Action, Plan
from controller.core.request import Request
from controller.core.summary.words import value_words

_MANY = 6
_ENDS = {
    Action.REPLACE: "made anew",
    Action.DELETE: "parts of it are destroyed",
    Action.FORGET: "parts of it are left alone from now on",
}
_PROMISES = {
    Rule.FREE: "nothing you would notice",
    Rule.IN_PLACE: "in place",
    Rule.DOWNTIME: "in place, away for some minutes",
    Rule.REPLACE: "made anew",
    Rule.GROW_ONLY: "grows in place",
    Rule.FORBIDDEN: "",
}
_FEARED = {Rule.DOWNTIME, Rule.REPLACE, Rule.GROW_ONLY}
"""What makes one ask after the data; a setting may itself say when data goes, so that of others nothing is promised."""


@dataclass(frozen=True)
class Happening:
    """What happens, and what is lost by it: the loss is to be seen first."""

    words: str
    loss: str = ""

    def __str__(self) -> str:
        return f"{self.words}, {self.loss}" if self.loss else self.words


def what_happens(change: Change, plan: Plan | None = None, kind: Kind | None = None) -> Happening:
    """What happens to one request.

    What the plan does goes before what the kind's rules promise.

    Args:
        change: the change.
        plan: its plan, None before there is one.
        kind: the request's kind, None where the catalogue has none of the name.
    """
    name = change.request.id.kind
    match change:
        case Create():
            return Happening(f"a new `{name}`{_chosen(change.request, kind)}")
        case Destroy():
            return Happening(f"the `{name}` is destroyed", "with its data" if _is_stateful(kind) else "")
        case Update():
            return _update(change, plan, kind)


def _chosen(request: Request, kind: Kind | None) -> str:
    """What the request says beyond the kind's defaults."""
    offered = kind.format.parameters if kind else {}
    said = [
        f"{name} `{value_words(value)}`"
        for name, value in request.parameters.items()
        if name in offered and value != offered[name].default
    ]
    return f": {', '.join(said[:_MANY])}{', …' if len(said) > _MANY else ''}" if said else ""


def _update(change: Update, plan: Plan | None, kind: Kind | None) -> Happening:
    said = (*_moves(change), *(_way(parameter) for parameter in change.parameters))
    subject = ", ".join(said) or "the catalogue changed, the request did not"
    if plan is not None and plan.ends_something:
        return Happening(f"{subject}: {_end(plan)}", "data lost" if _is_stateful(kind) else "")
    if plan is not None and plan.is_empty:
        return Happening(f"{subject}: nothing is to be done")
    if not said:
        return Happening(subject)
    return Happening("; ".join(_effects(change, plan, kind)), _feared(change, plan, kind))


def _moves(change: Update) -> Iterator[str]:
    if change.before.team != change.request.team:
        yield f"moves from team `{change.before.team}` to `{change.request.team}`"


def _effects(change: Update, plan: Plan | None, kind: Kind | None) -> Iterator[str]:
    """What becomes of each parameter; those with the same fate stand together."""
    by_fate: dict[str, list[str]] = {}
    for move in _moves(change):
        by_fate.setdefault("tags only", []).append(move)
    for parameter in change.parameters:
        by_fate.setdefault(_fate(parameter, plan, kind), []).append(_way(parameter))
    for fate, ways in by_fate.items():
        yield f"{', '.join(ways)}: {fate}" if fate else ", ".join(ways)


def _fate(parameter: ParameterChange, plan: Plan | None, kind: Kind | None) -> str:
    offered = kind.format.parameters.get(parameter.name) if kind else None
    fate = _PROMISES[parameter.rule]
    if parameter.rule is Rule.REPLACE and plan is not None:
        fate = _PROMISES[Rule.IN_PLACE]
    if parameter.rule is Rule.DOWNTIME and offered and offered.time_taken:
        fate = f"in place, {offered.time_taken}"
    keeps = plan is not None and _is_stateful(kind) and parameter.rule in _FEARED
    return f"{fate}, data kept" if keeps else fate


def _feared(change: Update, plan: Plan | None, kind: Kind | None) -> str:
    """What a rule makes one fear as long as no plan says better."""
    replaces = any(parameter.rule is Rule.REPLACE for parameter in change.parameters)
    return "data lost" if plan is None and replaces and _is_stateful(kind) else ""


def _end(plan: Plan) -> str:
    ends = {resource.action for resource in plan.resources if resource.ends}
    return next(words for action, words in _ENDS.items() if action in ends)


def _way(parameter: ParameterChange) -> str:
    return f"{parameter.name} `{value_words(parameter.before)}` → `{value_words(parameter.after)}`"


def _is_stateful(kind: Kind | None) -> bool:
    return kind is not None and kind.format.stateful
