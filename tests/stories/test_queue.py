"""A merge queue: its commits get our statuses, and what it merges is what was reviewed."""

import pytest

from tests.e2e.conftest import eventually
from tests.sandbox.queueing import enqueue, entry, ruleset
from tests.stories import steps
from tests.stories.ruled import ruled

CONTEXTS = tuple(f"infrautomater/{each}" for each in ("validate", "plan", "approval"))
BYPASS = [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with ruled(tmp_path_factory.mktemp("queue")) as world:
        ruleset(world, "main", CONTEXTS, bypass_actors=BYPASS)
        yield world


@pytest.fixture(name="green")
def _green(world, ask, at):
    """Opens a pull that may be queued; the pull and its request's name."""

    def make(environment="dev"):
        name = world.name()
        pull = world.propose({at(name): ask(name, environment)})
        world.says(pull, "Ready: 1 change")
        return pull, name

    return make


def test_a_queued_commit_gets_our_statuses_is_merged_and_carried_out(world, green):
    pull, name = green()
    world.reaches(pull.head.sha, "approval", "success")

    group = queued(world, pull)

    for context in ("validate", "plan", "approval"):
        assert (
            world.reaches(group, context, "success").description
            == world.status(pull.head.sha, context).description
        )
    assert eventually(lambda: world.pull_of(pull.number).merged)
    assert world.pull_of(pull.number).merge_commit_sha == group
    world.says(pull, "Done: 1 request provisioned", "result")
    world.reaches(group, "apply", "success")
    world.reaches_status(name, "provisioned")


def test_two_in_the_queue_are_merged_in_their_order_and_both_carried_out(world, green):
    (one, first), (other, second) = green(), green()
    queued(world, one)
    queued(world, other)

    for pull, name in ((one, first), (other, second)):
        assert eventually(lambda: world.pull_of(pull.number).merged)  # noqa: B023 -- called at once
        world.says(pull, "Done: 1 request provisioned", "result")
        assert world.state(name)["pull"] == pull.number


def test_a_pull_without_approval_gets_into_no_queue_till_it_has_it(world, green):
    pull, name = green("guarded")
    assert "1 of 3 required status checks are pending" in str(enqueue(world, pull)["errors"])

    world.approve(pull)
    world.reaches(pull.head.sha, "approval", "success")
    queued(world, pull)

    assert eventually(lambda: world.pull_of(pull.number).merged)
    world.says(pull, "Done: 1 request provisioned", "result")
    assert world.request(name)["status"] == "provisioned"


def test_a_commit_that_is_not_what_was_reviewed_is_not_merged(world, at):
    name = world.name()
    first = world.propose({at(name): steps.spaced(name, size="small", message="dear")})
    world.says(first, "Ready: 1 change")
    queued(world, first)
    world.says(first, "Done: 1 request provisioned", "result")
    one = world.propose({at(name): steps.spaced(name, size="large", message="dear")})
    other = world.propose({at(name): steps.spaced(name, size="small", message="hello")})
    for pull in (one, other):
        world.says(pull, "Ready: 1 change")

    queued(world, one)
    behind = queued(world, other)

    said = world.reaches(behind, "plan", "failure").description
    assert said == f"not what was reviewed: {at(name)}"
    assert eventually(lambda: world.pull_of(one.number).merged)
    assert eventually(lambda: not entry(world, other)["isInMergeQueue"])
    assert not world.pull_of(other.number).merged
    world.says(one, "Done: 1 request provisioned", "result")

    # Planned again upon what the first one made, it gets through.
    assert eventually(lambda: f"on top of {world.tip()[:7]}" in world.comment(other))
    world.says(other, "Ready: 1 change")
    queued(world, other)
    world.says(other, "Done: 1 request provisioned", "result")


def test_an_approval_that_is_taken_back_in_the_queue_keeps_the_commit_from_being_merged(world, green):
    pull, _ = green("guarded")
    review = world.approve(pull)
    world.reaches(pull.head.sha, "approval", "success")
    with world.deaf():
        world.as_("admin").get_pull(pull.number).get_review(review.id).dismiss("Not so fast.")
        group = queued(world, pull)
    said = world.reaches(group, "approval", "pending").description
    assert said == "0 of 1 for guarded: needs one of @acme/platform"

    world.approve(pull)

    world.reaches(group, "approval", "success")
    assert eventually(lambda: world.pull_of(pull.number).merged)
    world.says(pull, "Done: 1 request provisioned", "result")


def queued(world, pull):
    """Put a pull in the queue; the commit that is made for it there."""
    told = enqueue(world, pull)
    assert "errors" not in told, told
    found = eventually(
        lambda: (entry(world, pull)["mergeQueueEntry"] or {}).get("headCommit") or merged(world, pull)
    )
    return found["oid"]


def merged(world, pull):
    now = world.pull_of(pull.number)
    return {"oid": now.merge_commit_sha} if now.merged else None
