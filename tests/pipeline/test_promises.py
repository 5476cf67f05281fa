"""For each promise of the design, an attempt to break it."""

import json
import threading

import pytest

from controller.core.call import Actor
from controller.core.decision import Decision
from controller.core.wish import Release, Retry, Withdrawal
from controller.errors import IllegalTransition, TerraformFailed


def path_of(name, team="payments"):
    return f"requests/{team}/{name}.yaml"


KIND = "terraform/modules/box/kind.yaml"
MODULE = "terraform/modules/box/main.tf"
EVIL = 'provider "evil" {}\ndata "external" "run" { program = ["sh", "-c", "id"] }\n'


# --- 1. Requests are data, never code


def test_promise_1_a_pull_s_own_module_is_never_run_before_it_is_merged(world, ask):
    world.pull({MODULE: EVIL, path_of("orders"): ask()})
    world.work()

    assert len(world.terraform.jobs) == 1
    assert not any(b"evil" in content for content in world.terraform.jobs[0].files.values())


@pytest.mark.parametrize(
    "text", ['${file("/etc/passwd")}', '"}\nprovider "evil" {}', "%{ for x in [1] }a%{ endfor }"]
)
def test_promise_1_what_a_requester_writes_reaches_terraform_as_json_alone(world, ask, kind, text):
    free = kind.replace(
        "parameters:\n", "parameters:\n  note: {type: string, default: '', description: Any text}\n"
    )
    free = free.replace("variables:\n", "variables:\n  note: {parameter: note}\n")
    world.commit({KIND: free})
    world.reconcile()
    world.pull({path_of("orders"): f"{ask()}parameters:\n  note: {json.dumps(text)}\n"})
    world.work()
    (job,) = world.terraform.jobs

    assert json.loads(job.files["terraform.tfvars.json"])["note"] == text
    others = [content for path, content in job.files.items() if path != "terraform.tfvars.json"]
    assert not any(b"evil" in content or b"passwd" in content or b"endfor" in content for content in others)


def test_promise_1_links_and_submodules_are_no_requests(world, ask):
    number = world.open({path_of("orders"): ask()})
    head = world.github.pulls[number].head
    blob = world.git.trees[head][path_of("orders")]
    world.git.trees[head][path_of("orders")] = type(blob)("120000", blob.sha, b"/etc/passwd")
    world.look(number)
    world.work()

    assert world.terraform.jobs == []
    assert "symbolic link" in world.plan_comment(number)


# --- 2. What was reviewed is what happens


def test_promise_2_content_pushed_after_the_review_is_not_taken_for_what_was_reviewed(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): ask(size="medium")})
    world.work()
    world.push(number, {path_of("orders"): ask(colour="red")}, told=False)
    world.merge(number)
    world.work()

    assert world.words()[-1] == "apply:held"
    assert world.terraform.state["dev.box.orders"]["colour"] == "blue"


def test_promise_2_a_drift_between_review_and_merge_is_held_even_if_it_only_destroys_less(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): ask(colour="red")})
    world.work()
    world.terraform.drift["orders"] = {"colour": "blue", "size": "large"}
    world.merge(number)
    world.work()

    assert world.words()[-1] == "apply:held"


def test_promise_2_a_second_release_does_not_reach_past_the_first(world, ask):
    world.bring({path_of("orders"): ask()})
    world.bring({MODULE: 'resource "terraform_data" "this" { lid = true }\n'})
    held = world.last().id
    world.ledger.commit(Decision(wishes=((held, Release("pam", "yes")),)))
    with pytest.raises(IllegalTransition):
        world.ledger.commit(Decision(wishes=((held, Release("pam", "yes")),)))


# --- 3. Nothing is destroyed or replaced that no person saw in a plan


def test_promise_3_a_rename_destroys_nothing(world, ask):
    world.bring({path_of("orders"): ask()})
    world.bring({path_of("orders"): ask("sales")})

    assert world.there() == {"orders"}


def test_promise_3_an_empty_ledger_destroys_and_replaces_nothing(world, ask, catalogue):
    world.terraform.state["dev.box.orders"] = {"name": "old", "colour": "red"}
    world.commit({path_of("orders"): ask()})
    world.reconcile()
    world.work()

    assert world.words() == ["apply:held"]
    assert world.terraform.state["dev.box.orders"]["colour"] == "red"


