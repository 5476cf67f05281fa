"""Everything we do to the world, on one page: what the stories need, and no word of how it is done.

Times are the ledger's own business; commits are full SHA-1 names; paths are relative to the repository's top, with `/`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from controller.core.call import Call
from controller.core.comment import Links
from controller.core.decision import Decision, Register
from controller.core.delivery import Delivery
from controller.core.identity import RequestId
from controller.core.plan import Plan
from controller.core.proposal import Proposal
from controller.core.pull import Permission, Pull, Queued, Remark, Review, ReviewDecision, Status
from controller.core.redelivery import Attempt
from controller.core.rejection import Rejection
from controller.core.request import Blob
from controller.core.run import Ended, Held, Run
from controller.core.wish import Answer
from controller.core.workspace import Workspace

# --- git ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Commit:
    """A commit of the default branch, on its first-parent line."""

    sha: str
    parents: tuple[str, ...]
    paths: tuple[str, ...]
    """What it changed against its first parent."""


@dataclass(frozen=True)
class Conflicts:
    """Two commits cannot be merged without a person; the paths where they collide."""

    paths: tuple[str, ...]


class Git(Protocol):
    """The configuration repository, read through a bare cache; nothing of it is ever checked out or run."""

    def fetch(self, *commits: str) -> None:
        """Bring the default branch and these commits. Raises GitError."""

    def tip(self) -> str | None:
        """The default branch's commit as last fetched, None in an empty repository."""

    def merge(self, tip: str, head: str) -> str | Conflicts:
        """The tree (its object's name) that merging `head` into `tip` makes."""

    def blobs(self, tree: str, *folders: str) -> Mapping[str, Blob]:
        """Every entry below folders of a tree or commit, by path; submodules and links too, by their mode."""

    def first_parents(self, since: str | None, until: str) -> tuple[Commit, ...] | None:
        """The first-parent line after `since`, oldest first; None where `since` is not on it (a rewritten history)."""


# --- GitHub ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comment:
    """A comment of ours: known by our account and by `marker`, its first line, whole."""

    marker: str
    body: str


class GitHub(Protocol):
    """The forge, for one repository. Every method raises GitHubError; nothing is posted twice."""

    def default_branch(self) -> str:
        """The name of the default branch, `main` for example."""

    def pull(self, number: int) -> Pull:
        """A pull as it is now. Raises GitHubNotFound."""

    def open_pulls(self) -> tuple[Pull, ...]:
        """All open pulls on the default branch."""

    def pulls_of(self, commit: str) -> tuple[Pull, ...]:
        """The pulls that GitHub associates with a commit."""

    def remark(self, comment: int) -> Remark:
        """A comment on a pull as it is now. Raises GitHubNotFound."""

    def comments_between(self, since: datetime, until: datetime) -> Mapping[int, str]:
        """The words of the comments that were written on pulls in this time, by number."""

    def failed_deliveries(self, since: datetime) -> tuple[Attempt, ...]:
        """Every attempt at the webhook's deliveries of which one failed since then. Raises GitHubRefused, GitHubNotFound."""

    def redeliver(self, attempt: int) -> None:
        """Ask for another attempt at what was to be delivered."""

    def review_decision(self, number: int) -> ReviewDecision | None:
        """What GitHub's own rules make of a pull's reviews; None where they ask for none."""

    def queued(self) -> tuple[Queued, ...]:
        """The commits that the default branch's merge queue waits for."""

    def reviews(self, number: int) -> tuple[Review, ...]:
        """Every review of a pull, oldest first."""

    def permission(self, user: str) -> Permission:
        """What somebody may do in the repository."""

    def is_member(self, organisation: str, team: str, user: str) -> bool:
        """Whether somebody is in a team. Raises GitHubNotFound where the team cannot be seen."""

    def say(self, number: int, comment: Comment) -> str:
        """Post the comment, or edit ours with the same marker; the URL it is at."""

    def say_on_commit(self, commit: str, comment: Comment) -> str:
        """The same on a commit, for what came by no pull."""

    def react(self, comment: int, reaction: str) -> None:
        """React to somebody's comment on a pull: `eyes`, `rocket`, `confused`."""

    def set_status(self, status: Status) -> None:
        """Set a status, unless the commit's newest one of that context says the same."""


# --- Terraform ---------------------------------------------------------------------------------------------------


