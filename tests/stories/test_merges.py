"""What happens at the merge is what was reviewed; whatever else came in between is held, told, and goes on by the step that is named."""

import pytest

from tests.e2e.conftest import eventually
from tests.stories import steps

LOUD = {"size    = var.size\n": "size    = upper(var.size)\n"}


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_the_reviewed_plan_is_carried_out_whatever_way_it_is_merged(world, ask, at, method):
    name = world.provisioned(size="small")
    pull = world.propose({at(name): ask(name, size="large")})
    assert "size `small` → `large`: in place" in world.says(pull, "Ready: 1 change, low risk")

    merged = world.merge(pull, method)

    result = world.says(pull, "Done: 1 request provisioned", "result")
    assert f"`dev/sandbox/{name}` | provisioned |" in result and f"Merged as {merged[:7]}." in result
    assert world.reaches(merged, "apply", "success").description == "Done: 1 request provisioned"
    run = world.state(name)
    assert (run["pull"], run["commit"], run["state"]["outcome"]["changed"]) == (pull.number, merged, 1)


def test_what_a_changed_module_would_do_otherwise_is_held_shown_and_applied_once_accepted(world, ask, at):
    kind, name = world.own_kind(), world.name()
    pull = world.propose({at(name): ask(name, kind, kind, size="large")})
    world.says(pull, "Ready: 1 change")
    with world.deaf():
        world.mend_module(kind, LOUD)
        merged = world.merge(pull)

    result = world.says(pull, f"Held for a person: {name}", "result")
    assert f"#### `{kind}/{kind}/{name}`: held for a person" in result
    assert "- the plan is no longer the reviewed one\n" in result
    resource = "`module.this.terraform_data.instance`"
    assert (
        f'  - `input.size` of {resource} would be `"LARGE"`, where the reviewed plan said `"large"`\n'
        in result
    )
    assert world.reaches(merged, "apply", "pending").description == f"Held for a person: {name}"
    world.reaches_status(name, "held")

    assert steps.goes_on(world, pull, "requester") == "/infra apply"
    world.says(pull, "Done: 1 request provisioned", "result")
    world.reaches_status(name, "provisioned")
    assert len([run for run in world.runs(name, kind, kind) if run["run"]["operation"] == "apply"]) == 1


def test_two_pulls_on_one_request_name_each_other_and_are_merged_one_after_the_other(world, at):
    name, one, other = two_pulls(world, at)
    assert f"also in #{other.number}" in world.comment(one)
    assert f"also in #{one.number}" in world.comment(other)
    first = world.plan_run(other, name)

    world.merge(one)
    world.says(one, "Done: 1 request provisioned", "result")

    # What the other was planned upon is no more, so that it is planned again.
    assert eventually(lambda: world.plan_run(other, name) > first), world.comment(other)
    plan = world.says(other, "Ready: 1 change")
    assert f"also in #{one.number}" not in plan and "size `small`" not in plan
    world.merge(other)
    result = world.says(other, "Done: 1 request provisioned", "result")
    assert "| `message` | `hello` |" in result


def test_of_two_pulls_merged_at_once_the_later_holds_what_it_did_not_show(world, at):
    name, one, other = two_pulls(world, at)
    with world.deaf():
        world.merge(one)
        world.merge(other)

    result = world.says(other, f"Held for a person: {name}", "result")
    assert '`input.size` of `module.this.terraform_data.instance` would be `"large"`' in result
    theirs = world.says(one, "Done: 1 request carried out by another pull", "result")
    assert f"| `dev/sandbox/{name}` | carried out by #{other.number} |" in theirs

    steps.goes_on(world, other, "requester")
    world.says(other, "Done: 1 request provisioned", "result")
    assert world.state(name)["pull"] == other.number


def test_what_is_merged_before_its_plan_is_held_unless_it_only_creates(world, ask, at):
    name = world.provisioned(size="small")
    pull = world.propose({at(name): ask(name, size="large")})
    world.says(pull, "Ready: 1 change")
    with world.deaf():
        world.commit(pull.head.ref, {at(name): ask(name, size="medium")})
        world.merge(pull)

    result = world.says(pull, f"Held for a person: {name}", "result")
    assert "it was merged before its plan was ready, and it does more than create" in result
    steps.goes_on(world, pull, "requester")
    world.says(pull, "Done: 1 request provisioned", "result")


def test_what_came_past_every_pull_is_held_and_told_on_its_commit(world, ask, at):
    name = world.name()
    commit = world.push({at(name): ask(name)}, "No pull for me")

    body = world.on_commit(commit, f"Held for a person: {name}")
    assert f"no merged pull request is known for commit {commit[:12]}" in body
    assert f"Commit {commit[:7]}." in body
    assert world.reaches(commit, "apply", "pending").description == f"Held for a person: {name}"

    world.verb(*steps.operators(body))

    assert "provisioned" in world.on_commit(commit, "Done: 1 request provisioned")
    world.reaches(commit, "apply", "success")
    world.reaches_status(name, "provisioned")


def two_pulls(world, at):
    """A request that is there, and two pulls that each change another parameter of it."""
    name = world.name()
    world.brought({at(name): steps.spaced(name, size="small", message="dear")})
    world.reaches_status(name, "provisioned")
    one = world.propose({at(name): steps.spaced(name, size="large", message="dear")})
    other = world.propose({at(name): steps.spaced(name, size="small", message="hello")})
    for pull, rival in ((one, other), (other, one)):
        world.says(pull, "Ready: 1 change")
        assert eventually(lambda: f"also in #{rival.number}" in world.comment(pull)), world.comment(pull)  # noqa: B023 -- called at once
    return name, one, other
