"""Stories of a merge queue: its commit gets the pull's own statuses, unless it is not what was reviewed."""

from dataclasses import replace

import pytest

from controller.core.call import check_queue
from controller.core.pull import Queued

PATH = "requests/payments/orders.yaml"
OTHER = "requests/payments/billing.yaml"


@pytest.fixture
def queue(world):
    """A queue's commit that adds a pull to a commit; `also` is laid over the merge."""

    def make(number, base=None, also=None):
        base = base or world.git.remote
        tree = world.git.trees[world.git.merge(base, world.github.pulls[number].head)]
        plain = world.git.store(dict(tree), base)
        commit = world.git.commit(also, plain) if also else plain
        world.github.queue.append(Queued(commit, number, base))
        world.call(check_queue())
        world.work()
        return commit

    return make


def test_the_queue_s_commit_gets_the_pull_s_statuses(world, ask, queue):
    number = world.pull({PATH: ask()})
    world.work()
    commit = queue(number)

    for name in ("validate", "plan", "approval"):
        assert world.status(commit, name).startswith("success")
    assert world.words(plans=True) == ["plan:planned"]


def test_a_pull_behind_another_in_the_queue_is_judged_by_what_it_adds(world, ask, queue):
    first, second = world.pull({PATH: ask()}), world.pull({OTHER: ask(name="billing")})
    world.work()
    ahead = queue(first)
    commit = queue(second, base=ahead)

    assert world.status(commit, "plan").startswith("success")


def test_a_ref_that_names_no_base_is_no_hindrance(world, ask, queue):
    number = world.pull({PATH: ask()})
    world.work()
    queue(number)
    (known,) = world.github.queue
    world.github.queue = [replace(known, base="f" * 40)]
    world.github.statuses.clear()
    world.call(check_queue())
    world.work()

    assert world.status(known.commit, "plan").startswith("success")


def test_a_pull_without_requests_passes(world, queue):
    number = world.pull({"README.md": "words"})
    world.work()

    assert world.status(queue(number), "plan").startswith("success")


def test_a_commit_that_is_not_what_was_reviewed_fails(world, ask, queue):
    number = world.pull({PATH: ask()})
    world.work()
    commit = queue(number, also={PATH: ask(size="large")})

    assert world.status(commit, "plan") == f"failure: not what was reviewed: {PATH}"


def test_a_file_that_nobody_reviewed_fails(world, ask, queue):
    number = world.pull({PATH: ask()})
    world.work()
    commit = queue(number, also={OTHER: ask(name="billing")})

    assert world.status(commit, "plan") == f"failure: not what was reviewed: {OTHER}"


def test_a_commit_that_cannot_be_read_fails(world, ask, queue):
    number = world.pull({PATH: ask()})
    world.work()
    commit = queue(number, also={PATH: ask(size="gigantic")})

    assert world.status(commit, "validate").startswith(f"failure: 1 mistake: {PATH}:5:3:")


def test_a_missing_approval_is_missing_in_the_queue_too(world, ask, queue):
    number = world.pull({PATH: ask(environment="prod")})
    world.work()

    assert world.status(queue(number), "approval").startswith("pending: 0 of 1")


def test_a_pull_that_nobody_looked_at_is_left_for_its_own_look(world, ask, queue):
    number = world.open({PATH: ask()})
    commit = queue(number)
    assert (commit, "plan") not in world.github.statuses

    world.look(number)
    world.work()
    world.reconcile()
    world.work()

    assert world.status(commit, "plan").startswith("success")


def test_a_reconcile_finds_a_queue_of_which_no_delivery_told(world, ask, queue):
    number = world.pull({PATH: ask()})
    world.work()
    commit = queue(number)
    world.github.statuses = {key: said for key, said in world.github.statuses.items() if key[0] != commit}
    world.reconcile()
    world.work()

    assert world.status(commit, "plan").startswith("success")
