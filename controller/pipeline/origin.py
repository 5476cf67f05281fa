"""Where a change of the default branch comes from: its commit, its pull, and what people saw of it there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from controller.core import catalogue as catalogues
from controller.core.change import Change, Destroy
from controller.core.decision import Register
from controller.core.hold import OverLimit
from controller.core.identity import RequestId
from controller.core.outcome import Failed, Interrupted, Planned
from controller.core.plan import Plan
from controller.core.provenance import Step, asking_commit, bringing_pull
from controller.core.pull import Pull, PullState
from controller.core.quota import breaches, owned
from controller.core.run import Ended, Held, Operation, Run
from controller.core.wanted import Wanted
from controller.ports import Commit, Ports, RunQuery


@dataclass(frozen=True)
class Look:
    """What one reconcile sees.

    `since` has the steps since the last one, oldest first; `unreadable` the refused files that may be any request.
    """

    tip: str
    wanted: Wanted
    register: Register
    since: tuple[Step, ...]
    rewritten: bool
    changes: tuple[Change, ...]
    unreadable: tuple[str, ...] = ()

    @cached_property
    def over_limits(self) -> Mapping[RequestId, tuple[OverLimit, ...]]:
        """The limits that each change breaks: two pulls may each have kept one that both together do not.

        What an open run is about to make is there already: it is not for its path to say which of two came first.
        """
        asked = self.wanted.requests.accepted
        before = {
            run.request: asked[run.request]
            for run in self.register.open_runs
            if run.operation is Operation.APPLY and not isinstance(run.state, Held) and run.request in asked
        }
        before |= {identity: stands.request for identity, stands in self.register.standing.items()}
        found: defaultdict[RequestId, tuple[OverLimit, ...]] = defaultdict(tuple)
        for breach in breaches(before, owned(before, self.changes), self.wanted.catalogue):
            found[breach.request] += (OverLimit(breach.rejection.problem),)
        return found

    @property
    def moved(self) -> frozenset[str]:
        """The paths that the default branch changed since the last reconcile."""
        return frozenset(path for step in self.since for path in step.paths)


@dataclass(frozen=True)
class Origin:
    """Where a change comes from: the commit that asks for it, and the merged pull that brought it, if any.

    `asked` is the change as people could see it in that pull, at the head they merged; `shows` tells whether the pull
    could show it at all: its commit changed the request's own file, and not the catalogue. `before` is the newest run of
    this very change, whatever became of it.
    """

    commit: str
    pull: Pull | None
    asked: Change | None
    shows: bool
    before: Run | None


def steps(commits: Iterable[Commit]) -> tuple[Step, ...]:
    """Commits as the core knows them."""
    return tuple(Step(commit.sha, commit.paths) for commit in commits)


def operation_of(change: Change) -> Operation:
    """What carries a merged change out."""
    return Operation.DESTROY if isinstance(change, Destroy) else Operation.APPLY


def find_origins(ports: Ports, seen: Look) -> Mapping[RequestId, Origin]:
    """The origin of each change; the history is read, and GitHub asked, only as far as it must be."""
    return _Search(ports, seen).origins()


def attempt(origin: Origin) -> int:
    """What failed is not begun again by every reconcile, but by a pull that asks for it anew."""
    run = origin.before
    if run is None or origin.asked is None or run.commit == origin.commit or not isinstance(run.state, Ended):
        return 1
    return run.attempt + 1 if isinstance(run.state.outcome, Failed | Interrupted) else 1


def reviewed(ports: Ports, change: Change, origin: Origin) -> Plan | None:
    """The plan of a change that people saw in the pull they merged; None where they merged before it was made.

    What a pull cannot show (the catalogue was changed, or the controller's own renderer) nobody reviewed: only an empty
    plan passes.
    """
    if origin.pull is None:
        return None
    asked = origin.asked
    for view in (
        ports.views.runs(RunQuery(request=change.request.id, pull=origin.pull.number)) if asked else ()
    ):
        plan = _plan(view.run)
        same = view.run.operation.destroys is isinstance(change, Destroy)
        if plan is not None and same and asked is not None and view.run.digest == asked.digest:
            return plan
    return None if origin.shows else Plan()


def _plan(run: Run) -> Plan | None:
    outcome = run.state.outcome if isinstance(run.state, Ended) else None
    return outcome.plan if run.operation.only_plans and isinstance(outcome, Planned) else None


class _Search:
    """One search for origins, with what was read for it."""

    def __init__(self, ports: Ports, seen: Look) -> None:
        self._ports = ports
        self._seen = seen
        self._base = ports.github.default_branch()
        self._pulls: dict[str, Pull | None] = {}
        self._line: tuple[Step, ...] | None = None
        self._paths = {step.commit: step.paths for step in seen.since}

    def origins(self) -> Mapping[RequestId, Origin]:
        return {change.request.id: self._origin(change) for change in self._seen.changes}

    def _origin(self, change: Change) -> Origin:
        before = self._same_work(change) if self._seen.register.cursor else None
        commit, is_told = self._commit(change, before)
        paths = self._paths_of(commit)
        pull = self._known_pull(commit, before) or self._pull(commit)
        own = is_told and change.request.path in paths
        touches_catalogue = any(path.startswith(f"{catalogues.FOLDER}/") for path in paths)
        asked = self._asked(change, pull) if own else None
        return Origin(commit, pull, asked, own and not touches_catalogue, before)

    def _commit(self, change: Change, before: Run | None) -> tuple[str, bool]:
        """The asking commit, and whether we were told: by a new commit, an earlier run, or the first look of all.

        Else nobody asked: the controller itself is another one.
        """
        commit = asking_commit(change, self._seen.since, ())
        if commit is None and before is not None and not self._seen.rewritten:
            commit = before.commit
        if commit is not None:
            return commit, True
        last = asking_commit(change, (), self._whole_line()) or self._seen.tip
        return last, self._seen.register.cursor is None

    def _same_work(self, change: Change) -> Run | None:
        runs = (view.run for view in self._ports.views.runs(RunQuery(request=change.request.id)))
        work = (operation_of(change), change.digest)
        return next((run for run in runs if (run.operation, run.digest) == work), None)

    def _asked(self, change: Change, pull: Pull | None) -> Change | None:
        proposal = self._ports.views.proposal(pull.number) if pull else None
        if pull is None or proposal is None or proposal.pull.head != pull.head:
            return None
        same = (asked for asked in proposal.changes if asked.request.id == change.request.id)
        return next((asked for asked in same if operation_of(asked) is operation_of(change)), None)

    def _known_pull(self, commit: str, before: Run | None) -> Pull | None:
        """The pull that an earlier run of this work already named for the same commit."""
        if before is None or before.pull is None or before.commit != commit:
            return None
        proposal = self._ports.views.proposal(before.pull)
        return proposal.pull if proposal and proposal.pull.state is PullState.MERGED else None

    def _pull(self, commit: str) -> Pull | None:
        if commit not in self._pulls:
            pulls = self._ports.github.pulls_of(commit)
            self._pulls[commit] = bringing_pull(commit, pulls, self._base)
        return self._pulls[commit]

    def _paths_of(self, commit: str) -> tuple[str, ...]:
        if commit not in self._paths:
            self._paths |= {step.commit: step.paths for step in self._whole_line()}
        return self._paths.get(commit, ())

    def _whole_line(self) -> tuple[Step, ...]:
        """Every step of the default branch, newest first."""
        if self._line is None:
            self._line = tuple(reversed(steps(self._ports.git.first_parents(None, self._seen.tip) or ())))
        return self._line