class Pulse(Protocol):
    """The heartbeat of a lease; when it falls silent, whoever listens must stop."""

    def listen(self, beat: Callable[[], None]) -> AbstractContextManager[None]:
        """Call `beat` after each heartbeat that the ledger took, and at once; not while none is taken."""

    def is_lost(self) -> bool:
        """Whether the lease is lost, or the worker was told to end now: nothing may be begun any more."""


@dataclass(frozen=True)
class Job:
    """What Terraform is to work on.

    `files` are the workspace's (path → content), `pass_env` names variables of the worker's environment that may be
    seen, `env` gives more, `secrets` are values of ephemeral variables (name → value) and are written nowhere.
    """

    run: int
    request: RequestId
    files: Mapping[str, bytes] = field(repr=False)
    backend: str
    pass_env: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


class TerraformSession(Protocol):
    """One prepared directory; each step raises TerraformFailed, TerraformTimedOut or TerraformStopped."""

    def init(self) -> None:
        """Bring the backend and the providers."""

    def plan(self, *, destroy: bool, lock: bool) -> tuple[Mapping[str, Any], str]:
        """Make a plan: the object that `terraform show -json` prints of it, and what the step printed (JSON lines)."""

    def apply(self) -> str:
        """Apply the plan that was made last; what the step printed (JSON lines)."""

    def unlock(self, lock: str) -> None:
        """Release the state's lock that has this id; nobody may hold it any more."""


class Terraform(Protocol):
    """Terraform, run under the guard, with an environment and a configuration of its own."""

    def version(self) -> str:
        """Like `Terraform v1.11.4`. Raises TerraformAbsent."""

    def session(
        self, job: Job, pulse: Pulse, log: Callable[[str], None]
    ) -> AbstractContextManager[TerraformSession]:
        """A directory for one run, gone afterwards; `log` is called with readable text as steps print it."""


# --- the ledger --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lease:
    """The right to carry out one run; every write under it repeats the fence."""

    run: int
    worker: str
    fence: int


@dataclass(frozen=True)
class Claimed:
    """A run given out, with the workspace that it is about."""

    run: Run
    lease: Lease
    workspace: Workspace


@dataclass(frozen=True)
class GivenBack:
    """The run goes back to where it waits: it may not be carried out just now."""

    why: str


@dataclass(frozen=True)
class WorkerCard:
    """How a worker introduces itself; `ailment` says why it takes no runs, if it does not."""

    name: str
    host: str
    pid: int
    environments: tuple[str, ...] = ()
    terraform: str = ""
    ailment: str = ""


@dataclass(frozen=True)
class Kept:
    """What came of a run, of which the ledger does not know."""

    lease: Lease
    state: Held | Ended | GivenBack


class Spool(Protocol):
    """What this machine keeps for the ledger while that is away."""

    def keep(self, kept: Kept) -> None:
        """Keep it, whole, whatever becomes of this process. Raises SpoolError."""

    def kept(self) -> AbstractContextManager[tuple[Kept, ...]]:
        """All that is kept, for one process at a time: nothing, while another looks."""

    def drop(self, lease: Lease) -> None:
        """What came of this lease need not be kept any more."""


Arrival = tuple[Delivery, Call]
"""A delivery, and the call that it makes."""


class Ledger(Protocol):
    """The record of requests and runs: the only memory and the queue of record. Every method raises LedgerError."""

    def record(self, arrivals: Sequence[Arrival]) -> tuple[tuple[Call, ...], ...]:
        """Remember deliveries at once; for each the calls to send, none where its GUID was recorded before."""

    def register(self) -> Register:
        """What stands, and what is under way."""

    def commit(self, decision: Decision) -> tuple[Call, ...]:
        """Record a decision as one transaction; the calls to send. Raises UnknownRun, IllegalTransition for a wish."""

    def claim(self, run: int, worker: str) -> Claimed | None:
        """Give the run out, once; None where it is not waiting, or its workspace is leased."""

    def beat(self, lease: Lease) -> None:
        """Lengthen a lease. Raises FenceLost."""

    def step(self, lease: Lease, step: str, plan: Plan | None = None) -> None:
        """A step begins; before `apply` the request counts as begun, and `plan` as reviewed if none was. Raises FenceLost."""

    def log(self, lease: Lease, text: str) -> None:
        """Add to the run's log."""

    def settle(self, lease: Lease, state: Held | Ended | GivenBack) -> tuple[Call, ...]:
        """End a lease with what came of the run; the calls to send. Raises FenceLost."""

    def sweep(self) -> tuple[Call, ...]:
        """End the leases nobody renewed, each with another attempt; the calls that were never sent or led to nothing."""

    def sent(self, calls: tuple[Call, ...]) -> None:
        """The broker has these."""

    def greet(self, card: WorkerCard) -> None:
        """A worker is alive."""


