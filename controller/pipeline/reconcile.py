"""reconcile: close the difference between the default branch and what stands, whatever the event said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from controller.core.call import Call, plan_pull
from controller.core.change import Change, Destroy, Standing, changes, forbidden, frozen, unreadable
from controller.core.decision import Decision, Register
from controller.core.environment import DestroyRule
from controller.core.hold import Hold, NoPull, conditions
from controller.core.identity import RequestId
from controller.core.outcome import Planned, Superseded, Withdrawn
from controller.core.plan import Plan
from controller.core.provenance import Step, asking_commit, bringing_pull
from controller.core.pull import Pull
from controller.core.request import Request
from controller.core.run import Ended, Held, Opening, Operation, Run, Running
from controller.core.wanted import Wanted
from controller.pipeline.look import catalogue_blobs, catalogue_of, look
from controller.pipeline.plan_pull import mode
from controller.pipeline.send import send
from controller.pipeline.turn import single_flight
from controller.ports import Ports, RunQuery

OURS = "infrautomater"


@dataclass(frozen=True)
class Look:
    """What one reconcile sees."""

    tip: str
    wanted: Wanted
    register: Register
    since: tuple[Step, ...]
    rewritten: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Origin:
    """Where a change comes from: the commit that asks for it, and the merged pull that brought it, if any."""

    commit: str
    pull: Pull | None


def reconcile(ports: Ports) -> None:
    """Open the runs that lead from what stands to what the default branch wants, and withdraw all others."""
    single_flight(ports, "reconcile", lambda: _reconcile(ports))


def preview(ports: Ports) -> tuple[Change, ...]:
    """What a reconcile would do now, without doing it."""
    ports.git.fetch()
    tip = ports.git.tip()
    return _look(ports, tip).changes if tip else ()


def _reconcile(ports: Ports) -> None:
    ports.git.fetch()
    tip = ports.git.tip()
    merged: set[Pull] = set()
    if tip is not None:
        seen = _look(ports, tip)
        origins = _origins(ports, seen)
        send(ports, ports.ledger.commit(_decide(ports, seen, origins)))
        merged = {origin.pull for origin in origins.values() if origin.pull}
    send(ports, ports.ledger.commit(Decision(calls=tuple(_pulls_to_look_at(ports, merged)))))


def _look(ports: Ports, tip: str) -> Look:
    wanted = look(ports, tip, catalogue_of(catalogue_blobs(ports, tip)))
    register = ports.ledger.register()
    cursor = register.cursor
    commits = ports.git.first_parents(cursor, tip) if cursor else ()
    since = tuple(Step(commit.sha, commit.paths) for commit in commits or ())
    standing = register.standing
    still = frozen(wanted.requests, [known.request for known in standing.values()])
    decided = tuple(change for change in changes(wanted.workspaces, standing, still) if not forbidden(change))
    return Look(tip, wanted, register, since, commits is None, decided)


def _decide(ports: Ports, seen: Look, origins: Mapping[RequestId, Origin]) -> Decision:
    openings = tuple(_opening(ports, seen, change, origins[change.request.id]) for change in seen.changes)
    return Decision(
        openings=openings,
        workspaces=tuple(
            seen.wanted.workspaces[change.request.id]
            for change in seen.changes
            if not isinstance(change, Destroy)
        ),
        endings=_unwanted(seen.register, openings),
        moved=tuple(_moved(seen.wanted, seen.register.standing)),
        cursor=seen.tip,
    )


def _opening(ports: Ports, seen: Look, change: Change, origin: Origin) -> Opening:
    request = change.request.id
    operation = Operation.DESTROY if isinstance(change, Destroy) else Operation.APPLY
    return Opening(
        request=request,
        operation=operation,
        digest=change.digest,
        mode=mode(ports, seen.wanted, request.environment),
        commit=origin.commit,
        pull=origin.pull.number if origin.pull else None,
        after=_after(seen.register.last.get(request), operation, change.digest),
        reviewed=_reviewed(ports, change, origin.pull),
        conditions=_conditions(seen, change, origin),
    )


def _after(last: Run | None, operation: Operation, digest: str) -> int | None:
    """The run that last began to change the state; for more of the same work, the one before it.

    So a failed apply is not begun again by every reconcile: its key stays the same until something else was applied.
    """
    if last is None:
        return None
    same_work = last.operation is operation and last.digest == digest
    return last.after if same_work else last.id


def _conditions(seen: Look, change: Change, origin: Origin) -> tuple[Hold, ...]:
    environment = seen.wanted.catalogue.environments.get(change.request.id.environment)
    rule = environment.format.destroy if environment else DestroyRule.CONFIRM
    destroys = sum(isinstance(other, Destroy) for other in seen.changes)
    lost = unreadable(seen.wanted.requests, [known.request for known in seen.register.standing.values()])
    holds = conditions(change, rule, destroys, lost)
    if origin.pull is None or seen.rewritten:
        return (NoPull(origin.commit), *holds)
    return holds


def _reviewed(ports: Ports, change: Change, pull: Pull | None) -> Plan | None:
    """The plan of this change that people saw at the head they merged."""
    if pull is None:
        return None
    for view in ports.views.runs(RunQuery(request=change.request.id, pull=pull.number)):
        run = view.run
        if not run.operation.only_plans or run.commit != pull.head:
            continue
        if run.operation.destroys is not isinstance(change, Destroy):
            continue
        if isinstance(run.state, Ended) and isinstance(run.state.outcome, Planned):
            return run.state.outcome.plan
    return None


def _origins(ports: Ports, seen: Look) -> Mapping[RequestId, Origin]:
    """Where each change comes from; GitHub is asked once a commit."""
    base = ports.github.default_branch()
    pulls: dict[str, Pull | None] = {}
    origins: dict[RequestId, Origin] = {}
    for change in seen.changes:
        commit = asking_commit(change, seen.since, _line(ports, seen.tip)) or seen.tip
        if commit not in pulls:
            pulls[commit] = bringing_pull(commit, ports.github.pulls_of(commit), base)
        origins[change.request.id] = Origin(commit, pulls[commit])
    return origins


def _line(ports: Ports, tip: str) -> Iterator[Step]:
    for commit in reversed(ports.git.first_parents(None, tip) or ()):
        yield Step(commit.sha, commit.paths)


def _unwanted(register: Register, openings: tuple[Opening, ...]) -> dict[int, Superseded | Withdrawn]:
    """Waiting or held runs that the default branch does not want (any more), or not for the reason they have."""
    wanted = {(opening.request, opening.operation, opening.digest): opening for opening in openings}
    endings: dict[int, Superseded | Withdrawn] = {}
    for run in register.open_runs:
        if run.operation.only_plans or isinstance(run.state, Running):
            continue
        opening = wanted.get((run.request, run.operation, run.digest))
        if opening is None:
            endings[run.id] = Withdrawn(OURS, "the default branch does not want it any more")
        elif run.pull is None and opening.pull is not None and isinstance(run.state, Held):
            endings[run.id] = Withdrawn(OURS, f"its pull is known now: #{opening.pull}")
    return endings


def _moved(wanted: Wanted, standing: Mapping[RequestId, Standing]) -> Iterator[Request]:
    """Requests that stand as they are wanted, though not from the same file."""
    for identity, workspace in wanted.workspaces.items():
        known = standing.get(identity)
        if known and known.digest == workspace.digest and known.request != workspace.request:
            yield workspace.request


def _pulls_to_look_at(ports: Ports, merged: set[Pull]) -> Iterator[Call]:
    """Open pulls whose head nobody looked at, and merged or closed ones that we believe open or never saw."""
    looked_at = {proposal.pull.number: proposal.pull for proposal in ports.views.proposals()}
    open_now = {pull.number: pull for pull in ports.github.open_pulls()}
    unseen = {pull.number for pull in merged if ports.views.proposal(pull.number) is None}
    for number in sorted(looked_at.keys() | open_now.keys() | unseen):
        before, now = looked_at.get(number), open_now.get(number)
        if before is None or now is None or (before.head, before.draft) != (now.head, now.draft):
            yield plan_pull(number)
