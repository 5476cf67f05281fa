"""Stories of the default branch: what is carried out, what is held, and what is left as it is."""

from dataclasses import replace

import pytest

from controller.core.call import Actor
from controller.core.outcome import Applied
from controller.core.pull import PullState
from controller.core.wish import Release, Retry, Withdrawal
from controller.errors import GitError, GitHubError, TerraformFailed
from controller.pipeline.reconcile import preview


def path_of(name, team="payments"):
    return f"requests/{team}/{name}.yaml"


MODULE = "terraform/modules/box/main.tf"
KIND = "terraform/modules/box/kind.yaml"
DEV = "terraform/environments/dev.yaml"
OTHER_MODULE = 'resource "terraform_data" "this" {\n  lid = true\n}\n'
BROKEN = "kind: box\nname: [\n"


def tell(error):
    return f'{{"type": "diagnostic", "diagnostic": {{"severity": "error", "summary": "{error}"}}}}'


# --- the usual way


def test_a_merged_request_is_applied_as_it_was_reviewed_and_the_pull_is_told_of_its_outputs(world, ask):
    number = world.bring({path_of("orders"): ask()})
    merge = world.github.pulls[number].merge_commit

    assert world.words(plans=True) == ["plan:planned", "apply:applied"]
    assert world.last().reviewed is not None
    assert "Done: 1 request provisioned" in world.result(number).splitlines()[1]
    assert "orders.example" in world.result(number)
    assert world.status(merge, "apply") == "success: Done: 1 request provisioned"
    assert world.standing() == "provisioned"


def test_hidden_outputs_stay_hidden(world, ask):
    number = world.bring({path_of("orders"): ask()})

    assert isinstance(world.last().state.outcome, Applied)
    assert world.last().state.outcome.outputs == {"endpoint": "orders.example", "note": None}
    assert "for-nobody" not in world.result(number)
    assert "(hidden)" in world.result(number)


