"""Stories of comments: what somebody asks for is done once, by authority, and answered."""

import pytest

from controller.core.call import command
from controller.core.pull import Permission
from controller.core.run import Held
from controller.errors import GitHubError, TerraformFailed

PATH = "requests/payments/orders.yaml"
DEV = "terraform/environments/dev.yaml"


@pytest.fixture
def prod(ask):
    def make(**parameters):
        return {PATH: ask(environment="prod", **parameters)}

    return make


@pytest.fixture
def approved(world):
    """A pull that the platform team approved is merged, and carried out as far as it goes; its number."""
    return world.bring


@pytest.fixture
def unapproved(world):
    """A pull that an administrator merged without any approval; its number."""

    def make(changes, **more):
        number = world.pull(changes, **more)
        world.work()
        world.merge(number)
        world.work()
        return number

    return make


def test_a_failed_apply_is_retried_without_a_new_pull(world, ask):
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "", "Error: AccessDenied")
    number = world.bring({PATH: ask()})
    assert world.words() == ["apply:failed"]
    assert "/infra retry" in world.result(number)

    comment = world.comment(number, "/infra retry")

    assert world.words() == ["apply:failed", "apply:applied"]
    assert world.reactions(comment) == ["eyes", "rocket"]
    assert world.answer(number, comment) is None
    assert "1 request provisioned" in world.result(number)


def test_the_same_comment_delivered_twice_is_obeyed_once(world, ask):
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "", "Error: AccessDenied")
    number = world.bring({PATH: ask()})
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "", "Error: AccessDenied")
    comment = world.comment(number, "/infra retry")
    for _ in range(3):
        world.call(command(comment))
        world.work()

    assert world.words() == ["apply:failed", "apply:failed"]
    assert world.reactions(comment) == ["eyes", "rocket"]


def test_an_answer_that_github_did_not_take_is_given_later_and_nothing_is_done_twice(world, ask):
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "", "Error: AccessDenied")
    number = world.bring({PATH: ask()})
    react, asked = world.github.react, []

    def fail_at_the_end(comment, reaction):
        asked.append(reaction)
        if reaction != "eyes" and asked.count(reaction) == 1:
            raise GitHubError("502")
        react(comment, reaction)

    world.github.react = fail_at_the_end
    with pytest.raises(GitHubError):
        world.comment(number, "/infra retry")
    (comment,) = world.github.remarks
    world.call(command(comment))
    world.work()

    assert world.words() == ["apply:failed", "apply:applied"]
    assert world.reactions(comment) == ["eyes", "rocket"]


def test_a_stranger_retries_nothing_and_is_told_why(world, ask):
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "", "Error: AccessDenied")
    number = world.bring({PATH: ask()})
    comment = world.comment(number, "/infra retry", who="stranger")

    assert world.words() == ["apply:failed"]
    assert world.reactions(comment) == ["eyes", "confused"]
    assert "needs write access" in world.answer(number, comment)
    assert "@stranger" in world.answer(number, comment)


def test_an_edited_comment_does_nothing(world, ask):
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "", "Error: AccessDenied")
    number = world.bring({PATH: ask()})
    comment = world.comment(number, "/infra retry", edited=True)

    assert world.words() == ["apply:failed"]
    assert "edited" in world.answer(number, comment)


def test_the_controllers_own_comment_delivered_back_ends_at_once(world, ask):
    number = world.bring({PATH: ask()})
    posted = world.github.posted
    comment = world.comment(number, world.result(number) + "\n/infra apply", who="infrautomater[bot]")

    assert world.reactions(comment) == []
    assert world.github.posted == posted


def test_a_deleted_comment_does_nothing(world, ask):
    world.bring({PATH: ask()})
    world.call(command(77))
    world.work()

    assert world.github.reactions == []


def test_what_is_held_is_applied_when_an_approver_says_so(world, unapproved, prod):
    number = unapproved(prod())
    assert world.held() == ["not_approved"]
    assert "/infra apply" in world.result(number)

    refused = world.comment(number, "/infra apply", who="ann")
    assert world.held() == ["not_approved"]
    assert "`@acme/platform`" in world.answer(number, refused)

    world.comment(number, "/infra apply", who="pam")
    assert world.words()[-1] == "apply:applied"
    assert any("/infra apply on #" in why for why in world.audit())


def test_the_author_releases_only_where_the_environment_lets_them(world, unapproved, prod):
    number = unapproved(prod(), author="pam")
    world.comment(number, "/infra apply", who="pam")

    assert world.held() == ["not_approved"]


def test_a_release_is_planned_again_and_must_be_covered_by_what_was_shown(world, unapproved, prod):
    number = unapproved(prod())
    world.terraform.drift["orders"] = {"size": "large"}
    world.comment(number, "/infra apply", who="pam")

    assert world.held() == ["not_covered"]
    assert world.there() == set()

    world.comment(number, "/infra apply", who="pam")

    assert world.words()[-1] == "apply:applied"


def test_a_destroy_is_confirmed_after_the_merge(world, approved, prod):
    approved(prod())
    number = approved({PATH: None})
    assert world.held() == ["destroy_to_confirm"]
    assert "/infra confirm-destroy orders" in world.result(number)

    world.comment(number, "/infra confirm-destroy orders", who="ann")
    assert world.there() == {"orders"}

    world.comment(number, "/infra confirm-destroy orders", who="pam")
    assert world.there() == set()
    assert world.standing() == "destroyed"


