"""Stories of locks and of what is tried again: the dead are relieved, the living and the unknown are let alone."""

from datetime import timedelta

import pytest

from controller.core.identity import RequestId
from controller.core.tenure import GRACE, Alive, Free, LeftLock, Silent
from controller.errors import FenceLost, TerraformFailed
from controller.pipeline.unlock import unlock

PATH = "requests/payments/orders.yaml"
ORDERS = RequestId("dev", "box", "orders")
THROTTLED = TerraformFailed("apply", "", "Error: Throttling: rate exceeded")


def lock_error(made, who="root@worker"):
    return (
        "Error: Error acquiring the state lock\n\nLock Info:\n  ID:        4f1c\n  Path:      dev/orders\n"
        f"  Operation: OperationTypeApply\n  Who:       {who}\n  Version:   1.15.0\n"
        f"  Created:   {made:%Y-%m-%d %H:%M:%S.%f} +0000 UTC\n  Info:      \n"
    )


@pytest.fixture
def dead(world, ask):
    """A merged request whose worker died in mid-apply, and left Terraform's lock; how much later it is then."""

    def make(later=GRACE + timedelta(seconds=45), who="root@worker"):
        number = world.pull({PATH: ask()})
        world.work()
        world.merge(number)

        def die():
            world.terraform.locks[ORDERS.key] = lock_error(world.clock.now, who)
            raise FenceLost("the worker died")

        world.terraform.before["apply"] = die
        world.work()
        world.sweep(later=60)
        world.clock.sleep(later.total_seconds())
        return number

    return make


def test_a_lock_that_a_dead_run_left_is_released_by_its_id_and_the_next_attempt_goes_on(world, dead):
    dead()
    world.work()

    assert world.words() == ["apply:interrupted", "apply:applied"]
    assert world.terraform.ran("unlock") == ["orders"]
    (_, said), *_ = [chunk for chunk in world.views.log(world.last().id) if "safe" in chunk[1]]
    assert "held by run 2 at apply on worker `worker:1`, last heard" in said
    assert "Terraform lock `4f1c` was created in that run; safe" in said


def test_a_push_that_met_the_lock_of_a_dead_run_is_made_again_once_that_was_released(world, dead):
    dead()
    lock = world.terraform.locks[ORDERS.key]
    kept = "It is in x: the request's next run pushes it before it plans, and no other run should.\n"
    world.terraform.fail["orders", "plan"] = TerraformFailed("push", errors=lock + kept)
    world.work()

    assert world.words() == ["apply:interrupted", "apply:applied"]
    assert world.terraform.ran("unlock") == ["orders"]


def test_a_lock_of_a_run_that_ended_a_moment_ago_is_let_alone_and_tried_again_later(world, dead):
    number = dead(later=timedelta(0))
    world.work()

    assert world.words() == ["apply:interrupted", "apply:failed", "apply:waiting"]
    assert "is tried again by itself" in world.result(number)
    assert not world.terraform.ran("unlock")

    world.sweep(later=GRACE.total_seconds())
    world.work()
    assert world.words()[-1] == "apply:applied"


@pytest.mark.parametrize("who", ["alice@laptop", "root@worker-2", "root@"])
def test_a_lock_of_somebody_unknown_is_never_released(world, dead, who):
    number = dead(who=who)
    for _ in range(4):
        world.work()
        world.sweep(later=900)

    assert world.words() == ["apply:interrupted", *["apply:failed"] * 3]
    assert not world.terraform.ran("unlock")
    assert "was created in no run" in world.result(number)
    assert "/infra retry" in world.result(number)


def test_a_person_at_work_on_the_worker_s_own_machine_keeps_their_lock(world, ask):
    world.merge(world.pull({PATH: ask()}))
    world.work()
    world.clock.sleep(300)
    number = world.pull({PATH: ask(size="large")})
    world.work()
    world.terraform.locks[ORDERS.key] = lock_error(world.clock.now, "alice@worker")
    world.merge(number)
    for _ in range(4):
        world.work()
        world.sweep(later=900)

    assert world.words() == ["apply:applied", *["apply:failed"] * 3]
    assert not world.terraform.ran("unlock")
    assert "was created in no run" in world.result(number)


def test_a_person_who_unlocks_is_told_whose_lock_it_was_and_it_is_tried_again(world, dead):
    number = dead(later=timedelta(0))
    world.work()
    world.clock.sleep(GRACE.total_seconds())

    comment = world.comment(number, "/infra unlock")

    assert world.reactions(comment) == ["eyes", "rocket"]
    assert "Terraform lock `4f1c` was created in that run; safe" in world.answer(number, comment)
    assert world.words()[-1] == "apply:applied"


def test_a_person_who_unlocks_what_nobody_of_ours_locked_is_refused_and_told_why(world, dead):
    number = dead(who="alice@laptop")
    world.work()

    comment = world.comment(number, "/infra unlock")

    assert world.reactions(comment) == ["eyes", "confused"]
    assert "held by `alice@laptop`" in world.answer(number, comment)
    assert not world.terraform.ran("unlock")


def test_an_operator_takes_over_a_lease_that_nobody_renews(world, ask):
    number = world.pull({PATH: ask()})
    world.work()
    world.merge(number)
    world.terraform.before["apply"] = lambda: (_ for _ in ()).throw(FenceLost("the worker died"))
    world.work()

    assert isinstance(unlock(world.ports, ORDERS, "olga"), Alive)
    world.clock.sleep(60)
    assert isinstance(unlock(world.ports, ORDERS, "olga"), Silent)
    assert world.words() == ["apply:interrupted", "apply:waiting"]
    world.work()
    assert isinstance(unlock(world.ports, ORDERS, "olga"), Free)
    assert world.words()[-1] == "apply:applied"


def test_an_operator_has_a_lock_of_the_dead_released(world, dead):
    dead(later=timedelta(0))
    world.work()
    world.clock.sleep(GRACE.total_seconds())

    assert isinstance(unlock(world.ports, ORDERS, "olga"), LeftLock)
    world.work()
    assert world.words()[-1] == "apply:applied"


def test_what_may_pass_is_tried_again_by_itself_three_times_at_most(world, ask):
    number = world.bring_failing({PATH: ask()}, THROTTLED)
    assert "Provisioning 1 request (tried again at" in world.result(number)
    for _ in range(5):
        world.terraform.fail["orders", "apply"] = THROTTLED
        world.sweep(later=300)
        world.work()

    assert world.words() == ["apply:failed"] * 3
    assert "**Failed: orders**" in world.result(number)


def test_a_retry_does_not_wait_for_the_next_try(world, ask):
    number = world.bring_failing({PATH: ask()}, THROTTLED)
    comment = world.comment(number, "/infra retry")

    assert world.reactions(comment) == ["eyes", "rocket"]
    assert world.words() == ["apply:failed", "apply:applied"]


def test_newer_content_goes_before_another_try(world, ask):
    world.bring_failing({PATH: ask()}, THROTTLED)
    world.bring({PATH: ask(size="medium")})

    assert world.words() == ["apply:failed", "apply:superseded", "apply:applied"]


def test_a_mistake_is_not_tried_again_by_itself(world, ask):
    world.bring_failing({PATH: ask()}, TerraformFailed("apply", "", "Error: AccessDenied"))
    for _ in range(3):
        world.sweep(later=900)
        world.reconcile()
        world.work()

    assert world.words() == ["apply:failed"]
