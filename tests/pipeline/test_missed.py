"""Stories without any webhook: what no delivery told, or a broker forgot, is found by the next look."""

import pytest

from controller.core.call import Actor
from controller.core.pull import PullState, Queued, Remark, Review
from controller.errors import TerraformFailed
from controller.pipeline.refresh import EVERY

PATH = "requests/payments/orders.yaml"
TICK = 300


@pytest.fixture
def failed(world, ask):
    """A merged pull whose apply failed for good; its number."""
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "", "Error: AccessDenied")
    return world.bring({PATH: ask()})


def write(world, number, body="/infra retry", ago=120):
    """A comment of some seconds ago of which nobody is told; its number."""
    world.clock.sleep(ago)
    comment = 5000 + len(world.github.remarks)
    world.github.remarks[comment] = Remark(comment, number, "ann", body, world.clock())
    return comment


def look(world, later=TICK):
    world.clock.sleep(later)
    world.reconcile()
    return [call.argument for call in world.queue.calls if call.actor is Actor.COMMAND]


def test_a_command_of_which_no_delivery_told_is_obeyed_once(world, failed):
    comment = write(world, failed)

    assert look(world) == [comment]
    world.work()
    assert world.words() == ["apply:failed", "apply:applied"]
    assert world.reactions(comment) == ["eyes", "rocket"]
    assert look(world) == []


def test_a_command_on_an_open_pull_is_found_too(world, ask):
    number = world.pull({PATH: ask()}, author="mallory")
    world.work()
    assert world.runs() == []
    write(world, number, "/infra plan")
    look(world)
    world.work()

    assert world.words(plans=True) == ["plan:planned"]


def test_a_command_whose_call_the_broker_forgot_is_found_by_a_later_look(world, failed):
    comment = write(world, failed)
    for _ in range(3):
        assert look(world) == [comment]
        world.queue.calls.clear()
    look(world)
    world.work()

    assert world.words() == ["apply:failed", "apply:applied"]


def test_a_comment_of_this_minute_is_left_to_its_own_delivery(world, failed):
    comment = write(world, failed, ago=0)

    assert look(world, later=30) == []
    assert look(world) == [comment]


def test_comments_that_ask_for_nothing_wake_nobody(world, failed):
    write(world, failed, "Thank you! `/infra retry` was not needed.")
    write(world, failed, "> /infra retry")

    assert look(world) == []


def test_what_was_asked_before_the_controller_was_there_is_not_obeyed(bare, ask, catalogue):
    bare.git.remote = bare.git.commit(catalogue)
    number = bare.open({PATH: ask()}, author="mallory")
    write(bare, number, "/infra plan")
    bare.clock.sleep(120)

    assert look(bare, later=0) == []
    assert look(bare) == []
    bare.work()
    assert bare.runs() == []


def test_after_a_long_silence_of_ours_only_a_day_is_looked_back(world, failed):
    write(world, failed)
    day = 24 * 3600
    world.clock.sleep(day)
    comment = write(world, failed, "/infra help")

    assert look(world) == [comment]


def test_a_command_that_was_deleted_again_is_taken_back(world, failed):
    comment = write(world, failed)
    look(world)
    del world.github.remarks[comment]
    world.work()

    assert world.words() == ["apply:failed"]


def test_a_push_and_a_review_of_which_no_delivery_told_are_seen(world, ask):
    number = world.pull({PATH: ask(environment="prod")})
    world.work()
    world.push(number, {PATH: ask(environment="prod", size="large")}, told=False)
    look(world)
    world.work()
    assert world.words(plans=True) == ["plan:planned", "plan:planned"]

    head = world.github.pulls[number].head
    world.github.given[number] = [Review("pam", "APPROVED", head, world.clock())]
    world.refresh(later=EVERY.total_seconds())
    world.work()

    assert world.status(number, "approval").startswith("success")


def test_a_review_after_the_merge_of_which_no_delivery_told_lets_the_run_go(world, ask):
    number = world.pull({PATH: ask(environment="prod")})
    world.work()
    world.merge(number)
    world.work()
    assert world.held() == ["not_approved"]

    head = world.github.pulls[number].head
    world.github.given[number] = [Review("pam", "APPROVED", head, world.clock())]
    look(world)
    world.work()

    assert world.words()[-1] == "apply:applied"


def test_a_queue_s_commit_of_which_no_delivery_told_is_checked(world, ask):
    number = world.pull({PATH: ask()})
    world.work()
    commit = world.git.commit({PATH: ask()}, world.git.remote)
    world.github.queue.append(Queued(commit, number, world.git.remote))
    look(world)
    world.work()

    assert world.status(commit, "plan").startswith("success")


def test_a_pull_that_was_closed_unheard_is_not_planned_any_more(world, ask):
    number = world.pull({PATH: ask()})
    world.work()
    world.close(number)
    look(world)
    world.work()

    assert world.github.pulls[number].state is PullState.CLOSED
    assert world.views.proposals() == ()