class Turns(Protocol):
    """One at a time, by name, over all processes."""

    def take(self, name: str, owner: str, seconds: float) -> bool:
        """Take a turn for so long; if somebody else has it, leave word that it was wanted."""

    def give_back(self, name: str, owner: str) -> bool:
        """Give the turn back; whether it was wanted meanwhile."""

    def abandoned(self, *kinds: str) -> Mapping[str, str]:
        """Turns of these kinds (a name's first word) that are over though nobody gave them back, with their owners."""


# --- the ledger's read side --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RunView:
    """A run with its times; all are aware, in UTC."""

    run: Run
    team: str
    path: str
    created: datetime
    started: datetime | None = None
    ended: datetime | None = None
    worker: str = ""
    heard: datetime | None = None
    lease_until: datetime | None = None


@dataclass(frozen=True)
class RequestView:
    """A request with its status (the glossary's words) and its public outputs."""

    id: RequestId
    team: str
    path: str
    status: str
    run: int | None
    changed: datetime
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EventView:
    """One line of the audit trail."""

    at: datetime
    run: int
    actor: str
    before: str
    after: str
    why: str


@dataclass(frozen=True)
class WorkerView:
    """A worker as it last introduced itself."""

    card: WorkerCard
    started: datetime
    heard: datetime


@dataclass(frozen=True)
class RunQuery:
    """Which runs; `before` is the number to page down from."""

    request: RequestId | None = None
    pull: int | None = None
    commit: str | None = None
    states: tuple[str, ...] = ()
    before: int | None = None
    limit: int = 50


class Views(Protocol):
    """The read side of the ledger. Every method raises LedgerError."""

    def proposal(self, number: int) -> Proposal | None:
        """What a pull would change, as last looked at."""

    def proposals(self) -> tuple[Proposal, ...]:
        """Those of pulls that are open as far as we know."""

    def run(self, run: int) -> RunView | None:
        """One run."""

    def runs(self, query: RunQuery) -> tuple[RunView, ...]:
        """Newest first."""

    def answer(self, comment: int) -> Answer | None:
        """What a comment was answered."""

    def vouch(self, pull: int) -> Answer | None:
        """The last answer to somebody who vouched for a head of the pull."""

    def born(self, requests: Iterable[RequestId]) -> Mapping[RequestId, datetime]:
        """Since when what stands of these requests is there; those that never were are left out."""

    def requests(
        self, status: str | None = None, after: str = "", limit: int = 50
    ) -> tuple[RequestView, ...]:
        """By key, from the one after `after`."""

    def log(self, run: int, after: int = 0) -> tuple[tuple[int, str], ...]:
        """Chunks of a run's log, numbered, from the one after `after`."""

    def events(self, run: int | None = None, limit: int = 100) -> tuple[EventView, ...]:
        """Newest first."""

    def workers(self) -> tuple[WorkerView, ...]:
        """Every worker heard of in the last ten minutes."""

    def reconciled(self) -> str | None:
        """The default branch's commit that was last reconciled."""

    def looked(self) -> datetime | None:
        """When the default branch was last reconciled."""

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many there are: `requests` by status, `runs` by state, `calls` unsent."""


class Queue(Protocol):
    """The broker."""

    def send(self, *calls: Call) -> None:
        """Send wake-up calls. Raises QueueError; some of them may be on their way then."""

    def ping(self) -> None:
        """Raises QueueError where the broker cannot be reached."""


class Checkup(Protocol):
    """Whether this machine can carry out runs."""

    def __call__(self, *, afresh: bool = False) -> str:
        """What keeps it from that, empty where nothing does; only `afresh` does it ask what takes long to answer."""


# --- all of them -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ports:
    """What a story is given.

    `inspect` tells every mistake in the files under `terraform/`, `local_state` whether every worker sees this machine's
    disk.
    """

    git: Git
    github: GitHub
    terraform: Terraform
    ledger: Ledger
    turns: Turns
    views: Views
    queue: Queue
    spool: Spool
    checkup: Checkup
    pulse: Callable[[Lease], AbstractContextManager[Pulse]]
    secret: Callable[[int], str]
    inspect: Callable[[Mapping[str, bytes]], tuple[Rejection, ...]]
    templates: Mapping[str, Mapping[str, str]]
    plan_key: bytes
    plan_only: bool
    local_state: bool
    links: Links
    now: Callable[[], datetime]
    me: str
