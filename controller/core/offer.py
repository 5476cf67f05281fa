"""Offer: what a kind lets a requester ask for, as one environment narrows it, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from controller.core.catalogue import Catalogue
from controller.core.environment import Environment
from controller.core.kind import Kind
from controller.core.parameter import Parameter, Rule, Value

CHANGES = {
    Rule.FREE: "It may be changed at any time.",
    Rule.IN_PLACE: "It is changed while it runs.",
    Rule.DOWNTIME: "A change means some minutes of downtime.",
    Rule.REPLACE: "A CHANGE MAKES IT ANEW: what was in it is gone.",
    Rule.GROW_ONLY: "It can be raised, never lowered.",
    Rule.FORBIDDEN: "It cannot be changed once it was applied.",
}
"""What a change of a parameter does."""

_ANY = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "map": "`key: value` lines",
}


@dataclass(frozen=True)
class Offered:
    """A parameter as it is offered; `choices` is None where it takes more than a list of values.

    `default` is None where a value must be given.
    """

    name: str
    parameter: Parameter
    choices: tuple[Value, ...] | None

    @property
    def default(self) -> Value | None:
        default = self.parameter.default
        if default is None or self.choices is None or default in self.choices:
            return default
        return self.choices[0] if len(self.choices) == 1 else None

    @property
    def takes(self) -> str:
        """Which values, in words: `small or medium`, `20 to 1000 GiB`."""
        unit = f" {self.parameter.unit}" if self.parameter.unit else ""
        if self.choices is not None:
            return _either([_word(choice) for choice in self.choices]) + unit
        return _range(self.parameter) + unit

    @property
    def about(self) -> str:
        """What it is, which values it takes and what a change of it does."""
        only = "only " if self.choices is not None and len(self.choices) == 1 else ""
        description = sentence(self.parameter.description)
        return f"{description} Takes {only}{self.takes}. {CHANGES[self.parameter.change]}"


def offered(kind: Kind, environment: Environment | None = None) -> tuple[Offered, ...]:
    """The parameters of a kind as an environment offers them; without one, as the most generous could."""
    limits = environment.format.limits.get(kind.name, {}) if environment else {}
    found = []
    for name, parameter in kind.format.parameters.items():
        one = Offered(name, parameter, parameter.choices(limits.get(name)))
        if environment and not is_allowed(parameter, environment):
            one = Offered(name, parameter, _default_only(one))
        found.append(one)
    return tuple(found)


def _default_only(one: Offered) -> tuple[Value, ...]:
    default = one.parameter.default
    is_offered = one.choices is None or default in one.choices
    return (default,) if default is not None and is_offered else ()


def offering(kind: Kind, catalogue: Catalogue) -> tuple[Environment, ...]:
    """The environments that offer a kind."""
    return tuple(one for one in catalogue.environments.values() if kind.name in one.format.kinds)


def is_allowed(parameter: Parameter, environment: Environment) -> bool:
    """Whether the environment takes a value other than the default."""
    return parameter.allowed_by is None or environment.format.values.get(parameter.allowed_by) is True


def sentence(text: str) -> str:
    """Text with a capital at its beginning and a full stop at its end."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _range(parameter: Parameter) -> str:
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None:
        return f"{low:.15g} to {high:.15g}"
    if low is not None:
        return f"{low:.15g} or more"
    if high is not None:
        return f"{high:.15g} or less"
    most = {"string": " of at most {:,} characters", "map": ", at most {:,}"}.get(parameter.type, "")
    return _ANY[parameter.type] + (most.format(parameter.max_length) if parameter.max_length else "")


def _either(words: Sequence[str]) -> str:
    if not words:
        return "nothing"
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _word(value: Value) -> str:
    """A value as YAML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if value not in ("", {}) else "nothing"