def test_a_merged_pull_is_told_that_its_change_waits_for_a_worker(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    world.merge(number)
    world.step()
    world.look(number)
    world.report(number)

    assert "waiting for a worker" in world.result(number)
    assert world.status(world.github.pulls[number].merge_commit, "apply").startswith("pending")


def test_a_pull_known_to_be_merged_is_told_when_its_runs_are_opened(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    world.merge(number, told=False)
    world.look(number)  # by a late delivery, before the merge was reconciled
    world.work()
    world.reconcile()
    world.work(until=Actor.EXECUTE)
    reports = [call for call in world.queue.calls if call.actor is Actor.REPORT]

    assert [call.argument for call in reports] == [number]


def test_a_merge_that_changes_nothing_says_so(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.bring({path_of("orders"): f"# mine\n{ask()}"})

    assert world.words() == ["apply:applied"]
    assert "Done: nothing to do" in world.result(number)


def test_a_merged_pull_is_found_without_any_delivery(world, ask):
    number = world.open({path_of("orders"): ask()})
    merge = world.merge(number, told=False)
    world.reconcile()
    world.work()

    assert world.words() == ["apply:applied"]
    assert world.last().pull == number
    assert world.status(merge, "apply") == "success: Done: 1 request provisioned"
    assert "orders.example" in world.result(number)


def test_reconciling_again_and_again_changes_nothing(world, ask):
    world.bring({path_of("orders"): ask(), path_of("users"): ask("users")})
    for _ in range(3):
        world.reconcile()
        world.work()

    assert world.words() == ["apply:applied"]
    assert world.terraform.ran("apply") == ["orders", "users"]


def test_each_bit_of_the_way_may_be_told_twice(world, ask):
    number = world.pull({path_of("orders"): ask()})
    while world.queue.calls:
        world.queue.calls.insert(0, world.queue.calls[0])
        world.step()
        world.step()
    world.merge(number)
    while world.queue.calls:
        world.queue.calls.insert(0, world.queue.calls[0])
        world.step()
        world.step()

    assert world.words(plans=True) == ["plan:planned", "apply:applied"]
    assert world.terraform.ran("apply") == ["orders"]
    assert world.github.posted == 2


def test_newer_content_supersedes_what_still_waits(world, ask):
    first = world.pull({path_of("orders"): ask()})
    world.work()
    world.merge(first)
    world.step()
    second = world.open({path_of("orders"): ask(size="large")})
    world.look(second)
    world.merge(second, told=False)
    world.reconcile()
    world.work()

    assert world.words() == ["apply:superseded", "apply:applied"]
    assert world.terraform.state["dev.box.orders"]["size"] == "large"


def test_a_request_that_moved_stands_at_its_new_path_without_a_run(world, ask):
    world.bring({path_of("orders"): ask()})
    world.bring({path_of("orders"): None, path_of("sales"): ask()})

    assert world.words() == ["apply:applied"]
    assert [view.path for view in world.views.requests()] == [path_of("sales")]


def test_plan_only_plans_the_merge_and_applies_nothing(world, ask):
    number = world.bring({path_of("orders"): ask(environment="trial")})

    assert world.words() == ["apply:planned"]
    assert world.terraform.ran("apply") == []
    assert "planned only" in world.result(number)
    assert world.standing() == "planned"


def test_the_controller_s_own_plan_only_overrides_every_environment(world, ask):
    world.ports = replace(world.ports, plan_only=True)
    world.bring({path_of("orders"): ask()})

    assert world.words() == ["apply:planned"]
    assert world.terraform.ran("apply") == []


def test_a_run_opened_before_the_controller_was_set_to_plan_only_is_not_applied(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    world.merge(number)
    world.step()
    world.ports = replace(world.ports, plan_only=True)
    world.work()

    assert world.terraform.ran("apply") == []
    assert world.words() == ["apply:planned"]


def test_what_was_only_planned_is_held_on_the_pull_that_makes_its_environment_apply(world, ask):
    world.bring({path_of("orders"): ask(environment="trial")})
    trial = "title: Trial\nkinds: [box]\napprovals: {required: 0}\ndestroy: allow\n"
    world.bring({"terraform/environments/trial.yaml": trial})

    assert world.words() == ["apply:planned", "apply:held"]
    assert world.there() == set()


# --- what nobody reviewed


def test_merged_before_its_plan_was_ready_what_only_creates_is_applied(world, ask):
    number = world.open({path_of("orders"): ask()})
    world.look(number)
    world.merge(number, told=False)
    world.reconcile()
    world.work()

    assert world.words() == ["apply:applied"]


def test_merged_before_its_plan_was_ready_what_does_more_is_held_as_never_reviewed(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.open({path_of("orders"): ask(size="large")})
    world.look(number)
    world.merge(number, told=False)
    world.reconcile()
    world.work()

    assert world.words()[-1] == "apply:held"
    assert world.held() == ["never_reviewed"]
    assert "before its plan was ready" in world.result(number)
    assert world.standing() == "held"


def test_what_was_planned_at_an_older_head_is_not_what_was_merged(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): ask(size="medium")})
    world.work()
    world.push(number, {path_of("orders"): ask(size="large")}, told=False)
    world.merge(number)
    world.work()

    assert world.held() == ["never_reviewed"]


def test_what_was_planned_at_an_older_head_is_not_what_was_merged_though_the_new_one_was_looked_at(
    world, ask
):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): ask(size="medium")})
    world.work()
    world.push(number, {path_of("orders"): ask(size="large")}, told=False)
    world.look(number)
    world.merge(number, told=False)
    world.reconcile()
    world.execute(world.last().id)

    assert world.held() == ["never_reviewed"]


def test_a_merged_head_that_nobody_looked_at_is_not_taken_for_the_one_before(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): ask(size="medium")})
    world.work()
    world.push(number, {path_of("orders"): ask(size="large")}, told=False)
    world.merge(number, told=False)
    world.look(number)  # by a late delivery: the pull is closed before its merge is reconciled
    world.reconcile()
    world.work()

    assert world.held() == ["never_reviewed"]


def test_a_plan_made_at_an_older_head_counts_where_the_request_stayed_the_same(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): ask(size="medium")})
    world.work()
    world.push(number, {"README.md": "Hello\n"})
    world.work()
    world.merge(number)
    world.work()

    assert world.words() == ["apply:applied", "apply:applied"]


