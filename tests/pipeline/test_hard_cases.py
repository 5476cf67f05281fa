"""Stories in which two things happen at once, or one at the wrong time."""

from dataclasses import replace

import pytest

from controller.core.call import Actor
from controller.core.wish import Retry
from controller.errors import GitHubRefused, IllegalTransition, TerraformFailed, TerraformStopped
from controller.pipeline.check_branch import check_branch

ORDERS = "requests/payments/orders.yaml"
MODULE = "terraform/modules/box/main.tf"
NO_NETWORK = TerraformFailed("init", "", "Error: no network")


class Always(dict):
    """Failures that are not over after the first."""

    def pop(self, key, default=None):
        return self.get(key, default)


def test_a_destroy_that_nobody_wants_any_more_is_not_tried_again(world, ask):
    world.bring({ORDERS: ask()})
    deletion = world.pull({ORDERS: None})
    world.work()
    world.terraform.fail["orders", "init"] = NO_NETWORK
    world.merge(deletion)
    world.work()
    failed = world.last().id
    world.bring({ORDERS: ask()})

    with pytest.raises(IllegalTransition, match="does not want"):
        world.resolve(failed, Retry("ann"))
    assert world.there() == {"orders"}


def test_a_change_that_was_taken_back_is_not_tried_again(world, ask):
    world.bring({ORDERS: ask()})
    change = world.pull({ORDERS: ask(size="large")})
    world.work()
    world.terraform.fail["orders", "init"] = NO_NETWORK
    world.merge(change)
    world.work()
    failed = world.last().id
    world.bring({ORDERS: ask()})

    with pytest.raises(IllegalTransition, match="does not want"):
        world.resolve(failed, Retry("ann"))
    assert world.terraform.state["dev.box.orders"]["size"] == "small"


def test_where_destroys_are_confirmed_replacements_are_too(world, ask):
    world.bring({ORDERS: ask(environment="prod")})
    number = world.bring({ORDERS: ask(environment="prod", colour="red")})

    assert world.words()[-1] == "apply:held"
    assert "every replacement confirmed" in world.result(number)


def test_where_destroys_are_confirmed_a_change_in_place_goes_on(world, ask):
    world.bring({ORDERS: ask(environment="prod")})
    world.bring({ORDERS: ask(environment="prod", size="large")})

    assert world.words()[-1] == "apply:applied"


def test_a_pull_that_changes_a_module_says_what_is_planned_again(world, ask):
    world.bring({ORDERS: ask()})
    number = world.pull({MODULE: 'resource "terraform_data" "that" {}\n'})
    world.work()

    assert "Plans 1 request after the merge, and holds what changes" in world.plan_comment(number)
    assert "`dev/box/orders`" in world.plan_comment(number)


def test_github_is_not_asked_again_for_what_a_run_already_knows(world, ask):
    for number in range(4):
        world.bring({f"requests/payments/o{number}.yaml": ask(name=f"o{number}", environment="trial")})
    asked = []
    answer = world.github.pulls_of
    world.github.pulls_of = lambda commit: (asked.append(commit), answer(commit))[1]
    world.reconcile()
    world.work()

    assert asked == []


def test_a_merge_while_the_pull_is_looked_at_does_not_lose_its_review(world, ask):
    world.bring({ORDERS: ask()})
    number = world.pull({ORDERS: ask(size="large")})
    world.work()
    still_open = world.github.pulls[number]
    world.merge(number, told=False)
    merged = world.github.pulls[number]
    answers = iter([still_open])
    world.github.pull = lambda asked: next(answers, merged) if asked == number else world.github.pulls[asked]
    world.look(number)
    world.reconcile()
    world.work()

    assert world.words()[-1] == "apply:applied"


def test_a_team_that_github_does_not_show_is_said_and_silences_nothing(world, ask):
    def refuse(*_):
        raise GitHubRefused("403: Resource not accessible by personal access token")

    world.github.is_member = refuse
    number = world.pull({ORDERS: ask(environment="prod")})
    world.work()

    assert "Ready: 1 change" in world.plan_comment(number)
    assert "GitHub does not show" in world.status(world.github.pulls[number].head, "approval")


def test_a_status_that_github_refuses_stops_no_run_and_is_set_once_it_is_asked_again(world, ask):
    number = world.pull({ORDERS: ask()})
    world.work()
    world.merge(number, told=False)
    set_status = world.github.set_status

    def refuse(*_):
        raise GitHubRefused("403")

    world.reconcile()
    assert world.runs("orders")[-1].operation.value == "apply"

    world.github.set_status = refuse
    with pytest.raises(GitHubRefused):
        check_branch(world.ports)
    world.github.set_status = set_status
    world.reconcile()
    check_branch(world.ports)

    assert world.status(world.git.tip(), "validate") == "success: every request can be read"


def test_a_look_that_was_lost_is_asked_for_again_by_the_next_reconcile(world, ask):
    world.bring({ORDERS: ask()})
    waiting = world.pull({ORDERS: ask(size="large")})
    world.work()
    other = world.pull({ORDERS: ask(size="medium")})
    world.work()
    world.merge(other, told=False)
    world.reconcile()
    lost = {(Actor.PLAN_PULL, waiting)}
    world.queue.calls = [call for call in world.queue.calls if (call.actor, call.argument) not in lost]
    world.work()
    world.reconcile()
    world.work()

    assert "conflicts" in world.plan_comment(waiting)


def test_the_last_interruption_says_what_state_things_are_in_and_what_to_do(world, ask):
    number = world.pull({ORDERS: ask()})
    world.work()
    world.merge(number)
    world.terraform.fail = Always({("orders", "apply"): TerraformStopped("apply")})
    world.work()

    result = world.result(number)
    assert "interrupted at apply" in result and "nobody tries again by itself" in result
    assert "What state things are in" in result and "/infra retry" in result


def test_a_draft_says_that_it_is_one(world, ask):
    number = world.pull({ORDERS: ask()})
    world.github.pulls[number] = replace(world.github.pulls[number], draft=True)
    world.look(number)
    world.work()

    assert "**Draft: 1 change" in world.plan_comment(number)
