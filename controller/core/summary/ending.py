"""Ending: what dies when a request is destroyed, or made anew."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.change import Change, Update
from controller.core.kind import Kind
from controller.core.summary.facts import PlanFacts
from controller.core.summary.words import age_words, value_words


@dataclass(frozen=True)
class Ending:
    """What is there now, in the words of its kind.

    Attributes:
        title: the kind's title, or its name where the catalogue has no such kind any more.
        parameters: what it was asked for with, name → value, as far as anything was said.
        age: since when it is there; empty where nobody knows.
        farewell: what the kind says of what remains; empty where it says nothing.
    """

    title: str
    parameters: Mapping[str, str]
    age: str
    farewell: str


def ending(change: Change, kind: Kind | None, facts: PlanFacts) -> Ending:
    """What a change would end."""
    request = change.before if isinstance(change, Update) else change.request
    environment = facts.catalogue.environments.get(request.id.environment)
    units = {name: parameter.unit for name, parameter in kind.format.parameters.items()} if kind else {}
    values = environment.format.values if environment else {}
    return Ending(
        title=kind.format.title if kind else request.id.kind,
        parameters={
            name: " ".join(filter(None, (value_words(value), units.get(name))))
            for name, value in request.parameters.items()
            if value not in ("", {})
        },
        age=age_words(facts.born.get(request.id), facts.now),
        farewell=kind.format.farewell.take(values) if kind else "",
    )