def test_a_plan_that_changed_between_review_and_merge_is_held_until_it_is_released(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): ask(size="large")})
    world.work()
    world.terraform.drift["orders"] = {"colour": "red"}
    world.merge(number)
    world.work()

    assert world.held() == ["not_covered"]
    assert "no longer the reviewed one" in world.result(number)
    assert "replace" in world.result(number)
    assert world.terraform.state["dev.box.orders"]["size"] == "small"

    world.resolve(world.last().id, Release("pam", "meant so"))

    assert world.words()[-1] == "apply:applied"
    assert world.terraform.ran("plan").count("orders") == 5
    assert world.status(world.github.pulls[number].merge_commit, "apply").startswith("success")
    assert "meant so" in world.audit()


def test_a_released_plan_that_changed_once_more_is_held_again(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): ask(size="large")})
    world.work()
    world.terraform.drift["orders"] = {"name": "drifted"}
    world.merge(number)
    world.work()
    world.terraform.drift["orders"] = {"name": "drifted further"}
    world.resolve(world.last().id, Release("pam", "meant so"))

    assert world.held() == ["not_covered"]
    assert world.terraform.state["dev.box.orders"]["size"] == "small"


def test_a_release_of_what_the_default_branch_no_longer_wants_is_refused(world, ask):
    world.bring({path_of("orders"): ask(environment="prod")})
    world.bring({path_of("orders"): None})
    held = world.last().id
    world.commit({path_of("orders"): ask(environment="prod")})  # no reconcile has seen it yet

    with pytest.raises(Exception, match="does not want"):
        world.resolve(held, Release("pam", "too late"))

    assert world.there() == {"orders"}


def test_a_withdrawn_run_is_not_opened_again_by_the_commit_that_wanted_it(world, ask):
    world.bring({path_of("orders"): ask(environment="prod")})
    world.bring({path_of("orders"): None})
    world.resolve(world.last().id, Withdrawal("pam", "we keep it"))
    world.reconcile()
    world.work()

    assert world.words() == ["apply:applied", "destroy:withdrawn"]


# --- commits that came by no pull


def test_a_commit_without_a_pull_is_held_and_told_on_the_commit(world, ask):
    commit = world.commit({path_of("orders"): ask()})
    world.reconcile()
    world.work()

    assert world.held() == ["no_pull"]
    assert "no merged pull request" in world.result(commit)
    assert world.status(commit, "apply").startswith("pending: Held")
    assert world.there() == set()


