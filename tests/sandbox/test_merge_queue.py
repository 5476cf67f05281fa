"""Merge queues: https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue."""

import pytest
from github import GithubException

from controller.sandbox.box import Box
from tests.sandbox.conftest import SEED, World, put
from tests.sandbox.queueing import REPO, dequeue, enqueue, entry, groups, head, pull_on, ruleset, set_status

pytestmark = pytest.mark.edge
WORDS = "Repository rule violations found\n\nChanges must be made through the merge queue\n\n"
ADMINS = [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}]


@pytest.fixture
def base(world):
    """A new branch off main."""
    name = world.name("base")
    world.repo().create_git_ref(f"refs/heads/{name}", world.repo().get_branch("main").commit.sha)
    return name


def events(world, pull, base):
    """What was told of a pull's way through the queue, in order, as `event.action` and reason."""
    assert world.box.settle()
    received = [(one.event, one.payload) for one in world.receiver.received]
    # Several boxes may deliver to one receiver.
    told = [
        payload | {"event": event}
        for event, payload in received
        if payload["sender"]["url"].startswith(world.box.url)
    ]
    mine = [
        one
        for one in told
        if one.get("number") == pull.number
        or f"/pr-{pull.number}-" in one.get("merge_group", {}).get("head_ref", "")
        or (one["event"] == "push" and one["ref"] == f"refs/heads/{base}")
    ]
    return [" ".join(filter(None, (one["event"], one.get("action"), one.get("reason")))) for one in mine]


def tip(world, base):
    return world.repo().get_branch(base).commit.sha


@pytest.mark.parametrize(("method", "parents"), [("MERGE", 2), ("SQUASH", 1), ("REBASE", 1)])
def test_a_pull_that_passes_in_the_queue_is_merged_as_it_was_tested(world, base, method, parents):
    ruleset(world, base, method=method)
    pull, before = pull_on(world, base, "a"), tip(world, base)
    queued = enqueue(world, pull)["data"]["enqueuePullRequest"]["mergeQueueEntry"]
    assert queued == {
        "position": 1, "state": "QUEUED", "enqueuer": {"login": "reviewer"}, "headCommit": None, "baseCommit": None,
    }  # fmt: skip

    [(ref, sha)] = groups(world, base).items()
    assert ref == f"refs/heads/gh-readonly-queue/{base}/pr-{pull.number}-{before}"
    found = entry(world, pull)["mergeQueueEntry"]
    assert (found["state"], found["headCommit"]["oid"], found["baseCommit"]["oid"]) == (
        "AWAITING_CHECKS", sha, before,
    )  # fmt: skip
    assert len(world.repo().get_commit(sha).parents) == parents and tip(world, base) == before
    set_status(world, sha)

    merged = world.repo().get_pull(pull.number)
    assert (merged.merged, merged.merge_commit_sha, tip(world, base)) == (True, sha, sha)
    assert merged.merged_by.login == "github-merge-queue[bot]" and not groups(world, base)
    assert entry(world, pull) == {
        "isInMergeQueue": False,
        "isMergeQueueEnabled": True,
        "mergeQueueEntry": None,
    }


def test_a_queue_tells_what_happens_in_it(world, base):
    ruleset(world, base)
    pull, before = pull_on(world, base, "a"), tip(world, base)
    enqueue(world, pull)
    sha = head(world, pull)
    set_status(world, sha)

    told = events(world, pull, base)
    assert told[told.index("pull_request enqueued") :] == [
        "pull_request enqueued",
        "merge_group checks_requested",
        "pull_request dequeued MERGE",
        "pull_request closed",
        "push",
        "merge_group destroyed merged",
    ]
    asked, destroyed = (
        next(one for one in world.deliveries("merge_group", action) if one["merge_group"]["head_sha"] == sha)
        for action in ("checks_requested", "destroyed")
    )
    assert (
        asked["merge_group"] == destroyed["merge_group"]
        and asked["repository"]["full_name"] == "acme/infrastructure"
    )
    group = asked["merge_group"]
    assert (group["base_sha"], group["base_ref"]) == (before, f"refs/heads/{base}")
    assert group["head_ref"] == f"refs/heads/gh-readonly-queue/{base}/pr-{pull.number}-{before}"
    assert group["head_commit"]["id"] == sha and group["head_commit"]["author"]["name"] == "Reviewer"
    pushed = world.deliveries("push", ref=group["head_ref"], after=sha)
    assert [one["sender"]["login"] for one in pushed] == ["github-merge-queue[bot]"]
    [closed] = world.deliveries("pull_request", "closed", number=pull.number)
    assert closed["pull_request"]["merged"] and closed["pull_request"]["merge_commit_sha"] == sha


