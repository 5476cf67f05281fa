"""Stories of people who try to get past a review: by a revert, by the rules they bring, by timing, by a ref of their own."""

import pytest

from controller.core.call import check_queue
from controller.core.pull import Permission, PullState, Queued
from controller.errors import GitHubNotFound, GitHubRefused

PATH = "requests/payments/orders.yaml"
PROD = "terraform/environments/prod.yaml"
MODULE = "terraform/modules/box/main.tf"


@pytest.fixture
def prod(ask):
    def make(**parameters):
        return {PATH: ask(environment="prod", **parameters)}

    return make


@pytest.fixture
def lax(catalogue):
    """The rules of `prod`, loosened."""
    rules = catalogue[PROD]
    return rules.replace('["@acme/platform"], author: false', "[write], author: true")


def merged(world, changes, **more):
    """A pull that was planned, and merged without anybody's approval; its number."""
    number = world.pull(changes, **more)
    world.work()
    world.merge(number)
    world.work()
    return number


def test_a_revert_of_the_catalogue_is_not_taken_for_the_pull_that_once_asked_for_the_same(world, ask, module):
    world.bring({PATH: ask(size="large")})
    world.bring({MODULE: module.replace("terraform_data", "other_data")})
    world.comment(2, "/infra apply", who="pam")
    assert world.words() == ["apply:applied", "apply:applied"]

    world.bring({MODULE: module})

    assert world.held() == ["not_shown"]


def test_who_may_release_is_not_for_the_pull_itself_to_say(world, prod, lax):
    number = merged(world, {**prod(), PROD: lax}, author="ann")
    assert "not_approved" in world.held()
    comment = world.comment(number, "/infra apply", who="ann")

    assert world.there() == set()
    assert "`@acme/platform`" in world.answer(number, comment)

    world.comment(number, "/infra apply", who="pam")
    assert world.there() == {"orders"}


def test_a_pull_that_was_merged_unseen_is_judged_by_the_rules_before_it(world, prod, catalogue):
    number = world.open({PROD: catalogue[PROD].replace("required: 1", "required: 0")})
    world.push(number, prod(), told=False)
    world.merge(number)
    for _ in range(3):
        world.reconcile()
        world.work()

    assert world.there() == set()
    assert "not_shown" in world.held()


def test_a_ref_that_no_queue_made_gets_no_status(world, ask, prod):
    number = world.pull({PATH: ask()})
    world.work()
    other = world.pull({"requests/search/mine.yaml": ask(name="mine", environment="prod")}, author="stranger")
    world.work()
    head = world.github.pulls[other].head
    aside = world.git.commit({"requests/search/x.yaml": ask(name="x")}, world.git.remote)
    strange = world.git.commit({PATH: ask()}, aside)
    world.github.queue = [Queued(head, number, head), Queued(strange, number, aside)]
    world.call(check_queue())
    world.work()

    assert (strange, "plan") not in world.github.statuses
    assert not world.status(head, "plan").startswith("success")


def test_many_destroys_stay_many_though_an_approval_comes_late(world, ask):
    names = [f"r{index}" for index in range(6)]
    world.bring({f"requests/payments/{name}.yaml": ask(name=name, environment="prod") for name in names})
    number = world.pull({f"requests/payments/{name}.yaml": None for name in names})
    world.work()
    for name in names:
        world.comment(number, f"/infra confirm-destroy {name}", who="pam")
    world.merge(number)
    world.work()
    assert sorted(world.held("r0")) == ["mass_destroy", "not_approved"]

    world.approve(number, "pam")
    world.reconcile()
    world.work()

    assert {name: world.held(name) for name in names} == {name: ["mass_destroy"] for name in names}
    assert len(world.there()) == 6


def test_a_comment_does_not_mean_a_plan_that_was_made_after_it(world, prod):
    number = merged(world, prod())
    written = world.clock.now
    world.clock.sleep(60)
    world.terraform.drift["orders"] = {"size": "large"}
    world.comment(number, "/infra apply", who="pam")  # planned again, and held again
    assert world.held() == ["not_covered"]
    comment = world.comment(number, "/infra apply", who="pam", written=written)

    assert world.held() == ["not_covered"]
    assert "was made after this comment was written" in world.answer(number, comment)