def test_it_is_withdrawn_and_opened_again_when_its_pull_is_found(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    commit = world.merge(number, told=False)
    world.github.nameless.add(commit)
    world.reconcile()
    world.work()

    assert world.held() == ["no_pull"]

    world.github.nameless.clear()
    world.sweep(later=30)
    world.work()

    assert world.words() == ["apply:withdrawn", "apply:applied"]
    assert world.last().pull == number
    assert world.status(commit, "apply") == "success: Done: 1 request provisioned"
    assert "Held" not in world.result(commit).splitlines()[1]


def test_its_pull_is_found_before_any_worker_took_it(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    commit = world.merge(number, told=False)
    world.github.nameless.add(commit)
    world.reconcile()
    world.github.nameless.clear()
    world.reconcile()
    world.work()

    assert world.words() == ["apply:withdrawn", "apply:applied"]


def test_github_is_asked_for_late_pulls_only_for_two_minutes(world, ask):
    world.commit({path_of("orders"): ask()})
    world.reconcile()
    world.work()
    world.sweep(later=30)
    asked = len(world.queue.calls)
    world.queue.calls.clear()
    world.sweep(later=120)

    assert asked == 1
    assert [call for call in world.queue.calls if call.actor is Actor.RECONCILE] == []


def test_a_run_released_without_a_pull_is_carried_out_and_told_on_the_commit(world, ask):
    commit = world.commit({path_of("orders"): ask()})
    world.reconcile()
    world.work()
    world.resolve(world.last().id, Release("pam", "I pushed it"))

    assert world.words() == ["apply:applied"]
    assert "orders.example" in world.result(commit)
    assert world.status(commit, "apply").startswith("success")


def test_a_run_withdrawn_without_a_pull_is_told_on_the_commit(world, ask):
    commit = world.commit({path_of("orders"): ask()})
    world.reconcile()
    world.work()
    world.resolve(world.last().id, Withdrawal("pam", "not now"))

    assert "not now" in world.result(commit)
    assert not world.status(commit, "apply").startswith("pending")


def test_a_rewritten_history_is_held(world, ask):
    world.bring({path_of("users"): ask("users")})
    number = world.pull({path_of("orders"): ask()})
    world.work()
    root = world.git.commits[world.git.commits[world.git.remote][0]] or (
        world.git.commits[world.git.remote][0],
    )
    world.git.remote = world.git.commit({path_of("users"): ask("users")}, root[0])
    world.merge(number)
    world.work()

    assert "no_pull" in world.held()
    assert world.there() == {"users"}


def test_at_first_start_each_request_s_pull_is_the_one_that_brought_it(bare, ask, catalogue):
    bare.git.remote = bare.git.commit(catalogue)
    first = bare.open({path_of("orders"): ask()})
    bare.merge(first, told=False)
    second = bare.open({path_of("users"): ask("users")})
    bare.merge(second, told=False)
    bare.reconcile()
    bare.work()

    assert (bare.last("orders").pull, bare.last("users").pull) == (first, second)
    assert bare.there() == {"orders", "users"}


# --- leaving


def test_a_deleted_file_destroys_what_it_made(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.bring({path_of("orders"): None})

    assert world.words() == ["apply:applied", "destroy:destroyed"]
    assert world.there() == set()
    assert "destroyed" in world.result(number)
    assert world.standing() == "destroyed"


def test_a_destroy_works_though_kind_and_environment_are_gone(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): None})
    world.work()
    world.merge(number, told=False)
    world.commit({KIND: None, MODULE: None, DEV: None})
    world.reconcile()
    world.work()

    assert world.held() == ["destroy_to_confirm"]  # nobody knows any more that this environment allowed it

    world.resolve(world.last().id, Release("pam", "we leave"))

    assert world.there() == set()


def test_where_the_environment_wants_destroys_confirmed_they_are_held(world, ask):
    world.bring({path_of("orders"): ask(environment="prod")})
    number = world.bring({path_of("orders"): None})

    assert world.held() == ["destroy_to_confirm"]
    assert "wants every destroy and every replacement confirmed" in world.result(number)
    assert world.there() == {"orders"}


@pytest.mark.parametrize(("count", "held"), [(5, False), (6, True)])
def test_more_than_five_destroys_at_once_are_held(world, ask, count, held):
    names = [f"orders-{number}" for number in range(count)]
    world.bring({path_of(name): ask(name) for name in names})
    world.bring({path_of(name): None for name in names})

    expected = "destroy:held" if held else "destroy:destroyed"
    assert {world.words(name)[-1] for name in names} == {expected}


def test_a_file_that_is_added_again_while_its_destroy_is_held_withdraws_it(world, ask):
    world.bring({path_of("orders"): ask(environment="prod")})
    world.bring({path_of("orders"): None})
    world.bring({path_of("orders"): ask(environment="prod")})

    assert world.words() == ["apply:applied", "destroy:withdrawn"]
    assert world.standing() == "provisioned"


def test_a_file_that_is_added_again_while_its_destroy_waits_withdraws_it(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): None})
    world.work()
    world.merge(number)
    world.step()
    back = world.open({path_of("orders"): ask()})
    world.merge(back, told=False)
    world.reconcile()
    world.work()

    assert world.words() == ["apply:applied", "destroy:withdrawn"]
    assert world.there() == {"orders"}


