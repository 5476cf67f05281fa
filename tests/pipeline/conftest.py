"""A world for stories: fakes of all that is outside, around the real ledger in a SQLite file.

Git and GitHub are trees and numbers in memory; Terraform has one object in each workspace, which is what the
workspace's tfvars and module say. People act on the world, then `work()` answers every call until none is left.
"""

import contextlib
import hashlib
import itertools
import json
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from controller.core.call import Actor, command, plan_pull, reconcile, report
from controller.core.comment import Links
from controller.core.decision import Decision
from controller.core.identity import RequestId
from controller.core.inspection import inspect
from controller.core.outcome import Failed
from controller.core.pull import Permission, Pull, PullState, Remark, Review
from controller.core.request import Blob
from controller.core.run import Ended
from controller.edge.ledger import SqlLedger, SqlTurns, SqlViews, make_engine, migrate
from controller.edge.templates import read_templates
from controller.errors import (
    GitError,
    GitHubError,
    GitHubNotFound,
    QueueError,
    SpoolError,
    TerraformAbsent,
    TerraformFailed,
)
from controller.pipeline import execute as executing
from controller.pipeline import plan_pull as planning
from controller.pipeline import reconcile as reconciling
from controller.pipeline import report as reporting
from controller.pipeline.check_branch import check_branch
from controller.pipeline.check_queue import check_queue
from controller.pipeline.command import obey
from controller.pipeline.refresh import refresh
from controller.pipeline.resolve import resolve
from controller.pipeline.send import send
from controller.pipeline.sweep import sweep
from controller.ports import Commit, Conflicts, Ports, RunQuery

KIND = """\
title: Box
description: Pretends to hold something.
provider: builtin
stateful: true
parameters:
  size: {type: string, enum: [small, medium, large], default: small, change: in_place, description: How big}
  colour: {type: string, enum: [blue, red], default: blue, change: replace, description: Another is another box}
  engine: {type: string, enum: [steam, diesel], default: steam, change: forbidden, description: What drives it}
variables:
  name: {from: resource_name}
  size: {parameter: size}
  colour: {parameter: colour}
  engine: {parameter: engine}
  region: {environment: region, default: here}
secrets:
  password: {length: 24}
outputs:
  endpoint: {show: true}
  note: {show: false}
shown: [name, size, colour]
"""
MODULE = 'resource "terraform_data" "this" {}\n'
INTERFACE = """\
terraform {
  required_version = ">= 1.11"
}
variable "name" { type = string }
variable "size" { type = string }
variable "colour" { type = string }
variable "engine" { type = string }
variable "region" { type = string }
variable "password" {
  type      = string
  ephemeral = true
  sensitive = true
}
output "endpoint" { value = var.name }
output "note" { value = var.region }
"""
ENVIRONMENT = """\
title: Development
kinds: [box]
approvals: {required: 0, from: [write], author: true}
destroy: allow
"""
PROD = """\
title: Production
kinds: [box]
approvals: {required: 1, from: ["@acme/platform"], author: false}
destroy: confirm
"""
TRIAL = "title: Trial\nmode: plan_only\nkinds: [box]\napprovals: {required: 0}\ndestroy: allow\n"
CATALOGUE = {
    "terraform/modules/box/kind.yaml": KIND,
    "terraform/modules/box/main.tf": MODULE,
    "terraform/modules/box/interface.tf": INTERFACE,
    "terraform/environments/dev.yaml": ENVIRONMENT,
    "terraform/environments/prod.yaml": PROD,
    "terraform/environments/trial.yaml": TRIAL,
}
SECRET = "made-up-Passw0rd-that-nobody-may-see"


def path_of(name, team="payments"):
    return f"requests/{team}/{name}.yaml"


