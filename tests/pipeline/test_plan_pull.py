"""Stories of open pulls: what is planned, what is said of it, and what is left alone."""

from dataclasses import replace

import pytest

from controller.core.call import Actor, plan_pull
from controller.core.outcome import Superseded
from controller.core.pull import Pull, PullState
from controller.errors import GitError, GitHubError, TerraformFailed


def path_of(name, team="payments"):
    return f"requests/{team}/{name}.yaml"


GREEN = {"validate": "success", "plan": "success", "approval": "success"}


def test_a_pull_with_a_new_request_is_planned_and_its_comment_says_so(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()

    assert world.words(plans=True) == ["plan:planned"]
    assert world.statuses(number) == GREEN
    assert "Ready: 1 change" in world.plan_comment(number).splitlines()[1]
    assert "1 to create" in world.plan_comment(number)
    assert world.there() == set()
    assert world.standing() == "pending"


def test_before_its_plan_is_made_a_pull_says_that_it_is_being_planned(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work(until=Actor.EXECUTE)
    for call in [call for call in world.queue.calls if call.actor is Actor.REPORT]:
        world.queue.calls.remove(call)
        world.queue.calls.insert(0, call)
    world.step()

    assert world.statuses(number) == {"validate": "success", "plan": "pending", "approval": "success"}
    assert "planning" in world.plan_comment(number)


def test_a_new_push_supersedes_the_plan_of_the_old_head(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work(until=Actor.EXECUTE)
    world.push(number, {path_of("orders"): ask(size="large")}, told=False)
    world.look(number)
    world.work()

    assert world.words(plans=True) == ["plan:superseded", "plan:planned"]
    assert isinstance(world.runs()[0].state.outcome, Superseded)
    assert "Ready" in world.status(number, "plan")


def test_a_push_that_leaves_a_request_as_it_is_keeps_its_plan(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    world.push(number, {path_of("orders"): "# for the shop\n" + ask()})
    world.work()

    assert world.words(plans=True) == ["plan:planned"]
    assert world.status(number, "plan").startswith("success: Ready: 1 change")


def test_a_push_that_adds_another_request_plans_only_that_one(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    world.push(number, {path_of("users"): ask("users")})
    world.work()

    assert world.words(plans=True) == ["plan:planned"]
    assert world.words("users", plans=True) == ["plan:planned"]
    assert world.status(number, "plan").startswith("success: Ready: 2 changes")


def test_a_push_back_to_what_was_planned_before_needs_no_second_plan(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    world.push(number, {path_of("orders"): ask(size="large")})
    world.work()
    world.push(number, {path_of("orders"): ask()})
    world.work()

    assert world.words(plans=True)[:2] == ["plan:planned", "plan:planned"]
    assert world.status(number, "plan").startswith("success: Ready: 1 change")


@pytest.mark.parametrize("text", ["# a comment\n{0}", "{0}\n\n", "\ufeff{0}", "{0}# the end\n"])
def test_a_pull_that_changes_only_comments_or_white_space_is_no_change(world, ask, text):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): text.format(ask())})
    world.work()

    assert world.words(plans=True) == ["plan:planned", "apply:applied"]
    assert world.statuses(number) == GREEN
    assert world.status(number, "plan") == "success: Ready: nothing changes"


def test_a_pull_without_requests_gets_success_three_times_and_no_comment(world):
    number = world.pull({"README.md": "Hello\n"})
    world.work()

    assert world.statuses(number) == GREEN
    assert world.plan_comment(number) is None


def test_conflicts_are_said_on_the_statuses_and_in_the_comment(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.commit({path_of("orders"): ask(size="large")})
    world.work()

    assert world.statuses(number)["validate"] == world.statuses(number)["plan"] == "failure"
    assert "conflicts" in world.status(number, "plan")
    assert path_of("orders") in world.plan_comment(number)
    assert world.words(plans=True) == []


def test_a_pull_that_comes_to_conflict_when_another_is_merged_is_told(world, ask):
    first = world.pull({path_of("orders"): ask()})
    second = world.pull({path_of("orders"): ask(size="large")})
    world.work()
    world.merge(first)
    world.work()

    assert "conflicts" in world.status(second, "validate")


def test_a_branch_behind_the_default_branch_does_not_seem_to_delete_newer_requests(world, ask):
    number = world.open({path_of("orders"): ask()})
    world.bring({path_of("newer"): ask("newer")})
    world.call(plan_pull(number))
    world.work()

    assert world.words("newer", plans=True) == ["plan:planned", "apply:applied"]
    assert "newer" not in world.plan_comment(number)


def test_mistakes_are_told_and_then_corrected(world, ask):
    number = world.pull({path_of("orders"): ask(size="gigantic")})
    world.work()

    assert world.statuses(number)["validate"] == world.statuses(number)["plan"] == "failure"
    assert f"{path_of('orders')}:5:" in world.plan_comment(number)
    assert "gigantic" in world.plan_comment(number)
    assert world.words(plans=True) == []

    world.push(number, {path_of("orders"): ask(size="large")})
    world.work()

    assert world.statuses(number) == GREEN
    assert "gigantic" not in world.plan_comment(number)
    assert world.github.posted == 1


def test_a_bad_file_that_is_on_the_default_branch_already_is_no_fault_of_a_pull(world, ask):
    world.commit({path_of("broken"): "kind: [\n"})
    number = world.pull({path_of("orders"): ask()})
    world.work()

    assert world.statuses(number) == GREEN
    assert "broken" not in world.plan_comment(number)


def test_the_same_identity_in_two_files_is_a_mistake_of_the_pull_that_adds_it(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("copy"): ask()})
    world.work()

    assert "1 mistake" in world.status(number, "validate")
    assert path_of("orders") in world.plan_comment(number)
    assert world.standing() == "provisioned"


def test_a_request_that_moves_to_another_file_is_no_change(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): None, path_of("renamed"): ask()})
    world.work()

    assert world.status(number, "plan") == "success: Ready: nothing changes"


def test_another_identity_in_an_applied_request_s_file_is_a_mistake_with_a_way_out(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): ask("sales")})
    world.work()

    assert world.statuses(number)["validate"] == "failure"
    assert "new file" in world.plan_comment(number)


