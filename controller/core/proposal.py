"""Proposal: what the merge of a pull would change."""

from dataclasses import dataclass

from controller.core.change import Change
from controller.core.pull import Pull
from controller.core.rejection import Rejection


@dataclass(frozen=True)
class Proposal:
    """What a pull's head would make of the default branch's tip.

    `deferred` has the paths of requests that only the head's own catalogue can render: they are validated as data, and
    planned after the merge.
    """

    pull: Pull
    tip: str
    changes: tuple[Change, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    conflicts: bool = False
    touches_requests: bool = True
    deferred: tuple[str, ...] = ()
