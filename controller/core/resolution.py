"""Resolution: what a person's word makes of a run."""

from dataclasses import replace

from controller.core.hold import met, settles
from controller.core.outcome import Failed, Interrupted, Planned, Withdrawn
from controller.core.run import Ended, Held, Opening, Run, Tries, Waiting, move
from controller.core.succession import again
from controller.core.wish import Acceptance, Confirmation, Release, Withdrawal
from controller.errors import IllegalTransition


def settle(run: Run, wish: Release | Acceptance | Confirmation) -> Run:
    """A held run after a person's word: it waits for a worker, or is still held for what the word did not settle.

    Once nothing stands against it the plan that was shown is the reviewed one. A condition that this plan gave no cause for
    stays: the next plan may.

    Raises:
        IllegalTransition: the run is not held, or not for anything that this word settles.
    """
    done, instead = _SETTLES[type(wish)]
    if not isinstance(run.state, Held):
        raise refusal(run, done)
    left = tuple(reason for reason in run.state.reasons if not settles(wish, reason))
    if left and left == run.state.reasons:
        why = "; ".join(map(str, left))
        raise IllegalTransition(f"run {run.id} cannot be {done}: it is held, since {why}; {instead}")
    after = (met(each) if settles(wish, each) else each for each in run.conditions)
    conditions = tuple(condition for condition in after if condition is not None)
    if left:
        return replace(move(run, Held(left, run.state.plan)), conditions=conditions)
    return replace(move(run, Waiting()), reviewed=run.state.plan, conditions=conditions)


def confirm(run: Run, wish: Confirmation) -> Run:
    """A plan that somebody confirmed on its pull.

    Raises:
        IllegalTransition: the run made no plan, or one that ends nothing.
    """
    outcome = run.state.outcome if isinstance(run.state, Ended) else None
    if not (run.operation.only_plans and isinstance(outcome, Planned)):
        raise refusal(run, "confirmed")
    if not outcome.plan.ends_something:
        raise IllegalTransition(f"run {run.id} needs no confirmation: its plan destroys and replaces nothing")
    return replace(run, confirmed=wish.by)


def withdraw(run: Run, wish: Withdrawal) -> Run:
    """A run that somebody took back.

    Raises:
        IllegalTransition: it is on a worker, or over.
    """
    if not isinstance(run.state, Waiting | Held):
        raise refusal(run, "withdrawn")
    return move(run, Ended(Withdrawn(wish.by, wish.why)))


def retry(run: Run, later: Run | None) -> Run | Opening:
    """What is tried at once because somebody said so: the run that waits for its time, or another attempt.

    Either counts as asked for anew: it has all its tries before it.

    Args:
        run: what they want tried again.
        later: the newest run of its lane that is open, or came after it and counts.

    Raises:
        IllegalTransition: the run did not end badly, or something newer came after it.
    """
    if run.postponed:
        return _at_once(run)
    if not _can_be_tried_again(run):
        raise refusal(run, "retried")
    if later is None:
        return replace(again(run), tries=Tries())
    if later.postponed and again(later).family == again(run).family:
        return _at_once(later)
    # To carry out old content over newer would undo what somebody merged.
    raise IllegalTransition(
        f"run {run.id} cannot be retried: run {later.id} came after it and {situation(later)}"
    )


def _at_once(run: Run) -> Run:
    return replace(move(run, Waiting()), tries=Tries())


def _can_be_tried_again(run: Run) -> bool:
    """What ended badly, and a plan, which may be made as often as somebody likes."""
    outcome = run.state.outcome if isinstance(run.state, Ended) else None
    is_plan = run.operation.only_plans and isinstance(outcome, Planned | Withdrawn)
    return is_plan or isinstance(outcome, Failed | Interrupted)


def refusal(run: Run, done: str) -> IllegalTransition:
    """Why a run cannot be `done` something to: what it is, and what can be done instead."""
    return IllegalTransition(f"run {run.id} cannot be {done}: it {situation(run)}")


def situation(run: Run) -> str:
    """What a run is, and what can be done about it, in words that follow its name."""
    at = run.state.outcome if isinstance(run.state, Ended) else run.state
    if isinstance(at, Waiting) and at.until is not None:
        which = _ORDINALS[run.tries.failed]
        return f"waits until {at.until:%H:%M:%S} UTC for its {which} try, after: {at.cause}; retry it to have it tried at once, or withdraw it"
    if isinstance(at, Planned) and not run.operation.only_plans:
        return "was only planned; nothing is applied while the environment, or the controller, is in mode `plan_only`"
    return _SITUATIONS[at.type]


_SETTLES = {
    Release: ("released", "withdraw it"),
    Acceptance: ("accepted", "confirm it by name; where the environment refuses, an operator releases it"),
    Confirmation: ("confirmed", "accept it; where the environment refuses, an operator releases it"),
}
_ORDINALS = ("first", "second", "third")
_SITUATIONS = {
    "waiting": "waits for a worker; wait for what comes of it, or withdraw it",
    "running": "is on a worker; wait until it has ended",
    "held": "is held; release it, or withdraw it",
    "planned": "made its plan, which changes nothing; merge its pull to apply it, or let it be planned again",
    "applied": "was applied; change or destroy what it made with a new pull",
    "destroyed": "destroyed what was there; ask for it again with a new pull",
    "failed": "failed; retry it, or mend it with a new pull",
    "interrupted": "was interrupted; retry it",
    "superseded": "gave way to newer content; look at the newest run of its request",
    "withdrawn": "was withdrawn; another commit that asks for it opens a new run",
}
