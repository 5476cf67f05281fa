"""Code owners, and a default branch that GitHub protects: what GitHub asks for counts as well."""

import pytest
from github import GithubException

from tests.stories import steps
from tests.stories.ruled import ruled

OWNERS = {".github/CODEOWNERS": "/requests/owned/ @controller\n"}
MISSING = "dev: GitHub still wants a review, of a code owner for example"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with ruled(tmp_path_factory.mktemp("owners"), OWNERS) as world:
        world.as_("admin").get_branch("main").edit_protection(
            require_code_owner_reviews=True, required_approving_review_count=0
        )
        yield world


@pytest.fixture(name="owned")
def _owned(world, ask, at):
    """A pull that asks for something in a folder that has an owner, and the name of that."""
    name = world.name()
    pull = world.propose({at(name, "owned"): ask(name)})
    world.says(pull, "Ready: 1 change")
    return pull, name


def test_a_code_owners_review_is_waited_for(world, owned):
    pull, name = owned
    assert world.reaches(pull.head.sha, "approval", "pending").description == MISSING
    assert "- `dev`: GitHub still wants a review, of a code owner for example." in world.comment(pull)
    world.approve(pull, "reviewer")
    with pytest.raises(GithubException, match="code owner"):
        world.merge(pull)

    world.approve(pull, "controller")

    world.reaches(pull.head.sha, "approval", "success")
    world.merge(pull)
    world.says(pull, "Done: 1 request provisioned", "result")
    world.reaches_status(name, "provisioned")


def test_a_merge_past_the_code_owner_is_held(world, owned):
    pull, name = owned
    world.as_("admin").get_pull(pull.number).merge()

    result = world.says(pull, f"Held for a person: {name}", "result")
    assert f"- it was merged without approval: {MISSING}" in result
    steps.goes_on(world, pull)
    world.says(pull, "Done: 1 request provisioned", "result")
    world.reaches_status(name, "provisioned")


def test_what_has_no_owner_needs_none(world, ask, at):
    name = world.name()
    pull = world.propose({at(name): ask(name)})
    world.says(pull, "Ready: 1 change")

    assert world.reaches(pull.head.sha, "approval", "success").description == "dev needs no approval"
    world.merge(pull)
    world.says(pull, "Done: 1 request provisioned", "result")