def test_git_fetches_what_is_tested(world, base, clone):
    ruleset(world, base)
    pull = pull_on(world, base, "a")
    enqueue(world, pull)

    [(ref, sha)] = groups(world, base).items()
    clone("fetch", "--quiet", "origin", ref)
    assert clone("rev-parse", "FETCH_HEAD") == sha
    clone("fetch", "--quiet", "origin", sha)


def test_each_is_tested_on_top_of_those_before_it_and_merged_in_turn(world, base):
    ruleset(world, base)
    first, second = pull_on(world, base, "a"), pull_on(world, base, "a")
    enqueue(world, first)
    enqueue(world, second)
    one, two = head(world, first), head(world, second)
    assert entry(world, second)["mergeQueueEntry"]["baseCommit"]["oid"] == one
    assert f"refs/heads/gh-readonly-queue/{base}/pr-{second.number}-{one}" in groups(world, base)
    assert entry(world, second)["mergeQueueEntry"]["position"] == 2

    set_status(world, two)
    assert entry(world, second)["mergeQueueEntry"]["state"] == "MERGEABLE"
    assert not world.repo().get_pull(second.number).merged
    set_status(world, one)
    merged = [world.repo().get_pull(each.number).merge_commit_sha for each in (first, second)]
    assert merged == [one, two] and tip(world, base) == two


def test_a_failed_status_takes_a_pull_out_and_those_behind_it_are_tested_anew(world, base):
    ruleset(world, base)
    first, second = pull_on(world, base, "a"), pull_on(world, base, "a")
    enqueue(world, first)
    enqueue(world, second)
    one, two, before = head(world, first), head(world, second), tip(world, base)
    set_status(world, one, "failure")

    assert not entry(world, first)["isInMergeQueue"] and world.repo().get_pull(first.number).state == "open"
    assert events(world, first, base)[-2:] == [
        "pull_request dequeued CI_FAILURE",
        "merge_group destroyed invalidated",
    ]
    again = head(world, second)
    assert again != two and entry(world, second)["mergeQueueEntry"]["baseCommit"]["oid"] == before
    assert events(world, second, base)[-2:] == [
        "merge_group destroyed invalidated",
        "merge_group checks_requested",
    ]
    assert set(groups(world, base).values()) == {again}

    enqueue(world, first)
    assert head(world, first) != one
    set_status(world, again)
    set_status(world, head(world, first))
    assert world.repo().get_pull(first.number).merged


def test_somebody_with_write_access_takes_a_pull_out(world, base):
    ruleset(world, base)
    pull = pull_on(world, base, "a")
    enqueue(world, pull)
    assert "FORBIDDEN" in str(dequeue(world, pull, "guest"))
    assert dequeue(world, pull)["data"]["dequeuePullRequest"]["mergeQueueEntry"]["state"] == "AWAITING_CHECKS"

    assert not groups(world, base)
    assert events(world, pull, base)[-2:] == [
        "pull_request dequeued MANUAL",
        "merge_group destroyed dequeued",
    ]
    assert "is not in the merge queue" in str(dequeue(world, pull))


