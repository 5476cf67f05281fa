"""reconcile: close the difference between the default branch and what stands, whatever the event said."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from controller.core.call import Actor, Call, check_branch, check_queue, plan_pull, report
from controller.core.change import Change, Destroy, Standing, changes, forbidden, frozen, renames, unreadable
from controller.core.decision import Basis, Decision, Register
from controller.core.environment import DestroyRule
from controller.core.hold import (
    Hold,
    MassDestroy,
    NoPull,
    NotApproved,
    NotShown,
    conditions,
    outlived,
)
from controller.core.identity import RequestId
from controller.core.outcome import Superseded, Withdrawn
from controller.core.request import Request
from controller.core.run import Held, Opening, Run, Running
from controller.core.wanted import Wanted
from controller.errors import Overtaken
from controller.pipeline.look import catalogue_blobs, catalogue_of, look
from controller.pipeline.missed import pulls_to_look_at
from controller.pipeline.origin import (
    Look,
    Origin,
    after,
    attempt,
    find_origins,
    operation_of,
    steps,
)
from controller.pipeline.plan_pull import mode
from controller.pipeline.reviewed import Reviewed, reviewed
from controller.pipeline.send import send
from controller.pipeline.turn import single_flight
from controller.pipeline.unheard import unheard
from controller.ports import Ports

OURS = "infrautomater"

LOOKS = 3
"""So often the branch is looked at anew where somebody else's look overtook ours, whose turn was lost."""

PAUSE = 0.5
"""Seconds until the branch is looked at once more: a merge is told twice, as a push too, while its runs have just begun."""


def reconcile(ports: Ports) -> None:
    """Open the runs that lead from what stands to what the default branch wants, and withdraw all others."""
    single_flight(ports, "reconcile", lambda: _reconcile(ports), PAUSE)


def preview(ports: Ports) -> tuple[Change, ...]:
    """What a reconcile would do now, without doing it."""
    ports.git.fetch()
    tip = ports.git.tip()
    return _look(ports, tip).changes if tip else ()


def _reconcile(ports: Ports) -> None:
    for _ in range(LOOKS - 1):
        with suppress(Overtaken):
            _once(ports)
            return
    _once(ports)


def _once(ports: Ports) -> None:
    # Read before all else: whoever reconciles from here on overtakes us, and may have seen a newer tip.
    basis = Basis(ports.views.reconciled())
    # Asked before the branch is fetched, so that whatever is not open any more is in the tip.
    open_now = {pull.number: pull for pull in ports.github.open_pulls()}
    ports.git.fetch()
    tip = ports.git.tip()
    if tip is None:
        send(ports, ports.ledger.commit(Decision(calls=tuple(pulls_to_look_at(ports, open_now, None, ())))))
        return
    seen = _look(ports, tip)
    origins = find_origins(ports, seen)
    merged = {origin.pull.number for origin in origins.values() if origin.pull}
    missed = unheard(ports, seen.register.heard)
    looks = (*pulls_to_look_at(ports, open_now, seen, merged), check_queue(), *_branch(seen))
    calls = (*looks, *missed.calls)
    decided = _decide(ports, seen, origins)
    opened = ports.ledger.commit(replace(decided, basis=basis, calls=calls, heard=missed.until))
    if any(call.actor is Actor.EXECUTE for call in opened):
        reports = tuple(report(number) for number in sorted(merged) if plan_pull(number) not in looks)
        opened += ports.ledger.commit(Decision(calls=reports))
    send(ports, opened)


def _look(ports: Ports, tip: str) -> Look:
    wanted = look(ports, tip, catalogue_of(catalogue_blobs(ports, tip)))
    register = ports.ledger.register()
    cursor, standing = register.cursor, register.standing
    commits = ports.git.first_parents(cursor, tip) if cursor else ()
    decided = changes(wanted.workspaces, standing, _still(wanted, standing))
    return Look(
        tip,
        wanted,
        register,
        unreadable=unreadable(wanted.requests, [stands.request for stands in standing.values()]),
        since=steps(commits or ()),
        rewritten=commits is None,
        changes=tuple(change for change in decided if not forbidden(change)),
    )


def _still(wanted: Wanted, standing: Mapping[RequestId, Standing]) -> frozenset[RequestId]:
    """The requests that stay as they are: those of refused files, and those that a renamed file would destroy or make."""
    known = [stands.request for stands in standing.values()]
    renamed = {rejection.path for rejection in renames(wanted.requests, known)}
    theirs = (
        request.id for request in (*wanted.requests.accepted.values(), *known) if request.path in renamed
    )
    return frozen(wanted.requests, known) | frozenset(theirs)


