"""Stories of the default branch's tip: whether its files can be read is said there, by whoever is asked."""

from controller.errors import GitError
from controller.pipeline.check_branch import check_branch

PATH = "requests/payments/orders.yaml"


def test_a_file_that_cannot_be_read_is_told_on_the_tip(world):
    world.commit({PATH: "kind: box\nname: [\n"})
    world.reconcile()
    world.work()

    assert world.status(world.git.tip(), "validate").startswith(
        "failure: 1 mistake: requests/payments/orders.yaml:"
    )


def test_a_machine_that_has_not_fetched_the_tip_fetches_it(world, ask):
    tip = world.commit({PATH: ask()})
    world.reconcile()
    blobs, fetch = world.git.blobs, world.git.fetch
    fetched = []

    def blobs_of(tree, *folders):
        if tip not in fetched:
            raise GitError("no such commit here")
        return blobs(tree, *folders)

    def fetching(*commits):
        fetched.extend(commits)
        fetch(*commits)

    world.git.blobs, world.git.fetch = blobs_of, fetching
    check_branch(world.ports)

    assert fetched == [tip]
    assert world.status(tip, "validate") == "success: every request can be read"
