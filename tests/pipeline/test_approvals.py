"""Stories of approvals: counted on the pull, and once more at the merge, past which an administrator may have gone."""

import pytest

from controller.core.pull import Review, ReviewDecision
from controller.errors import TerraformFailed

PATH = "requests/payments/orders.yaml"
OWNERS = ".github/CODEOWNERS"


@pytest.fixture
def prod(ask):
    def make(**parameters):
        return {PATH: ask(environment="prod", **parameters)}

    return make


def merged(world, number):
    world.work()
    world.merge(number)
    world.work()


def test_a_merge_with_its_approvals_is_applied(world, prod):
    number = world.pull(prod())
    world.approve(number, "pam")
    merged(world, number)

    assert world.words() == ["apply:applied"]


def test_a_merge_by_an_administrator_without_approvals_is_held_and_told(world, prod):
    number = world.pull(prod())
    merged(world, number)

    assert world.held() == ["not_approved"]
    assert "merged without approval: 0 of 1 for prod: needs one of @acme/platform" in str(
        world.last().state.reasons[0]
    )
    assert "@\u200bacme/platform" in world.result(number) or "`@acme/platform`" in world.result(number)
    assert world.status(world.github.pulls[number].merge_commit, "apply").startswith("pending")


def test_a_push_after_the_approval_dismisses_it(world, prod):
    number = world.pull(prod())
    world.approve(number, "pam")
    world.push(number, prod(size="large"))
    merged(world, number)

    assert world.held() == ["not_approved"]
    assert "approved the older commit" in str(world.last().state.reasons[0])


def test_an_approval_that_comes_after_the_merge_lets_it_go_on(world, prod):
    number = world.pull(prod())
    merged(world, number)
    world.approve(number, "pam")
    world.reconcile()
    world.work()

    assert world.words() == ["apply:withdrawn", "apply:applied"]


def test_what_an_approver_released_is_not_held_again_by_the_next_reconcile(world, prod):
    number = world.pull(prod())
    merged(world, number)
    world.comment(number, "/infra apply", who="pam")
    for _ in range(3):
        world.reconcile()
        world.work()

    assert world.words() == ["apply:applied"]


def test_a_waiting_run_stays_unapproved_however_often_it_is_looked_at(world, prod):
    number = world.pull(prod())
    world.work()
    world.merge(number)
    world.reconcile()
    for _ in range(3):
        world.reconcile()
    world.work()

    assert world.held() == ["not_approved"]


def test_a_retry_does_not_get_round_a_missing_approval(world, prod):
    number = world.pull(prod())
    merged(world, number)
    comment = world.comment(number, "/infra retry")

    assert "nothing of this pull failed" in world.answer(number, comment)
    assert world.held() == ["not_approved"]


def test_a_pull_that_loosens_the_rules_is_judged_by_those_it_was_reviewed_by(world, prod, catalogue):
    rules = catalogue["terraform/environments/prod.yaml"]
    number = world.pull(
        {**prod(), "terraform/environments/prod.yaml": rules.replace("required: 1", "required: 0")}
    )
    merged(world, number)
    for _ in range(2):
        world.reconcile()
        world.work()

    assert world.held() == ["not_approved"]


def test_rules_that_somebody_else_loosened_later_let_it_go_on(world, prod, catalogue):
    number = world.pull(prod())
    merged(world, number)
    rules = catalogue["terraform/environments/prod.yaml"]
    world.commit({"terraform/environments/prod.yaml": rules.replace("required: 1", "required: 0")})
    world.reconcile()
    world.work()

    assert world.words() == ["apply:withdrawn", "apply:applied"]


def test_github_s_own_decision_counts_where_code_owners_are_named(world, ask):
    world.commit({OWNERS: "* @acme/platform\n"})
    number = world.pull({PATH: ask()})
    world.github.decisions[number] = ReviewDecision.REVIEW_REQUIRED
    world.work()
    assert world.status(number, "approval") == (
        "pending: dev: GitHub still wants a review, of a code owner for example"
    )
    merged(world, number)

    assert world.held() == ["not_approved"]


def test_without_code_owners_github_is_not_asked_for_its_decision(world, ask):
    number = world.pull({PATH: ask()})
    world.github.decisions[number] = ReviewDecision.REVIEW_REQUIRED
    merged(world, number)

    assert world.words() == ["apply:applied"]


def test_a_team_that_cannot_be_seen_is_an_error_that_says_so(world, prod):
    world.github.teams.clear()
    number = world.pull(prod())
    world.approve(number, "pam")
    world.work()

    assert world.status(number, "approval") == (
        "error: 0 of 1 for prod: GitHub does not show @acme/platform to the controller"
    )


def test_a_change_of_nothing_new_asks_nobody(world, prod):
    number = world.pull(prod())
    world.approve(number, "pam")
    merged(world, number)
    world.github.asked.clear()
    for _ in range(3):
        world.reconcile()
        world.work()

    assert world.github.asked == []


def test_a_failed_apply_asks_for_reviews_once_and_not_at_every_reconcile(world, prod):
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "", "Error: no")
    number = world.pull(prod())
    world.approve(number, "pam")
    merged(world, number)
    world.github.asked.clear()
    world.reconcile()

    assert world.github.asked == []


def test_a_reader_s_approval_does_not_count_at_the_merge(world, prod):
    number = world.pull(prod())
    world.github.given[number] = [Review("eve", "APPROVED", world.github.pulls[number].head)]
    merged(world, number)

    assert world.held() == ["not_approved"]
