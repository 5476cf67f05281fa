"""The environment is closed, and secrets are in it alone."""

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from controller.core.stream import read_stream
from controller.edge.terraform.environment import job_environment

pytestmark = pytest.mark.edge

OURS = {
    "GOGC": "400",
    "TF_IN_AUTOMATION": "1",
    "TF_INPUT": "0",
    "CHECKPOINT_DISABLE": "1",
    "TF_CLI_CONFIG_FILE": "/data/terraform.rc",
}

PYTHONS = {"LC_CTYPE"}
"""What Python sets in the guard, and so for its child: https://peps.python.org/pep-0538."""

EPHEMERAL = """
terraform {
  backend "local" {}
}
variable "password" {
  type      = string
  ephemeral = true
}
variable "to" {}
resource "terraform_data" "it" {
  provisioner "local-exec" {
    command     = "printf %s \\"$PASSWORD\\" | sha256sum > \\"$TO\\""
    environment = { PASSWORD = var.password, TO = var.to }
  }
}
"""

HOSTILE = {
    "INFRAUTOMATER_GITHUB_TOKEN": "theirs",
    "INFRAUTOMATER_PLAN_KEY": "theirs",
    "INFRAUTOMATER_DATABASE_URL": "postgresql://theirs",
    "REDIS_URL": "redis://theirs",
    "DATABASE_URL": "postgresql://theirs",
    "GITHUB_TOKEN": "theirs",
    "TF_LOG": "TRACE",
    "TF_LOG_PATH": "/dev/stderr",
    "TF_CLI_ARGS": "-theirs",
    "TF_CLI_ARGS_apply": "-destroy",
    "TF_CLI_CONFIG_FILE": "/theirs",
    "TF_DATA_DIR": "/theirs",
    "TF_WORKSPACE": "theirs",
    "TF_PLUGIN_CACHE_DIR": "/theirs",
    "TF_REATTACH_PROVIDERS": "{}",
    "TF_VAR_to": "/theirs",
    "PYTHONPATH": "/theirs",
    "BASH_ENV": "/theirs",
    "LD_PRELOAD": "/theirs",
    "AWS_SECRET_ACCESS_KEY": "theirs",
    "AWS_PROFILE": "of-another-environment",
    "KUBECONFIG": "/theirs",
}
"""What may be in a worker's environment and is none of Terraform's business."""

TELLING = """
terraform {
  backend "local" {}
}
variable "to" {}
resource "terraform_data" "it" {
  provisioner "local-exec" {
    command     = "cat /proc/$PPID/environ > \\"$TO\\""
    environment = { TO = var.to }
  }
}
"""
"""Its child tells the environment of Terraform itself."""


def environment(job, **worker):
    return job_environment(job, worker, Path("/data/terraform.rc"))


def test_only_path_home_tmpdir_and_proxies_are_seen(job):
    worker = {"PATH": "/bin", "HOME": "/root", "TMPDIR": "/tmp", "no_proxy": "a", "HTTPS_PROXY": "b"}
    others = {
        "GITHUB_TOKEN": "t",
        "INFRAUTOMATER_GITHUB_TOKEN": "t",
        "AWS_PROFILE": "root",
        "PYTHONPATH": "/x",
    }
    assert environment(job(), **worker, **others) == worker | OURS


def test_a_name_that_is_not_set_is_not_made_up(job):
    assert environment(job(pass_env=("AWS_PROFILE",))) == OURS


def test_an_operator_s_own_gogc_goes_before_ours_and_a_job_s_before_both(job):
    assert environment(job(), GOGC="50")["GOGC"] == "50"
    assert environment(job(env={"GOGC": "off"}), GOGC="50")["GOGC"] == "off"


def test_a_job_s_names_are_passed_on_and_its_own_values_win(job):
    asked = job(pass_env=("AWS_PROFILE", "AWS_REGION"), env={"AWS_PROFILE": "dev-readonly"})
    seen = environment(asked, AWS_PROFILE="dev", AWS_REGION="eu-central-1", AWS_SECRET_ACCESS_KEY="k")
    assert seen == {"AWS_PROFILE": "dev-readonly", "AWS_REGION": "eu-central-1", **OURS}


@pytest.mark.parametrize(
    "name",
    [
        "TF_LOG", "TF_LOG_PATH", "TF_LOG_PROVIDER", "TF_CLI_ARGS", "TF_CLI_ARGS_apply", "TF_PLUGIN_CACHE_DIR",
        "TF_CLI_CONFIG_FILE", "TF_DATA_DIR", "TF_WORKSPACE", "TF_REATTACH_PROVIDERS", "TF_INPUT",
        "TF_IN_AUTOMATION", "CHECKPOINT_DISABLE",
    ],
)  # fmt: skip
def test_nobody_changes_how_terraform_works(job, name):
    asked = job(pass_env=(name,), env={name: "theirs"})
    assert environment(asked, **{name: "theirs"}) == OURS


@pytest.mark.parametrize("name", ["TF_HTTP_PASSWORD", "TF_TOKEN_registry_example_com", "TF_VAR_zone"])
def test_a_backend_s_and_a_registry_s_credentials_may_be_passed_on(job, name):
    assert environment(job(pass_env=(name,)), **{name: "x"}) == {name: "x", **OURS}


