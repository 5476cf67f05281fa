"""Stories of one run: every way in which it can end, and what people are told of it."""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from controller.core.call import Actor
from controller.core.outcome import NEXT_STEP, Cause
from controller.core.wish import Retry
from controller.errors import FenceLost, TerraformFailed, TerraformKilled, TerraformStopped, TerraformTimedOut
from controller.ports import Lease

PATH = "requests/payments/orders.yaml"
KEPT = (
    "It is safe in /data/rescued/x on here: the request's next run on this machine pushes it before it plans, "
    "and no other run should.\n"
)
REFUSED = "It is kept in /data/rescued/x on here. The backend has one that it does not continue.\n"


def tell(error, detail=""):
    return (
        '{"type": "diagnostic", "diagnostic": '
        f'{{"severity": "error", "summary": "{error}", "detail": "{detail}"}}}}'
    )


@pytest.fixture
def merged(world, ask):
    """A request that was reviewed and merged; its apply is the next call."""
    number = world.pull({PATH: ask()})
    world.work()
    world.merge(number)
    world.work(until=Actor.EXECUTE)
    return number


@pytest.mark.parametrize("step", ["init", "plan", "apply"])
def test_a_failure_names_its_step_terraform_s_own_error_and_what_state_things_are_in(world, merged, step):
    world.terraform.fail["orders", step] = TerraformFailed(step, tell("Out of boxes", "Buy some."))
    world.work()
    said = world.result(merged)

    assert world.failure().step == step
    assert "Failed: orders" in said.splitlines()[1]
    assert f"failed at {step} (mistake)" in said
    assert "Out of boxes" in said
    assert "Buy some." in said
    assert "Nothing was changed." in said
    assert NEXT_STEP[Cause.MISTAKE] in said
    assert world.status(world.github.pulls[merged].merge_commit, "apply") == "failure: Failed: orders"
    assert world.standing() == "failed"


def test_what_the_kind_itself_says_of_an_error_is_told_in_place_of_the_general_words(world, ask, kind):
    world.commit({"terraform/modules/box/kind.yaml": kind + "errors: {BoxTaken: Take another box.}\n"})
    number = world.pull({PATH: ask()})
    world.work()
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", tell("No", "BoxTaken: it is gone"))
    world.merge(number)
    world.work()

    assert world.failure().advice == "Take another box."
    assert "Take another box." in world.result(number)
    assert "Take another box." in world.github.comment(number, "notice")


def test_what_terraform_prints_on_standard_error_is_told_where_it_printed_nothing_else(world, merged):
    world.terraform.fail["orders", "init"] = TerraformFailed("init", "", "Error: the registry is closed\n")
    world.work()

    assert "the registry is closed" in world.result(merged)


def test_the_author_hears_of_each_failure_once(world, merged):
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", tell("Out of boxes"))
    world.work()
    world.report(merged)
    notice = world.github.comment(merged, "notice")

    assert "@ann" in notice
    assert "failed at apply" in notice
    assert world.github.posted == 3

    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", tell("Still none"))
    world.resolve(world.last().id, Retry("ann"))

    assert world.github.posted == 4


def test_a_partial_apply_says_what_is_done_and_what_is_half_made(world, merged):
    lines = [
        f'{{"type": "{kind}", "hook": {{"resource": {{"addr": "box.{name}"}}}}}}'
        for kind, name in [("apply_start", "one"), ("apply_complete", "one"), ("apply_start", "two")]
    ]
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "\n".join([*lines, tell("Stumbled")]))
    world.work()

    assert "Partly applied" in world.result(merged)
    assert "Done: `box.one`." in world.result(merged)
    assert "Begun and not finished: `box.two`." in world.result(merged)


def test_without_terraform_the_pull_is_told_what_to_install(world, merged):
    world.terraform.is_absent = True
    world.work()

    assert world.failure().cause is Cause.ABSENT
    assert NEXT_STEP[Cause.ABSENT] in world.result(merged)


def test_a_step_that_ran_into_its_deadline_says_so(world, merged):
    world.terraform.fail["orders", "apply"] = TerraformTimedOut("apply")
    world.work()

    assert world.failure().cause is Cause.TIMEOUT
    assert "did not end within its deadline" in world.result(merged)


def test_an_interrupted_apply_goes_on_in_another_attempt(world, merged):
    begun = '{"type": "apply_start", "hook": {"resource": {"addr": "module.this.box.this"}}}'
    world.terraform.fail["orders", "apply"] = TerraformStopped("apply", begun)
    world.work()

    assert world.words() == ["apply:interrupted", "apply:applied"]
    assert [run.attempt for run in world.runs() if not run.operation.only_plans] == [1, 2]
    assert "Done: 1 request provisioned" in world.result(merged)


