"""Entry: what became of one request of a merged pull."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.core.catalogue import Catalogue
from controller.core.hold import Hold, NotCovered
from controller.core.outcome import (
    Applied,
    Destroyed,
    Failed,
    Interrupted,
    Outcome,
    Planned,
    Superseded,
    Withdrawn,
)
from controller.core.plan import Plan
from controller.core.run import Ended, Held, Run, Running, Waiting
from controller.core.summary.next_step import RETRY, after_failure, after_interruption, after_merge
from controller.core.summary.postponed import postponed_words
from controller.core.summary.words import count_words


@dataclass(frozen=True)
class Reason:
    """Why a run is held, and the particulars."""

    words: str
    particulars: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One run, told.

    Attributes:
        run: the newest of its request.
        result: how it stands, in a few words.
        alarm: what is said before that where a person must do something, empty otherwise.
        outputs: what its requester gets.
        failed: how it failed.
        reasons: what still holds it.
        plan: what it would do once released.
        aftermath: what state things are in, where that needs saying.
        steps: what somebody does next; nothing where nobody must.
    """

    run: Run
    result: str
    alarm: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    failed: Failed | None = None
    reasons: tuple[Reason, ...] = ()
    plan: Plan | None = None
    aftermath: str = ""
    steps: tuple[str, ...] = ()


def entry(run: Run, name: str, catalogue: Catalogue) -> Entry:
    """What became of a run, and what is to be done about it.

    Args:
        run: the run.
        name: what its request is called among those of the pull.
        catalogue: the default branch's.
    """
    match run.state:
        case Waiting():
            return Entry(run, postponed_words(run, RETRY) or "waits for a worker")
        case Running():
            return Entry(run, "is being destroyed" if run.operation.destroys else "is being provisioned")
        case Held(reasons, plan):
            return Entry(
                run,
                "for a person",
                "held",
                reasons=tuple(map(_reason, reasons)),
                plan=plan,
                steps=tuple(after_merge(run, reasons, name, catalogue)),
            )
        case Ended(outcome):
            return _ended(run, outcome)


def _reason(hold: Hold) -> Reason:
    if isinstance(hold, NotCovered):
        return Reason("the plan is no longer the reviewed one", hold.differences)
    return Reason(str(hold))


def _ended(run: Run, outcome: Outcome) -> Entry:
    match outcome:
        case Failed():
            return _failed(run, outcome)
        case Interrupted(step, why):
            aftermath, next_step = after_interruption(run, outcome)
            return Entry(run, f"at {step}: {why}", "interrupted", aftermath=aftermath, steps=(next_step,))
        case _:
            outputs = outcome.outputs if isinstance(outcome, Applied) else {}
            return Entry(run, _well(outcome), outputs=outputs)


def _well(outcome: Applied | Destroyed | Planned | Superseded | Withdrawn) -> str:
    """How a run ended that nobody must do anything about."""
    match outcome:
        case Applied():
            return "provisioned"
        case Destroyed():
            return "destroyed"
        case Planned(plan):
            return f"planned only: {count_words(plan)}"
        case Superseded(why):
            return f"not done, since something newer took its place: {why}"
        case Withdrawn(by, why):
            return f"taken back by `{by}`, so nothing was changed: {why}"


def _failed(run: Run, failed: Failed) -> Entry:
    return Entry(
        run,
        f"at {failed.step} ({failed.cause.value})",
        "failed",
        failed=failed,
        aftermath=failed.aftermath,
        steps=(after_failure(run, failed),),
    )
