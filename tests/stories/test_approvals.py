"""Whose word counts: approvals by the environment's rule, and what becomes of a merge that did not wait for them."""

import pytest

from tests.e2e.conftest import eventually
from tests.stories import steps

WANTED = "0 of 1 for guarded: needs one of @acme/platform"


@pytest.fixture(name="guarded")
def _guarded(world, ask, at):
    """A pull that asks for something where the platform team approves, and the name of that."""
    name = world.name()
    pull = world.propose({at(name): ask(name, "guarded")})
    world.says(pull, "Ready: 1 change")
    return pull, name


def test_an_approval_is_counted_and_merged_upon(world, guarded):
    pull, name = guarded
    assert world.reaches(pull.head.sha, "approval", "pending").description == WANTED
    plan = world.comment(pull)
    assert "- `guarded`: 0 of 1. Wanted: one of `@acme/platform`." in plan
    assert "Merged without the approvals above, this is held." in plan

    world.approve(pull)

    assert world.reaches(pull.head.sha, "approval", "success").description == "1 of 1 for guarded"
    world.says_in(pull, "- `guarded`: 1 of 1, by `reviewer`.", "plan")
    world.merge(pull)
    world.says(pull, "Done: 1 request provisioned", "result")
    world.reaches_status(name, "provisioned")


@pytest.mark.parametrize("login", ["controller", "guest"])
def test_an_approval_of_somebody_who_is_not_on_the_list_says_why_it_does_not_count(world, guarded, login):
    pull, _ = guarded
    world.approve(pull, login)

    said = f"{login}: is none of @acme/platform"
    world.says_in(pull, f"  - Not counted: {login}: is none of @", "plan")
    assert eventually(lambda: world.status(pull.head.sha, "approval").description == f"{WANTED} ({said})")
    assert world.status(pull.head.sha, "approval").state == "pending"


@pytest.mark.parametrize("forced", [False, True], ids=["pushed", "forced"])
def test_an_approval_of_an_older_commit_does_not_count_till_it_is_given_again(
    world, guarded, ask, at, forced
):
    pull, name = guarded
    world.approve(pull)
    world.reaches(pull.head.sha, "approval", "success")

    files = {at(name): ask(name, "guarded", size="large")}
    parent = world.tip() if forced else pull.head.sha
    head = world.written([parent], files)
    world.as_("requester").get_git_ref(f"heads/{pull.head.ref}").edit(head, force=forced)

    status = world.reaches(head, "approval", "pending")
    assert status.description == f"{WANTED} (reviewer: approved the older commit {pull.head.sha[:7]})"
    assert "size `large`" in world.says_in(pull, f"Looked at {head[:7]}", "plan")
    world.approve(pull)
    world.reaches(head, "approval", "success")
    world.merge(pull)
    result = world.says(pull, "Done: 1 request provisioned", "result")
    assert f"`guarded/sandbox/{name}`" in result


def test_a_merge_without_approval_is_held_till_somebody_else_has_the_say(world, guarded):
    pull, name = guarded
    merged = world.as_("admin").get_pull(pull.number).merge().sha

    result = world.says(pull, f"Held for a person: {name}", "result")
    assert "- it was merged without approval: 0 of 1 for guarded: needs one of @" in result
    assert world.reaches(merged, "apply", "pending").description == f"Held for a person: {name}"
    for login in ("requester", "guest"):
        answer = steps.refused(world, pull, login, steps.command(result))
        assert f"`{name}` is for one of `@acme/platform`" in answer
    assert "other than the pull's author" in steps.refused(world, pull, "requester", "/infra apply")
    world.reaches_status(name, "held")

    assert steps.goes_on(world, pull) == "/infra apply"
    world.says(pull, "Done: 1 request provisioned", "result")
    world.reaches_status(name, "provisioned")


def test_an_older_approval_does_not_let_a_later_push_through(world, guarded, ask, at):
    pull, name = guarded
    world.approve(pull)
    world.reaches(pull.head.sha, "approval", "success")
    head = world.commit(pull.head.ref, {at(name): ask(name, "guarded", size="large")})
    world.reaches(head, "plan", "success")
    world.as_("admin").get_pull(pull.number).merge()

    result = world.says(pull, f"Held for a person: {name}", "result")
    assert f"approved the older commit {pull.head.sha[:7]}" in result
    steps.goes_on(world, pull)
    world.says(pull, "Done: 1 request provisioned", "result")


def test_whoever_works_alone_merges_alone(world, ask, at):
    name = world.name()
    pull = world.propose({at(name): ask(name, "solo")})
    plan = world.says(pull, "Ready: 1 change")
    assert world.reaches(pull.head.sha, "approval", "success").description == "1 of 1 for solo"
    assert "- `solo`: 1 of 1, by `requester`." in plan

    world.as_("requester").get_pull(pull.number).merge()

    world.says(pull, "Done: 1 request provisioned", "result")


def test_reviewers_who_ask_for_changes_are_not_counted(world, guarded):
    pull, _ = guarded
    world.approve(pull)
    world.reaches(pull.head.sha, "approval", "success")

    world.pull_of(pull.number).create_review(event="REQUEST_CHANGES", body="Not like that.")

    assert world.reaches(pull.head.sha, "approval", "pending").description == WANTED
