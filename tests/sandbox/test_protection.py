from dataclasses import replace

import pytest
from github import GithubException

from controller.sandbox.box import Box
from controller.sandbox.rules import protection
from tests.sandbox.conftest import SEED, World, put

pytestmark = pytest.mark.edge
APPROVAL = "At least 1 approving review is required by reviewers with write access."


@pytest.fixture
def base(world):
    """A branch that nobody else's test depends on."""
    return world.branch()


def protect(world, base, **rules):
    branch = world.repo("admin").get_branch(base)
    return branch.edit_protection(**rules)


def refused_merge(world, pull, login="reviewer"):
    with pytest.raises(GithubException) as refused:
        world.repo(login).get_pull(pull.number).merge()
    assert refused.value.status == 405
    return refused.value.data["message"]


def approve(world, pull, login="reviewer"):
    return world.repo(login).get_pull(pull.number).create_review(event="APPROVE")


def state(world, pull):
    return world.repo().get_pull(pull.number).mergeable_state


def test_a_branch_is_not_protected_until_somebody_does_it(world, base):
    branch = world.repo("admin").get_branch(base)
    assert branch.protected is False
    with pytest.raises(GithubException, match="Branch not protected"):
        branch.get_protection()

    branch.edit_protection(strict=True, contexts=["a", "b"], enforce_admins=True, dismiss_stale_reviews=True)
    found = world.repo("admin").get_branch(base).get_protection()
    assert world.repo("admin").get_branch(base).protected
    assert (found.required_status_checks.strict, found.required_status_checks.contexts) == (True, ["a", "b"])
    assert found.enforce_admins and found.required_pull_request_reviews.dismiss_stale_reviews
    listed = world.call("GET", "/repos/acme/infrastructure/branches?protected=true&per_page=100").json()
    assert base in [one["name"] for one in listed]
    branch.remove_protection()
    assert world.repo("admin").get_branch(base).protected is False


def test_the_parts_of_a_protection_are_read_changed_and_removed(world, base):
    protect(world, base, contexts=["a"], required_approving_review_count=2)
    branch = world.repo("admin").get_branch(base)

    branch.edit_required_pull_request_reviews(
        require_code_owner_reviews=True, required_approving_review_count=1
    )
    reviews = branch.get_required_pull_request_reviews()
    assert (reviews.required_approving_review_count, reviews.require_code_owner_reviews) == (1, True)
    branch.edit_required_status_checks(strict=True, contexts=["b", "c"])
    assert branch.get_required_status_checks().contexts == ["b", "c"]
    branch.set_admin_enforcement()
    assert branch.get_admin_enforcement()
    branch.remove_admin_enforcement()
    assert not branch.get_admin_enforcement()
    branch.remove_required_pull_request_reviews()
    branch.remove_required_status_checks()
    for part in ("required_pull_request_reviews", "required_status_checks"):
        path = f"/repos/acme/infrastructure/branches/{base}/protection/{part}"
        assert world.call("GET", path, "admin").status_code == 404


def test_contexts_are_added_set_and_removed(world, base):
    protect(world, base, contexts=["a"])
    path = f"/repos/acme/infrastructure/branches/{base}/protection/required_status_checks/contexts"

    assert world.call("POST", path, "admin", json={"contexts": ["b"]}).json() == ["a", "b"]
    assert world.call("DELETE", path, "admin", json=["a"]).json() == ["b"]
    assert world.call("PUT", path, "admin", json=["c"]).json() == ["c"]
    assert world.call("GET", path, "admin").json() == ["c"]


def test_protection_is_the_administrators_and_needs_its_four_fields(world, base):
    path = f"/repos/acme/infrastructure/branches/{base}/protection"
    body = dict.fromkeys(
        ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions")
    )

    assert world.call("PUT", path, "reviewer", json=body).status_code == 404
    assert world.call("GET", path).status_code == 404
    missing = world.call("PUT", path, "admin", json={"enforce_admins": True})
    assert missing.status_code == 422 and "wasn't supplied" in missing.json()["message"]
    assert world.call("PUT", path, "admin", json=body).status_code == 200


