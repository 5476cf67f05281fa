"""A world whose Terraform is the real one, whose catalogue is ours, and whose broker and secrets are the product's own."""

import zipfile
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from dramatiq.brokers.stub import StubBroker
from sqlalchemy import inspect, text

from controller.bootstrap import make_terraform
from controller.core.outcome import Applied
from controller.edge.keys import generate
from controller.edge.pulse import Pulses
from controller.edge.queue import DramatiqQueue
from controller.settings import read_settings
from tests.pipeline.conftest import Queue, World

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "terraform"


def catalogue():
    """What lies under `terraform/`, and `keep`: a `dev` whose databases leave a last snapshot."""
    files = {
        str(path.relative_to(ROOT)): path.read_bytes()
        for path in TERRAFORM.rglob("*")
        if path.is_file() and ".terraform" not in path.relative_to(TERRAFORM).parts
    }
    dev = files["terraform/environments/dev.yaml"]
    assert b"skip_final_snapshot: true" in dev
    keep = dev.replace(b"skip_final_snapshot: true", b"skip_final_snapshot: false")
    return {**files, "terraform/environments/keep.yaml": keep}


class Stub(StubBroker):
    def enqueue_all(self, messages):
        for message in messages:
            self.declare_queue(message.queue_name)
            self.enqueue(message)


@dataclass
class Broker(Queue):
    """The world's queue, and every byte that the product's own would hand to Redis."""

    stub: StubBroker = field(default_factory=Stub)

    def send(self, *calls):
        super().send(*calls)
        DramatiqQueue(lambda _queue: self.stub).send(*calls)

    def messages(self):
        return [message for queue in self.stub.queues.values() for message in queue.queue]


class Cloud(World):
    """People, git and GitHub are the world's; whatever workers do is done by the product itself."""

    def __init__(self, ledger, data):
        super().__init__(ledger)
        self.data = data
        self.queue = Broker()
        self.ports = replace(
            self.ports,
            terraform=make_terraform(read_settings(data=data)),
            pulse=Pulses(self.ledger, 5.0),
            secret=generate,
            queue=self.queue,
        )

    def begin(self, files=None):
        self.git.remote = self.git.commit({**catalogue(), **(files or {})})
        self.reconcile()
        self.work()

    def outcome(self, name):
        """How the request's last run ended."""
        state = self.last(name).state
        assert state.type == "ended", state
        return state.outcome

    def applied(self, name):
        """The outcome of the request's last run, which went well."""
        outcome = self.outcome(name)
        assert isinstance(outcome, Applied), outcome.detail
        return outcome

    def touch(self, path):
        """A comment at the end of a module's file, merged: its requests are planned again, and only an empty plan passes."""
        content = self.git.trees[self.git.remote][path].content
        self.bring({path: content + b"# looked at\n"})

    # --- where a value may be

    def holders(self, value):
        """Where a value is: files of the data directory, rows of the ledger, messages, logs, comments, statuses."""
        needle = value.encode()
        return {where for where, content in self._everything() if needle in content}

    def _everything(self):
        self.dump()
        yield from ((path.name, content) for path, content in _files(self.data))
        yield from self._rows()
        yield from (("broker", message) for message in self.queue.messages())
        for run in (run for query in self.views.requests(limit=100) for run in self.runs(query.id.name)):
            yield "log", "".join(part for _, part in self.views.log(run.id)).encode()
        yield from (("comment", body.encode()) for body in self.github.comments.values())
        yield from (("status", status.description.encode()) for status in self.github.statuses.values())

    def _rows(self):
        with self.engine.connect() as conn:
            for table in inspect(conn).get_table_names():
                for row in conn.execute(text(f'SELECT * FROM "{table}"')):
                    yield table, b"\n".join(_bytes(cell) for cell in row)


def _files(folder):
    """Every file below a folder, packed ones with each of their parts: a saved plan is a zip file."""
    for path in (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        yield path, path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                yield from ((path, packed.read(name)) for name in packed.namelist())


def _bytes(cell):
    if not isinstance(cell, bytes):
        return str(cell).encode()
    try:
        return zlib.decompress(cell)
    except zlib.error:
        return cell
