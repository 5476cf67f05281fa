"""Headline: an open pull in one line, and the state of the status that says the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from controller.core.change import MASS, Destroy
from controller.core.cost import total
from controller.core.environment import Mode
from controller.core.outcome import Interrupted
from controller.core.proposal import Planning, Proposal
from controller.core.pull import StatusState
from controller.core.summary.postponed import next_try
from controller.core.summary.progress import is_told_each, progress
from controller.core.summary.row import Row
from controller.core.summary.words import listed, many, named
from controller.core.verdict import Risk

_READY = "Ready: "


@dataclass(frozen=True)
class Headline:
    """The verdict in words, and as a status."""

    words: str
    state: StatusState


def headline(proposal: Proposal, rows: Sequence[Row]) -> Headline:
    """What stands in the way comes first, then what is not known yet, then what the merge would do."""
    if wrong := _mistaken(proposal) or _not_planned(rows):
        return Headline(f"Cannot merge: {wrong}", StatusState.FAILURE)
    if unknown := not_asked_for(proposal, rows) or _outdated(rows) or _under_way(rows):
        return Headline(unknown, StatusState.PENDING)
    if refused := _refused(rows):
        return Headline(f"Cannot merge: {refused}", StatusState.FAILURE)
    words = _ready(proposal, rows) if rows else _without_changes(proposal)
    return Headline(_draft(words) if proposal.pull.draft else words, StatusState.SUCCESS)


def are_told_each(rows: Sequence[Row]) -> bool:
    """Whether each row is told as it comes, or all of them have."""
    return is_told_each(_ended(rows), len(rows))


def not_asked_for(proposal: Proposal, rows: Sequence[Row]) -> str:
    """Why nothing is planned until a person asks for it; empty where it is."""
    if all(row.has_ended or (row.run is not None and row.run.is_open) for row in rows):
        return ""
    match proposal.planning:
        case Planning.STRANGER:
            return "Not planned yet: somebody with write access comments `/infra plan`"
        case Planning.TOO_OFTEN:
            return f"Not planned: planned {proposal.rounds} times already; `/infra plan` plans again"
        case Planning.YES:
            return ""


def rehearsed(rows: Sequence[Row]) -> tuple[str, ...]:
    """The environments in which the merge would apply nothing."""
    runs = (row.run for row in rows if row.run)
    return tuple(sorted({run.request.environment for run in runs if run.mode is Mode.PLAN_ONLY}))


def mass(rows: Sequence[Row]) -> int:
    """How many requests are destroyed, if these are so many that they are held; else none."""
    destroyed = sum(isinstance(row.change, Destroy) for row in rows)
    return destroyed if destroyed > MASS else 0


def _ended(rows: Sequence[Row]) -> int:
    return sum(row.has_ended for row in rows)


def _mistaken(proposal: Proposal) -> str:
    if proposal.conflicts:
        return "it conflicts with the default branch"
    return many(len(proposal.rejections), "mistake") if proposal.rejections else ""


def _not_planned(rows: Sequence[Row]) -> str:
    if not are_told_each(rows):
        return ""
    failed = named(row.id for row in rows if row.failed)
    if failed:
        return f"the plan of {listed(failed)} failed"
    stopped = [row for row in rows if row.stopped]
    was = "interrupted" if any(isinstance(row.stopped, Interrupted) for row in stopped) else "taken back"
    return f"the plan of {listed(named(row.id for row in stopped))} was {was}" if stopped else ""


def _outdated(rows: Sequence[Row]) -> str:
    outdated = [row for row in rows if row.is_outdated]
    if not outdated:
        return ""
    if not are_told_each(rows):
        return f"Outdated: some of {len(rows)} changes are planned again"
    busy = [row for row in outdated if row.busy is not None]
    if len(busy) == 1:
        return f"Outdated: planned again once run {busy[0].busy} of {busy[0].id.name} has ended"
    if busy:
        return f"Outdated: planned again once the runs of {listed(named(row.id for row in busy))} have ended"
    verb = "is" if len(outdated) == 1 else "are"
    return f"Outdated: {many(len(outdated), 'change')} {verb} planned again"


def _under_way(rows: Sequence[Row]) -> str:
    if _ended(rows) == len(rows):
        return ""
    is_half = not are_told_each(rows) and progress(_ended(rows), len(rows))
    later = next_try(row.run for row in rows if row.run is not None and not row.has_ended)
    return f"Planning {many(len(rows), 'change')}{', half of them done' if is_half else ''}{later}"


def _refused(rows: Sequence[Row]) -> str:
    refused = [row for row in rows if row.is_refused]
    if not refused:
        return ""
    places = sorted({f"`{row.id.environment}`" for row in refused})
    deeds = [f"{row.deed} {row.id.name} ({row.id.kind})" for row in refused]
    return f"{' and '.join(places)} {'refuses' if len(places) == 1 else 'refuse'} to {listed(deeds)}"


def _ready(proposal: Proposal, rows: Sequence[Row]) -> str:
    dry = f"; plan only in {listed(rehearsed(rows))}" if rehearsed(rows) else ""
    later = f"; plans {many(_later(proposal), 'request')} after the merge" if _later(proposal) else ""
    dangers = tuple(_dangers(rows))
    if dangers:
        return f"Needs a second look: {listed(dangers, '; ')}{later}{dry}"
    destroyed = [f"{row.id.name} ({row.id.kind})" for row in rows if isinstance(row.change, Destroy)]
    risk = "no risk" if {row.risk for row in rows} <= {Risk.NONE} else "low risk"
    words = [many(len(rows), "change"), risk, total(proposal.costs)]
    words += [f"destroys {listed(destroyed)}"] if destroyed else []
    return f"{_READY}{', '.join(filter(None, words))}{later}{dry}"


def _dangers(rows: Sequence[Row]) -> Iterator[str]:
    """What a merge should not be pressed for without another look, and who had it."""
    if destroys := mass(rows):
        yield f"destroys {destroys} requests at once"
    for row in rows:
        if row.risk is Risk.HIGH or row.awaits_confirmation or row.confirmed:
            yield f"{row.danger}, confirmed by {row.confirmed}" if row.confirmed else row.danger


def _without_changes(proposal: Proposal) -> str:
    if _later(proposal):
        return f"Plans {many(_later(proposal), 'request')} after the merge, and holds what changes"
    return f"{_READY}nothing changes"


def _later(proposal: Proposal) -> int:
    """How many requests only the merged catalogue can be planned with."""
    return len(proposal.replanned) + len(proposal.deferred)


def _draft(words: str) -> str:
    rest = words.removeprefix(_READY)
    return f"Draft: {rest[:1].lower()}{rest[1:]}"