def test_a_merge_waits_for_the_approvals_that_are_required(world, base):
    protect(world, base, required_approving_review_count=1)
    pull = world.pull(base=base)

    assert state(world, pull) == "blocked"
    assert refused_merge(world, pull) == APPROVAL
    approve(world, pull)
    assert state(world, pull) == "clean"
    assert world.repo("reviewer").get_pull(pull.number).merge().merged


def test_changes_that_are_asked_for_hold_a_merge_until_they_are_approved(world, base):
    protect(world, base, required_approving_review_count=1)
    pull = world.pull(base=base)
    approve(world, pull, "admin")
    world.repo("reviewer").get_pull(pull.number).create_review(body="No", event="REQUEST_CHANGES")

    assert refused_merge(world, pull, "controller") == "Changes have been requested."
    approve(world, pull)
    assert state(world, pull) == "clean"


def test_only_those_who_may_write_count(world, base):
    protect(world, base, required_approving_review_count=1)
    pull = world.pull(base=base)
    approve(world, pull, "guest")

    assert refused_merge(world, pull) == APPROVAL


def test_a_push_dismisses_approvals_where_that_is_asked_for(world, base):
    protect(world, base, required_approving_review_count=1, dismiss_stale_reviews=True)
    pull = world.pull(base=base)
    review = approve(world, pull)
    put(world.repo(), pull.head.ref, f"more/{world.name()}", "text\n")

    assert world.repo().get_pull(pull.number).get_review(review.id).state == "DISMISSED"
    assert refused_merge(world, pull) == APPROVAL
    assert [
        one
        for one in world.deliveries("pull_request_review", "dismissed")
        if one["review"]["id"] == review.id
    ]


def test_the_last_push_may_need_somebody_elses_approval(world, base):
    protect(world, base, required_approving_review_count=1, require_last_push_approval=True)
    pull = world.pull(base=base)
    approve(world, pull, "controller")
    put(world.repo("controller"), pull.head.ref, f"more/{world.name()}", "text\n")
    approve(world, pull, "controller")

    assert "other than the last pusher" in refused_merge(world, pull, "controller")
    approve(world, pull)
    assert state(world, pull) == "clean"


@pytest.mark.parametrize(
    ("contexts", "states", "message"),
    [
        (["a"], {}, 'Required status check "a" is expected.'),
        (["a"], {"a": "failure"}, 'Required status check "a" is failing.'),
        (["a", "b", "c"], {"a": "success"}, "2 of 3 required status checks are expected."),
        (
            ["a", "b"],
            {"a": "pending"},
            "2 of 2 required status checks have not succeeded: 1 pending and 1 expected.",
        ),
    ],
)
def test_a_merge_waits_for_the_statuses_that_are_required(world, base, contexts, states, message):
    protect(world, base, contexts=contexts)
    pull = world.pull(base=base)
    commit = world.repo("controller").get_commit(pull.head.sha)
    for context, value in states.items():
        commit.create_status(value, context=context)

    assert state(world, pull) == "blocked" and refused_merge(world, pull) == message
    for context in contexts:
        commit.create_status("success", context=context)
    assert state(world, pull) == "clean"


def test_a_strict_check_wants_the_bases_newest_commits(world, base):
    protect(world, base, strict=True, contexts=["a"])
    pull = world.pull(base=base)
    put(world.repo("admin"), base, f"more/{world.name()}", "text\n")
    world.repo("controller").get_commit(pull.head.sha).create_status("success", context="a")

    assert state(world, pull) == "behind"
    assert "not up to date" in refused_merge(world, pull)
    assert pull.update_branch()
    head = world.repo().get_pull(pull.number).head.sha
    world.repo("controller").get_commit(head).create_status("success", context="a")
    assert state(world, pull) == "clean"


def test_administrators_pass_unless_they_are_included(world, base):
    protect(world, base, required_approving_review_count=1)
    assert world.repo("admin").get_pull(world.pull(base=base).number).merge().merged

    world.repo("admin").get_branch(base).set_admin_enforcement()
    assert refused_merge(world, world.pull(base=base), "admin") == APPROVAL


