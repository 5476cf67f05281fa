"""The steps of a session, with both engines."""

import json
import stat
import threading
import time

import pytest

from controller.core.stream import read_stream
from controller.edge.terraform import TerraformCli
from controller.errors import TerraformFailed, TerraformStopped

pytestmark = pytest.mark.edge

PROVISIONED = """
terraform {
  backend "local" {}
}
variable "command" { default = "true" }
resource "terraform_data" "first" {}
resource "terraform_data" "it" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" { command = var.command }
}
"""


def planned(session, *, destroy=False, lock=True):
    session.init()
    return session.plan(destroy=destroy, lock=lock)


def actions(plan):
    return {change["address"]: change["change"]["actions"] for change in plan.get("resource_changes", [])}


def test_version_is_its_first_line(cli):
    assert cli.version().startswith("Terraform v1.")


def test_a_workspace_is_made_shown_unchanged_and_destroyed(opened, job, state):
    with opened(job()) as session:
        plan, printed = planned(session)
        assert actions(plan) == {"terraform_data.it": ["create"]}
        assert read_stream(printed).errors == ()
        stream = read_stream(session.apply())
        assert stream.completed == ("terraform_data.it",) and stream.outputs == {"text": "hello"}
    with opened(job(run=8)) as session:
        plan, _ = planned(session, lock=False)
        assert actions(plan) == {"terraform_data.it": ["no-op"]}
    with opened(job(run=9)) as session:
        plan, _ = planned(session, destroy=True)
        assert actions(plan) == {"terraform_data.it": ["delete"]}
        session.apply()
    assert json.loads(state())["resources"] == []


def test_the_folder_is_ours_alone_and_gone_afterwards(opened, job, data):
    with opened(job(files={"module/deep/main.tf": b""})) as session:
        planned(session)
        (folder,) = (data / "workspaces").iterdir()
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
        assert modes["main.tf"] == modes["terraform.rc"] == 0o600
        assert modes["root"] == modes["deep"] == stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not list(folder.glob("*.output"))
    assert list((data / "workspaces").iterdir()) == []


def test_a_folder_is_gone_after_an_error_too(opened, job, data):
    with pytest.raises(ZeroDivisionError), opened(job()):
        raise ZeroDivisionError
    assert list((data / "workspaces").iterdir()) == []


def test_the_log_is_readable_and_holds_no_json(opened, job, log):
    with opened(job()) as session:
        planned(session)
        session.apply()
    told = "".join(log)
    assert "Terraform has been successfully initialized!" in told
    assert "terraform_data.it: Plan to create" in told
    assert "Apply complete! Resources: 1 added" in told
    assert "{" not in told


def test_the_log_comes_while_a_step_runs(opened, job, log, heart):
    seen = []

    def is_lost():
        seen.append("".join(log))
        return False

    heart.is_lost = is_lost
    command = b'{"command": "echo one; sleep 1; echo two"}'
    with opened(job(PROVISIONED, files={"terraform.tfvars.json": command})) as session:
        planned(session)
        session.apply()
    assert any("): one" in told and "): two" not in told for told in seen)
    assert sum("): one" in text for text in log) == 1


def test_a_log_that_fails_ends_no_step_and_is_offered_its_lines_again(cli, job, heart):
    told, calls = [], []

    def log(text):
        calls.append(text)
        if len(calls) % 2:
            raise OSError
        told.append(text)

    command = b'{"command": "echo one; sleep 0.7; echo two; sleep 0.7; echo three"}'
    with cli.session(job(PROVISIONED, files={"terraform.tfvars.json": command}), heart, log) as session:
        planned(session)
        session.apply()
    assert "): one" in "".join(told) and "): two" in "".join(told)


def test_sensitive_values_of_the_plan_are_in_no_log(opened, job, log):
    main = """
    terraform {
      backend "local" {}
    }
    variable "text" {
      default   = "clear-text-of-a-secret"
      sensitive = true
    }
    resource "terraform_data" "it" { input = var.text }
    """
    with opened(job(main)) as session:
        plan, printed = planned(session)
        printed += session.apply()
    assert "clear-text-of-a-secret" in json.dumps(plan)
    assert "clear-text-of-a-secret" not in "".join(log) + printed


@pytest.mark.parametrize(
    ("main", "said"),
    [
        ('terraform {\n  backend "s3" {}\n}', "bucket"),
        ('terraform {\n  backend "nonsense" {}\n}', "nonsense"),
        (
            'terraform {\n  required_providers {\n    x = { source = "registry.invalid/no/such" }\n  }\n}',
            "no/such",
        ),
        ('module "it" { source = "./absent" }', "absent"),
        ("terraform {", "Unclosed"),
    ],
)
def test_an_init_that_fails_says_why(opened, job, main, said):
    with opened(job(main, backend="none")) as session, pytest.raises(TerraformFailed) as failed:
        session.init()
    assert type(failed.value) is TerraformFailed
    assert failed.value.step == "init" and said in failed.value.errors + failed.value.output