@pytest.mark.parametrize(("left", "cause"), [(KEPT, Cause.STATE_KEPT), (REFUSED, Cause.STATE_REFUSED)])
@pytest.mark.parametrize("error", [TerraformStopped, TerraformKilled, TerraformFailed, TerraformTimedOut])
def test_an_apply_whose_state_is_on_one_machine_only_is_tried_again_by_nobody(
    world, merged, error, left, cause
):
    """However it ended: on another machine the next attempt would make everything a second time."""
    away = "Error: dial tcp: no such host\n"
    world.terraform.fail["orders", "apply"] = error("apply", tell("Failed to save state"), away + left)
    world.work()
    for _ in range(3):
        world.sweep(later=900)
        world.reconcile()
        world.work()

    assert world.words() == ["apply:failed"]
    assert world.failure().cause is cause
    assert "/data/rescued/x on here" in world.result(merged)
    assert "/infra retry" in world.result(merged)


def test_a_plan_that_was_interrupted_beside_a_kept_state_is_made_again(world, ask):
    """It changes nothing, wherever it is made."""
    world.terraform.fail["orders", "init"] = TerraformStopped("init", "", KEPT)
    world.pull({PATH: ask()})
    world.work()

    assert world.words(plans=True) == ["plan:interrupted", "plan:planned"]


def test_a_change_that_nobody_saw_and_that_only_creates_goes_on_after_an_interrupt_too(world, ask):
    """Its own plan, which was let through, is what the next attempt's is held against."""
    number = world.open({PATH: ask()})
    world.merge(number)
    begun = '{"type": "apply_start", "hook": {"resource": {"addr": "module.this.box.this"}}}'
    world.terraform.fail["orders", "apply"] = TerraformStopped("apply", begun)
    world.work()

    assert world.words() == ["apply:interrupted", "apply:applied"]


def test_a_run_that_is_interrupted_time_and_again_ends_and_is_told_as_a_failure(world, merged):
    for _ in range(10):
        world.terraform.fail["orders", "apply"] = TerraformStopped("apply")
        world.work(until=Actor.EXECUTE)
        world.step()
    world.work()

    assert world.words() == ["apply:interrupted"] * 5
    assert world.status(world.github.pulls[merged].merge_commit, "apply").startswith("failure")


def test_a_worker_that_dies_is_followed_by_another_attempt(world, merged):
    run = world.last().id
    assert world.ledger.claim(run, "dead:1")
    world.sweep(later=41)
    world.work()

    assert world.words() == ["apply:interrupted", "apply:applied"]
    assert "dead:1" in world.runs()[1].state.outcome.why


def test_who_has_lost_the_lease_writes_nothing(world, merged):
    def another_takes_over():
        world.sweep(later=41)

    world.terraform.before["apply"] = another_takes_over
    world.execute(world.last().id)
    world.queue.calls.clear()

    assert world.words() == ["apply:interrupted", "apply:waiting"]
    assert world.standing() == "approved"


def test_a_lease_lost_before_the_apply_is_never_applied(world, merged):
    world.terraform.before["plan"] = lambda: world.sweep(later=41)
    world.execute(world.last().id)

    assert world.terraform.ran("apply") == []


def test_a_run_is_given_out_once(world, merged):
    run = world.last().id
    seen = []
    world.terraform.before["plan"] = lambda: seen.append(world.execute(run))
    world.execute(run)
    world.execute(run)

    assert world.terraform.ran("apply") == ["orders"]


def test_a_worker_s_own_fault_is_recorded_tried_again_and_not_swallowed(world, merged):
    world.terraform.fail["orders", "init"] = OSError(28, "No space left on device")
    with pytest.raises(OSError, match="No space"):
        world.step()

    assert world.words() == ["apply:interrupted", "apply:waiting"]
    assert "No space left" in world.runs()[-2].state.outcome.why

    world.work()

    assert world.words()[-1] == "apply:applied"


def test_terraform_gets_the_environment_s_variables_and_those_for_plans_only_when_it_plans(
    world, ask, environment
):
    credentials = "credentials: {pass_env: [AWS_PROFILE], plan_env: {AWS_PROFILE: reader}}\n"
    world.commit({"terraform/environments/dev.yaml": environment + credentials})
    world.reconcile()
    world.bring({PATH: ask()})
    plan, apply = world.terraform.jobs

    assert plan.pass_env == apply.pass_env == ("AWS_PROFILE",)
    assert (plan.env, apply.env) == ({"AWS_PROFILE": "reader"}, {})
    assert plan.backend == "local"


def test_a_state_on_one_machine_s_disk_is_refused_where_there_may_be_several(world, merged):
    world.ports = replace(world.ports, local_state=False)
    world.work()

    assert world.terraform.ran("apply") == []
    assert "INFRAUTOMATER_SINGLE_MACHINE" in world.result(merged).replace("\\", "")


def test_the_log_is_kept_while_the_run_goes(world, ask):
    world.bring({PATH: ask()})

    assert "".join(text for _, text in world.views.log(world.last().id)) == "init\nplan\napply\n"


def test_a_stopped_worker_does_not_begin_the_apply(world, merged):
    @contextmanager
    def lost(lease):
        yield None
        raise FenceLost("the lease is lost")

    world.ports = replace(world.ports, pulse=lost)
    world.work()

    assert world.words() == ["apply:running"]
    with pytest.raises(FenceLost):
        world.ledger.beat(Lease(world.last().id, "worker:1", 99))


def test_what_a_worker_without_the_run_s_workspace_cannot_find_is_no_run(world):
    world.execute(4711)

    assert world.terraform.jobs == []
