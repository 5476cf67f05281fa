"""Succession: which run follows another, by itself, and which makes room for newer content."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from controller.core.environment import Mode
from controller.core.outcome import (
    Applied,
    Cause,
    Destroyed,
    Failed,
    Interrupted,
    Outcome,
    Planned,
    Superseded,
)
from controller.core.run import Ended, Opening, Operation, Run, Running, State, Waiting

MOST_ATTEMPTS = 5
"""A run that takes its worker down with it is not tried for ever."""

MOST_TRIES = 3
PASSING = frozenset({Cause.THROTTLED, Cause.NETWORK, Cause.LOCK_HELD})
"""What may be over in a minute; anything else stays until somebody mends it."""

PAUSE = timedelta(seconds=60)
"""Before the second try; it doubles before each further one."""

_NOBODY = "nobody tries again by themselves"


@dataclass(frozen=True)
class Sequel:
    """What follows a run that ended: the attempt that goes on, if one does, and that in words."""

    opening: Opening | None = None
    why: str = ""


def sequel(run: Run, heir: int | None, now: datetime) -> Sequel:
    """What follows a run that ended, by itself.

    Args:
        run: the run, ended.
        heir: the run that has newer content, if there is one: it goes on, whatever became of this one.
        now: the time.
    """
    outcome = run.state.outcome if isinstance(run.state, Ended) else None
    match outcome:
        case Interrupted() | Failed() if heir is not None:
            return Sequel(why=f"run {heir} goes on with newer content")
        case Interrupted():
            return _taken_over(run)
        case Failed(cause=cause) if cause in PASSING:
            return _tried_again(run, cause, now)
        case _:
            return Sequel()


def again(run: Run) -> Opening:
    """The next attempt of a run, with what was reviewed and what still stands against it."""
    return Opening(
        request=run.request,
        operation=run.operation,
        digest=run.digest,
        mode=run.mode,
        commit=run.commit,
        pull=run.pull,
        after=run.after,
        attempt=run.attempt + 1,
        reviewed=run.reviewed,
        conditions=run.conditions,
        tries=run.tries,
    )


def _taken_over(run: Run) -> Sequel:
    tries = replace(run.tries, lost=run.tries.lost + 1)
    if tries.lost >= MOST_ATTEMPTS:
        return Sequel(why=f"its worker was lost {tries.lost} times, and {_NOBODY}")
    return Sequel(replace(again(run), tries=tries), "another attempt goes on")


def _tried_again(run: Run, cause: Cause, now: datetime) -> Sequel:
    tries = replace(run.tries, failed=run.tries.failed + 1)
    if tries.failed >= MOST_TRIES:
        return Sequel(why=f"it was tried {tries.failed} times, and {_NOBODY}")
    opening = replace(again(run), tries=tries)
    until = now + _pause(opening)
    return Sequel(
        replace(opening, waits=Waiting(until, cause)), f"it is tried again at {until:%Y-%m-%d %H:%M:%S} UTC"
    )


def _pause(opening: Opening) -> timedelta:
    """How long a try waits: up to a quarter longer by its key, so that those that failed together do not return so."""
    jitter = int(opening.key[:8], 16) / 0x1_0000_0000 / 4
    return PAUSE * (1 << opening.tries.failed - 1) * (1 + jitter)


def superseded_by(heir: int | None) -> Superseded:
    """The end of a run in whose place another one stands."""
    return Superseded(f"run {heir} has the newer content")


def is_spoilt(run: Run, outcome: Outcome, *, was_changed: bool) -> bool:
    """Whether a plan's result is worth nothing, the state having been in somebody's hands since it began."""
    return run.operation.only_plans and was_changed and isinstance(outcome, Planned | Failed)


def outdates_plans(run: Run, state: State) -> bool:
    """Whether plans of what the request stood at are of something else now, the run having gone to that state."""
    if run.operation.only_plans or not isinstance(state, Ended):
        return False
    was_begun = isinstance(run.state, Running) and run.state.step == "apply"
    return was_begun or isinstance(state.outcome, Applied | Destroyed)


@dataclass(frozen=True)
class Peer:
    """As much of a run as an opening beside it must know; `state` and `outcome` are the words of their types."""

    id: int
    family: str
    operation: Operation
    digest: str
    mode: Mode
    commit: str
    pull: int | None
    attempt: int
    state: str
    outcome: str | None = None
    by_person: bool = False


@dataclass(frozen=True)
class Admission:
    """What becomes of an opening: it is None where its work has a run, which is `kin`; `stale` are runs that it ends."""

    opening: Opening | None
    kin: int | None
    stale: tuple[int, ...]


def admit(opening: Opening, peers: Iterable[Peer]) -> Admission:
    """Whether an opening becomes a run, and which older ones it makes pointless.

    Args:
        opening: what is wanted.
        peers: the runs of its request that are open, or are attempts at the same work.
    """
    lane = [peer for peer in peers if _same_lane(opening, peer)]
    kindred = (peer for peer in lane if peer.family == opening.family)
    newest = max(kindred, key=lambda peer: peer.attempt, default=None)
    busy = next((peer for peer in lane if _does_the_same(opening, peer)), None)
    heir = _next(opening, newest) if busy is None else None
    kin = busy or newest
    stale = tuple(
        peer.id
        for peer in lane
        if peer.state in {"waiting", "held"} and (heir is not None or peer.family != opening.family)
    )
    return Admission(heir, kin.id if kin else None, stale)


def _next(opening: Opening, newest: Peer | None) -> Opening | None:
    """The opening under an attempt that is free, or None where its work was done, or is to be done."""
    if newest is None or opening.attempt > newest.attempt:
        return opening
    if newest.outcome == "superseded" or (newest.outcome == "withdrawn" and _is_wanted_anew(opening, newest)):
        return replace(opening, attempt=newest.attempt + 1)
    return None


def _is_wanted_anew(opening: Opening, withdrawn: Peer) -> bool:
    """What a person took back is not wanted again by the commit that wanted it already."""
    return not (withdrawn.by_person and withdrawn.commit == opening.commit)


def _does_the_same(opening: Opening, peer: Peer) -> bool:
    """Whether an apply or destroy of this very content is on a worker."""
    same = (opening.operation, opening.digest, opening.mode) == (peer.operation, peer.digest, peer.mode)
    return same and not opening.operation.only_plans and peer.state == "running"


def _same_lane(opening: Opening, peer: Peer) -> bool:
    if opening.operation.only_plans:
        return peer.operation.only_plans and peer.pull == opening.pull
    return not peer.operation.only_plans
