"""Stories of when an open pull is planned: for whom, how often, and again when what it is about has moved."""

import pytest

from controller.core.call import Actor, plan_pull
from controller.core.proposal import MOST_ROUNDS

PATH = "requests/payments/orders.yaml"
OTHER = "requests/payments/billing.yaml"


def test_a_stranger_s_pull_is_validated_and_not_planned(world, ask):
    number = world.pull({PATH: ask()}, author="stranger")
    world.work()

    assert world.words(plans=True) == []
    assert world.statuses(number) == {"validate": "success", "plan": "pending", "approval": "success"}
    assert "/infra plan" in world.plan_comment(number)


def test_a_stranger_s_pull_is_planned_when_somebody_with_write_access_asks(world, ask):
    number = world.pull({PATH: ask()}, author="stranger")
    world.work()
    world.comment(number, "/infra plan", who="stranger")
    assert world.words(plans=True) == []

    world.comment(number, "/infra plan", who="bob")
    assert world.words(plans=True) == ["plan:planned"]
    assert world.statuses(number)["plan"] == "success"


def test_whoever_vouched_for_one_head_did_not_vouch_for_the_next(world, ask):
    number = world.pull({PATH: ask()}, author="stranger")
    world.work()
    world.comment(number, "/infra plan", who="bob")
    world.push(number, {PATH: ask(size="large")})
    world.work()

    assert world.statuses(number)["plan"] == "pending"
    assert len(world.words(plans=True)) == 1


def test_a_stranger_s_merged_pull_is_still_only_applied_if_it_solely_creates(world, ask):
    world.bring({PATH: ask()})
    number = world.pull({PATH: ask(size="large")}, author="stranger")
    world.work()
    world.merge(number)
    world.work()

    assert world.held() == ["never_reviewed"]


def test_a_pull_is_planned_by_itself_so_often_and_no_more(world, ask):
    number = world.pull({PATH: ask()})
    world.work()
    for index in range(MOST_ROUNDS):
        world.push(number, {PATH: ask(size=("small", "medium")[index % 2])})
        world.work()
    world.push(number, {PATH: ask(size="large")})
    world.work()
    assert world.statuses(number)["plan"] == "pending"
    assert "/infra plan" in world.plan_comment(number)
    before = len(world.runs())

    world.look(number)
    world.work()
    assert len(world.runs()) == before

    world.comment(number, "/infra plan")
    assert world.statuses(number)["plan"] == "success"
    world.push(number, {PATH: ask(colour="red")})
    world.work()
    assert world.statuses(number)["plan"] == "success"


def test_looking_again_at_the_same_head_is_no_new_round(world, ask):
    number = world.pull({PATH: ask()})
    for _ in range(MOST_ROUNDS + 5):
        world.look(number)
    world.work()

    assert world.statuses(number)["plan"] == "success"


def test_a_run_that_changes_what_a_pull_is_about_makes_its_plan_anew(world, ask):
    world.bring({PATH: ask(size="small", colour="blue")})
    waiting = world.pull({PATH: ask(size="large", colour="blue")})
    world.work()
    assert world.statuses(waiting)["plan"] == "success"
    first = world.pull({PATH: ask(size="small", colour="red")})
    world.work()
    world.merge(first)
    world.work()

    newest = [run for run in world.runs() if run.pull == waiting][-1]
    applied = [run for run in world.runs() if run.pull == first][-1]
    assert newest.after == applied.id
    assert world.statuses(waiting)["plan"] == "success"


def test_while_another_run_is_at_it_a_plan_is_outdated(world, ask):
    world.bring({PATH: ask(size="small", colour="blue")})
    waiting = world.pull({PATH: ask(size="large", colour="blue")})
    world.work()
    first = world.pull({PATH: ask(size="small", colour="red")})
    world.work()
    world.merge(first)
    world.work(until=Actor.EXECUTE)
    world.look(waiting)
    world.report(waiting)

    assert world.status(waiting, "plan").startswith("pending: Outdated")


def test_two_pulls_on_one_request_merged_one_after_the_other_end_where_the_second_says(world, ask):
    world.bring({PATH: ask(size="small", colour="blue")})
    first = world.pull({PATH: ask(size="large", colour="blue")})
    second = world.pull({PATH: ask(size="small", colour="red")})
    world.work()
    world.merge(first)
    world.work()
    world.merge(second)
    world.work()
    (stands,) = world.terraform.state.values()

    assert world.words() == ["apply:applied"] * 3
    assert (stands["size"], stands["colour"]) == ("large", "red")


def test_a_second_pull_merged_before_it_was_planned_again_is_held_with_the_difference(world, ask):
    world.bring({PATH: ask(size="small", colour="blue")})
    first = world.pull({PATH: ask(size="large", colour="blue")})
    second = world.pull({PATH: ask(size="small", colour="red")})
    world.work()
    world.merge(first, told=False)
    world.merge(second)
    world.work()

    assert world.held() == ["not_covered"]
    assert "`size` of `module.this.box.this` would be" in world.result(second)


def test_a_pull_whose_change_another_carries_out_says_which(world, ask):
    world.bring({PATH: ask()})
    first = world.pull({PATH: ask(size="medium")})
    world.work()
    world.merge(first, told=False)
    second = world.pull({PATH: ask(size="large")})
    world.work()
    world.merge(second)
    world.look(first)
    world.work()

    assert f"#{second}" in world.result(first)


@pytest.mark.parametrize("draft", [True, False])
def test_a_draft_is_planned_and_says_that_it_is_one(world, ask, draft):
    number = world.pull({PATH: ask()}, draft=draft)
    world.work()

    assert world.statuses(number)["plan"] == "success"
    assert ("Draft" in world.plan_comment(number)) is draft


def test_a_look_that_is_told_twice_asks_for_no_second_plan(world, ask):
    number = world.pull({PATH: ask()})
    world.call(plan_pull(number), plan_pull(number))
    world.work()

    assert world.words(plans=True) == ["plan:planned"]


def test_a_pull_that_was_closed_is_named_by_no_other_any_more(world, ask):
    first, second = world.pull({PATH: ask()}), world.pull({PATH: ask(size="large")})
    world.work()
    assert f"#{second}" in world.plan_comment(first)
    world.close(second)
    world.call(plan_pull(second))
    world.work()

    assert f"#{second}" not in world.plan_comment(first)
