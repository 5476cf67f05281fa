"""unlock: who has a workspace's state in hands, and the end of what only the dead hold."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from controller.core.identity import RequestId
from controller.core.lock import StateLock
from controller.core.outcome import Failed, Interrupted
from controller.core.run import Ended, Run, Running
from controller.core.tenure import End, Holder, LeftLock, StrangeLock, Tenure, holder, keeper, met_lock
from controller.core.wish import Retry
from controller.pipeline.resolve import resolve
from controller.pipeline.send import send
from controller.ports import Claimed, Ports, RunQuery, RunView, TerraformSession

LATEST = 50
"""So many runs of a request are looked at: nobody's lock is older."""


def holders(ports: Ports, requests: Iterable[RequestId]) -> Mapping[RequestId, Holder]:
    """Who has each request's state in hands."""
    return {request: _holder(ports, _runs(ports, request)) for request in requests}


def unlock(ports: Ports, request: RequestId, by: str) -> Holder:
    """Take over what only the dead hold; who held it.

    Raises:
        IllegalTransition: the default branch does not want any more what would be tried again.
    """
    views = _runs(ports, request)
    found = _holder(ports, views)
    if isinstance(found, LeftLock):
        for view in views[:1]:
            resolve(ports, view.run.id, Retry(by))
    elif found.is_safe:
        send(ports, ports.ledger.sweep())
    return found


def release_left(ports: Ports, claimed: Claimed, session: TerraformSession, lock: StateLock) -> bool:
    """Release the lock that a dead run left in this one's way; whether it was one.

    Raises:
        TerraformFailed: Terraform would not.
    """
    found = _keeper(ports, claimed, lock)
    ports.ledger.log(claimed.lease, f"{found.told(ports.now())}\n")
    if isinstance(found, LeftLock):
        session.unlock(lock.id)
    return isinstance(found, LeftLock)


def explained(ports: Ports, claimed: Claimed, failed: Failed) -> Failed:
    """A failure that says who holds the lock it met."""
    if failed.lock is None:
        return failed
    found = _keeper(ports, claimed, failed.lock)
    words = f"It is {found.told(ports.now())}."
    return replace(failed, advice=f"{words} Then retry." if isinstance(found, StrangeLock) else words)


def _keeper(ports: Ports, claimed: Claimed, lock: StateLock) -> Holder:
    views = _runs(ports, claimed.run.request)
    return keeper(_tenures(views), lock, claimed.run.id, ports.now())


def _runs(ports: Ports, request: RequestId) -> tuple[RunView, ...]:
    """A request's applies and destroys, newest first."""
    views = ports.views.runs(RunQuery(request=request, limit=LATEST))
    return tuple(view for view in views if not view.run.operation.only_plans)


def _holder(ports: Ports, views: tuple[RunView, ...]) -> Holder:
    return holder(_tenures(views), met_lock(view.run for view in views), ports.now())


def _tenures(views: Iterable[RunView]) -> Iterator[Tenure]:
    for view in views:
        if view.started is None or view.heard is None:
            continue
        yield Tenure(
            view.run.id,
            view.worker,
            _step(view.run),
            view.started,
            view.heard,
            view.lease_until,
            view.ended,
            *_end(view.run),
        )


def _end(run: Run) -> tuple[End, str]:
    """In which manner a run let go of its state, and the id of the lock that kept it from it."""
    match run.state:
        case Running() | Ended(Interrupted()):
            return End.CUT, ""
        case Ended(Failed(lock=lock)):
            return End.FAILED, lock.id if lock else ""
        case _:
            return End.CLEAN, ""


def _step(run: Run) -> str:
    match run.state:
        case Running(step=step) | Ended(Failed(step=step)) | Ended(Interrupted(step=step)):
            return step
        case _:
            return "its end"
