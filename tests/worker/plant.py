"""A plant: a ledger, a broker and the real catalogue, for workers that are real processes; GitHub is nowhere."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import redis

from controller.core.catalogue import read_catalogue
from controller.core.decision import Decision
from controller.core.environment import Mode
from controller.core.request import Blob, read_request
from controller.core.run import Ended, Opening, Operation
from controller.core.workspace import render
from controller.edge.guarded import SERVICE, Start, guarded
from controller.edge.ledger import SqlLedger, SqlViews, make_engine, migrate
from controller.edge.ledger.engine import utcnow
from controller.edge.queue import DramatiqQueue, make_broker
from controller.edge.templates import read_templates
from controller.edge.valkey import _argv
from controller.ports import RunQuery

TERRAFORM = Path(__file__).parents[2] / "terraform"
COMMIT = "c" * 40


def until(condition, seconds=60):
    """What a condition comes to, once it is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)
    return found


class Plant:
    """Everything of one folder."""

    def __init__(self, folder):
        self.folder, self.data = folder, folder / "data"
        self.data.mkdir()
        url = f"sqlite:///{self.data / 'ledger.sqlite'}"
        migrate(url)
        self.engine = make_engine(url)
        self.ledger, self.views = SqlLedger(self.engine), SqlViews(self.engine)
        self.url = f"unix://{folder / 'v.sock'}"
        files = (path for path in TERRAFORM.rglob("*") if path.is_file() and ".terraform" not in path.parts)
        self.catalogue = read_catalogue(
            {path.relative_to(TERRAFORM.parent).as_posix(): path.read_bytes() for path in files}
        )

    # --- the broker

    @contextlib.contextmanager
    def broker(self):
        """A broker for the length of a block; it may be killed, and started again on the same socket."""
        folder = self.folder / "valkey"
        folder.mkdir(exist_ok=True)
        with guarded(_argv(folder, self.folder / "v.sock"), Start(folder), SERVICE) as process:
            until(self.answers)
            process.wait(0)  # it has said its pid by now
            yield process

    def answers(self):
        with contextlib.suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
            return client.ping()
        return False

    def send(self, calls):
        broker = make_broker(self.url)
        queue = DramatiqQueue(lambda _queue: broker)
        queue.send(*calls)
        self.ledger.sent(calls)
        broker.close()

    # --- runs

    def order(self, name="orders", *, seconds=0, send=True):
        """An apply of a sandbox that takes so long, which the default branch wanted a moment ago; its number."""
        text = f"kind: sandbox\nname: {name}\nenvironment: dev\nparameters: {{seconds: {seconds}}}\n"
        path = f"requests/payments/{name}.yaml"
        request = read_request(path, Blob("100644", "0" * 40, text.encode()), self.catalogue)
        kind, place = self.catalogue.kinds["sandbox"], self.catalogue.environments["dev"]
        workspace = render(request, kind, place, read_templates()["workspace"])
        opening = Opening(request.id, Operation.APPLY, workspace.digest, Mode.APPLY, COMMIT, 7)
        decision = Decision(openings=(opening,), workspaces=(workspace,), cursor=COMMIT)
        calls = self.ledger.commit(decision)
        if send:
            self.send(calls)
        return next(call.argument for call in calls if call.actor == "execute")

    def run(self, number):
        return self.views.run(number).run

    def words(self):
        """Where the runs are, oldest first: `running:apply`, `applied`."""
        found = reversed(self.views.runs(RunQuery(limit=100)))
        return [word(view.run.state) for view in found]

    def sweep(self, later=0.0):
        """What the schedule does; so many seconds from now."""
        sweeper = SqlLedger(self.engine, lambda: utcnow() + timedelta(seconds=later))
        self.send(sweeper.sweep())

    def made(self, name="orders"):
        """The instance's id in the state, if it was made."""
        path = self.data / "states" / f"dev.sandbox.{name}.tfstate"
        with contextlib.suppress(OSError, ValueError):
            for resource in json.loads(path.read_text())["resources"]:
                if resource["name"] == "instance":
                    return resource["instances"][0]["attributes"]["id"]
        return None

    # --- workers

    @contextlib.contextmanager
    def process(self, *words, **more):
        """One of the product's commands, killed at the end where it lives; its log is `<command>.log`."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("INFRAUTOMATER_") and name not in {"REDIS_URL", "DATABASE_URL"}
        }
        env = {
            **inherited,
            "TMPDIR": str(self.folder),
            "REDIS_URL": self.url,
            "INFRAUTOMATER_DATA": str(self.data),
            "INFRAUTOMATER_REPOSITORY": "acme/infrastructure",
            "INFRAUTOMATER_GITHUB_TOKEN": "made-up",
            "INFRAUTOMATER_GITHUB_URL": "http://127.0.0.1:9",
            "INFRAUTOMATER_GIT_URL": "http://127.0.0.1:9",
            "INFRAUTOMATER_WEBHOOK_SECRETS": "made-up",
            "INFRAUTOMATER_PORT": "0",
            **more,
        }
        argv = [sys.executable, "-m", "controller", *words]
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            process = subprocess.Popen(argv, env=env, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def ailments(self):
        """What each worker says of itself, by its pid."""
        return {view.card.pid: view.card.ailment for view in self.views.workers()}


def word(state):
    if isinstance(state, Ended):
        return state.outcome.type
    return f"{state.type}:{state.step}" if state.type == "running" else state.type


def end(process, *, signals=1, seconds=60):
    """Tell a process to stop, and then to stop now; its exit code."""
    for _ in range(signals):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
    return process.wait(seconds)
