"""What stands between a pull and its merge, from GitHub in a box: code owners, and a merge queue."""

import pytest

from controller.core.pull import Queued, ReviewDecision
from controller.errors import GitHubNotFound
from controller.sandbox.box import Box
from tests.edge.github.conftest import World

pytestmark = pytest.mark.edge

OWNERS = {"README.md": b"Hello\n", ".github/CODEOWNERS": b"/requests/ @acme/platform\n"}
ENQUEUE = "mutation($id: ID!) { enqueuePullRequest(input: {pullRequestId: $id}) { clientMutationId } }"


@pytest.fixture
def strict(tmp_path):
    """A repository whose default branch asks for the review of code owners."""
    with Box(tmp_path / "box", seed_files=OWNERS) as box:
        world = World(box)
        reviews = {"required_approving_review_count": 1, "require_code_owner_reviews": True}
        rules = {"required_pull_request_reviews": reviews, "required_status_checks": None}
        rules |= {"enforce_admins": False, "restrictions": None}
        world.ask("admin", "PUT", "REPO/branches/main/protection", rules)
        yield world


@pytest.mark.parametrize("address", ["api_url", "url"])
def test_the_decision_over_a_pulls_reviews_is_githubs_own(strict, address):
    github = strict.github(base_url=getattr(strict.box, address))
    number = strict.pull()["number"]
    assert github.review_decision(number) is ReviewDecision.REVIEW_REQUIRED
    for event, decision in (("REQUEST_CHANGES", "CHANGES_REQUESTED"), ("APPROVE", "APPROVED")):
        strict.ask("reviewer", "POST", f"REPO/pulls/{number}/reviews", {"event": event, "body": "So"})
        assert github.review_decision(number) is ReviewDecision(decision)


def test_there_is_no_decision_where_none_is_asked_for(world, github):
    assert github.review_decision(world.pull()["number"]) is None


def test_the_decision_over_a_pull_that_is_not_there_is_not_found(github):
    with pytest.raises(GitHubNotFound, match="POST /graphql with Could not resolve"):
        github.review_decision(99999)


@pytest.fixture
def queue(tmp_path):
    """A repository whose default branch has a merge queue, and another branch whose name begins like it."""
    with Box(tmp_path / "box", seed_files={"README.md": b"Hello\n"}) as box:
        world = World(box)
        world.ask("admin", "POST", "REPO/git/refs", {"ref": "refs/heads/main-2", "sha": world.tip()})
        world.ask("admin", "POST", "REPO/rulesets", _ruleset("refs/heads/main", "refs/heads/main-2"))
        yield world


def test_the_merge_queues_commits_are_known_with_the_pulls_that_they_add(queue):
    github, first, second, other = queue.github(), queue.pull(), queue.pull(), queue.pull(base="main-2")
    assert github.queued() == ()
    for pull in (first, second, other):
        queue.ask(
            "controller", "POST", f"REPO/statuses/{pull['head']['sha']}", {"state": "success", "context": "a"}
        )
        queue.graphql("reviewer", ENQUEUE, id=pull["node_id"])
    (one, two) = sorted(github.queued(), key=lambda queued: queued.pull)
    assert (one.pull, one.base, two.pull, two.base) == (
        first["number"],
        queue.tip(),
        second["number"],
        one.commit,
    )

    queue.ask("controller", "POST", f"REPO/statuses/{one.commit}", {"state": "success", "context": "a"})
    assert queue.tip() == one.commit
    assert github.queued() == (Queued(two.commit, second["number"], one.commit),)


def _ruleset(*branches):
    """https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset."""
    merge_queue = {
        "check_response_timeout_minutes": 60, "grouping_strategy": "ALLGREEN", "max_entries_to_build": 5,
        "max_entries_to_merge": 5, "merge_method": "MERGE", "min_entries_to_merge": 1,
        "min_entries_to_merge_wait_minutes": 5,
    }  # fmt: skip
    checks = {"required_status_checks": [{"context": "a"}], "strict_required_status_checks_policy": False}
    return {
        "name": "Queues",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": list(branches), "exclude": []}},
        "rules": [
            {"type": "merge_queue", "parameters": merge_queue},
            {"type": "required_status_checks", "parameters": checks},
        ],
    }