def ask(name="orders", environment="dev", kind="box", **parameters):
    """A request file's text."""
    lines = [f"kind: {kind}", f"name: {name}", f"environment: {environment}"]
    if parameters:
        lines += ["parameters:", *(f"  {key}: {value}" for key, value in parameters.items())]
    return "\n".join(lines) + "\n"


def source_of(commit, path, line, column):
    return f"https://git.example/blob/{commit}/{path}#L{line}C{column}"


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += timedelta(seconds=seconds)


def blob(text):
    content = text if isinstance(text, bytes) else text.encode()
    return Blob("100644", hashlib.sha1(content).hexdigest(), content)


def line_by_line(before, here, there):
    """Both sides' changes to a file of so many lines, None where they touched the same one."""
    if not (before and here and there):
        return None
    old, ours, theirs = (file.content.splitlines() for file in (before, here, there))
    if not len(old) == len(ours) == len(theirs):
        return None
    lines = []
    for was, mine, yours in zip(old, ours, theirs, strict=True):
        if was not in (mine, yours) and mine != yours:
            return None
        lines.append(yours if mine == was else mine)
    return blob(b"\n".join(lines) + b"\n")


@dataclass
class Git:
    """Trees in memory: commits by name, each with its parents and its files."""

    commits: dict = field(default_factory=dict)
    trees: dict = field(default_factory=dict)
    remote: str | None = None
    local: str | None = None
    is_down: bool = False
    numbers: object = field(default_factory=itertools.count)

    def commit(self, changes, *parents):
        """A commit on these parents; None deletes a file."""
        files = dict(self.trees[parents[0]]) if parents else {}
        files |= {path: blob(text) for path, text in changes.items() if text is not None}
        for path, text in changes.items():
            if text is None:
                del files[path]
        return self.store(files, *parents)

    def store(self, files, *parents):
        content = sorted((path, file.sha) for path, file in files.items())
        name = hashlib.sha1(f"{next(self.numbers)} {parents} {content}".encode()).hexdigest()
        self.commits[name], self.trees[name] = parents, files
        return name

    def fetch(self, *commits):
        if self.is_down:
            raise GitError("git fetch failed")
        self.local = self.remote

    def tip(self):
        return self.local

    def merge(self, tip, head):
        base = next((name for name in self._line(head) if name in set(self._all(tip))), None)
        if base is None:
            return Conflicts(())
        ours, theirs, old = (self.trees[name] for name in (tip, head, base))
        merged, collided = {}, []
        for path in sorted(ours.keys() | theirs.keys() | old.keys()):
            here, there, before = (tree.get(path) for tree in (ours, theirs, old))
            taken = there if here == before else here
            if here != there and before not in (here, there):
                taken = line_by_line(before, here, there)
                if taken is None:
                    collided.append(path)
            if taken:
                merged[path] = taken
        if collided:
            return Conflicts(tuple(collided))
        tree = hashlib.sha1(repr(sorted(merged.items())).encode()).hexdigest()
        self.trees[tree] = merged
        return tree

    def blobs(self, tree, *folders):
        within = tuple(f"{folder}/" for folder in folders)
        files = self.trees[tree].items()
        return {
            path: file for path, file in files if not folders or path in folders or path.startswith(within)
        }

    def first_parents(self, since, until):
        line = [*self._line(until)]
        if since is not None and since not in line:
            return None
        after = line[: line.index(since)] if since else line
        return tuple(Commit(name, self.commits[name], self._paths(name)) for name in reversed(after))

    def _line(self, name):
        while name:
            yield name
            name = next(iter(self.commits[name]), None)

    def _all(self, name):
        yield name
        for parent in self.commits[name]:
            yield from self._all(parent)

    def _paths(self, name):
        before = self.trees[self.commits[name][0]] if self.commits[name] else {}
        after = self.trees[name]
        return tuple(
            path for path in sorted(before.keys() | after.keys()) if before.get(path) != after.get(path)
        )