@pytest.mark.parametrize("what", ["closed", "draft", "pushed", "off"])
def test_a_pull_that_is_no_longer_what_was_queued_leaves_the_queue(world, base, what):
    rules = ruleset(world, base)
    pull = pull_on(world, base, "a")
    enqueue(world, pull)
    if what == "closed":
        pull.edit(state="closed")
    elif what == "draft":
        pull.convert_to_draft()
    elif what == "pushed":
        put(world.repo(), pull.head.ref, f"more/{world.name()}", "text\n")
    else:
        world.call("DELETE", f"{REPO}/rulesets/{rules['id']}", "admin")
        pull.create_issue_comment("Whatever is done, the queue is looked at.")

    assert not entry(world, pull)["isInMergeQueue"] and not groups(world, base)
    reason = "QUEUE_CLEARED" if what == "off" else "MANUAL"
    assert f"pull_request dequeued {reason}" in events(world, pull, base)


def test_a_pull_that_is_in_conflict_with_one_before_it_leaves_the_queue(world, base):
    ruleset(world, base)
    path = f"both/{world.name()}"
    first, second = (pull_on(world, base, "a", files={path: text}) for text in ("one\n", "two\n"))
    enqueue(world, first)
    enqueue(world, second)

    assert "pull_request dequeued MERGE_CONFLICT" in events(world, second, base)
    assert entry(world, first)["isInMergeQueue"] and len(groups(world, base)) == 1


def test_a_base_that_moves_otherwise_has_everything_tested_anew(world, base):
    ruleset(world, base, bypass_actors=ADMINS)
    pull = pull_on(world, base, "a")
    enqueue(world, pull)
    old = head(world, pull)
    put(world.repo("admin"), base, f"more/{world.name()}", "text\n")

    assert entry(world, pull)["mergeQueueEntry"]["baseCommit"]["oid"] == tip(world, base)
    set_status(world, old)
    assert not world.repo().get_pull(pull.number).merged
    set_status(world, head(world, pull))
    assert world.repo().get_pull(pull.number).merged


def test_the_statuses_that_the_protection_asks_for_count_beside_the_rulesets(world, base):
    ruleset(world, base)
    world.repo("admin").get_branch(base).edit_protection(contexts=["b"])
    pull = pull_on(world, base, "a", "b")
    enqueue(world, pull)
    sha = head(world, pull)
    set_status(world, sha)
    assert entry(world, pull)["mergeQueueEntry"]["state"] == "AWAITING_CHECKS"
    set_status(world, sha, context="b")
    assert world.repo().get_pull(pull.number).merge_commit_sha == sha


def test_a_forks_pull_goes_through_the_queue_too(world, base):
    ruleset(world, base)
    fork, name = world.github("guest").get_repo(world.repo("guest").create_fork().full_name), world.name()
    fork.create_git_ref(f"refs/heads/{name}", fork.get_branch("main").commit.sha)
    put(fork, name, f"forked/{name}", "text\n")
    pull = world.repo("guest").create_pull(title="From a fork", base=base, head=f"guest:{name}")
    set_status(world, pull.head.sha)
    assert "FORBIDDEN" in str(enqueue(world, pull, "guest"))
    enqueue(world, pull)
    set_status(world, head(world, pull))
    assert world.repo().get_pull(pull.number).merged


def test_without_required_statuses_a_queue_merges_at_once(world, base):
    ruleset(world, base, contexts=())
    pull = world.pull(base=base)
    enqueue(world, pull)
    assert world.repo().get_pull(pull.number).merged


def test_a_queue_takes_only_what_could_be_merged(world, base):
    rules = ruleset(world, base)
    world.repo("admin").get_branch(base).edit_protection(required_approving_review_count=1)
    pull = pull_on(world, base)
    assert "Pull request At least 1 approving review is required" in str(enqueue(world, pull))
    world.repo("reviewer").get_pull(pull.number).create_review(event="APPROVE")
    assert 'Pull request Required status check "a" is expected.' in str(enqueue(world, pull))
    set_status(world, pull.head.sha)
    pull.convert_to_draft()
    assert "draft" in str(enqueue(world, pull))
    pull.mark_ready_for_review()
    assert "FORBIDDEN" in str(enqueue(world, pull, "guest"))
    assert "was modified" in str(enqueue(world, pull, expectedHeadOid="1" * 40))
    assert "not supported here" in str(enqueue(world, pull, jump=True))
    assert "errors" not in enqueue(world, pull, expectedHeadOid=pull.head.sha)
    assert "already in the merge queue" in str(enqueue(world, pull))
    world.repo("reviewer").get_pull(pull.number).create_review(body="No.", event="REQUEST_CHANGES")
    assert "pull_request dequeued BRANCH_PROTECTIONS" in events(world, pull, base)
    world.call("DELETE", f"{REPO}/rulesets/{rules['id']}", "admin")
    assert "not enabled" in str(enqueue(world, pull))