def test_a_destroy_is_confirmed_before_the_merge(world, approved, prod):
    approved(prod())
    number = world.pull({PATH: None})
    world.work()
    assert "/infra confirm-destroy orders" in world.plan_comment(number)
    world.comment(number, "/infra confirm-destroy prod/box/orders", who="pam")
    assert "pam" in world.plan_comment(number)
    world.approve(number, "pam")
    world.merge(number)
    world.work()

    assert world.words()[-1] == "destroy:destroyed"


def test_a_confirmation_is_of_the_plan_that_was_shown_and_of_no_other(world, approved, prod):
    approved(prod())
    number = world.pull(prod(colour="red"))
    world.work()
    world.comment(number, "/infra confirm-destroy orders", who="pam")
    world.push(number, prod(colour="red", size="large"))
    world.work()
    world.approve(number, "pam")
    world.merge(number)
    world.work()

    assert world.held() == ["destroy_to_confirm"]


def test_two_reasons_are_settled_one_after_the_other(world, approved, unapproved, prod):
    approved(prod())
    number = unapproved({PATH: None})
    assert sorted(world.held()) == ["destroy_to_confirm", "not_approved"]

    world.comment(number, "/infra apply", who="pam")
    assert world.held() == ["destroy_to_confirm"]
    assert "without approval" not in world.result(number)

    world.comment(number, "/infra confirm-destroy orders", who="pam")
    assert world.there() == set()


def test_two_commands_of_one_comment_settle_both(world, approved, unapproved, prod):
    approved(prod())
    number = unapproved({PATH: None})
    world.comment(number, "/infra apply\n/infra confirm-destroy orders", who="pam")

    assert world.there() == set()


def test_what_the_default_branch_no_longer_wants_is_not_released(world, approved, prod):
    approved(prod())
    number = approved({PATH: None})
    world.commit(prod())  # the file is back, and nobody has looked yet
    comment = world.comment(number, "/infra confirm-destroy orders", who="pam")

    assert world.there() == {"orders"}
    assert "confused" in world.reactions(comment)
    assert "does not want" in world.answer(number, comment)


def test_an_environment_that_refuses_destroys_is_changed_before_they_are_confirmed(
    world, approved, prod, catalogue
):
    approved(prod())
    rules = catalogue["terraform/environments/prod.yaml"]
    world.commit({"terraform/environments/prod.yaml": rules.replace("destroy: confirm", "destroy: refuse")})
    number = approved({PATH: None})
    comment = world.comment(number, "/infra confirm-destroy orders", who="pam")
    assert "destroy: confirm" in world.answer(number, comment)
    assert isinstance(world.last().state, Held)

    world.commit({"terraform/environments/prod.yaml": rules})
    world.reconcile()
    world.work()
    world.comment(number, "/infra confirm-destroy orders", who="pam")

    assert world.there() == set()


def test_plans_are_made_again_when_somebody_asks(world, ask):
    number = world.pull({PATH: ask()})
    world.work()
    world.terraform.drift["orders"] = {"size": "large"}
    world.comment(number, "/infra plan")

    assert world.words(plans=True) == ["plan:planned", "plan:planned"]
    assert [run.attempt for run in world.runs()] == [1, 2]


def test_a_failed_plan_is_made_again(world, ask):
    world.terraform.fail["orders", "plan"] = TerraformFailed("plan", "", "Error: no such host")
    number = world.pull({PATH: ask()})
    world.work()
    assert "/infra plan" in world.plan_comment(number)
    world.comment(number, "/infra plan")

    assert world.statuses(number)["plan"] == "success"


def test_help_is_an_answer_for_everybody(world, ask):
    number = world.pull({PATH: ask()})
    world.work()
    comment = world.comment(number, "/infra help", who="stranger")

    assert "confirm-destroy NAME" in world.answer(number, comment)
    assert world.reactions(comment) == ["eyes", "rocket"]


def test_the_authority_is_what_github_says_now(world, unapproved, prod):
    number = unapproved(prod())
    world.github.teams["acme", "platform"].clear()
    world.comment(number, "/infra apply", who="pam")
    assert world.held() == ["not_approved"]

    world.github.teams.clear()
    comment = world.comment(number, "/infra apply", who="pam")
    assert "does not show `@acme/platform`" in world.answer(number, comment)


def test_hostile_words_in_a_command_stay_words(world, ask):
    number = world.pull({PATH: ask()})
    world.work()
    comment = world.comment(
        number, "/infra confirm-destroy </details>@acme/all![x](http://evil)", who="stranger"
    )

    said = world.answer(number, comment)
    assert "evil" in said
    assert "@acme/all" not in said.replace("`</details>@acme/all![x](http://evil)`", "")


@pytest.mark.parametrize("level", [Permission.NONE, Permission.READ, Permission.TRIAGE])
def test_a_reader_unlocks_and_plans_nothing(world, ask, level):
    world.github.people["eve"] = level
    number = world.pull({PATH: ask()})
    world.work()
    comment = world.comment(number, "/infra unlock\n/infra plan", who="eve")

    assert world.answer(number, comment).count("needs write access") == 2
    assert world.words(plans=True) == ["plan:planned"]


def test_a_confirmation_holds_for_a_plan_that_is_made_again_and_does_the_same(world, approved, prod):
    approved(prod())
    number = world.pull({PATH: None})
    world.work()
    world.comment(number, "/infra confirm-destroy orders", who="pam")
    world.comment(number, "/infra plan")

    assert "confirmed by pam" in world.plan_comment(number)
    assert "/infra confirm-destroy" not in world.plan_comment(number)