def test_what_a_kind_forbids_to_change_is_a_mistake(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): ask(engine="diesel")})
    world.work()

    assert world.statuses(number)["validate"] == "failure"
    assert "cannot change" in world.plan_comment(number)


def test_a_deleted_file_is_planned_as_a_destroy(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): None})
    world.work()

    assert world.words(plans=True)[-1] == "plan_destroy:planned"
    assert "1 to destroy" in world.plan_comment(number)
    assert "destroys orders" in world.status(number, "plan")
    assert world.there() == {"orders"}


def test_a_failed_plan_says_what_failed_in_terraform_s_own_words(world, ask):
    error = '{"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "No such size", "detail": "Think."}}'
    world.terraform.fail["orders", "plan"] = TerraformFailed("plan", error)
    number = world.pull({path_of("orders"): ask()})
    world.work()

    assert world.statuses(number)["plan"] == "failure"
    assert "No such size" in world.plan_comment(number)
    assert "The plan failed at plan; nothing was changed." in world.plan_comment(number)


def test_plans_take_no_state_lock(world, ask):
    world.pull({path_of("orders"): ask()})
    world.work(until=Actor.EXECUTE)
    run = world.queue.calls[0].argument
    world.step()

    assert world.ledger.claim(run, "another") is None
    assert world.terraform.ran("apply") == []


def test_a_pull_on_another_base_is_ignored(world, ask):
    number = world.pull({path_of("orders"): ask()}, base="release")
    world.work()

    assert world.statuses(number) == {}
    assert world.views.proposal(number) is None