def test_a_file_deleted_while_its_apply_waits_is_never_made(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    world.merge(number)
    world.step()
    world.merge(world.open({path_of("orders"): None}), told=False)
    world.reconcile()
    world.work()

    assert world.words() == ["apply:withdrawn"]
    assert world.terraform.ran("apply") == []
    assert world.standing() is None


def test_a_request_that_was_destroyed_can_be_made_again(world, ask):
    world.bring({path_of("orders"): ask()})
    world.bring({path_of("orders"): None})
    world.bring({path_of("orders"): ask()})

    assert world.words() == ["apply:applied", "destroy:destroyed", "apply:applied"]
    assert world.there() == {"orders"}


# --- files that cannot be read


def test_a_file_that_became_unreadable_freezes_its_request(world, ask):
    world.bring({path_of("orders"): ask()})
    commit = world.commit({path_of("orders"): BROKEN})
    world.reconcile()
    world.work()

    assert world.words() == ["apply:applied"]
    assert world.there() == {"orders"}
    assert world.status(commit, "validate").startswith("failure: 1 mistake")


def test_a_mistake_in_a_kind_is_told_on_the_default_branch_and_stops_no_request(world, ask, interface):
    commit = world.commit(
        {"terraform/modules/box/interface.tf": f"{interface}locals {{ now = timestamp() }}\n"}
    )
    world.reconcile()
    world.bring({path_of("orders"): ask()})

    told = world.status(commit, "validate")
    assert told.startswith(
        "failure: 1 mistake: terraform/modules/box/interface.tf:16:16: locals: `timestamp()`"
    )
    assert world.words() == ["apply:applied"]


def test_an_unreadable_new_file_together_with_a_deletion_is_held(world, ask):
    world.bring({path_of("orders"): ask()})
    world.bring({path_of("orders"): None, path_of("renamed"): BROKEN})

    assert world.held() == ["may_be_unreadable"] or world.held()[0] == "may_be_unreadable"
    assert path_of("renamed") in world.result(2)
    assert world.there() == {"orders"}


def test_a_bad_file_stops_no_other_request(world, ask):
    world.commit({path_of("broken"): BROKEN})
    world.bring({path_of("orders"): ask()})

    assert world.words() == ["apply:applied"]


def test_a_second_file_with_the_same_identity_freezes_the_request(world, ask):
    world.bring({path_of("orders"): ask()})
    world.commit({path_of("copy"): ask(size="large")})
    world.reconcile()
    world.work()

    assert world.words() == ["apply:applied"]
    assert world.terraform.state["dev.box.orders"]["size"] == "small"


def test_a_kind_that_became_unreadable_freezes_its_requests(world, ask):
    world.bring({path_of("orders"): ask()})
    commit = world.commit({KIND: "title: [\n"})
    world.reconcile()
    world.work()

    assert world.words() == ["apply:applied"]
    assert world.status(commit, "validate").startswith("failure")


def test_a_renamed_request_that_was_merged_in_spite_of_its_status_is_left_alone(world, ask):
    world.bring({path_of("orders"): ask()})
    world.bring({path_of("orders"): ask("sales")})

    assert world.words("orders") == ["apply:applied"]
    assert world.words("sales") == []
    assert world.there() == {"orders"}

    world.bring({path_of("orders"): None, path_of("sales"): ask("sales")})

    assert world.there() == {"sales"}


def test_a_forbidden_change_that_was_merged_in_spite_of_its_status_is_left_alone(world, ask):
    world.bring({path_of("orders"): ask()})
    world.bring({path_of("orders"): ask(engine="diesel")})

    assert world.words() == ["apply:applied"]
    assert world.terraform.state["dev.box.orders"]["engine"] == "steam"


# --- failures, and what comes after them


def test_a_failed_apply_is_not_begun_again_by_every_reconcile_but_by_retry(world, ask):
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", tell("Out of boxes"))
    number = world.bring({path_of("orders"): ask()})
    for _ in range(3):
        world.reconcile()
        world.work()

    assert world.words() == ["apply:failed"]
    assert "Out of boxes" in world.result(number)

    world.resolve(world.last().id, Retry("ann"))

    assert world.words() == ["apply:failed", "apply:applied"]
    assert world.standing() == "provisioned"
    assert "Done" in world.result(number).splitlines()[1]


def test_a_comment_in_its_file_does_not_begin_a_failed_apply_again(world, ask):
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", tell("Out of boxes"))
    world.bring({path_of("orders"): ask()})
    world.bring({path_of("orders"): f"# please\n{ask()}"})

    assert world.words() == ["apply:failed"]


def test_after_a_failed_apply_a_revert_runs_and_then_the_new_content_again(world, ask):
    world.bring({path_of("orders"): ask()})
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", tell("Out of boxes"))
    world.bring({path_of("orders"): ask(size="large")})
    world.bring({path_of("orders"): ask()})
    world.bring({path_of("orders"): ask(size="large")})

    assert world.words() == ["apply:applied", "apply:failed", "apply:applied", "apply:applied"]
    assert world.terraform.state["dev.box.orders"]["size"] == "large"


def test_after_a_failed_plan_a_revert_is_no_change_and_the_new_content_runs_again(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): ask(size="large")})
    world.work()
    world.terraform.fail["orders", "plan"] = TerraformFailed("plan", tell("No credentials"))
    world.merge(number)
    world.work()
    world.bring({path_of("orders"): ask()})
    again = world.bring({path_of("orders"): ask(size="large")})

    assert world.words() == ["apply:applied", "apply:failed", "apply:applied"]
    assert world.last().pull == again
    assert "1 request provisioned" in world.result(again)


