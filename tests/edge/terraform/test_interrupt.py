"""How a step is stopped: once, with its state saved, whatever happens to the worker."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import controller
from controller.core.stream import read_stream
from controller.edge.guarded import Rule
from controller.edge.terraform.folder import open_folder
from controller.errors import TerraformFailed, TerraformKilled, TerraformStopped, TerraformTimedOut

pytestmark = pytest.mark.edge

HANGING = """
terraform {
  backend "local" {}
}
resource "terraform_data" "first" {}
resource "terraform_data" "it" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" { command = "touch BEGUN; exec sleep 600" }
}
"""


@pytest.fixture
def hanging(tmp_path):
    """A workspace whose apply hangs once it has begun, and the file that says it has."""
    begun = tmp_path / "begun"
    return HANGING.replace("BEGUN", str(begun)), begun


@pytest.fixture
def worker(tmp_path, data, engine, hanging, until):
    """Start a worker; it is in the midst of its apply."""
    source = tmp_path / "source.tf"
    source.write_text(hanging[0])
    with contextlib.ExitStack() as stack:

        def start(silence, program=engine.name):
            argv = [Path(__file__).with_name("worker.py"), data, program, silence, source]
            process = subprocess.Popen(
                [sys.executable, *map(str, argv)],
                env={**os.environ, "PYTHONPATH": str(Path(controller.__file__).parents[1])},
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            until(hanging[1].exists)
            return process

        yield start


def hang(session):
    session.init()
    session.plan(destroy=False, lock=True)
    return session.apply()


def statuses(text):
    """The resources that a state holds, with what it says of them."""
    return {
        resource["name"]: resource["instances"][0].get("status", "made")
        for resource in json.loads(text)["resources"]
    }


def interrupts(output):
    """How often Terraform says it was interrupted; at the second one it gives up everything."""
    return output.count("Interrupt received"), output.count("Two interrupts received")


def test_a_deadline_interrupts_once_and_the_state_is_saved(make_cli, heart, hanging, job, state, lives):
    cli = make_cli(deadlines={"apply": 1.5}, lock_timeout=0.5)
    begun = time.monotonic()
    with cli.session(job(hanging[0]), heart, print) as session:
        with pytest.raises(TerraformTimedOut) as stopped:
            hang(session)
        assert lives() == []
    assert 2 < time.monotonic() - begun < 20
    assert stopped.value.step == "apply" and interrupts(stopped.value.output) == (1, 0)
    assert read_stream(stopped.value.output).completed == ("terraform_data.first",)
    assert statuses(state()) == {"first": "made", "it": "tainted"}


def test_a_plan_that_waits_for_a_lock_has_that_time_on_top(fake, heart, job):
    """Or else its deadline would end what the lock's holder was given."""
    script = 'case "$1" in plan) exec sleep 1;; show) echo "{}";; esac'
    cli = fake(script, deadlines={"plan": 0.4}, lock_timeout=20, rule=Rule(grace=0.1))
    with cli.session(job(), heart, print) as session:
        assert session.plan(destroy=False, lock=True) == ({}, "")
        with pytest.raises(TerraformTimedOut):
            session.plan(destroy=False, lock=False)


def test_an_interrupt_before_the_apply_has_begun_is_held_back_and_not_lost(
    opened, heart, hanging, job, data, monkeypatch
):
    """Terraform hears one that comes between its first line and its first resource, and then applies everything."""

    def is_lost():
        return any(b'"version"' in path.read_bytes() for path in data.glob("workspaces/*/apply.output"))

    monkeypatch.setattr("controller.edge.terraform.step.LOOK", 0.001)
    for run in range(2):
        with opened(job(hanging[0], run=run)) as session:
            session.init()
            session.plan(destroy=False, lock=True)
            heart.is_lost = is_lost
            with pytest.raises(TerraformStopped) as stopped:
                session.apply()
            heart.is_lost = heart.lost.is_set
        assert interrupts(stopped.value.output) == (1, 0)
        assert "killed" not in stopped.value.errors and "change_summary" not in stopped.value.output


def test_a_lost_pulse_stops_the_step(opened, heart, hanging, job, state, until):
    def lose():
        until(hanging[1].exists)
        heart.lost.set()

    thread = threading.Thread(target=lose)
    thread.start()
    with opened(job(hanging[0])) as session, pytest.raises(TerraformStopped) as stopped:
        hang(session)
    thread.join()
    assert interrupts(stopped.value.output) == (1, 0)
    assert statuses(state()) == {"first": "made", "it": "tainted"}


def test_a_silent_pulse_stops_the_step(make_cli, heart, hanging, job, state, until):
    def hold():
        until(hanging[1].exists)
        heart.held.set()

    thread = threading.Thread(target=hold)
    thread.start()
    cli = make_cli(rule=Rule(silence=1, grace=20))
    with cli.session(job(hanging[0]), heart, print) as session, pytest.raises(TerraformStopped) as stopped:
        hang(session)
    thread.join()
    assert interrupts(stopped.value.output) == (1, 0)
    assert statuses(state()) == {"first": "made", "it": "tainted"}


def test_an_exception_in_the_worker_stops_the_step_before_its_folder_goes(
    opened, heart, hanging, job, state, lives
):
    def is_lost():
        if hanging[1].exists():
            raise KeyboardInterrupt
        return False

    heart.is_lost = is_lost
    with pytest.raises(KeyboardInterrupt), opened(job(hanging[0])) as session:
        hang(session)
    assert lives() == []
    assert statuses(state()) == {"first": "made", "it": "tainted"}