@dataclass
class GitHub:
    """Pulls, comments by pull or commit and marker, statuses by commit and context; `is_down` fails everything."""

    pulls: dict = field(default_factory=dict)
    comments: dict = field(default_factory=dict)
    statuses: dict = field(default_factory=dict)
    people: dict = field(default_factory=dict)
    teams: dict = field(default_factory=dict)
    given: dict = field(default_factory=dict)
    nameless: set = field(default_factory=set)
    remarks: dict = field(default_factory=dict)
    reactions: list = field(default_factory=list)
    decisions: dict = field(default_factory=dict)
    queue: list = field(default_factory=list)
    attempts: list = field(default_factory=list)
    redelivered: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    is_down: bool = False
    posted: int = 0
    writes: int = 0

    def __getattribute__(self, name):
        if name in PORT and object.__getattribute__(self, "is_down"):
            raise GitHubError("GitHub does not answer")
        return object.__getattribute__(self, name)

    def default_branch(self):
        return "main"

    def pull(self, number):
        if number not in self.pulls:
            raise GitHubNotFound(f"no pull {number}")
        return self.pulls[number]

    def open_pulls(self):
        return tuple(
            pull for pull in self.pulls.values() if pull.state is PullState.OPEN and pull.base == "main"
        )

    def pulls_of(self, commit):
        """GitHub takes a while to know the pull of a commit: those in `nameless` it cannot name yet."""
        if commit in self.nameless:
            return ()
        return tuple(pull for pull in self.pulls.values() if commit in (pull.merge_commit, pull.head))

    def remark(self, comment):
        if comment not in self.remarks:
            raise GitHubNotFound(f"no comment {comment}")
        return self.remarks[comment]

    def comments_between(self, since, until):
        return {one.id: one.body for one in self.remarks.values() if since <= one.created <= until}

    def react(self, comment, reaction):
        if (comment, reaction) not in self.reactions:
            self.reactions.append((comment, reaction))

    def failed_deliveries(self, since):
        return tuple(attempt for attempt in self.attempts if attempt.at >= since)

    def redeliver(self, attempt):
        self.redelivered.append(attempt)

    def review_decision(self, number):
        return self.decisions.get(number)

    def queued(self):
        return tuple(self.queue)

    def reviews(self, number):
        self.asked.append(number)
        return tuple(self.given.get(number, ()))

    def permission(self, user):
        return self.people.get(user, Permission.READ)

    def is_member(self, organisation, team, user):
        if (organisation, team) not in self.teams:
            raise GitHubNotFound(f"no team {team}")
        return user in self.teams[organisation, team]

    def say(self, number, comment):
        return self._post(number, comment)

    def say_on_commit(self, commit, comment):
        return self._post(commit, comment)

    def _post(self, where, comment):
        if self.comments.get((where, comment.marker)) is None:
            self.posted += 1
        self.writes += self.comments.get((where, comment.marker)) != comment.body
        self.comments[where, comment.marker] = comment.body
        return "https://example.invalid/"

    def set_status(self, status):
        key = status.commit, status.context.removeprefix("infrautomater/")
        self.writes += self.statuses.get(key) != status
        self.statuses[key] = status

    def comment(self, where, what):
        """The body of our `plan`, `result` or `notice` comment on a pull or commit, None where there is none."""
        bodies = [
            body
            for (place, marker), body in self.comments.items()
            if place == where and marker.startswith(f"<!-- infrautomater:{what}")
        ]
        return bodies[0] if bodies else None


PORT = (
    {name for name in vars(GitHub) if not name.startswith("_")}
    - {"comment"}
    - set(GitHub.__dataclass_fields__)
)


