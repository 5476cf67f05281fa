"""Ends are a ceremony: what dies is shown, the environment's rule decides, and what is gone may come again."""

import urllib.request

import pytest

from tests.stories import steps

VAULT = {"kind": "vault", "environment": "confirm"}


@pytest.fixture(name="there")
def _there(world, ask, at):
    """Makes requests that are there, all by one pull; their names."""

    def make(count=1, **identity):
        names = [world.name() for _ in range(count)]
        pull = world.brought({at(name): ask(name, **identity) for name in names})
        world.says(pull, f"Done: {count} request", "result")
        return names

    return make


def test_what_is_destroyed_is_shown_goes_and_may_come_again_with_its_history(world, ask, at):
    name = world.provisioned(size="large")

    pull = world.propose({at(name): None})
    plan = world.says(pull, f"Ready: 1 change, low risk, destroys {name} (sandbox)")
    assert (
        f"**What is there now:** Rehearsal `{name}`, made less than a day ago; `size` `large`, `replicas` `1`, "
        in plan
    )
    assert "**What remains of it:** nothing that anybody would miss." in plan
    world.merge(pull)
    result = world.says(pull, "Done: 1 request destroyed", "result")
    assert f"| `dev/sandbox/{name}` | destroyed |" in result
    world.reaches_status(name, "destroyed")
    gone = world.state(name)

    world.provisioned(name, size="medium")

    world.reaches_status(name, "provisioned")
    assert world.state(name)["id"] > gone["id"]
    with urllib.request.urlopen(f"{world.stack.controller}/requests/dev/sandbox/{name}") as page:
        told = page.read().decode()
    assert f"/runs/{gone['id']}" in told and f"/runs/{world.state(name)['id']}" in told


def test_a_destroy_that_is_confirmed_before_the_merge_is_done_at_the_merge(world, at, there):
    [name] = there(environment="confirm")
    pull = world.propose({at(name): None})
    plan = world.says(pull, f"Needs a second look: destroys {name} (sandbox)")
    assert "and is confirmed" in plan

    answer = steps.refused(world, pull, "requester", steps.command(plan))
    assert f"`{name}` is for one of `@acme/platform` other than the pull's author to decide" in answer
    steps.goes_on(world, pull, kind="plan")

    plan = world.says(pull, f"Needs a second look: destroys {name} (sandbox), confirmed by reviewer")
    assert f"`reviewer` has confirmed that this pull destroys {name} (sandbox)." in plan
    assert not steps.commands(plan)
    world.merge(pull)
    world.says(pull, "Done: 1 request destroyed", "result")
    world.reaches_status(name, "destroyed")


def test_a_destroy_may_be_confirmed_after_the_merge_and_by_nothing_else_or_nobody_else(world, at, there):
    [name] = there(environment="confirm")
    pull = world.brought({at(name): None})
    result = world.says(pull, f"Held for a person: {name}", "result")
    assert "the environment wants every destroy and every replacement confirmed" in result
    world.reaches_status(name, "held")

    assert "other than the pull's author" in steps.refused(world, pull, "requester", steps.command(result))
    answer = steps.refused(world, pull, "reviewer", "/infra apply")
    assert f"`{name}` is held until somebody comments `/infra confirm-destroy {name}`" in answer
    assert steps.goes_on(world, pull) == f"/infra confirm-destroy {name}"

    world.says(pull, "Done: 1 request destroyed", "result")
    world.reaches_status(name, "destroyed")


def test_several_destroys_are_confirmed_in_one_comment_by_name_or_identity(world, at, there):
    one, other = there(2, environment="confirm")
    pull = world.propose({at(one): None, at(other): None})
    asked = steps.commands(world.says(pull, "Needs a second look: destroys "))
    assert asked == [f"/infra confirm-destroy {name}" for name in (one, other)]

    said = f"Both are meant.\n{asked[0]}\n/infra confirm-destroy confirm/sandbox/{other}"
    assert world.obeyed(world.comment_as("reviewer", pull, said)) == "rocket"

    world.says(
        pull, f"{one} (sandbox), confirmed by reviewer; destroys {other} (sandbox), confirmed by reviewer"
    )
    world.merge(pull)
    world.says(pull, "Done: 2 requests destroyed", "result")


