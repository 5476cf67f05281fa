"""Attributes: what may be told of one object's attributes, and of which only the name."""

from dataclasses import dataclass

from controller.core.plan import AttributeChange, ResourceChange


@dataclass(frozen=True)
class Attributes:
    """The attributes that change: with their values, by name alone, and those whose values the apply will tell.

    Of those shown, `after` is empty where only the apply will tell it.
    """

    shown: tuple[AttributeChange, ...]
    hidden: tuple[str, ...]
    later: tuple[str, ...]


def attributes(resource: ResourceChange) -> Attributes:
    """What is told of an object that is made or changed."""
    unknown = {path.replace("[", ".").split(".")[0] for path in resource.unknown}
    shown, hidden, later = [], [], []
    for change in resource.attributes:
        if change.after is None and change.name in unknown:
            if change.before is None:
                later.append(change.name)
            else:
                shown.append(AttributeChange(change.name, change.before, ""))
        elif change.before is None and change.after is None:
            hidden.append(change.name)
        else:
            shown.append(change)
    return Attributes(tuple(shown), tuple(hidden), tuple(later))