def test_what_ends_more_than_was_confirmed_is_to_be_confirmed_again(world, prod):
    world.bring(prod())
    number = world.pull(prod(colour="red"))
    world.work()
    world.approve(number, "pam")
    world.comment(number, "/infra confirm-destroy orders", who="pam")
    world.terraform.drift["orders"] = {"size": "large"}
    world.merge(number)
    world.work()

    assert sorted(world.held()) == ["destroy_to_confirm", "not_covered"]


def test_a_pull_that_github_hides_stops_no_reconcile(world, ask, prod):
    number = merged(world, prod())

    def hidden(_number):
        raise GitHubNotFound("Not Found")

    world.github.reviews = hidden
    other = "requests/payments/billing.yaml"
    world.bring({other: ask(name="billing")})

    assert world.held() == ["not_approved"]
    assert world.words("billing") == ["apply:applied"]
    assert number


def test_a_command_that_may_not_be_reacted_to_is_obeyed_and_answered(world, prod):
    number = merged(world, prod())

    def refused(_comment, _reaction):
        raise GitHubRefused("locked")

    world.github.react = refused
    world.comment(number, "/infra apply", who="pam")

    assert world.there() == {"orders"}


def test_an_acceptance_is_not_lost_to_a_reconcile_that_saw_the_run_held(world, prod):
    number = merged(world, prod())
    world.approve(number, "pam")
    world.work()
    register, accepted = world.ledger.register, []

    def slow():
        seen = register()
        if not accepted:
            accepted.append(True)
            world.comment(number, "/infra apply", who="pam")
        return seen

    world.ports.ledger.register = slow
    world.reconcile()
    del world.ports.ledger.register
    world.work()

    assert world.words() == ["apply:applied"]


def test_a_pull_that_brings_a_kind_and_its_first_request_passes_a_queue(world, ask, catalogue):
    files = {
        path.replace("/box/", "/crate/"): text
        for path, text in catalogue.items()
        if path.startswith("terraform/modules/box/")
    }
    dev = catalogue["terraform/environments/dev.yaml"].replace("[box]", "[box, crate]")
    number = world.pull(
        {**files, "terraform/environments/dev.yaml": dev, PATH: ask(kind="crate")}, author="ann"
    )
    world.work()
    tree = world.git.trees[world.git.merge(world.git.remote, world.github.pulls[number].head)]
    commit = world.git.store(dict(tree), world.git.remote)
    world.github.queue = [Queued(commit, number, world.git.remote)]
    world.call(check_queue())
    world.work()

    assert world.status(commit, "validate").startswith("success")


def test_a_pull_that_is_gone_is_closed_to_us(world, ask):
    number = world.pull({PATH: ask()})
    world.work()
    del world.github.pulls[number]
    world.look(number)

    assert world.views.proposal(number).pull.state is PullState.CLOSED


def test_a_plan_on_another_branch_is_refused(world, ask):
    number = world.open({PATH: ask()}, base="release")
    world.github.people["ann"] = Permission.WRITE
    comment = world.comment(number, "/infra plan")

    assert "not one of those that are planned" in world.answer(number, comment)


def test_an_approval_is_of_the_plan_that_was_there_when_it_was_given(world, prod):
    world.bring(prod())
    number = world.pull(prod(size="large"))
    world.work()
    world.approve(number, "pam")
    world.clock.sleep(60)
    world.terraform.drift["orders"] = {"colour": "red"}
    world.comment(number, "/infra plan")
    world.comment(number, "/infra confirm-destroy orders", who="pam")
    world.merge(number)
    world.work()

    assert "not_covered" in world.held()


def test_an_approval_that_was_quicker_than_the_plan_is_of_the_first_plan(world, prod):
    world.bring(prod())
    number = world.pull(prod(size="large"))
    world.approve(number, "pam")
    world.clock.sleep(60)
    world.work()
    world.merge(number)
    world.work()

    assert world.words()[-1] == "apply:applied"
