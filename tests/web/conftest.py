"""The web application on a real ledger in a SQLite file, with a broker that a test may break."""

import hashlib
import hmac
import json
import shutil
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from controller.core.decision import Decision
from controller.core.environment import Environment, EnvironmentFormat, Mode
from controller.core.identity import RequestId
from controller.core.kind import Kind, KindFormat
from controller.core.request import Request
from controller.core.run import Opening, Operation
from controller.core.workspace import Workspace
from controller.edge.ledger import SqlLedger, SqlTurns, SqlViews, make_engine, migrate
from controller.errors import QueueError
from controller.ports import Ports, WorkerCard
from controller.settings import Settings
from controller.web.app import make_app

REPOSITORY = "acme/infrastructure"
SECRETS = ("new-secret", "old-secret")
LIMIT = 4096
PUSH = {
    "ref": "refs/heads/main",
    "repository": {"full_name": REPOSITORY, "default_branch": "main"},
}


@dataclass
class Queue:
    calls: list = field(default_factory=list)
    is_down: bool = False
    answers: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self):
        self.answers.set()

    def send(self, *calls):
        self.ping()
        assert self.answers.wait(10)
        self.calls += calls

    def ping(self):
        if self.is_down:
            raise QueueError("the broker does not answer")


class Site:
    """The application, a client of it, and what stands behind it."""

    def __init__(self, url):
        self.engine = make_engine(url)
        self.queue, self.later = Queue(), timedelta(0)
        self.ledger, self.views = SqlLedger(self.engine), SqlViews(self.engine)
        ports = Ports(
            git=None,
            github=None,
            terraform=None,
            ledger=self.ledger,
            turns=SqlTurns(self.engine),
            views=self.views,
            queue=self.queue,
            spool=None,
            checkup=None,
            pulse=None,
            secret=None,
            inspect=None,
            templates={},
            plan_key=b"",
            plan_only=False,
            local_state=True,
            links=None,
            now=lambda: datetime.now(UTC) + self.later,
            me="listener:1",
        )
        settings = Settings(repository=REPOSITORY, webhook_secrets=SECRETS, body_limit=LIMIT)
        self.client = TestClient(make_app(ports, settings), raise_server_exceptions=False)

    def get(self, path, **more):
        return self.client.get(path, **more)

    def deliver(self, payload=PUSH, event="push", *, secret=SECRETS[0], guid="guid-1", form=False, **headers):
        """A delivery as GitHub sends it; a header that is None is left out, a body of bytes is sent as it is."""
        body, sent = self.signed(payload, event, secret=secret, guid=guid, form=form, **headers)
        return self.client.post("/webhooks/github", content=body, headers=sent)

    def signed(self, payload, event, *, secret=SECRETS[0], guid="guid-1", form=False, **headers):
        """A delivery's body and headers."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        if form:
            body = urlencode({"payload": body.decode()}).encode()
        all_headers = {
            "Content-Type": "application/x-www-form-urlencoded" if form else "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": guid,
            "X-Hub-Signature-256": sign(body, secret),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return body, {name: value for name, value in all_headers.items() if value is not None}

    def await_noting(self):
        """Wait until the ledger knows of every call that it was sent, which it learns a moment after the answer."""
        until = time.monotonic() + 10
        while self.views.counts()["calls"]["unsent"]:
            assert time.monotonic() < until
            time.sleep(0.02)

    def recorded(self):
        with self.engine.connect() as conn:
            return conn.exec_driver_sql("SELECT count(*) FROM deliveries").scalar_one()

    def break_ledger(self):
        """Its database is gone under our hands."""
        with self.engine.begin() as conn:
            for table in ("runs", "requests", "calls", "deliveries", "workers"):
                conn.exec_driver_sql(f"ALTER TABLE {table} RENAME TO gone_{table}")

    def reconcile_once(self):
        """The default branch was seen."""
        self.ledger.commit(Decision(cursor="1" * 40))

    def greet(self, name="w:1", ailment=""):
        self.ledger.greet(WorkerCard(name, "host", 1, (), "Terraform v1.15.0", ailment))

    def open_run(self, name="orders", path=None, team="payments"):
        """A waiting apply; its number."""
        kind = {"title": "Box", "description": "A box.", "provider": "builtin"}
        request = Request(RequestId("dev", "box", name), team, path or f"requests/{team}/{name}.yaml", {})
        workspace = Workspace(
            request,
            Kind("box", KindFormat.model_validate(kind), {}),
            Environment("dev", EnvironmentFormat(title="Dev", kinds=("box",))),
            {"main.tf": name.encode()},
        )
        opening = Opening(request.id, Operation.APPLY, workspace.digest, Mode.APPLY, "c" * 40, 7)
        calls = self.ledger.commit(Decision(openings=(opening,), workspaces=(workspace,)))
        return next(call.argument for call in calls if call.actor == "execute")

    def end_run(self, state, name="orders", log=""):
        """A run that came to this state; its number."""
        run = self.open_run(name)
        lease = self.ledger.claim(run, "w:1").lease
        self.ledger.step(lease, "apply")
        if log:
            self.ledger.log(lease, log)
        self.ledger.settle(lease, state)
        return run


def sign(body, secret):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture(scope="session", name="sign")
def _sign():
    """Signs a body."""
    return sign


@pytest.fixture(scope="session")
def push():
    """The payload of a push to the default branch."""
    return PUSH


@pytest.fixture(scope="session")
def limit():
    """The largest body in bytes."""
    return LIMIT


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory):
    """A migrated ledger, to be copied: migrations are told elsewhere."""
    path = tmp_path_factory.mktemp("ledger") / "empty.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def site(tmp_path, empty_ledger):
    path = tmp_path / "ledger.sqlite"
    shutil.copyfile(empty_ledger, path)
    site = Site(f"sqlite:///{path}")
    with site.client:
        yield site
    site.engine.dispose()


def pytest_collection_modifyitems(items):
    """The application stands on the real ledger, on a database file."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.edge)
