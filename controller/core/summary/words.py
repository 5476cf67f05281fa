"""Words: the turns of phrase that several sentences share; strangers' words stand in `code spans`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from controller.core.environment import ApprovalRule
from controller.core.identity import RequestId
from controller.core.plan import Action, Plan

_FEW = 5
_LONG = 40
_ROLES = {
    "write": "somebody with write access",
    "maintain": "a maintainer of this repository",
    "admin": "an administrator of this repository",
}


def many(count: int, noun: str) -> str:
    """`1 request`, `2 requests`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(words: Sequence[str], joint: str = ", ") -> str:
    """The first few, and how many more: a headline has one line, and a status 140 characters."""
    more = f" and {len(words) - _FEW} more" if len(words) > _FEW else ""
    return joint.join(words[:_FEW]) + more


def named(identities: Iterable[RequestId]) -> tuple[str, ...]:
    """Each request by its name, or by all of its identity where two of them share the name."""
    known = tuple(identities)
    names = Counter(identity.name for identity in known)
    return tuple(identity.name if names[identity.name] == 1 else str(identity) for identity in known)


def value_words(value: Any) -> str:
    """A parameter's value as it may stand in a code span: one short line."""
    if isinstance(value, Mapping):
        value = ", ".join(f"{name}: {inner}" for name, inner in value.items())
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = text.replace("`", "'")
    return (text if len(text) <= _LONG else text[: _LONG - 1] + "…") or '""'


def count_words(plan: Plan) -> str:
    """`1 to create, 2 to change`; the plan's counts in words."""
    counts = {
        "to create": plan.count(Action.CREATE),
        "to change": plan.count(Action.UPDATE),
        "to replace": plan.count(Action.REPLACE),
        "to destroy": plan.count(Action.DELETE),
        "to forget": plan.count(Action.FORGET),
    }
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "no changes"


def somebody(rule: ApprovalRule | None) -> str:
    """Who decides in an environment; administrators where the environment is gone."""
    if rule is None:
        return _ROLES["admin"]
    words = " or ".join(_approver(approver) for approver in rule.approvers)
    return words if rule.author else f"{words}, other than the author,"


def _approver(approver: str) -> str:
    """A span of code, so that nobody is called by it."""
    if approver in _ROLES:
        return _ROLES[approver]
    return f"somebody of `{approver}`" if "/" in approver else f"`{approver}`"


def age_words(born: datetime | None, now: datetime | None) -> str:
    """`made 12 days ago`; empty where that is not known.

    Days are the finest there is, so that a comment is not edited by the clock alone.
    """
    if born is None or now is None:
        return ""
    days = (now - born).days
    return f"made {many(days, 'day')} ago" if days > 0 else "made less than a day ago"


def sentence(words: str) -> str:
    """The words with a capital first."""
    return words[:1].upper() + words[1:]
