"""The next step: what somebody does about a request that does not go on by itself."""

from collections.abc import Iterator, Sequence

from controller.core.catalogue import Catalogue, environment_path
from controller.core.command import PREFIX, Verb
from controller.core.environment import ApprovalRule
from controller.core.hold import Hold, settles
from controller.core.identity import RequestId
from controller.core.outcome import Cause, Failed, Interrupted, Withdrawn, reached
from controller.core.run import Run
from controller.core.summary.postponed import postponed_words
from controller.core.summary.row import Row
from controller.core.summary.words import many, named, sentence, somebody
from controller.core.wish import Acceptance, Confirmation

PLAN, APPLY, RETRY, CONFIRM = (
    f"{PREFIX} {verb}" for verb in (Verb.PLAN, Verb.APPLY, Verb.RETRY, Verb.CONFIRM_DESTROY)
)
_ON_A_PULL = {
    Cause.MISTAKE: "Read Terraform's error, and push what mends the request; a mistake in the module is the platform team's to mend.",
    Cause.NAME_TAKEN: "Choose another name, and push it.",
}


def before_merge(rows: Sequence[Row], catalogue: Catalogue) -> Iterator[tuple[RequestId, str]]:
    """What somebody does about the plans of an open pull, or has done, by request."""
    for row, name in zip(rows, named(row.id for row in rows), strict=True):
        if row.failed:
            yield row.id, _after_failed_plan(name, row.failed)
        elif row.run is not None and row.run.postponed:
            yield row.id, f"The plan of `{name}` {postponed_words(row.run, PLAN)}."
        elif row.stopped:
            yield row.id, _after_stopped_plan(name, row.stopped)
        elif row.is_refused:
            yield (
                row.id,
                f"{_lift(name, row.id.environment)} If it is not meant, put `{name}` back as it was, and push.",
            )
        elif row.awaits_confirmation:
            who = sentence(somebody(_rule(row.id.environment, catalogue)))
            yield row.id, f"{who} confirms with `{CONFIRM} {name}`, before or after the merge."
        elif row.confirmed:
            yield row.id, f"`{row.confirmed}` has confirmed that this pull {row.danger}."


def after_merge(run: Run, reasons: Sequence[Hold], name: str, catalogue: Catalogue) -> Iterator[str]:
    """What somebody does about a held run.

    Args:
        run: the run.
        reasons: what holds it.
        name: what its request is called among those of the pull.
        catalogue: the default branch's, whose rules say who decides.
    """
    if run.pull is None:
        yield (
            f'An operator lets it go with `infrautomater release {run.id} --reason "…"`, '
            f"or takes it back with `infrautomater withdraw {run.id}`."
        )
        return
    accepted, confirmed = (
        [reason for reason in reasons if settles(wish, reason)]
        for wish in (Acceptance("", ""), Confirmation("", ""))
    )
    environment = run.request.environment
    who = sentence(somebody(_rule(environment, catalogue)))
    if len(accepted) + len(confirmed) < len(reasons):
        yield f"{_lift(name, environment)} If it is not meant, a new pull request asks for `{name}` as it was."
    if accepted:
        yield f"{who} comments `{APPLY}`. This plan is then the reviewed one: it is made again, and applied if it does nothing beyond it."
    if confirmed:
        yield f"{who} comments `{CONFIRM} {name}`."


def after_failure(run: Run, failed: Failed) -> str:
    """What somebody does about a failed apply or destroy."""
    if run.pull is None:
        return f"{failed.next_step} An operator tries again with `infrautomater retry {run.id}`."
    if "retry" in failed.next_step.lower():
        return f"{failed.next_step} Comment `{RETRY}` for that; no new pull request is needed."
    if failed.cause is Cause.NAME_TAKEN:
        return f"{failed.next_step} Or comment `{RETRY}` once the name is free."
    return f"{failed.next_step} If that is not it, comment `{RETRY}`."


def after_interruption(run: Run, stopped: Interrupted) -> tuple[str, str]:
    """What state things are in after the last attempt was interrupted, and what somebody does about it."""
    done = _reached(stopped)
    step = f"comment `{RETRY}`" if run.pull else f"an operator does with `infrautomater retry {run.id}`"
    return (
        done if stopped.step == "apply" else "Nothing was changed.",
        f"After {many(run.tries.lost + 1, 'attempt')} nobody tries again by itself: {step}.",
    )


def _reached(stopped: Interrupted) -> str:
    """How far an apply came, as far as its worker could still say."""
    known = reached(stopped) or "Terraform's state has what was finished."
    return f"{known} What was being made then may be half done, and the next attempt makes it anew."


def _after_failed_plan(name: str, failed: Failed) -> str:
    said = " ".join(failed.summary.replace("`", "'").split())[:200]
    step = failed.advice or _ON_A_PULL.get(failed.cause, failed.next_step)
    return f"`{name}` failed at {failed.step}: `{said}`. {step} The comment `{PLAN}` plans again, and so does a push."


def _after_stopped_plan(name: str, stopped: Interrupted | Withdrawn) -> str:
    if isinstance(stopped, Interrupted):
        return f"The plan of `{name}` was interrupted: {stopped.why}. The comment `{PLAN}` makes it again."
    return f"The plan of `{name}` was taken back: {stopped.why}. A push plans again."


def _lift(name: str, environment: str) -> str:
    return f"If the end of `{name}` is meant, the platform team says `destroy: confirm` in `{environment_path(environment)}` first."


def _rule(environment: str, catalogue: Catalogue) -> ApprovalRule | None:
    known = catalogue.environments.get(environment)
    return known.format.approvals if known else None
