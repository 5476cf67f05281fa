"""What goes wrong is told: the step, Terraform's own words, what state things are in, and what to do."""

import os
import signal

import pytest

from controller.cli.stack import WORKER, verb
from tests.e2e.conftest import eventually, path, request

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def merged(world, name, **parameters):
    pull = world.propose({path(name): request(name, **parameters)})
    world.says(pull, "Ready: 1 change")
    world.merge(pull)
    return pull


def test_an_apply_that_fails_says_what_failed_and_a_retry_needs_no_new_pull(world):
    name = world.name()
    pull = merged(world, name, fail=True)

    result = world.says(pull, f"Failed: {name}", "result")
    assert "failed at apply" in result and "What state things are in" in result and "Partly applied" in result
    assert "/infra retry" in result
    assert "@requester" in eventually(lambda: world.comment(pull, "notice"))
    world.reaches_status(name, "failed")

    run = max(world.runs(name), key=lambda each: each["run"]["id"])["run"]["id"]
    world.verb("retry", str(run))
    assert eventually(lambda: len([e for e in world.runs(name) if e["run"]["operation"] == "apply"]) == 2)

    mended = world.propose({path(name): request(name, fail=False)})
    world.says(mended, "Ready: 1 change")
    world.merge(mended)
    eventually(lambda: world.headline(mended, "result"))
    assert world.says(mended, "1 request provisioned", "result")


def test_an_apply_that_hangs_is_stopped_at_its_deadline_with_its_state_saved(world):
    name = world.name()
    pull = merged(world, name, seconds=300)

    result = world.says(pull, f"Failed: {name}", "result")
    assert "did not end within its deadline" in result and "timeout" in result
    state = world.stack.data / "controller" / "states" / f"dev.sandbox.{name}.tfstate"
    assert '"terraform_data"' in state.read_text()


def test_a_failed_apply_is_not_begun_again_by_every_reconcile(world):
    name = world.name()
    pull = merged(world, name, fail=True)
    world.says(pull, f"Failed: {name}", "result")
    before = len(world.runs(name))

    world.verb("reconcile")
    world.verb("reconcile")

    assert len(world.runs(name)) == before


def test_the_same_delivery_twice_is_one_run_and_one_comment(world):
    name = world.name()
    pull = world.propose({path(name): request(name)})
    world.says(pull, "Ready: 1 change")
    mine = eventually(lambda: [each for each in world.deliveries("pull_request") if about(world, each, pull)])
    assert len(mine) == 1
    for _ in range(3):
        world.redeliver(mine[0])

    def answers():
        same = [each for each in world.deliveries("pull_request") if each["guid"] == mine[0]["guid"]]
        return [each["status_code"] for each in same if each["status_code"]]

    assert eventually(lambda: len(answers()) == 4), answers()
    assert set(answers()) == {202}
    # Whatever the redeliveries led to was sent by now, and stories are told in their order: this pull's is the last.
    after = world.propose({path(other := world.name()): request(other)})
    world.says(after, "Ready: 1 change")

    world.reaches(pull.head.sha, "plan", "success")
    assert len(world.runs(name)) == 1 and len(world.comments(pull)) == 1


def about(world, delivery, pull):
    """Whether a delivery tells of this pull; only the whole delivery has the payload."""
    return world.delivery(delivery)["request"]["payload"]["number"] == pull.number


def test_a_reconcile_finds_what_no_delivery_told(world):
    with world.deaf():
        name = world.name()
        pull = world.propose({path(name): request(name)})
        world.verb("reconcile")
        world.says(pull, "Ready: 1 change")
        world.merge(pull)
        world.verb("reconcile")
        world.says(pull, "1 request provisioned", "result")


def test_a_killed_workers_run_is_taken_up_by_another(own_world):
    world = own_world
    name = world.name()
    pull = merged(world, name, seconds=4)

    def applying():
        found = [e for e in world.runs(name) if e["run"]["state"]["type"] == "running"]
        return next((e for e in found if e["run"]["state"]["step"] == "apply"), None)

    running = eventually(applying)
    assert running, world.runs(name)
    os.kill(int(running["worker"].rpartition(":")[2]), signal.SIGKILL)
    with verb(world.stack, "work", WORKER, "second-worker"):
        world.says(pull, "1 request provisioned", "result")
        attempts = sorted(
            each["run"]["attempt"] for each in world.runs(name) if each["run"]["operation"] == "apply"
        )
        assert attempts == [1, 2]