def test_a_revert_of_a_merged_pull_runs(world, ask):
    world.bring({path_of("orders"): ask()})
    world.bring({path_of("orders"): ask(size="large")})
    world.bring({path_of("orders"): ask()})

    assert world.words() == ["apply:applied"] * 3
    assert world.terraform.state["dev.box.orders"]["size"] == "small"


def test_a_retry_after_a_partial_apply_goes_on_by_itself(world, ask):
    begun = '{"type": "apply_start", "hook": {"resource": {"addr": "module.this.box.this"}}}'
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", f"{begun}\n{tell('Stumbled')}")
    number = world.bring({path_of("orders"): ask()})

    assert "Partly applied" in world.result(number)
    assert "tainted" in world.terraform.state["dev.box.orders"]

    world.resolve(world.last().id, Retry("ann"))

    assert world.words() == ["apply:failed", "apply:applied"]
    assert "tainted" not in world.terraform.state["dev.box.orders"]


# --- a changed catalogue


def test_a_changed_module_whose_plans_are_empty_passes_by_itself(world, ask, module):
    world.bring({path_of("orders"): ask()})
    world.bring({MODULE: f"# only words\n{module}"})

    assert world.words() == ["apply:applied", "apply:applied"]


def test_a_changed_module_that_changes_something_is_held_on_its_pull_and_released_there(world, ask):
    first = world.bring({path_of("orders"): ask()})
    number = world.bring({MODULE: OTHER_MODULE})

    assert world.words() == ["apply:applied", "apply:held"]
    assert world.last().pull == number
    assert "Held for a person" in world.result(number)
    assert "Held" not in world.result(first)

    for _ in range(2):
        world.reconcile()
        world.work()

    assert world.words() == ["apply:applied", "apply:held"]

    world.resolve(world.last().id, Release("pam", "new lids"))

    assert world.words() == ["apply:applied", "apply:applied"]


def test_a_changed_environment_that_would_only_create_is_held_too(world, ask, environment):
    world.bring({path_of("orders"): ask()})
    world.terraform.state.clear()  # in the new region there is nothing yet
    world.bring({DEV: f"{environment}values: {{region: elsewhere}}\n"})

    assert world.words() == ["apply:applied", "apply:held"]


def test_a_changed_environment_that_came_by_no_pull_is_never_taken_for_an_older_pull_s(
    world, ask, environment
):
    first = world.bring({path_of("orders"): ask()})
    commit = world.commit({DEV: f"{environment}values: {{region: elsewhere}}\n"})
    world.terraform.state.clear()
    for _ in range(3):
        world.reconcile()
        world.work()

    assert world.words() == ["apply:applied", "apply:held"]
    assert world.held()[0] == "no_pull"
    assert world.last().pull is None
    assert "Held" in world.result(commit)
    assert "Held" not in world.result(first)