@dataclass
class Terraform:
    """One object a workspace; `state` has those that are there, by the request's key.

    `fail` names a step that fails, by the request's name (once, unless the answer is given again); `drift` is laid over
    what a plan says; `before` is called before a step, as a world that goes on while Terraform works. `locks` are the errors
    of states that are locked.
    """

    state: dict = field(default_factory=dict)
    fail: dict = field(default_factory=dict)
    drift: dict = field(default_factory=dict)
    before: dict = field(default_factory=dict)
    locks: dict = field(default_factory=dict)
    done: list = field(default_factory=list)
    jobs: list = field(default_factory=list)
    is_absent: bool = False

    def version(self):
        return "Terraform v1.15.0"

    @contextmanager
    def session(self, job, pulse, log):
        if self.is_absent:
            raise TerraformAbsent("there is no Terraform on this worker")
        self.jobs.append(job)
        yield Session(self, job, log)

    def ran(self, step):
        return [name for done, name in self.done if done == step]


@dataclass
class Session:
    terraform: Terraform
    job: object
    log: object
    planned: tuple = (None, None)

    @property
    def key(self):
        return self.job.request.key

    def _begin(self, step):
        name = self.job.request.name
        self.terraform.done.append((step, name))
        self.log(f"{step}\n")
        if step in self.terraform.before:
            self.terraform.before.pop(step)()
        error = self.terraform.fail.pop((name, step), None)
        if error:
            raise error

    def init(self):
        self._begin("init")

    def plan(self, *, destroy, lock):
        self._begin("plan")
        if lock and self.key in self.terraform.locks:
            raise TerraformFailed("plan", errors=self.terraform.locks[self.key])
        before = self.terraform.state.get(self.key)
        after = None if destroy else {**self._values(), **self.terraform.drift.get(self.job.request.name, {})}
        self.planned = (before, after)
        return {"terraform_version": "1.15.0", "resource_changes": list(self._changes(before, after))}, ""

    def apply(self):
        name, (_, after) = self.job.request.name, self.planned
        error = self.terraform.fail.get((name, "apply"))
        if isinstance(error, TerraformFailed) and "apply_start" in error.output:
            self.terraform.state[self.key] = {**after, "tainted": True}
        self._begin("apply")
        self.terraform.state.pop(self.key, None)
        if after is None:
            return ""
        self.terraform.state[self.key] = after
        outputs = {"endpoint": {"value": f"{name}.example"}, "note": {"value": "for-nobody"}}
        return json.dumps({"type": "outputs", "outputs": outputs})

    def unlock(self, lock):
        self._begin("unlock")
        assert f"ID:        {lock}\n" in self.terraform.locks.pop(self.key)

    def _values(self):
        module = self.job.files["module/main.tf"].decode()
        meant = "".join(line for line in module.splitlines(keepends=True) if not line.startswith("#"))
        return {**json.loads(self.job.files["terraform.tfvars.json"]), "module": meant}

    def _changes(self, before, after):
        actions, reason = ["no-op"], None
        was = {key: value for key, value in (before or {}).items() if key != "tainted"}
        if before is None and after is not None:
            actions = ["create"]
        elif before is not None and after is None:
            actions = ["delete"]
        elif before is not None and "tainted" in before:
            actions, reason = ["delete", "create"], "replace_because_tainted"
        elif was.get("colour") != (after or {}).get("colour"):
            actions = ["delete", "create"]
        elif was != (after or {}):
            actions = ["update"]
        unknown = {"id": True} if "create" in actions else {}
        change = {"actions": actions, "before": before, "after": after, "after_unknown": unknown}
        yield {"address": "module.this.box.this", "change": change, "action_reason": reason}


@dataclass
class Queue:
    calls: list = field(default_factory=list)
    is_down: bool = False

    def send(self, *calls):
        if self.is_down:
            raise QueueError("the broker is away")
        for call in calls:
            if all((call.actor, call.argument) != (other.actor, other.argument) for other in self.calls):
                self.calls.append(call)  # what is called for already would only be told twice

    def ping(self):
        if self.is_down:
            raise QueueError("the broker is away")