def _branch(seen: Look) -> tuple[Call, ...]:
    """A new tip is to say whether its files can be read: a bad one stops nothing else, and must not go unseen."""
    return () if seen.tip == seen.register.cursor else (check_branch(),)


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
        while_held=_seen_held(seen.register, openings),
        moved=tuple(_moved(seen.wanted, seen.register.standing)),
        cursor=seen.tip,
    )


def _opening(ports: Ports, seen: Look, change: Change, origin: Origin) -> Opening:
    request = change.request.id
    operation = operation_of(change)
    review = reviewed(ports, change, origin)
    return Opening(
        request=request,
        operation=operation,
        digest=change.digest,
        mode=mode(ports, seen.wanted, request.environment),
        commit=origin.commit,
        pull=origin.pull.number if origin.pull else None,
        after=after(seen, change),
        attempt=attempt(origin),
        reviewed=review.plan,
        conditions=_conditions(seen, change, origin, review),
    )


def _conditions(seen: Look, change: Change, origin: Origin, review: Reviewed) -> tuple[Hold, ...]:
    rule = origin.rules.destroy if origin.rules else DestroyRule.CONFIRM
    destroys = sum(isinstance(other, Destroy) for other in seen.changes)
    holds = (
        *conditions(change, rule, destroys, seen.unreadable, confirmed=bool(review.confirmed)),
        *seen.over_limits.get(change.request.id, ()),
        *_disapproval(origin),
        *(() if review.shows else (NotShown(),)),
    )
    if origin.pull is None or seen.rewritten:
        holds = (NoPull(origin.commit), *holds)
    known = {hold.type for hold in holds}
    return (*holds, *(hold for hold in _lasting(origin) if hold.type not in known))


def _lasting(origin: Origin) -> Iterator[Hold]:
    """What held this work before and no look can say any more: it was one of many, or its history was rewritten."""
    before = origin.before
    if before is None or not isinstance(before.state, Held):
        return
    for hold in before.conditions:
        if isinstance(hold, MassDestroy) or (isinstance(hold, NoPull) and before.pull is not None):
            yield hold


def _disapproval(origin: Origin) -> tuple[Hold, ...]:
    if origin.approval is None or origin.approval.is_given:
        return ()
    return (NotApproved(str(origin.approval)),)


def _unwanted(register: Register, openings: tuple[Opening, ...]) -> dict[int, Superseded | Withdrawn]:
    """Waiting or held runs that the default branch does not want any more, or not for the reasons they have.

    Those in whose place it wants something else are superseded by the ledger, which knows by which run.
    """
    wanted = {opening.request: opening for opening in openings}
    endings: dict[int, Superseded | Withdrawn] = {}
    for run in register.open_runs:
        if run.operation.only_plans or isinstance(run.state, Running):
            continue
        opening = wanted.get(run.request)
        if opening is None:
            endings[run.id] = Withdrawn(OURS, "the default branch does not want it any more")
        elif opening.digest == run.digest and (gone := _outlived(run, opening)):
            endings[run.id] = Withdrawn(OURS, f"no longer so: {'; '.join(map(str, gone))}")
    return endings


def _seen_held(register: Register, openings: tuple[Opening, ...]) -> frozenset[int]:
    """The held runs that end only since something that held them does not any more."""
    wanted = {(opening.request, opening.digest) for opening in openings}
    held = (run for run in register.open_runs if isinstance(run.state, Held))
    return frozenset(run.id for run in held if (run.request, run.digest) in wanted)


def _outlived(run: Run, opening: Opening) -> tuple[Hold, ...]:
    """What stood against a run and does not any more.

    Of a run that waits for a worker only its pull is of interest: nobody has weighed the rest yet, and what it is about to
    make counts as made when limits are. That the history was rewritten is not forgotten with the next commit.
    """
    gone = outlived(run.conditions, opening.conditions)
    if run.pull is not None:
        gone = tuple(hold for hold in gone if not isinstance(hold, NoPull))
    return gone if isinstance(run.state, Held) else tuple(hold for hold in gone if isinstance(hold, NoPull))


def _moved(wanted: Wanted, standing: Mapping[RequestId, Standing]) -> Iterator[Request]:
    """Requests that stand as they are wanted, though not from the same file."""
    for identity, workspace in wanted.workspaces.items():
        known = standing.get(identity)
        if known and known.digest == workspace.digest and known.request != workspace.request:
            yield workspace.request