def test_a_killed_worker_leaves_no_orphan_and_a_saved_state(worker, data, state, until, lives):
    process = worker(5)
    assert lives()
    process.kill()
    until(lambda: not lives())
    assert statuses(state()) == {"first": "made", "it": "tainted"}
    (output,) = data.glob("workspaces/*/apply.output")
    assert interrupts(output.read_text()) == (1, 0)


def test_what_a_killed_worker_left_is_removed_by_the_next_session_once_its_terraform_has_ended(
    worker, data, until, lives, opened, job
):
    process = worker(5)
    (left,) = data.glob("workspaces/*")
    with opened(job(run=8)):
        assert left.exists()
    process.kill()
    until(lambda: not lives())
    (left / "root/errored.tfstate").write_text("precious")
    with opened(job(run=8)):
        assert not left.exists()
    assert (data / "rescued/dev.sandbox.one.7.errored.tfstate").read_text() == "precious"


SAVING = """#!/bin/sh
case "$1" in
  show) echo "{}";;
  apply) trap 'sleep 1.5; echo precious > errored.tfstate; exit 1' INT; touch BEGUN; while true; do sleep 0.05; done;;
esac
"""


@pytest.fixture
def slow(tmp_path, hanging):
    """A Terraform whose apply takes its time to save the state."""
    program = tmp_path / "slow-terraform"
    program.write_text(SAVING.replace("BEGUN", str(hanging[1])))
    program.chmod(0o700)
    return program


def test_a_killed_worker_s_folder_stays_as_long_as_its_terraform_saves(worker, slow, data, until, lives, job):
    process = worker(5, slow)
    process.kill()
    process.wait()
    (left,) = data.glob("workspaces/*")
    with open_folder(data, job(run=8)):
        assert left.exists()
    until(lambda: not lives())
    with open_folder(data, job(run=8)):
        assert not left.exists()
    assert (data / "rescued/dev.sandbox.one.7.errored.tfstate").read_text() == "precious\n"


def test_a_frozen_worker_s_terraform_is_interrupted_once_and_the_thawed_worker_says_so(worker, state, until):
    process = worker(1)
    process.send_signal(signal.SIGSTOP)
    until(lambda: "tainted" in state())
    process.send_signal(signal.SIGCONT)
    assert process.stdout.readline() == "TerraformStopped\n"
    assert process.wait(20) == 0


def test_a_terminal_s_interrupt_reaches_the_worker_alone(worker, state, until, lives):
    process = worker(5)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) != 0
    assert lives() == []
    assert statuses(state()) == {"first": "made", "it": "tainted"}


def test_what_was_interrupted_is_made_again_by_the_next_run(make_cli, heart, hanging, job, opened):
    cli = make_cli(deadlines={"apply": 2}, lock_timeout=0)
    with cli.session(job(hanging[0]), heart, print) as session, pytest.raises(TerraformTimedOut):
        hang(session)
    with opened(job(hanging[0].replace("exec sleep 600", "true"), run=8)) as session:
        session.init()
        plan, _ = session.plan(destroy=False, lock=True)
        changes = {change["address"]: change for change in plan["resource_changes"]}
        assert changes["terraform_data.it"]["change"]["actions"] == ["delete", "create"]
        assert changes["terraform_data.it"]["action_reason"] == "replace_because_tainted"
        assert read_stream(session.apply()).errors == ()


def test_a_terraform_whose_guard_was_killed_is_waited_for_and_told_of(
    opened, heart, hanging, job, until, lives
):
    def kill_the_guard_and_then_the_hanging_command():
        until(hanging[1].exists)
        guards = [line.split(":")[0] for line in lives() if "guard.py" in line]
        commands = [line.split(":")[0] for line in lives() if "sleep" in line]
        for pid in (*guards, *commands):
            os.kill(int(pid), signal.SIGKILL)

    thread = threading.Thread(target=kill_the_guard_and_then_the_hanging_command)
    thread.start()
    with opened(job(hanging[0])) as session:
        with pytest.raises(TerraformFailed) as failed:
            hang(session)
        assert lives() == []
    thread.join()
    assert type(failed.value) is TerraformKilled and "guard was killed" in failed.value.errors
    assert interrupts(failed.value.output) == (0, 0)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_terraform_that_somebody_else_killed_is_told_of_as_that(fake, heart, job, number):
    """The run did not fail by anything in it: another attempt goes on."""
    with (
        fake(f"kill -{int(number)} $$").session(job(), heart, print) as session,
        pytest.raises(TerraformKilled) as killed,
    ):
        session.init()
    assert f"by signal {int(number)}," in killed.value.errors


def test_a_terraform_that_does_not_end_within_the_grace_is_killed_and_told_of(fake, heart, job):
    cli = fake(
        "trap '' INT; while true; do sleep 0.1; done",
        deadlines={"init": 0.5},
        rule=Rule(silence=5, grace=0.5),
    )
    with cli.session(job(), heart, print) as session, pytest.raises(TerraformTimedOut) as stopped:
        session.init()
    assert "was killed" in stopped.value.errors


def test_a_step_that_ends_well_in_spite_of_its_interrupt_has_ended_well(fake, heart, job):
    cli = fake(
        "trap 'echo done; exit 0' INT; while true; do sleep 0.1; done",
        deadlines={"apply": 0.5},
        lock_timeout=0,
    )
    with cli.session(job(), heart, print) as session:
        assert session.apply() == "done\n"