@pytest.mark.parametrize(
    ("main", "said"),
    [
        ('variable "size" {\n type = number\n default = "many"\n}', "number"),
        ('resource "terraform_data" "it" { input = var.absent }', "undeclared"),
        (
            'variable "it" {\n default = 1\n validation {\n condition = var.it > 1\n error_message = "No!"\n }\n}',
            "No!",
        ),
    ],
)
def test_a_plan_that_fails_says_why_in_its_stream(opened, job, main, said):
    with opened(job(main, backend="none")) as session, pytest.raises(TerraformFailed) as failed:
        planned(session)
    assert type(failed.value) is TerraformFailed
    stream = read_stream(failed.value.output)
    said_there = any(said in f"{error.summary} {error.detail}" for error in stream.errors)
    assert said_there or said in failed.value.errors + failed.value.output


def test_an_apply_that_fails_says_how_far_it_came(opened, job, state):
    command = b'{"command": "echo it broke; exit 1"}'
    with opened(job(PROVISIONED, files={"terraform.tfvars.json": command})) as session:
        planned(session)
        with pytest.raises(TerraformFailed) as failed:
            session.apply()
    assert type(failed.value) is TerraformFailed and failed.value.step == "apply"
    stream = read_stream(failed.value.output)
    assert stream.completed == ("terraform_data.first",)
    assert stream.unfinished == ("terraform_data.it",)
    assert "exit status 1" in stream.errors[0].detail
    assert "tainted" in state()


def test_a_show_that_prints_no_json_is_told_without_its_text(fake, job, heart, log):
    with (
        fake("echo secret").session(job(), heart, log.append) as session,
        pytest.raises(TerraformFailed) as failed,
    ):
        session.plan(destroy=False, lock=False)
    assert failed.value.step == "show" and "secret" not in failed.value.output + failed.value.errors
    assert "".join(log) == "secret\n"  # the plan's own


def test_a_show_that_fails_is_told_without_its_text(fake, job, heart, log):
    cli = fake('case "$1" in show) echo secret; echo why >&2; exit 1;; esac')
    with cli.session(job(), heart, log.append) as session, pytest.raises(TerraformFailed) as failed:
        session.plan(destroy=False, lock=False)
    assert (failed.value.step, failed.value.output, failed.value.errors) == ("show", "", "why\n")
    assert "".join(log) == "why\n"


def test_a_stale_plan_is_refused(opened, job, state):
    with opened(job()) as late, opened(job(run=8)) as early:
        planned(late)
        planned(early)
        early.apply()
        with pytest.raises(TerraformFailed) as failed:
            late.apply()
    assert "stale" in failed.value.output


def test_no_step_is_begun_once_the_pulse_is_lost(opened, job, heart):
    with opened(job()) as session:
        heart.lost.set()
        with pytest.raises(TerraformStopped) as stopped:
            session.init()
    assert stopped.value.step == "init" and heart.listened == 0


def test_every_step_listens_to_the_pulse(opened, job, heart):
    with opened(job()) as session:
        planned(session)
        session.apply()
    assert heart.listened == 4  # init, plan, show, apply


def test_the_built_in_provider_needs_no_network(opened, job):
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:1")
    with opened(job(env=nowhere)) as session:
        planned(session)


def test_a_lock_file_is_kept_to(opened, job, data):
    lock = b'provider "registry.terraform.io/hashicorp/none" {\n  version = "1.0.0"\n}\n'
    with opened(job(files={".terraform.lock.hcl": lock})) as session:
        with pytest.raises(TerraformFailed) as failed:
            session.init()
        (written,) = data.glob("workspaces/*/root/.terraform.lock.hcl")
        assert written.read_bytes() == lock
    assert "readonly" in failed.value.errors


def test_a_lock_held_by_somebody_else_fails_a_plan_with_its_holder(make_cli, data, job, heart):
    cli = make_cli(lock_timeout=0)
    command = b'{"command": "touch begun; sleep 2"}'
    with (
        cli.session(job(), heart, print) as other,
        cli.session(job(PROVISIONED, files={"terraform.tfvars.json": command}), heart, print) as session,
    ):
        planned(session, lock=False)
        other.init()
        failed = while_applying(session, data, lambda: other.plan(destroy=False, lock=True))
    assert "Error acquiring the state lock" in failed.output


def while_applying(session, data, act):
    """Do something that fails while another session applies; the failure."""
    thread = threading.Thread(target=session.apply)
    thread.start()
    try:
        while not list(data.glob("workspaces/*/root/begun")):
            time.sleep(0.02)
        with pytest.raises(TerraformFailed) as failed:
            act()
    finally:
        thread.join()
    return failed.value


def test_both_engines_print_plans_of_the_same_shape(cli, program, data, job, heart):
    def shape(value):
        match value:
            case dict():
                return {key: shape(inner) for key, inner in value.items() if key != "format_version"}
            case list():
                return [shape(inner) for inner in value]
        return type(value).__name__

    plans = []
    for which in (cli, TerraformCli(data, program)):
        with which.session(job(), heart, print) as session:
            plan, _ = planned(session, lock=False)
        plans.append(plan)
    mine, theirs = (plan["resource_changes"] for plan in plans)
    assert mine == theirs
    assert shape(plans[0])["planned_values"] == shape(plans[1])["planned_values"]
    assert plans[0]["output_changes"] == plans[1]["output_changes"]
    assert plans[0]["format_version"].split(".")[0] == plans[1]["format_version"].split(".")[0] == "1"
