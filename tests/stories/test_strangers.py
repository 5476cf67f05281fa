"""Whoever may not write here has a fork: what they propose is validated, and planned when somebody vouches for it."""

import pytest

from tests.e2e.conftest import eventually
from tests.stories import steps

NOT_YET = "Not planned yet: somebody with write access comments `/infra plan`"


@pytest.fixture(name="proposed")
def _proposed(world):
    """Makes a pull from the guest's fork."""

    def make(files):
        upstream = world.as_("guest")
        fork = world.stack.client("guest").get_repo(upstream.create_fork().full_name)
        branch = world.name()
        fork.create_git_ref(f"refs/heads/{branch}", fork.get_branch("main").commit.sha)
        for path, text in files.items():
            fork.create_file(path, "A change", text, branch=branch)
        return upstream.create_pull(base="main", head=f"guest:{branch}", title=branch, body="")

    return make


def pushed(pull, path, text):
    """A push to the fork; the new head."""
    fork = pull.head.repo
    sha = fork.get_contents(path, ref=pull.head.ref).sha
    return fork.update_file(path, "Another", text, sha, branch=pull.head.ref)["commit"].sha


def test_a_strangers_pull_is_planned_once_somebody_vouches_for_that_very_commit(world, ask, at, proposed):
    name = world.name()
    pull = proposed({at(name): ask(name)})

    comment = world.says(pull, NOT_YET)
    assert "Merging is the approval" not in comment
    assert world.reaches(pull.head.sha, "validate", "success").description == "every request can be read"
    assert world.reaches(pull.head.sha, "plan", "pending").description == NOT_YET
    assert world.runs(name) == []
    steps.goes_on(world, pull, kind="plan")
    world.says(pull, "Ready: 1 change, low risk")
    world.reaches(pull.head.sha, "plan", "success")

    head = pushed(pull, at(name), ask(name, size="large"))
    world.says(pull, NOT_YET)
    world.reaches(head, "plan", "pending")
    assert len(world.runs(name)) == 1
    steps.goes_on(world, pull, kind="plan")
    assert eventually(lambda: "size `large` | low" in world.comment(pull)), world.comment(pull)
    world.merge(pull)
    world.says(pull, "Done: 1 request provisioned", "result")


def test_a_strangers_own_word_plans_nothing(world, ask, at, proposed):
    name = world.name()
    pull = proposed({at(name): ask(name)})
    asked = steps.command(world.says(pull, NOT_YET))

    answer = steps.refused(world, pull, "guest", asked)

    assert "`/infra plan` needs write access to this repository" in answer
    assert world.headline(pull) == NOT_YET and world.runs(name) == []


def test_a_strangers_mistakes_are_told_without_anybodys_word(world, at, proposed):
    name = world.name()
    pull = proposed(
        {at(name): f"kind: sandbox\nname: {name}\nenvironment: dev\nparameters:\n  sise: small\n"}
    )

    assert "Did you mean `size`?" in world.says(pull, "Cannot merge: 1 mistake")
    head = pushed(
        pull, at(name), f"kind: sandbox\nname: {name}\nenvironment: dev\nparameters:\n  size: small\n"
    )
    world.says(pull, NOT_YET)
    world.reaches(head, "validate", "success")