def test_where_destroys_are_refused_the_way_out_is_the_environments_rule(world, ask, at):
    place = world.own_kind(destroy="refuse")
    name = world.name()
    world.says(world.brought({at(name): ask(name, place, place)}), "Done", "result")

    pull = world.propose({at(name): None})
    plan = world.says(pull, f"Cannot merge: `{place}` refuses to destroy {name} ({place})")
    assert world.reaches(pull.head.sha, "plan", "failure").description.startswith("Cannot merge: ")
    assert f"If it is not meant, put `{name}` back as it was, and push." in plan
    world.as_("admin").get_pull(pull.number).merge()
    result = world.says(pull, f"Held for a person: {name}", "result")
    for asked in ("/infra apply", f"/infra confirm-destroy {name}"):
        answer = steps.refused(world, pull, "reviewer", asked)
        assert f"`{place}` refuses to destroy or replace" in answer and steps.rule(answer) == steps.rule(
            result
        )

    wanted, file = steps.rule(result)
    world.write_rule(file, wanted)
    world.says_in(pull, f"`/infra confirm-destroy {name}`")
    steps.goes_on(world, pull)
    world.says(pull, "Done: 1 request destroyed", "result")
    world.reaches_status(name, "destroyed")


def test_what_refuses_to_end_says_so_before_the_merge_and_goes_on_once_the_rule_is_another(world, ask, at):
    place = world.own_kind(destroy="refuse")
    name = world.name()
    world.says(world.brought({at(name): ask(name, place, place)}), "Done", "result")
    pull = world.propose({at(name): None})
    plan = world.says(pull, "Cannot merge: ")

    wanted, file = steps.rule(plan)
    world.write_rule(file, wanted)

    plan = world.says(pull, f"Needs a second look: destroys {name} ({place})")
    world.reaches(pull.head.sha, "plan", "success")
    steps.goes_on(world, pull, kind="plan")
    world.says(pull, "confirmed by reviewer")
    world.merge(pull)
    world.says(pull, "Done: 1 request destroyed", "result")


def test_a_stateful_request_is_made_anew_once_somebody_confirmed_it(world, ask, at, there):
    [name] = there(**VAULT)
    pull = world.propose({at(name): ask(name, **VAULT, colour="red")})
    plan = world.says(pull, f"Needs a second look: replaces {name} (vault, stateful)")
    assert "colour `blue` → `red`: made anew, **data lost** | **high** |" in plan
    assert f"**What is there now:** Vault `{name}`, made less than a day ago; `size` `small`, " in plan

    steps.goes_on(world, pull, kind="plan")
    world.says(pull, f"Needs a second look: replaces {name} (vault, stateful), confirmed by reviewer")
    world.merge(pull)

    world.says(pull, "Done: 1 request provisioned", "result")
    world.reaches_status(name, "provisioned")


def test_more_destroys_than_anybody_is_believed_to_mean_wait_for_a_word(world, at, there):
    names = there(6)
    pull = world.propose({at(name): None for name in names})
    plan = world.says(pull, "Needs a second look: destroys 6 requests at once")
    assert "held after the merge" in plan and steps.commands(plan) == ["/infra apply"]
    world.merge(pull)

    for name in names:
        world.reaches_status(name, "held")
    result = world.says_in(pull, "and 1 more**")
    assert "6 requests would be destroyed at once, more than 5" in result
    assert steps.goes_on(world, pull) == "/infra apply"

    world.says(pull, "Done: 6 requests destroyed", "result")
    assert {world.status_of(name) for name in names} == {"destroyed"}
