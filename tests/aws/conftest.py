"""The real AWS provider against a cloud in a box: moto in a process of its own, and a wire between the two."""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.edge.guarded import SERVICE, Start, guarded
from controller.edge.ledger import migrate
from controller.edge.terraform import find_engine
from controller.edge.terraform.mirror import find_origin
from controller.errors import TerraformAbsent
from controller.settings import read_settings
from tests.aws.cloud import Cloud
from tests.aws.wire import Wire

ROOT = Path(__file__).parents[2]
PROVIDER = "registry.terraform.io/hashicorp/aws"
ACCOUNT = {"AWS_ACCESS_KEY_ID": "rehearsal", "AWS_SECRET_ACCESS_KEY": "rehearsal", "AWS_REGION": "us-east-1"}


@pytest.fixture(scope="session")
def provider():
    """Skips where Terraform, or a mirror with the AWS provider, is not on this machine."""
    try:
        find_engine(read_settings().terraform or None)
    except TerraformAbsent as absent:
        pytest.skip(str(absent))
    origin = find_origin(read_settings().provider_mirror, os.environ)
    if PROVIDER not in origin.held():
        pytest.skip(f"no mirror here holds {PROVIDER}: {origin.looked}")


@pytest.fixture
def moto(tmp_path):
    """The address of a cloud of one's own: moto's databases all have one id, so that two would be taken for each other."""
    if any(importlib.util.find_spec(name) is None for name in ("moto", "flask")):
        pytest.skip("there is no cloud in a box: `pip install 'infrautomater[cloud]'`")
    facts = tmp_path / "moto.json"
    argv = (sys.executable, "-m", "controller.sandbox.cloud")
    with (
        facts.open("wb") as out,
        (tmp_path / "moto.log").open("wb") as log,
        guarded(argv, Start(ROOT, None, out, log), SERVICE),
    ):
        until(lambda: facts.read_bytes().endswith(b"\n"))
        yield json.loads(facts.read_bytes())["url"]


@pytest.fixture
def wire(moto):
    """What the provider says to the cloud."""
    return Wire(moto)


@pytest.fixture
def cloud(provider, wire, tmp_path, monkeypatch):
    """A world with our own catalogue on its default branch, whose workers run the real provider."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    data = tmp_path / "data"
    data.mkdir()
    ledger = f"sqlite:///{data / 'ledger.sqlite'}"
    migrate(ledger)
    with wire.listening() as address:
        for name, value in {**ACCOUNT, "AWS_ENDPOINT_URL": address}.items():
            monkeypatch.setenv(name, value)
        cloud = Cloud(ledger, data)
        cloud.begin()
        yield cloud
        cloud.engine.dispose()


@pytest.fixture
def client(moto):
    """Makes a client of one of the cloud's services, past the wire."""
    boto3 = importlib.import_module("boto3")
    return lambda service: boto3.client(
        service,
        endpoint_url=moto,
        region_name="us-east-1",
        aws_access_key_id="rehearsal",
        aws_secret_access_key="rehearsal",
    )


@pytest.fixture
def password(client):
    """Reads the password of the one database out of Secrets Manager."""

    def read():
        secrets = client("secretsmanager")
        (secret,) = secrets.list_secrets()["SecretList"]
        return secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"]

    return read


@pytest.fixture
def arguments():
    """The arguments of every process that was seen while the test ran."""
    seen, ended = set(), threading.Event()

    def watch():
        while not ended.wait(0.05):
            for process in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):
                    seen.add((process / "cmdline").read_bytes())

    thread = threading.Thread(target=watch)
    thread.start()
    yield seen
    ended.set()
    thread.join()


@dataclass(frozen=True)
class Doomed:
    """A worker in a process of its own."""

    process: subprocess.Popen
    data: Path

    def until(self, event):
        """Wait for something that comes about while it works."""
        until(lambda: event.is_set() or self.process.poll() is not None)
        assert event.is_set(), "it ended before that"

    def kill(self):
        """SIGKILL; returns when its guard has stopped Terraform, and nobody works in its data directory any more."""
        self.process.kill()
        self.process.wait()
        until(lambda: not living(self.data))


@pytest.fixture
def doomed(cloud):
    """Starts a worker that carries out one run."""
    workers = []

    def start(run):
        argv = (sys.executable, "-m", "tests.aws.worker", str(cloud.engine.url), str(cloud.data), str(run))
        workers.append(Doomed(subprocess.Popen(argv, cwd=ROOT), cloud.data))
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()


def living(folder):
    """The processes that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found += [process.name] if str((process / "cwd").readlink()).startswith(str(folder)) else []
    return found


def until(condition, seconds=120.0):
    """Wait for something to come about."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)
