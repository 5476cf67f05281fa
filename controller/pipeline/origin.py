"""Where a change of the default branch comes from: its commit, its pull, and what people saw of it there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from controller.core import catalogue as catalogues
from controller.core.approval import Approval
from controller.core.catalogue import environment_path
from controller.core.change import Change, Destroy
from controller.core.decision import Register
from controller.core.environment import EnvironmentFormat
from controller.core.hold import NotShown, OverLimit
from controller.core.identity import RequestId
from controller.core.outcome import Failed, Interrupted, Planned
from controller.core.proposal import Proposal
from controller.core.provenance import Step, asking_commit, bringing_pull
from controller.core.pull import Pull, PullState
from controller.core.quota import breaches, owned
from controller.core.run import Ended, Held, Operation, Run
from controller.core.wanted import Wanted
from controller.pipeline.authority import People, rules_at, rules_for
from controller.pipeline.plan_pull import mode
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
    this very change, whatever became of it. `rules` are those of the environment by which it is judged, None where it has
    none; `approval` is how far the pull's reviews go by them, None where that was asked before.
    """

    commit: str
    pull: Pull | None
    asked: Change | None
    shows: bool
    before: Run | None
    rules: EnvironmentFormat | None = None
    approval: Approval | None = None


def steps(commits: Iterable[Commit]) -> tuple[Step, ...]:
    """Commits as the core knows them."""
    return tuple(Step(commit.sha, commit.paths) for commit in commits)


def operation_of(change: Change) -> Operation:
    """What carries a merged change out."""
    return Operation.DESTROY if isinstance(change, Destroy) else Operation.APPLY


def after(seen: Look, change: Change) -> int | None:
    """The run that last began to change the state; for more of the same work, the one before it.

    So a failed apply is not begun again by every reconcile: its key stays the same until something else was applied.
    """
    last = seen.register.last.get(change.request.id)
    if last is None:
        return None
    same_work = last.operation is operation_of(change) and last.digest == change.digest
    return last.after if same_work else last.id


def find_origins(ports: Ports, seen: Look) -> Mapping[RequestId, Origin]:
    """The origin of each change; the history is read, and GitHub asked, only as far as it must be."""
    return _Search(ports, seen).origins()


def attempt(origin: Origin) -> int:
    """What failed is not begun again by every reconcile, but by a pull that asks for it anew."""
    run = origin.before
    if run is None or origin.asked is None or run.commit == origin.commit or not isinstance(run.state, Ended):
        return 1
    return run.attempt + 1 if isinstance(run.state.outcome, Failed | Interrupted) else 1


def _was_not_shown(before: Run | None) -> bool:
    """Whether this very work was opened as one that no pull could show: it is that still."""
    return before is not None and any(isinstance(hold, NotShown) for hold in before.conditions)


def _was_decided(before: Run | None, commit: str) -> bool:
    """Whether a run of this commit is over, so that none is opened unless a person wants it."""
    outcome = before.state.outcome if before and isinstance(before.state, Ended) else None
    same = before is not None and before.commit == commit
    return same and isinstance(outcome, Failed | Interrupted | Planned)


class _Search:
    """One search for origins, with what was read for it."""

    def __init__(self, ports: Ports, seen: Look) -> None:
        self._ports = ports
        self._seen = seen
        self._people = People(ports)
        self._pulls: dict[str, Pull | None] = {}
        self._approvals: dict[tuple[int, str], Approval] = {}
        self._line: tuple[Step, ...] | None = None
        self._paths = {step.commit: step.paths for step in seen.since}

    def origins(self) -> Mapping[RequestId, Origin]:
        return {change.request.id: self._origin(change) for change in self._seen.changes}

    def _origin(self, change: Change) -> Origin:
        before = self._same_work(change) if self._seen.register.cursor else None
        commit, is_told = self._commit(change, before)
        paths = self._paths_of(commit)
        pull = self._known_pull(commit, before) or self._pull(commit)
        own = is_told and change.request.path in paths and not _was_not_shown(before)
        is_seen = pull is None or self._proposal(pull) is not None
        # A pull may be several commits, and of one that nobody looked at nobody knows which.
        touched = paths if is_seen else self._seen.moved
        touches_catalogue = any(path.startswith(f"{catalogues.FOLDER}/") for path in touched)
        asked = self._asked(change, pull) if own else None
        rules = self._rules(change.request.id.environment, pull)
        approval = None if _was_decided(before, commit) else self._approval(change, pull, rules)
        return Origin(commit, pull, asked, own and not touches_catalogue, before, rules, approval)

    def _rules(self, name: str, pull: Pull | None) -> EnvironmentFormat | None:
        if pull is None:
            return self._todays_rules(name)
        cursor = self._seen.register.cursor
        if cursor and self._proposal(pull) is None and environment_path(name) in self._seen.moved:
            return rules_at(self._ports, name, cursor)
        return rules_for(self._ports, name, pull, self._seen.tip)

    def _proposal(self, pull: Pull) -> Proposal | None:
        """What was said of the pull, if that was of the head that was merged."""
        proposal = self._ports.views.proposal(pull.number)
        return (
            proposal if proposal and proposal.pull.head == pull.head and proposal.tip != pull.head else None
        )

    def _todays_rules(self, name: str) -> EnvironmentFormat | None:
        environment = self._seen.wanted.catalogue.environments.get(name)
        return environment.format if environment else None

    def _approval(
        self, change: Change, pull: Pull | None, rules: EnvironmentFormat | None
    ) -> Approval | None:
        """How far the pull was approved."""
        if pull is None or rules is None:
            return None
        environment = change.request.id.environment
        key = pull.number, environment
        if key not in self._approvals:
            wanted = {environment: rules.approvals}
            self._approvals[key] = self._people.approvals(pull, self._seen.tip, wanted)[0]
        return self._approvals[key]

    def _commit(self, change: Change, before: Run | None) -> tuple[str, bool]:
        """The asking commit, and whether we were told: by a new commit, an earlier run, or the first look of all.

        Else nobody asked: the controller itself is another one.
        """
        since = self._seen.since
        known = before.commit if before is not None and not self._seen.rewritten else None
        # A catalogue that moved and renders the same asks for nothing: whoever asked for this work still does.
        is_new = known is None or any(change.request.path in step.paths for step in since)
        commit = (asking_commit(change, since, ()) if is_new else None) or known
        if commit is not None:
            return commit, True
        last = asking_commit(change, (), self._whole_line()) or self._seen.tip
        return last, self._seen.register.cursor is None

    def _same_work(self, change: Change) -> Run | None:
        """The newest run of it; what was done before something else changed the state is not this work any more."""
        runs = (view.run for view in self._ports.views.runs(RunQuery(request=change.request.id)))
        now = mode(self._ports, self._seen.wanted, change.request.id.environment)
        work = (operation_of(change), change.digest, now, after(self._seen, change))
        return next((run for run in runs if (run.operation, run.digest, run.mode, run.after) == work), None)

    def _asked(self, change: Change, pull: Pull | None) -> Change | None:
        proposal = self._proposal(pull) if pull else None
        if proposal is None:
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

    @cached_property
    def _base(self) -> str:
        return self._ports.github.default_branch()

    def _paths_of(self, commit: str) -> tuple[str, ...]:
        if commit not in self._paths:
            self._paths |= {step.commit: step.paths for step in self._whole_line()}
        return self._paths.get(commit, ())

    def _whole_line(self) -> tuple[Step, ...]:
        """Every step of the default branch, newest first."""
        if self._line is None:
            self._line = tuple(reversed(steps(self._ports.git.first_parents(None, self._seen.tip) or ())))
        return self._line