def test_promise_3_a_first_start_on_requests_that_came_by_pulls_replaces_nothing(bare, ask, catalogue):
    bare.git.remote = bare.git.commit(catalogue)
    bare.terraform.state["dev.box.orders"] = {"name": "old", "colour": "red"}
    bare.merge(bare.open({path_of("orders"): ask()}), told=False)
    bare.reconcile()
    bare.work()

    assert bare.held() == ["never_reviewed"]


def test_promise_3_a_deletion_merged_before_its_plan_was_ready_is_held(world, ask):
    world.bring({path_of("orders"): ask()})
    world.merge(world.open({path_of("orders"): None}), told=False)
    world.reconcile()
    world.work()

    assert world.held() == ["never_reviewed"]
    assert world.there() == {"orders"}


def test_promise_3_an_emptied_repository_is_held(world, ask):
    names = [f"orders-{number}" for number in range(7)]
    world.bring({path_of(name): ask(name) for name in names})
    world.commit(dict.fromkeys(world.git.trees[world.git.remote]))
    world.reconcile()
    world.work()

    assert world.there() == set(names)
    assert {world.words(name)[-1] for name in names} == {"destroy:held"}


def test_promise_3_a_direct_push_that_deletes_is_held(world, ask):
    world.bring({path_of("orders"): ask()})
    world.commit({path_of("orders"): None})
    for _ in range(2):
        world.reconcile()
        world.work()

    assert world.held()[0] == "no_pull"
    assert world.there() == {"orders"}


def test_promise_3_a_request_that_its_environment_no_longer_offers_is_frozen(world, ask, environment):
    world.bring({path_of("orders"): ask()})
    world.commit({"terraform/environments/dev.yaml": environment.replace("[box]", "[crate]")})
    world.reconcile()
    world.work()

    assert world.words() == ["apply:applied"]


# --- 4. Once


def test_promise_4_many_workers_at_once_apply_a_change_one_time(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    world.merge(number)
    world.step()
    run = world.last().id
    crowd = [threading.Thread(target=world.execute, args=(run,)) for _ in range(8)]
    for worker in crowd:
        worker.start()
    for worker in crowd:
        worker.join()

    assert world.terraform.ran("apply") == ["orders"]


def test_promise_4_two_reconciles_at_once_open_a_run_one_time(world, ask):
    world.merge(world.open({path_of("orders"): ask()}), told=False)
    crowd = [threading.Thread(target=world.reconcile) for _ in range(4)]
    for teller in crowd:
        teller.start()
    for teller in crowd:
        teller.join()
    world.work()

    assert world.words() == ["apply:applied"]


def test_promise_4_one_run_at_a_time_on_a_workspace(world, ask):
    world.bring({path_of("orders"): ask()})
    number = world.pull({path_of("orders"): ask(size="large")})
    world.work()
    world.merge(number)
    world.step()
    large = world.last().id
    other = world.pull({path_of("orders"): ask(size="medium")})
    inside = []

    def meanwhile():
        world.look(other)
        world.merge(other, told=False)
        world.reconcile()
        world.execute(world.last().id)
        inside.append(world.words()[-2:])

    world.terraform.before["apply"] = meanwhile
    world.execute(large)

    assert inside == [["apply:running", "apply:waiting"]]


def test_promise_4_a_restart_in_mid_apply_makes_the_object_one_time(world, ask):
    number = world.pull({path_of("orders"): ask()})
    world.work()
    world.merge(number)
    world.work(until=Actor.EXECUTE)
    settle, world.ledger.settle = world.ledger.settle, _dead
    with pytest.raises(SystemExit):
        world.step()
    world.ledger.settle = settle
    world.sweep(later=41)
    world.work()

    assert world.words() == ["apply:interrupted", "apply:applied"]
    assert world.last().state.outcome.changed == 0


# --- 5. Nothing is lost


def test_promise_5_with_no_delivery_at_all_everything_is_found(world, ask):
    number = world.open({path_of("orders"): ask()})
    world.reconcile()
    world.work()
    assert world.statuses(number)["plan"] == "success"
    world.push(number, {path_of("orders"): ask(size="large")}, told=False)
    world.reconcile()
    world.work()
    world.merge(number, told=False)
    world.reconcile()
    world.work()

    assert "1 request provisioned" in world.result(number)


def test_promise_5_a_broker_that_forgets_every_message_delays_and_loses_nothing(world, ask):
    number = world.pull({path_of("orders"): ask()})
    told = set()

    def forget_and_heal():
        for _ in range(4):
            world.queue.calls[:] = [call for call in world.queue.calls if call.id in told]
            told.update(call.id for call in world.queue.calls)
            world.clock.sleep(61)
            world.reconcile()
            world.sweep()
            world.refresh()
            told.update(call.id for call in world.queue.calls)
            world.work()

    forget_and_heal()
    assert world.statuses(number)["plan"] == "success"
    world.merge(number, told=False)
    forget_and_heal()

    assert world.standing() == "provisioned"
    assert "1 request provisioned" in world.result(number)


# --- 6. Leaving is as safe as arriving


def test_promise_6_a_destroy_works_from_what_was_applied_though_all_of_it_is_gone_from_the_tree(world, ask):
    world.bring({path_of("orders"): ask(size="large")})
    world.bring({path_of("orders"): ask(size="large"), MODULE: "# moved on\n"})
    world.commit(dict.fromkeys(world.git.trees[world.git.remote]))
    world.reconcile()
    world.work()
    world.resolve(world.last().id, Release("pam", "we leave"))
    job = world.terraform.jobs[-1]

    assert world.words()[-1] == "destroy:destroyed"
    assert json.loads(job.files["terraform.tfvars.json"])["size"] == "large"
    assert world.there() == set()


def test_promise_6_what_a_failed_apply_left_half_made_is_destroyed_with_what_it_began_with(world, ask):
    begun = '{"type": "apply_start", "hook": {"resource": {"addr": "module.this.box.this"}}}'
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", begun)
    world.bring({path_of("orders"): ask(size="large")})
    world.bring({path_of("orders"): None})

    assert world.words() == ["apply:failed", "destroy:destroyed"]
    assert world.there() == set()


def test_promise_6_a_failed_destroy_is_retried_and_not_forgotten(world, ask):
    world.bring({path_of("orders"): ask()})
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "", "Error: not empty")
    number = world.bring({path_of("orders"): None})

    assert world.words()[-1] == "destroy:failed"
    assert "Empty it first" in world.result(number)

    world.reconcile()
    world.work()
    world.resolve(world.last().id, Retry("ann"))

    assert world.there() == set()
    assert world.standing() == "destroyed"


