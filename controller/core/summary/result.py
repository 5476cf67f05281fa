"""ResultSummary: what became of a merged pull, or of a commit that no pull brought."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from controller.core.identity import RequestId
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
from controller.core.pull import Pull, Status, StatusState
from controller.core.rejection import Rejection
from controller.core.run import Ended, Held, Run, Running
from controller.core.summary.entry import Entry, entry
from controller.core.summary.facts import APPLY, ResultFacts
from controller.core.summary.postponed import next_try
from controller.core.summary.progress import FEW, is_told_each, progress
from controller.core.summary.words import listed, many, named

_DONE = {
    "provisioned": Applied,
    "destroyed": Destroyed,
    "planned only": Planned,
    "superseded": Superseded,
    "withdrawn": Withdrawn,
}


@dataclass(frozen=True)
class ResultSummary:
    """What is told of what a merge brought about.

    Attributes:
        runs: the newest of each request.
        headline: the verdict in one line.
        status: what the merge commit's status says.
        rejections: files that changed nothing.
        pull: the pull, None where none brought the commit.
        entries: each run, told; none while there are too many under way to tell of each.
        elsewhere: requests that another pull's run carries out, and that pull.
    """

    runs: tuple[Run, ...]
    headline: str
    status: Status
    rejections: tuple[Rejection, ...] = ()
    pull: Pull | None = None
    entries: tuple[Entry, ...] = ()
    elsewhere: Mapping[RequestId, int] = field(default_factory=dict)

    @property
    def is_under_way(self) -> bool:
        """Whether a run waits for a worker, or has one."""
        return any(map(_is_under_way, self.runs))

    @property
    def is_large(self) -> bool:
        """Whether it is told in coarse steps."""
        return len(self.runs) > FEW

    @property
    def failed(self) -> tuple[Entry, ...]:
        """What ended badly, and does not go on by itself."""
        return tuple(entry for entry in self.entries if entry.alarm in {"failed", "interrupted"})

    @property
    def worst(self) -> tuple[Entry, ...]:
        """The entries, those first that somebody must do something about."""
        return tuple(sorted(self.entries, key=lambda entry: not entry.alarm))


def summarise_result(facts: ResultFacts) -> ResultSummary:
    """What became of a merged pull's changes."""
    runs = _newest(facts.runs)
    is_told = is_told_each(_ended(runs), len(runs))
    state, headline = _verdict(runs, facts) if is_told else _many_under_way(runs)
    told = zip(runs, named(run.request for run in runs), strict=True) if is_told else ()
    return ResultSummary(
        runs,
        headline,
        Status(facts.commit, APPLY, state, headline),
        tuple(sorted(facts.rejections)),
        facts.pull,
        tuple(entry(run, name, facts.catalogue) for run, name in told),
        facts.elsewhere,
    )


def _newest(runs: Sequence[Run]) -> tuple[Run, ...]:
    newest: dict[RequestId, Run] = {}
    for run in runs:
        if not run.operation.only_plans:
            newest.setdefault(run.request, run)
    return tuple(newest[identity] for identity in sorted(newest))


def _is_under_way(run: Run) -> bool:
    return not isinstance(run.state, Ended | Held)


def _ended(runs: Sequence[Run]) -> int:
    return sum(not _is_under_way(run) for run in runs)


def _many_under_way(runs: Sequence[Run]) -> tuple[StatusState, str]:
    half = ", half of them done" if progress(_ended(runs), len(runs)) else ""
    return StatusState.PENDING, f"{_verb(runs)} {many(len(runs), 'request')}{half}"


def _verdict(runs: Sequence[Run], facts: ResultFacts) -> tuple[StatusState, str]:
    """The status and the first line; what went wrong comes first."""
    alarms = tuple(_alarms(runs))
    going = [run for run in runs if _is_under_way(run)]
    if alarms:
        bad = any(isinstance(_outcome(run), Failed | Interrupted) for run in runs) or facts.rejections
        more = f"; {len(going)} under way" if going else ""
        return (StatusState.FAILURE if bad else StatusState.PENDING), "; ".join(alarms) + more
    if facts.rejections:
        return StatusState.FAILURE, f"Not all was done: {many(len(facts.rejections), 'mistake')}"
    if going:
        waits = next_try(going) or _wait(going)
        done = f", {len(runs) - len(going)} done" if len(runs) > len(going) else ""
        return StatusState.PENDING, f"{_verb(going)} {many(len(going), 'request')}{done}{waits}"
    return StatusState.SUCCESS, _done(runs, facts)


def _wait(going: Sequence[Run]) -> str:
    return "" if any(isinstance(run.state, Running) for run in going) else " (waiting for a worker)"


def _alarms(runs: Sequence[Run]) -> Iterator[str]:
    """`Failed: orders`, `Held for a person: users`: what somebody must do something about."""
    names = named(run.request for run in runs)
    by_alarm: dict[str, list[str]] = {"Failed": [], "Interrupted": [], "Held for a person": []}
    for run, name in zip(runs, names, strict=True):
        match run.state:
            case Ended(Failed()):
                by_alarm["Failed"].append(name)
            case Ended(Interrupted()):
                by_alarm["Interrupted"].append(name)
            case Held():
                by_alarm["Held for a person"].append(name)
    return (f"{alarm}: {listed(found)}" for alarm, found in by_alarm.items() if found)


def _outcome(run: Run) -> Outcome | None:
    return run.state.outcome if isinstance(run.state, Ended) else None


def _verb(runs: Sequence[Run]) -> str:
    destroyed = sum(run.operation.destroys for run in runs)
    if not destroyed:
        return "Provisioning"
    return "Destroying" if destroyed == len(runs) else "Provisioning and destroying"


def _done(runs: Sequence[Run], facts: ResultFacts) -> str:
    counts = {words: sum(isinstance(_outcome(run), type_) for run in runs) for words, type_ in _DONE.items()}
    counts["carried out by another pull"] = len(facts.elsewhere)
    said = ", ".join(f"{many(count, 'request')} {words}" for words, count in counts.items() if count)
    return f"Done: {said or 'nothing to do'}"