@dataclass
class Spool:
    """What is kept, by run and fence; `is_full` takes nothing."""

    files: dict = field(default_factory=dict)
    is_full: bool = False

    def keep(self, kept):
        if self.is_full:
            raise SpoolError("the disk is full")
        self.files[kept.lease.run, kept.lease.fence] = kept

    @contextmanager
    def kept(self):
        yield tuple(self.files.values())

    def drop(self, lease):
        self.files.pop((lease.run, lease.fence), None)


@dataclass
class Checkup:
    """What ails the worker's machine; `found` by whoever looks afresh."""

    ailment: str = ""
    found: str = ""

    def __call__(self, *, afresh=False):
        self.ailment = (afresh and self.found) or self.ailment
        return self.ailment


class Pulse:
    def __init__(self):
        self.lost = False

    @contextmanager
    def listen(self, beat):
        beat()
        yield

    def is_lost(self):
        return self.lost


COMPILED = {}
"""Statements that SQLAlchemy compiled, for all worlds: it does so anew for each engine."""


def fast(engine):
    """The engine without fsyncs: no test here pulls a plug."""

    @event.listens_for(engine, "connect")
    def _connect(connection, _record):
        connection.execute("PRAGMA synchronous = OFF").close()

    return engine.execution_options(compiled_cache=COMPILED)