def test_promise_6_a_destroy_that_somebody_took_back_leaves_all_as_it_is(world, ask):
    world.bring({path_of("orders"): ask(environment="prod")})
    world.bring({path_of("orders"): None})
    world.resolve(world.last().id, Withdrawal("pam", "no"))
    world.reconcile()
    world.work()

    assert world.there() == {"orders"}


# --- 7. No secret leaves


def test_promise_7_a_generated_password_is_in_no_row_comment_status_or_message(world, ask, secret):
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "", "Error: something")
    number = world.bring({path_of("orders"): ask()})
    world.resolve(world.last().id, Retry("ann"))
    said = [*world.github.comments.values(), *map(str, world.github.statuses.values())]

    assert world.terraform.jobs[-1].secrets == {"password": secret}
    assert world.result(number)
    assert not any(secret in text for text in said)
    assert secret.encode() not in world.dump()
    assert secret not in repr(world.terraform.jobs)


def test_promise_7_values_that_may_not_be_shown_are_kept_as_keyed_hashes_alone(world, ask, kind):
    world.commit({KIND: kind.replace("shown: [name, size, colour]", "shown: [name]")})
    world.reconcile()
    world.pull({path_of("orders"): ask(colour="red")})
    world.terraform.drift["orders"] = {"token": "s3cr3t-from-the-provider"}
    world.work()

    assert b"s3cr3t-from-the-provider" not in world.dump()


# --- 8. The pull request tells the whole story


def test_promise_8_a_long_story_is_one_plan_comment_one_result_and_one_notice_for_each_failure(world, ask):
    number = world.pull({path_of("orders"): ask(size="gigantic")})
    world.work()
    world.push(number, {path_of("orders"): ask(size="large")})
    world.work()
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "", "Error: out of boxes")
    world.merge(number)
    world.work()
    world.resolve(world.last().id, Retry("ann"))
    markers = sorted(marker for place, marker in world.github.comments if place == number)

    assert [marker.split()[1] for marker in markers] == [
        "infrautomater:notice",
        "infrautomater:plan",
        "infrautomater:result",
    ]
    assert all(body.splitlines()[1].startswith("**") for body in world.github.comments.values())


def test_promise_8_a_merged_pull_whose_file_cannot_be_read_is_not_told_that_all_is_done(world, ask):
    number = world.pull({path_of("orders"): ask(size="gigantic")})
    world.work()
    world.merge(number)
    world.work()

    assert not world.status(world.github.pulls[number].merge_commit, "apply").startswith("success")


def _dead(*_):
    raise SystemExit("the worker was killed")