def test_a_linear_history_takes_no_merge_commits(world, base):
    protect(world, base, required_linear_history=True)
    pull = world.pull(base=base)

    assert refused_merge(world, pull) == "Merge commits are not allowed on this repository."
    assert pull.merge(merge_method="squash").merged


def test_a_linear_history_takes_no_merge_commits_from_elsewhere_either(world, base, clone):
    protect(world, base, required_linear_history=True)
    pull = world.pull(base=base)
    wish = {"base": base, "head": pull.head.ref}
    merged = world.call("POST", "/repos/acme/infrastructure/merges", json=wish)
    assert (merged.status_code, merged.json()["message"]) == (
        422,
        "This branch must not contain merge commits.",
    )

    clone("fetch", "--quiet", "origin")
    clone("checkout", "--quiet", base)
    clone("merge", "--quiet", "--no-ff", "-m", "Merge", f"origin/{pull.head.ref}")
    said = clone("push", "origin", base, check=False)
    assert "remote: - This branch must not contain merge commits." in said
    clone("reset", "--quiet", "--hard", f"origin/{base}")
    clone("commit", "--quiet", "--allow-empty", "-m", "In a line")
    clone("push", "--quiet", "origin", base)


def test_conversations_cannot_be_required_to_be_resolved(world, base):
    with pytest.raises(GithubException, match="cannot be resolved") as refused:
        protect(world, base, required_conversation_resolution=True)
    assert refused.value.status == 422


def test_a_push_is_held_against_any_number_of_green_commits(world, base, clone, monkeypatch):
    protect(world, base, contexts=["a"])
    green, known = tuple(f"{number:040}" for number in range(10_000)), protection.rules
    monkeypatch.setattr(
        protection, "rules", lambda *of: (replace(rule, but=(*rule.but, *green)) for rule in known(*of))
    )
    clone("checkout", "--quiet", base)
    clone("commit", "--quiet", "--allow-empty", "-m", "Untested")

    assert 'Required status check "a" is expected.' in clone("push", "origin", base, check=False)


def test_a_protected_branch_takes_no_push(world, base, clone):
    protect(world, base, required_approving_review_count=1)
    clone("checkout", "--quiet", base)
    clone("commit", "--quiet", "--allow-empty", "-m", "Straight in")
    said = clone("push", "origin", base, check=False)

    assert f"remote: error: GH006: Protected branch update failed for refs/heads/{base}." in said
    assert "remote: - Changes must be made through a pull request." in said and "! [remote rejected]" in said
    clone("push", "--quiet", "origin", f"HEAD:refs/heads/{base}-beside")
    clone("push", "--quiet", world.box.git_url("admin"), base)
    assert world.repo().get_branch(base).commit.sha == clone("rev-parse", "HEAD")


def test_a_protected_branch_is_neither_forced_nor_deleted(world, base, clone):
    protect(world, base)
    clone("checkout", "--quiet", base)
    clone("commit", "--quiet", "--amend", "--allow-empty", "-m", "Another past")
    for arguments, why in (
        (("--force", base), "Cannot force-push to this branch"),
        (("--delete", base), "Cannot delete this branch"),
    ):
        said = clone("push", world.box.git_url("admin"), *arguments, check=False)
        assert f"remote: - {why}" in said and "! [remote rejected]" in said
    protect(world, base, allow_force_pushes=True, allow_deletions=True)
    clone("push", "--quiet", "--force", "origin", base)
    clone("push", "--quiet", "--delete", "origin", base)


def test_a_commit_with_the_required_statuses_may_be_pushed(world, base, clone):
    protect(world, base, contexts=["a"])
    clone("checkout", "--quiet", base)
    clone("commit", "--quiet", "--allow-empty", "-m", "Tested")
    assert 'Required status check "a" is expected.' in clone("push", "origin", base, check=False)

    clone("push", "--quiet", "origin", f"HEAD:refs/heads/{base}-tested")
    world.repo("controller").get_commit(clone("rev-parse", "HEAD")).create_status("success", context="a")
    clone("push", "--quiet", "origin", base)