def test_a_pull_that_goes_to_another_base_is_forgotten_and_one_that_comes_back_is_planned(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    home = world.github.pulls[number]
    world.github.pulls[number] = replace(home, base="release")
    world.call(plan_pull(number))
    world.work()

    assert world.views.proposals() == ()
    assert world.standing() is None

    world.github.pulls[number] = home
    world.call(plan_pull(number))
    world.work()

    assert world.standing() == "pending"
    assert world.statuses(number) == GREEN


def test_a_closed_pull_s_waiting_plans_end(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work(until=Actor.EXECUTE)
    world.close(number)
    world.look(number)
    world.work()

    assert world.words(plans=True) == ["plan:superseded"]
    assert world.standing() is None
    assert world.terraform.done == []


def test_a_pull_that_is_closed_and_reopened_is_planned_again(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work(until=Actor.EXECUTE)
    world.close(number)
    world.look(number)
    world.work()
    world.github.pulls[number] = replace(world.github.pulls[number], state=PullState.OPEN)
    world.call(plan_pull(number))
    world.work()

    assert world.words(plans=True) == ["plan:superseded", "plan:planned"]
    assert world.statuses(number) == GREEN


def test_open_pulls_are_found_without_any_delivery(world, ask):
    number = world.open({path_of("orders"): ask()})
    world.reconcile()
    world.work()

    assert world.statuses(number) == GREEN


def test_a_head_that_moved_without_a_delivery_is_found(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    world.push(number, {path_of("orders"): ask(size="large")}, told=False)
    world.reconcile()
    world.work()

    assert world.statuses(number) == GREEN
    assert world.words(plans=True) == ["plan:planned", "plan:planned"]


def test_a_draft_is_planned_and_says_that_it_is_one(world, ask):
    number = world.pull({path_of("orders"): ask()}, draft=True)
    world.work()

    assert world.status(number, "plan").startswith("success: Draft: 1 change")
    assert "draft" in world.plan_comment(number)

    world.github.pulls[number] = replace(world.github.pulls[number], draft=False)
    world.reconcile()
    world.work()

    assert world.status(number, "plan").startswith("success: Ready")


def test_a_repository_without_a_default_branch_is_waited_for(bare, ask):
    head = bare.git.commit({path_of("orders"): ask()})
    bare.github.pulls[1] = Pull(1, "First", "ann", head, "main", PullState.OPEN)
    bare.reconcile()
    bare.look(1)

    assert bare.views.proposals() == ()
    assert bare.ledger.register().cursor is None

    bare.begin()
    bare.work()

    assert bare.views.proposal(1) is not None


def test_a_pull_that_touches_the_catalogue_has_its_requests_judged_by_it_and_planned_after_the_merge(
    world, ask, kind
):
    wider = kind.replace("[small, medium, large]", "[small, medium, large, huge]")
    number = world.pull({"terraform/modules/box/kind.yaml": wider, path_of("orders"): ask(size="huge")})
    world.work()

    assert world.words(plans=True) == []
    assert world.statuses(number) == GREEN
    assert "after the merge" in world.plan_comment(number)
    assert path_of("orders") in world.plan_comment(number)

    world.merge(number)
    world.work()

    assert world.words() == ["apply:held"]
    assert world.there() == set()


def test_a_pull_that_breaks_the_catalogue_is_told(world):
    number = world.pull({"terraform/modules/box/kind.yaml": "title: Box\nprovider: [\n"})
    world.work()

    assert world.statuses(number)["validate"] == "failure"
    assert "terraform/modules/box/kind.yaml" in world.plan_comment(number)


def test_a_pull_that_breaks_a_kind_by_a_file_beside_it_is_told(world, interface):
    without = interface.replace('variable "engine" { type = string }', "")
    number = world.pull({"terraform/modules/box/interface.tf": without})
    world.work()

    assert world.statuses(number)["validate"] == "failure"
    assert "the module has no variable `engine`" in world.plan_comment(number)


def test_a_pull_is_not_told_of_what_was_wrong_in_the_catalogue_before(world, interface):
    world.commit({"terraform/modules/box/interface.tf": interface.replace('output "note"', 'output "nota"')})
    number = world.pull({"terraform/environments/prod.yaml": "title: Prod\nkinds: [box]\n"})
    world.work()

    assert world.statuses(number)["validate"] == "success"


def test_two_pulls_on_one_request_are_both_planned(world, ask):
    first = world.pull({path_of("orders"): ask()})
    second = world.pull({path_of("orders"): ask(size="large")})
    world.work()

    assert world.words(plans=True) == ["plan:planned", "plan:planned"]
    assert world.statuses(first) == world.statuses(second) == GREEN


@pytest.mark.parametrize("broken", ["github", "git"])
def test_a_pull_that_cannot_be_looked_at_now_holds_no_turn_and_is_looked_at_later(world, ask, broken):
    number = world.pull({path_of("orders"): ask()})
    getattr(world, broken).is_down = True
    call = world.queue.calls[0]
    with pytest.raises(GitError if broken == "git" else GitHubError):
        world.step()
    getattr(world, broken).is_down = False
    world.queue.calls.append(call)
    world.work()

    assert world.statuses(number) == GREEN


def test_a_plan_during_which_an_apply_began_is_thrown_away_and_made_again(world, ask):
    world.bring({path_of("orders"): ask()})
    rival = world.pull({path_of("orders"): ask(size="large")})
    world.work()
    number = world.pull({path_of("orders"): ask(size="medium")})
    world.work(until=Actor.EXECUTE)
    world.merge(rival, told=False)

    def meanwhile():
        world.reconcile()
        world.execute(world.last().id)

    world.terraform.before["plan"] = meanwhile
    world.work()

    assert world.words()[-1] == "apply:applied"
    assert [run.state.outcome.type for run in world.runs() if run.pull == number] == ["planned"]
    assert len([job for job in world.terraform.jobs if job.run == world.runs(pull=number)[0].id]) == 2