class World:
    """What people and time do, and what came of it."""

    def __init__(self, url):
        self.engine = fast(make_engine(url))
        self.clock = Clock()
        self.git, self.github = Git(), GitHub()
        self.terraform, self.queue = Terraform(), Queue()
        self.spool, self.checkup = Spool(), Checkup()
        self.secrets = []
        self.numbers = itertools.count(1)
        self.ports = Ports(
            git=self.git,
            github=self.github,
            terraform=self.terraform,
            ledger=SqlLedger(self.engine, self.clock),
            turns=SqlTurns(self.engine, self.clock),
            views=SqlViews(self.engine, self.clock),
            queue=self.queue,
            spool=self.spool,
            checkup=self.checkup,
            pulse=lambda lease: contextlib.nullcontext(Pulse()),
            secret=self._secret,
            inspect=inspect,
            templates=read_templates(),
            plan_key=b"k" * 32,
            plan_only=False,
            local_state=True,
            links=Links(lambda path: f"https://infra.example{path}", source_of),
            now=self.clock,
            me="worker:1",
        )
        self.github.people = {"ann": Permission.WRITE, "bob": Permission.WRITE, "pam": Permission.ADMIN}
        self.github.teams = {("acme", "platform"): {"pam"}}

    def _secret(self, length):
        self.secrets.append(SECRET)
        return SECRET

    @property
    def ledger(self):
        return self.ports.ledger

    @property
    def views(self):
        return self.ports.views

    def begin(self, files=None):
        """A default branch with a catalogue, reconciled."""
        self.git.remote = self.git.commit({**CATALOGUE, **(files or {})})
        self.reconcile()
        self.work()

    # --- what people do

    def commit(self, changes):
        """A push to the default branch, past every pull."""
        self.git.remote = self.git.commit(changes, *([self.git.remote] if self.git.remote else []))
        return self.git.remote

    def open(self, changes, author="ann", base="main", **more):
        """A pull, of which nobody is told."""
        number = next(self.numbers)
        head = self.git.commit(changes, self.git.remote)
        self.github.pulls[number] = Pull(number, f"Pull {number}", author, head, base, PullState.OPEN, **more)
        return number

    def pull(self, changes, **more):
        """A pull whose delivery arrives."""
        number = self.open(changes, **more)
        self.call(plan_pull(number))
        return number

    def push(self, number, changes, *, told=True):
        """More commits on a pull's branch; the delivery arrives."""
        pull = self.github.pulls[number]
        self.github.pulls[number] = replace(pull, head=self.git.commit(changes, pull.head))
        if told:
            self.call(plan_pull(number))

    def merge(self, number, *, told=True):
        """The merge button; the name of the merge commit."""
        pull = self.github.pulls[number]
        files = self.git.trees[self.git.merge(self.git.remote, pull.head)]
        self.git.remote = self.git.store(dict(files), self.git.remote, pull.head)
        merged = replace(pull, state=PullState.MERGED, merge_commit=self.git.remote)
        self.github.pulls[number] = merged
        if told:
            self.call(reconcile())
        return self.git.remote

    def close(self, number):
        self.github.pulls[number] = replace(self.github.pulls[number], state=PullState.CLOSED)

    def approve(self, number, who, state="APPROVED"):
        head = self.github.pulls[number].head
        self.github.given.setdefault(number, []).append(Review(who, state, head, self.clock()))
        self.call(report(number))

    def bring(self, changes, **more):
        """A pull that is opened, planned, approved, merged and carried out; its number."""
        number = self.pull(changes, **more)
        self.work()
        self.approve(number, "pam")
        self.work()
        self.merge(number)
        self.work()
        return number

    def bring_failing(self, changes, error, name="orders"):
        """A pull that is merged, and whose apply fails once; its number."""
        self.terraform.fail[name, "apply"] = error
        return self.bring(changes)

    def comment(self, number, body, who="ann", *, edited=False, written=None):
        """Somebody comments on a pull, and all that follows from it is done; the comment's number."""
        comment = 1000 + next(self.numbers)
        self.github.remarks[comment] = Remark(comment, number, who, body, written or self.clock(), edited)
        self.call(command(comment))
        self.work()
        return comment

    def resolve(self, run, resolution):
        resolve(self.ports, run, resolution)
        self.work()

    # --- what the controller does

    def call(self, *calls):
        for call in self.ledger.commit(Decision(calls=calls)):
            send(self.ports, (call,))

    def look(self, number):
        planning.plan_pull(self.ports, number)

    def execute(self, run):
        executing.execute(self.ports, run)

    def report(self, number):
        reporting.report(self.ports, number)

    def reconcile(self):
        reconciling.reconcile(self.ports)

    def sweep(self, later=0.0):
        self.clock.sleep(later)
        sweep(self.ports)

    def refresh(self, later=0.0):
        self.clock.sleep(later)
        refresh(self.ports)

    def step(self):
        """Answer the first call; whether there was one."""
        if not self.queue.calls:
            return False
        call = self.queue.calls.pop(0)
        match call.actor:
            case Actor.PLAN_PULL:
                self.look(call.argument)
            case Actor.RECONCILE:
                self.reconcile()
            case Actor.EXECUTE:
                self.execute(call.argument)
            case Actor.REPORT:
                self.report(call.argument)
            case Actor.COMMAND:
                obey(self.ports, call.argument)
            case Actor.CHECK_QUEUE:
                check_queue(self.ports)
            case Actor.CHECK_BRANCH:
                check_branch(self.ports)
            case Actor.REPORT_COMMIT:
                reporting.report_commit(self.ports, call.argument)
        return True

    def work(self, *, until=None):
        """Answer every call until there is none, or until the next would be for this actor."""
        while self.queue.calls and self.queue.calls[0].actor is not until:
            self.step()

    # --- what came of it

    def runs(self, name="orders", **query):
        """Runs of a request, oldest first."""
        found = self.views.runs(RunQuery(limit=1000, **query))
        return [view.run for view in reversed(found) if view.run.request.name == name]

    def words(self, name="orders", *, plans=False):
        """How the runs of a request ended or where they are: `apply:applied`, `destroy:held`."""
        return [
            f"{run.operation.value}:{run.state.outcome.type if isinstance(run.state, Ended) else run.state.type}"
            for run in self.runs(name)
            if plans or not run.operation.only_plans
        ]

    def last(self, name="orders"):
        return [run for run in self.runs(name) if not run.operation.only_plans][-1]

    def failure(self, name="orders"):
        """How the request's newest run that ended failed; another try of it may wait already."""
        ended = [run.state.outcome for run in self.runs(name) if isinstance(run.state, Ended)]
        assert isinstance(ended[-1], Failed)
        return ended[-1]

    def held(self, name="orders"):
        """Why the request's newest run is held, by type."""
        return [reason.type for reason in self.last(name).state.reasons]

    def standing(self, name="orders", environment="dev"):
        found = [view for view in self.views.requests(limit=1000) if view.id.name == name]
        return found[0].status if found else None

    def there(self):
        """What Terraform has made, by name."""
        return {RequestId.parse(key).name for key in self.terraform.state}

    def statuses(self, number):
        """The three states on a pull's head."""
        head = self.github.pulls[number].head
        found = ((name, self.github.statuses.get((head, name))) for name in ("validate", "plan", "approval"))
        return {name: status.state.value for name, status in found if status}

    def status(self, where, name):
        """`state: description` of a status on a pull's head or on a commit."""
        commit = self.github.pulls[where].head if isinstance(where, int) else where
        status = self.github.statuses[commit, name]
        return f"{status.state.value}: {status.description}"

    def plan_comment(self, number):
        return self.github.comment(number, "plan")

    def reactions(self, comment):
        return [reaction for about, reaction in self.github.reactions if about == comment]

    def answer(self, number, comment):
        return self.github.comments.get((number, f"<!-- infrautomater:answer comment={comment} v1 -->"))

    def result(self, where):
        return self.github.comment(where, "result")

    def dump(self):
        """Every byte of the ledger's file."""
        with self.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(self.engine.url.database).read_bytes()

    def audit(self):
        return [event.why for event in self.views.events(limit=1000)]


