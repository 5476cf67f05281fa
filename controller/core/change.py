"""Change: how what is wanted differs from what stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from controller.core.identity import RequestId
from controller.core.parameter import Rule
from controller.core.rejection import Rejection
from controller.core.request import Request
from controller.core.requests import Requests
from controller.core.workspace import Workspace

MASS = 5
"""More destroys than this in one reconcile are held."""


@dataclass(frozen=True)
class Standing:
    """What a request stands at.

    `digest` names the workspace that is applied as a whole, None after an apply that was begun and did not end well;
    `begun` names the workspace that an apply last began with, from which a destroy works.
    """

    request: Request
    digest: str | None
    begun: str


@dataclass(frozen=True)
class ParameterChange:
    """One parameter's way from `before` to `after`, and the kind's rule for it."""

    name: str
    before: Any
    after: Any
    rule: Rule


@dataclass(frozen=True)
class Create:
    """Nothing stands yet."""

    request: Request
    digest: str
    type: Literal["create"] = "create"


@dataclass(frozen=True)
class Update:
    """Something else stands; `parameters` is empty where only the catalogue changed, or the team."""

    request: Request
    digest: str
    before: Request
    parameters: tuple[ParameterChange, ...] = ()
    type: Literal["update"] = "update"


@dataclass(frozen=True)
class Destroy:
    """Something stands that nobody wants any more; `digest` names the workspace to destroy it with."""

    request: Request
    digest: str
    type: Literal["destroy"] = "destroy"


Change = Annotated[Create | Update | Destroy, Field(discriminator="type")]


def changes(
    wanted: Mapping[RequestId, Workspace],
    standing: Mapping[RequestId, Standing],
    frozen: Iterable[RequestId] = (),
) -> tuple[Change, ...]:
    """Every change that leads from what stands to what is wanted; frozen requests stay as they are."""
    decided = (
        _change(wanted.get(identity), standing.get(identity)) for identity in sorted({*wanted, *standing})
    )
    left_alone = frozenset(frozen)
    return tuple(change for change in decided if change is not None and change.request.id not in left_alone)


def frozen(requests: Requests, standing: Iterable[Request]) -> frozenset[RequestId]:
    """The requests that a refused file freezes: those it names, and those that came from its path."""
    by_path = {request.id for request in standing if request.path in requests.refused}
    return frozenset(requests.claimed.values()) | by_path


def unreadable(requests: Requests, standing: Iterable[Request]) -> tuple[str, ...]:
    """Refused files that may be any request: nobody knows which identity they mean."""
    known = {request.path for request in standing} | set(requests.claimed)
    return tuple(sorted(path for path in requests.refused if path not in known))


def forbidden(change: Change) -> tuple[Rejection, ...]:
    """What the kind's rules do not let this change do."""
    if not isinstance(change, Update):
        return ()
    return tuple(
        change.request.reject(parameter.name, *_refusal(parameter))
        for parameter in change.parameters
        if _breaks(parameter)
    )


def renames(requests: Requests, standing: Iterable[Request]) -> tuple[Rejection, ...]:
    """Files that now ask for something else, where what they asked for before would be destroyed by the way."""
    by_path = {request.path: request for request in requests.accepted.values()}
    return tuple(
        _rename(by_path[old.path], old)
        for old in standing
        if old.path in by_path and by_path[old.path].id != old.id and old.id not in requests.accepted
    )


def _change(workspace: Workspace | None, stands: Standing | None) -> Change | None:
    if workspace is None:
        return Destroy(stands.request, stands.begun) if stands else None
    if stands is None:
        return Create(workspace.request, workspace.digest)
    if workspace.digest == stands.digest:
        return None
    parameters = _parameter_changes(workspace, stands.request)
    return Update(workspace.request, workspace.digest, stands.request, parameters)


def _parameter_changes(workspace: Workspace, before: Request) -> tuple[ParameterChange, ...]:
    after = workspace.request.parameters
    return tuple(
        ParameterChange(name, before.parameters.get(name), after[name], parameter.change)
        for name, parameter in workspace.kind.format.parameters.items()
        if before.parameters.get(name) != after[name]
    )


def _breaks(parameter: ParameterChange) -> bool:
    if parameter.before is None:
        return False
    are_numbers = all(isinstance(value, int | float) for value in (parameter.before, parameter.after))
    shrinks = parameter.rule is Rule.GROW_ONLY and are_numbers and parameter.after < parameter.before
    return shrinks or parameter.rule is Rule.FORBIDDEN


def _refusal(parameter: ParameterChange) -> tuple[str, str]:
    before, after = parameter.before, parameter.after
    if parameter.rule is Rule.GROW_ONLY:
        return (
            f"`{parameter.name}` can only grow, and {after} is less than {before}",
            f"Write {before} or more.",
        )
    problem = f"`{parameter.name}` cannot change from `{before}` to `{after}` once it was applied"
    return problem, f"Write `{before}` again, or ask for a new request with another name."


def _rename(now: Request, before: Request) -> Rejection:
    problem = f"this file asked for `{before.id}`; as `{now.id}` it would destroy that one"
    way_out = f"Put `{now.id}` into a new file, and delete this one to destroy `{before.id}`."
    return Rejection(now.path, *now.named, "name", problem, way_out)