def test_aws_ca_bundle_goes_on_as_what_the_provider_can_bear(job):
    asked = job(pass_env=("AWS_CA_BUNDLE",))
    assert environment(asked, AWS_CA_BUNDLE="/ca.pem") == {"SSL_CERT_FILE": "/ca.pem", **OURS}
    both = job(pass_env=("AWS_CA_BUNDLE",), env={"SSL_CERT_FILE": "/mine.pem"})
    assert environment(both, AWS_CA_BUNDLE="/ca.pem") == {"SSL_CERT_FILE": "/mine.pem", **OURS}


def test_what_a_step_really_sees(fake, job, heart, monkeypatch, tmp_path):
    monkeypatch.setenv("TF_LOG", "TRACE")
    monkeypatch.setenv("GITHUB_TOKEN", "ours")
    monkeypatch.setenv("AWS_PROFILE", "dev")
    seen = tmp_path / "seen"
    cli = fake(f'env > {seen}."$1"')
    with cli.session(job(pass_env=("AWS_PROFILE",), secrets={"password": "s3"}), heart, print) as session:
        session.init()
        session.apply()
    init, apply = (
        dict(line.split("=", 1) for line in Path(f"{seen}.{step}").read_text().splitlines())
        for step in ("init", "apply")
    )
    ours = {"PATH", "HOME", "TMPDIR", "AWS_PROFILE", *OURS}
    by_shell_and_python = {"PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"}
    assert {name for name in init if "proxy" not in name.lower()} - by_shell_and_python <= ours
    assert "TF_VAR_password" not in init
    assert apply["TF_VAR_password"] == "s3" and apply["AWS_PROFILE"] == "dev"


@pytest.fixture
def told(opened, job, monkeypatch, tmp_path):
    """The whole environment of a real Terraform that applies, where a worker's own is this."""

    def tell(worker, **more):
        for name in list(os.environ):
            if name not in {"PATH", "HOME"}:
                monkeypatch.delenv(name)
        for name, value in worker.items():
            monkeypatch.setenv(name, value)
        files = {"terraform.tfvars.json": json.dumps({"to": str(tmp_path / "told")}).encode()}
        with opened(job(TELLING, files=files, **more)) as session:
            session.init()
            session.plan(destroy=False, lock=True)
            session.apply()
            config = session.runner.folder.config
        lines = (tmp_path / "told").read_text().split("\0")
        return dict(line.split("=", 1) for line in lines if line), config

    return tell


def test_the_whole_environment_of_a_real_terraform(told, monkeypatch, tmp_path):
    proxies = {"HTTPS_PROXY": "http://127.0.0.1:1", "no_proxy": "localhost"}
    chosen = {"AWS_REGION": "eu-central-1", "PG_CONN_STR": "postgres://"}
    worker = {**HOSTILE, **proxies, **chosen, "TMPDIR": str(tmp_path)}
    seen, config = told(worker, pass_env=(*chosen, "NOT_SET"), secrets={"password": "s3cret"})
    base = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "TMPDIR": str(tmp_path)}
    expected = (
        base | proxies | chosen | OURS | {"TF_CLI_CONFIG_FILE": str(config), "TF_VAR_password": "s3cret"}
    )
    assert {name: value for name, value in seen.items() if name not in PYTHONS} == expected
    assert "theirs" not in str(seen)


def test_a_plan_s_own_credentials_take_the_place_of_those_that_are_passed_on(told):
    seen, _ = told(
        {"AWS_PROFILE": "dev", **HOSTILE}, pass_env=("AWS_PROFILE",), env={"AWS_PROFILE": "read-only"}
    )
    assert seen["AWS_PROFILE"] == "read-only"


def contents(folder):
    """All that is written below a folder, also inside saved plans."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            blob = path.read_bytes()
            yield path.name, blob
            if zipfile.is_zipfile(io.BytesIO(blob)):
                with zipfile.ZipFile(io.BytesIO(blob)) as archive:
                    yield from ((name, archive.read(name)) for name in archive.namelist())


def test_an_ephemeral_secret_reaches_the_apply_and_is_in_no_file(opened, job, log, data, tmp_path):
    secret = "hunter2-${file(1)}-\"'\\"
    arrived = tmp_path / "arrived"
    files = {"terraform.tfvars.json": f'{{"to": "{arrived}"}}'.encode()}
    with opened(job(EPHEMERAL, files=files, secrets={"password": secret})) as session:
        session.init()
        plan, printed = session.plan(destroy=False, lock=True)
        printed += session.apply()
        left = dict(contents(data))
    assert arrived.read_text().split()[0] == hashlib.sha256(secret.encode()).hexdigest()
    assert "plan.tfplan" in left and "dev.sandbox.one.tfstate" in left
    assert not [name for name, blob in left.items() if b"hunter2" in blob]
    assert "hunter2" not in f"{plan}{printed}{log}"
    assert read_stream(printed).errors == ()


def test_a_session_s_repr_tells_no_secret(opened, job, heart):
    with opened(job(secrets={"password": "hunter2"})) as session:
        assert "hunter2" not in repr(session)
