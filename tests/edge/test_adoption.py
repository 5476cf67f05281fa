"""A controller whose ledger was lost, over states that are there: real git, real Terraform, a real ledger."""

import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest

from controller.bootstrap import assemble
from controller.core.call import Actor
from controller.core.run import Held
from controller.core.wish import Release
from controller.edge.git import GitCli
from controller.edge.starter import copy_starter
from controller.edge.terraform.engine import find_engine
from controller.errors import TerraformAbsent
from controller.pipeline.execute import execute
from controller.pipeline.reconcile import reconcile
from controller.pipeline.resolve import resolve
from controller.ports import RunQuery
from controller.settings import Settings

pytestmark = pytest.mark.edge

IDENTITY = dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "t")
IDENTITY |= dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "t@example.com")


@dataclass
class Queue:
    calls: list = field(default_factory=list)

    def send(self, *calls):
        self.calls += calls

    def ping(self):
        pass


class Nobody:
    """GitHub without a single pull; whatever is said there is lost."""

    def __getattr__(self, name):
        answers = {"default_branch": "main", "comments_between": {}}
        return lambda *_: answers.get(name, ())


@pytest.fixture
def origin(tmp_path):
    """A repository with the starter kit, and what is pushed to it."""
    folder = tmp_path / "origin"
    copy_starter(folder, samples=False)

    def git(*words):
        environ = {**os.environ, **IDENTITY}
        subprocess.run(["git", *words], cwd=folder, env=environ, check=True, capture_output=True)

    def push(**files):
        for name, text in files.items():
            path = folder / f"requests/payments/{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text) if text else path.unlink()
        git("add", "--all", ".")
        git("commit", "--quiet", "--message", "Change")

    git("init", "--quiet", "--initial-branch=main")
    push()
    return SimpleNamespace(url=str(folder), push=push)


@pytest.fixture
def controller(tmp_path, origin):
    """Starts a controller on this machine's data directory; its queue is answered by `work`."""
    try:
        find_engine()
    except TerraformAbsent as absent:
        pytest.skip(str(absent))

    @contextmanager
    def start():
        queue = Queue()
        with assemble(Settings(data=tmp_path / "data"), queue, "me") as assembly:
            git = GitCli(tmp_path / "data/git", origin.url, lambda: None, lambda: "main")
            yield Controller(replace(assembly.ports, git=git, github=Nobody()), queue)

    return start


@dataclass
class Controller:
    ports: object
    queue: Queue

    def look(self):
        """Reconcile, and carry out what is to be."""
        reconcile(self.ports)
        self.work()

    def work(self):
        while self.queue.calls:
            call = self.queue.calls.pop(0)
            if call.actor is Actor.EXECUTE:
                execute(self.ports, call.argument)

    def release(self):
        """Let go what is held, since no pull brought it."""
        for run in self.runs():
            if isinstance(run.state, Held):
                resolve(self.ports, run.id, Release("pam", "I pushed it"))
        self.work()

    def runs(self):
        return [view.run for view in reversed(self.ports.views.runs(RunQuery()))]

    def words(self):
        return [
            f"{run.request.name}:{getattr(run.state, 'outcome', run.state).type}"
            + (f":{run.state.outcome.changed}" if hasattr(run.state, "outcome") else "")
            for run in self.runs()
        ]


def ask(name):
    return f"kind: sandbox\nname: {name}\nenvironment: dev\n"


def resources(data):
    """What the states hold: by name of the request, the ids of its resources."""
    found = {}
    for state in sorted((data / "states").rglob("*.tfstate")):
        known = json.loads(state.read_text())["resources"]
        ids = [one["attributes"].get("id") for each in known for one in each["instances"]]
        if ids:
            found["orders" if "orders" in str(state) else "billing"] = ids
    return found


def test_what_is_there_is_adopted_and_what_nobody_asks_for_is_left(tmp_path, origin, controller):
    data = tmp_path / "data"
    with controller() as first:
        origin.push(orders=ask("orders"), billing=ask("billing"))
        first.look()
        first.release()
        assert sorted(word.rsplit(":", 1)[0] for word in first.words()) == [
            "billing:applied",
            "orders:applied",
        ]
    made = resources(data)
    assert made.keys() == {"orders", "billing"}
    origin.push(billing=None)
    for file in data.glob("ledger.sqlite*"):
        file.unlink()

    with controller() as second:
        second.look()
        assert second.words() == ["orders:applied:0"]
        assert resources(data) == made

        origin.push(orders=None)
        second.look()
        second.release()
        assert second.runs()[-1].state.outcome.type == "destroyed"
        assert resources(data) == {"billing": made["billing"]}