@pytest.fixture(scope="session", name="ask")
def _ask():
    """Writes a request file's text."""
    return ask


@pytest.fixture(scope="session")
def kind():
    """The `kind.yaml` of the world's one kind."""
    return KIND


@pytest.fixture(scope="session")
def secret():
    """What every generated password is here."""
    return SECRET


@pytest.fixture(scope="session")
def module():
    """The kind's `main.tf`; Terraform's fake takes its comments for none."""
    return MODULE


@pytest.fixture
def interface():
    """The variables and outputs of the module."""
    return INTERFACE


@pytest.fixture(scope="session")
def environment():
    """The file of `dev`."""
    return ENVIRONMENT


@pytest.fixture(scope="session")
def catalogue():
    """Every file under `terraform/`."""
    return CATALOGUE


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory):
    """A migrated ledger, to be copied: migrations are told elsewhere."""
    path = tmp_path_factory.mktemp("ledger") / "empty.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def begun_ledger(tmp_path_factory, empty_ledger):
    """A ledger that has seen the default branch of `world`."""
    path = tmp_path_factory.mktemp("ledger") / "begun.sqlite"
    shutil.copyfile(empty_ledger, path)
    world = World(f"sqlite:///{path}")
    world.begin()
    world.dump()
    world.engine.dispose()
    return path


@pytest.fixture
def new_world(tmp_path):
    """Makes a world on a copy of a ledger."""
    worlds = []

    def make(ledger):
        path = tmp_path / "ledger.sqlite"
        shutil.copyfile(ledger, path)
        worlds.append(World(f"sqlite:///{path}"))
        return worlds[-1]

    yield make
    for world in worlds:
        world.engine.dispose()


@pytest.fixture
def bare(new_world, empty_ledger):
    """A world whose repository is empty."""
    return new_world(empty_ledger)


@pytest.fixture
def world(new_world, begun_ledger):
    """A world with a catalogue on its default branch, and no request."""
    world = new_world(begun_ledger)
    world.git.remote = world.git.local = world.git.commit(CATALOGUE)
    return world


def pytest_collection_modifyitems(items):
    """Stories are told with the real ledger, on a database file."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.edge)