@pytest.mark.parametrize("login", ["requester", "admin"])
def test_the_merge_button_gives_way_to_the_queue(world, base, login):
    ruleset(world, base)
    pull = pull_on(world, base, "a")
    with pytest.raises(GithubException) as refused:
        world.repo(login).get_pull(pull.number).merge()

    assert (refused.value.status, refused.value.data["message"]) == (405, WORDS)


def test_who_may_pass_the_queue_by_merges_straight_away(world, base):
    made = ruleset(world, base, bypass_actors=ADMINS)
    assert made["current_user_can_bypass"] == "always" and made["bypass_actors"] == ADMINS
    pull = pull_on(world, base)
    with pytest.raises(GithubException):
        world.repo("reviewer").get_pull(pull.number).merge()
    assert world.repo("admin").get_pull(pull.number).merge().merged


def test_neither_the_base_nor_a_group_takes_a_push(world, base, clone):
    ruleset(world, base)
    enqueue(world, pull_on(world, base, "a"))
    [group] = groups(world, base)
    clone("fetch", "--quiet", "origin")
    for name in (base, group.removeprefix("refs/heads/")):
        clone("checkout", "--quiet", "--detach", f"origin/{name}")
        clone("commit", "--quiet", "--allow-empty", "-m", "Straight in")
        said = clone("push", "origin", f"HEAD:refs/heads/{name}", check=False)
        assert "remote: - Changes must be made through the merge queue" in said
    assert "through the merge queue" in clone("push", "origin", "--delete", group, check=False)


def test_rulesets_are_made_changed_and_deleted(world, base):
    made = ruleset(world, base, enforcement="disabled")
    path, rules = f"{REPO}/rulesets/{made['id']}", f"{REPO}/rules/branches/{base}"
    assert world.call("GET", rules).json() == []
    assert world.call("PUT", path, "admin", json={"enforcement": "active"}).json()["rules"] == made["rules"]
    assert [one["type"] for one in world.call("GET", rules).json()] == [
        "merge_queue",
        "required_status_checks",
    ]
    assert "bypass_actors" not in world.call("GET", path).json()
    assert world.call("DELETE", path, "admin").status_code == 204
    assert world.call("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"rules": [{"type": "creation"}]}, "Invalid property /rules/0"),
        (
            {"rules": [{"type": "merge_queue", "parameters": {"merge_method": "merge"}}]},
            "Invalid property /rules/0",
        ),
        ({"target": "tag"}, "for branches only"),
        (
            {"conditions": {"ref_name": {"include": ["refs/heads/*"], "exclude": []}}},
            "patterns are not supported",
        ),
        ({"bypass_actors": [{"actor_id": 1, "actor_type": "Team"}]}, "actor_type"),
        ({"enforcement": "sometimes"}, "enforcement"),
    ],
)
def test_what_a_ruleset_cannot_hold_is_refused(world, body, said):
    wish = {"name": world.name("odd"), "enforcement": "active"} | body
    answer = world.call("POST", f"{REPO}/rulesets", "admin", json=wish)
    assert answer.status_code == 422 and said in answer.text


def test_a_queue_goes_on_after_a_restart(tmp_path):
    with Box(tmp_path / "box", seed_files=SEED) as box:
        world = World(box, None)
        ruleset(world, "main", conditions={"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}})
        pull = pull_on(world, "main", "a")
        enqueue(world, pull)
        world.close()
    with Box(tmp_path / "box") as box:
        world = World(box, None)
        set_status(world, head(world, pull))
        assert world.repo().get_pull(pull.number).merged
        world.close()