def test_a_protected_branch_is_not_moved_through_the_api_either(world, base):
    protect(world, base, required_approving_review_count=1)
    repo, path = world.repo(), f"api/{world.name()}"
    words = "Changes must be made through a pull request."

    with pytest.raises(GithubException) as refused:
        repo.create_file(path, "Straight in", "text\n", branch=base)
    assert (refused.value.status, refused.value.data["message"]) == (409, f"Could not update file: {words}")
    newer = repo.get_branch(world.branch()).commit.sha
    with pytest.raises(GithubException) as forced:
        repo.get_git_ref(f"heads/{base}").edit(newer, force=True)
    assert forced.value.status == 422 and words in forced.value.data["message"]
    with pytest.raises(GithubException, match="Cannot delete this branch"):
        repo.get_git_ref(f"heads/{base}").delete()


def test_a_status_says_which_of_its_branches_are_protected(world, base):
    protect(world, base)
    sha = world.repo().get_branch(base).commit.sha
    world.repo("controller").get_commit(sha).create_status("success", context=world.name())

    [branch] = world.deliveries("status", sha=sha)[-1]["branches"]
    assert (branch["name"], branch["protected"]) == (base, True)


@pytest.mark.parametrize(
    ("method", "switch", "word"),
    [
        ("merge", "allow_merge_commit", "Merge commits"),
        ("squash", "allow_squash_merge", "Squash merges"),
        ("rebase", "allow_rebase_merge", "Rebase merges"),
    ],
)
def test_a_repository_allows_the_ways_to_merge_that_it_likes(world, method, switch, word):
    repo = world.repo("admin")
    repo.edit(**{switch: False})
    try:
        with pytest.raises(GithubException) as refused:
            world.pull().merge(merge_method=method)
        assert refused.value.data["message"] == f"{word} are not allowed on this repository."
    finally:
        repo.edit(**{switch: True})


def test_some_way_to_merge_must_be_left(world):
    switches = dict.fromkeys(("allow_merge_commit", "allow_squash_merge", "allow_rebase_merge"), False)
    answer = world.call("PATCH", "/repos/acme/infrastructure", "admin", json=switches)

    assert answer.status_code == 422
    assert world.call("PATCH", "/repos/acme/infrastructure", json={"description": "x"}).status_code == 403


def test_a_head_may_be_deleted_with_its_merge(world):
    repo = world.repo("admin")
    repo.edit(delete_branch_on_merge=True)
    try:
        pull = world.pull()
        pull.merge()
        with pytest.raises(GithubException, match="Branch not found"):
            repo.get_branch(pull.head.ref)
    finally:
        repo.edit(delete_branch_on_merge=False)
    [gone] = world.deliveries("delete", ref=pull.head.ref)
    assert (gone["ref_type"], gone["pusher_type"]) == ("branch", "user")
    assert world.deliveries("create", ref=pull.head.ref, ref_type="branch")


def test_a_branch_with_a_strange_name_is_protected_too(world, clone):
    name = f"team/it's-{world.name()}#1"
    clone("push", "--quiet", "origin", f"HEAD:refs/heads/{name}")
    body = dict.fromkeys(
        ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions")
    )
    path = "/repos/acme/infrastructure/branches/" + name.replace("#", "%23")

    assert world.call("PUT", f"{path}/protection", "admin", json=body).status_code == 200
    assert world.call("GET", path).json()["protected"] is True
    assert "Cannot delete this branch" in clone("push", "origin", "--delete", name, check=False)


def test_what_is_required_of_a_branch_is_remembered_over_a_restart(tmp_path):
    with Box(tmp_path / "box", seed_files=SEED) as box:
        world = World(box, None)
        rules = {"contexts": ["a", "b"], "required_approving_review_count": 2}
        world.repo("admin").get_branch("main").edit_protection(**rules)
        world.close()
    with Box(tmp_path / "box") as box:
        world = World(box, None)
        found = world.repo("admin").get_branch("main").get_protection()
        assert found.required_status_checks.contexts == ["a", "b"]
        assert found.required_pull_request_reviews.required_approving_review_count == 2
        world.close()