def test_a_withdrawn_change_of_the_catalogue_does_not_come_back_with_the_next_reconcile(world, ask):
    world.bring({path_of("orders"): ask()})
    world.bring({MODULE: OTHER_MODULE})
    world.resolve(world.last().id, Withdrawal("pam", "not on this one"))
    world.reconcile()
    world.work()

    assert world.words() == ["apply:applied", "apply:withdrawn"]


def test_another_renderer_is_held_where_it_changes_something(world, ask):
    world.bring({path_of("orders"): ask()})
    skeletons = dict(world.ports.templates["workspace"])
    skeletons["main.tf.j2"] += "# rendered anew\n"
    world.ports = replace(world.ports, templates={**world.ports.templates, "workspace": skeletons})
    world.terraform.drift["orders"] = {"name": "another"}
    world.reconcile()
    world.work()

    assert world.words() == ["apply:applied", "apply:held"]


def test_an_environment_s_title_is_no_change(world, ask, environment):
    world.bring({path_of("orders"): ask()})
    world.bring({DEV: environment.replace("Development", "Playground")})

    assert world.words() == ["apply:applied"]


# --- the world outside


@pytest.mark.parametrize("broken", ["git", "github"])
def test_a_reconcile_that_cannot_look_decides_nothing_and_is_told_later(world, ask, broken):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    world.merge(number, told=False)
    getattr(world, broken).is_down = True
    with pytest.raises(GitError if broken == "git" else GitHubError):
        world.reconcile()

    assert world.words() == []

    getattr(world, broken).is_down = False
    world.reconcile()
    world.work()

    assert world.words() == ["apply:applied"]


def test_while_the_broker_is_down_everything_stays_in_the_ledger_and_the_sweep_sends_it(world, ask):
    number = world.open({path_of("orders"): ask()})
    world.queue.is_down = True
    world.look(number)
    world.work()

    assert world.queue.calls == []
    assert world.words(plans=True) == ["plan:waiting"]

    world.queue.is_down = False
    world.sweep(later=5)
    world.work()

    assert world.words(plans=True) == ["plan:planned"]
    assert world.statuses(number)["plan"] == "success"


def test_a_pull_merged_into_another_base_approves_nothing(world, ask):
    number = world.open({path_of("orders"): ask()}, base="release")
    head = world.github.pulls[number].head
    world.git.remote = head
    world.github.pulls[number] = replace(
        world.github.pulls[number], state=PullState.MERGED, merge_commit=head
    )
    world.reconcile()
    world.work()

    assert world.held() == ["no_pull"]


def test_a_preview_does_nothing(world, ask):
    world.merge(world.open({path_of("orders"): ask()}), told=False)

    assert [change.type for change in preview(world.ports)] == ["create"]
    assert world.words() == []
    assert world.ledger.register().cursor != world.git.remote


def test_a_repository_with_a_long_history_is_read_once_and_each_commit_s_pull_asked_once(
    bare, ask, catalogue
):
    bare.git.remote = bare.git.commit(catalogue)
    bare.merge(bare.open({path_of(f"r-{number}"): ask(f"r-{number}") for number in range(8)}), told=False)
    reads, asked = [], []
    line, pulls = bare.git.first_parents, bare.github.pulls_of
    bare.git.first_parents = lambda *ends: reads.append(ends) or line(*ends)
    bare.github.pulls_of = lambda commit: asked.append(commit) or pulls(commit)
    bare.reconcile()

    assert len(reads) == 1
    assert len(asked) == 1


def test_what_no_pull_could_show_stays_held_however_often_it_is_looked_at(world, ask):
    world.bring({path_of("orders"): ask()})
    skeletons = dict(world.ports.templates["workspace"])
    skeletons["main.tf.j2"] = "# a newer controller\n" + skeletons["main.tf.j2"]
    world.ports = replace(world.ports, templates={**world.ports.templates, "workspace": skeletons})
    world.terraform.drift["orders"] = {"size": "large"}
    for _ in range(4):
        world.reconcile()
        world.work()

    assert world.words() == ["apply:applied", "apply:held"]
    assert world.held() == ["not_shown"]
