from dataclasses import replace

import pytest
from github import Auth, GithubException, GithubIntegration

pytestmark = pytest.mark.edge


def test_comments_are_made_read_edited_and_deleted(world):
    pull = world.pull()
    comment = pull.create_issue_comment("A **plan**")
    assert comment.user.login == "requester" and comment.html_url.startswith(pull.html_url)

    comment.edit("Another plan")
    assert [one.body for one in pull.get_issue_comments()] == ["Another plan"]
    assert pull.get_issue_comment(comment.id).body == "Another plan"
    comment.delete()
    assert list(pull.get_issue_comments()) == []
    for action in ("created", "edited", "deleted"):
        [event] = [
            one for one in world.deliveries("issue_comment", action) if one["comment"]["id"] == comment.id
        ]
        assert event["issue"]["number"] == pull.number and event["issue"]["pull_request"]["url"] == pull.url


def test_a_comment_ends_at_65536_characters(world):
    pull = world.pull()
    pull.create_issue_comment("x" * 65_536)

    with pytest.raises(GithubException) as refused:
        pull.create_issue_comment("x" * 65_537)
    assert refused.value.status == 422
    assert "maximum is 65536" in refused.value.data["errors"][0]["message"]


def test_an_edited_comment_says_what_it_was(world):
    comment = world.pull().create_issue_comment("before")
    comment.edit("after")

    [event] = [
        one for one in world.deliveries("issue_comment", "edited") if one["comment"]["id"] == comment.id
    ]
    assert event["changes"] == {"body": {"from": "before"}} and event["comment"]["body"] == "after"


def test_whoever_reads_may_comment_but_edit_only_their_own(world):
    pull = world.pull()
    comment = pull.create_issue_comment("mine")
    theirs = world.repo("guest").get_pull(pull.number).create_issue_comment("a question")
    assert theirs.raw_data["author_association"] == "COLLABORATOR"

    with pytest.raises(GithubException) as refused:
        world.repo("guest").get_pull(pull.number).get_issue_comment(comment.id).edit("yours")
    assert refused.value.status == 403
    world.repo("controller").get_pull(pull.number).get_issue_comment(comment.id).edit(
        "anybody's with push access"
    )


def test_a_reaction_is_made_once(world):
    pull = world.pull()
    comment = pull.create_issue_comment("/infra plan")
    path = f"/repos/acme/infrastructure/issues/comments/{comment.id}/reactions"

    assert [world.call("POST", path, json={"content": "eyes"}).status_code for _ in range(2)] == [201, 200]
    assert world.call("POST", path, json={"content": "shrug"}).status_code == 422
    assert [one.content for one in comment.get_reactions()] == ["eyes"]
    assert pull.get_issue_comment(comment.id).raw_data["reactions"]["eyes"] == 1
    assert comment.delete_reaction(comment.get_reactions()[0].id)
    assert comment.get_reactions().totalCount == 0


def test_an_edit_is_a_comments_update_and_a_reaction_is_none(world):
    pull, long_ago = world.pull(), "2020-01-01T00:00:00Z"
    made = pull.create_issue_comment("/infra plan")
    comments = world.box._started.forge.comments
    comments.put(replace(comments.get(made.id), created_at=long_ago, updated_at=long_ago))
    path = f"/repos/acme/infrastructure/issues/comments/{made.id}"

    world.call("POST", f"{path}/reactions", "controller", json={"content": "eyes"})
    found = world.call("GET", path).json()
    assert (found["created_at"], found["updated_at"], found["reactions"]["eyes"]) == (long_ago, long_ago, 1)
    world.call("PATCH", path, json={"body": "/infra apply"})
    found = world.call("GET", path).json()
    assert found["created_at"] == long_ago < found["updated_at"]


def test_what_a_bot_says_is_told_like_what_a_person_says(world):
    pull, app = world.pull(), world.box.app
    auth = Auth.AppAuth(app.client_id, app.private_key)
    with GithubIntegration(auth=auth, base_url=world.box.api_url) as integration:
        bot = integration.get_github_for_installation(app.installation_id)
        made = bot.get_repo(world.box.repository).get_pull(pull.number).create_issue_comment("Ready")
        bot.close()

    [told] = [one for one in world.deliveries("issue_comment") if one["comment"]["id"] == made.id]
    assert told["comment"]["user"]["login"] == told["sender"]["login"] == "infrautomater[bot]"
    assert told["comment"]["user"]["type"] == "Bot" and told["issue"]["number"] == pull.number
    assert told["issue"]["pull_request"]["html_url"] == pull.html_url


def test_a_locked_conversation_is_for_those_who_may_push(world):
    pull = world.pull()
    path = f"/repos/acme/infrastructure/issues/{pull.number}"
    assert world.call("PUT", f"{path}/lock", "guest").status_code == 403
    assert world.call("PUT", f"{path}/lock", json={"lock_reason": "too heated"}).status_code == 204

    found = world.call("GET", path).json()
    assert (found["locked"], found["active_lock_reason"]) == (True, "too heated")
    query = f'query {{ node(id: "{pull.raw_data["node_id"]}") {{ ... on PullRequest {{ locked activeLockReason }} }} }}'
    answer = world.call("POST", "/../graphql", json={"query": query}).json()
    assert answer["data"]["node"] == {"locked": True, "activeLockReason": "TOO_HEATED"}
    refused = world.call("POST", f"{path}/comments", "guest", json={"body": "But"})
    assert (refused.status_code, refused.json()["message"]) == (
        403, "Unable to create comment because issue is locked.",
    )  # fmt: skip
    assert world.call("POST", f"{path}/comments", "controller", json={"body": "Done"}).status_code == 201
    assert world.call("DELETE", f"{path}/lock").status_code == 204
    assert world.call("POST", f"{path}/comments", "guest", json={"body": "Thanks"}).status_code == 201
    actions = [one["action"] for one in world.deliveries("pull_request", number=pull.number)]
    assert actions == ["opened", "locked", "unlocked"]


def test_a_pull_takes_reactions_as_an_issue(world):
    issue = world.pull().as_issue()
    issue.create_reaction("+1")

    assert [one.content for one in issue.get_reactions()] == ["+1"]


def test_labels_are_added_removed_and_set(world):
    pull, old, new = world.pull(), world.name("label"), world.name("label")
    world.repo().create_label(old, "d73a4a", "Destroys something")
    pull.add_to_labels(old)
    pull.add_to_labels(new)

    assert [one.name for one in pull.get_labels()] == [old, new]
    assert world.repo().get_label(new).color == "ededed"
    pull.remove_from_labels(old)
    with pytest.raises(GithubException, match="Label does not exist"):
        pull.remove_from_labels(old)
    pull.set_labels(old)
    assert [one.name for one in world.repo().get_pull(pull.number).labels] == [old]
    assert [
        one["label"]["name"] for one in world.deliveries("pull_request", "labeled", number=pull.number)
    ] == [old, new, old]
    assert len(world.deliveries("pull_request", "unlabeled", number=pull.number)) == 2


def test_a_pull_is_edited_as_an_issue_too(world):
    issue = world.pull().as_issue()
    issue.edit(title="Renamed", labels=["one"], state="closed")

    pull = world.repo().get_pull(issue.number)
    assert (pull.title, [one.name for one in pull.labels], pull.state) == ("Renamed", ["one"], "closed")
    assert world.repo().get_issue(issue.number).closed_by.login == "requester"


def test_reviews_approve_ask_for_changes_or_comment(world):
    pull = world.pull()
    theirs = world.repo("reviewer").get_pull(pull.number)
    approved = theirs.create_review(
        commit=world.repo().get_commit(pull.head.sha), body="Good", event="APPROVE"
    )
    theirs.create_review(body="Less room", event="REQUEST_CHANGES")
    theirs.create_review(body="Hm", event="COMMENT")

    assert [one.state for one in pull.get_reviews()] == ["APPROVED", "CHANGES_REQUESTED", "COMMENTED"]
    assert (approved.commit_id, approved.user.login) == (pull.head.sha, "reviewer")
    states = [
        one["review"]["state"]
        for one in world.deliveries("pull_request_review", "submitted")
        if one["pull_request"]["number"] == pull.number
    ]
    assert states == ["approved", "changes_requested", "commented"]


def test_nobody_approves_their_own_pull(world):
    pull = world.pull()
    with pytest.raises(GithubException) as refused:
        pull.create_review(event="APPROVE")

    assert refused.value.status == 422 and refused.value.data["errors"] == [
        "Can not approve your own pull request"
    ]
    assert pull.create_review(body="A note", event="COMMENT").state == "COMMENTED"


def test_a_review_is_dismissed_by_those_who_may_push(world):
    pull = world.pull()
    review = world.repo("reviewer").get_pull(pull.number).create_review(event="APPROVE")
    review.dismiss("Not any more")

    assert pull.get_review(review.id).state == "DISMISSED"
    assert [
        one
        for one in world.deliveries("pull_request_review", "dismissed")
        if one["review"]["id"] == review.id
    ]


def test_a_pending_review_is_seen_by_its_author_only_until_it_is_submitted(world):
    pull = world.pull()
    path = f"/repos/acme/infrastructure/pulls/{pull.number}/reviews"
    pending = world.call("POST", path, "reviewer", json={"body": "Well"}).json()

    assert pending["state"] == "PENDING" and "submitted_at" not in pending
    assert list(pull.get_reviews()) == []
    world.call("POST", f"{path}/{pending['id']}/events", "reviewer", json={"event": "APPROVE"})
    assert [one.state for one in pull.get_reviews()] == ["APPROVED"]


def test_statuses_combine_to_the_worst_of_each_contexts_newest(world):
    pull = world.pull()
    commit = world.repo("controller").get_commit(pull.head.sha)
    assert commit.get_combined_status().state == "pending"
    commit.create_status("pending", context="infrautomater/plan")
    commit.create_status("success", "https://example.com/run", "1 to add", "infrautomater/plan")
    assert commit.get_combined_status().state == "success"
    commit.create_status("failure", context="infrautomater/validate")

    combined = commit.get_combined_status()
    assert (combined.state, combined.total_count) == ("failure", 2)
    assert [one.state for one in commit.get_statuses()] == ["failure", "success", "pending"]
    assert world.repo().get_pull(pull.number).mergeable_state == "unstable"
    event = world.deliveries("status", sha=pull.head.sha)[1]
    assert (event["state"], event["context"]) == ("success", "infrautomater/plan")
    assert event["branches"][0]["name"] == pull.head.ref and event["commit"]["sha"] == pull.head.sha


@pytest.mark.parametrize(
    ("sha", "facts", "message"),
    [
        ("1" * 40, {"state": "success"}, "No commit found"),
        (None, {"state": "fine"}, "is not a member of"),
        (None, {"state": "success", "description": "x" * 141}, "Validation Failed"),
        (None, {}, "wasn't supplied"),
    ],
)
def test_a_status_that_cannot_be_is_refused(world, sha, facts, message):
    sha = sha or world.repo().get_branch("main").commit.sha
    answer = world.call("POST", f"/repos/acme/infrastructure/statuses/{sha}", json=facts)

    assert answer.status_code == 422 and message in answer.json()["message"]


def test_a_commit_and_context_take_a_thousand_statuses(world, monkeypatch):
    monkeypatch.setattr("controller.sandbox.rest.commits.STATUS_LIMIT", 2)
    commit = world.repo().get_commit(world.pull().head.sha)
    commit.create_status("pending", context="much")
    commit.create_status("success", context="much")

    with pytest.raises(GithubException) as refused:
        commit.create_status("success", context="much")
    assert refused.value.status == 422
    commit.create_status("success", context="another")


def test_commits_are_commented(world):
    commit = world.repo("controller").get_commit(world.pull().head.sha)
    commit.create_comment("No pull approved this")

    [comment] = commit.get_comments()
    assert (comment.body, comment.user.login, comment.commit_id) == (
        "No pull approved this",
        "controller",
        commit.sha,
    )


def test_a_commits_comment_is_edited_reacted_to_and_deleted(world):
    commit = world.repo().get_commit(world.pull().head.sha)
    comment = commit.create_comment("Why?", path="README.md", line=1)
    comment.edit("Why not?")
    comment.create_reaction("eyes")

    assert world.repo().get_comment(comment.id).body == "Why not?"
    assert [one.content for one in comment.get_reactions()] == ["eyes"]
    assert comment.id in [one.id for one in world.repo().get_comments()]
    theirs = f"/repos/acme/infrastructure/comments/{comment.id}"
    assert world.call("PATCH", theirs, "guest", json={"body": "Mine"}).status_code == 403
    comment.delete()
    assert world.call("GET", theirs).status_code == 404
    [told] = [
        one for one in world.deliveries("commit_comment", "created") if one["comment"]["id"] == comment.id
    ]
    assert (told["comment"]["body"], told["comment"]["path"]) == ("Why?", "README.md")


def lines(world, number=5):
    """A pull that adds a file of some lines; its path too."""
    path = f"lines/{world.name()}"
    return world.pull({path: "".join(f"line {one}\n" for one in range(1, number + 1))}), path


def test_a_line_of_the_diff_is_commented_and_answered(world):
    pull, path = lines(world)
    head = world.repo().get_commit(pull.head.sha)
    comment = pull.create_review_comment("Why three?", head, path, line=3)
    answer = pull.create_review_comment_reply(comment.id, "Because")

    assert (comment.path, comment.line, comment.original_line, comment.side) == (path, 3, 3, "RIGHT")
    assert comment.position == 3 and comment.diff_hunk.endswith("+line 3")
    assert answer.in_reply_to_id == comment.id
    assert [one.body for one in pull.get_review_comments()] == ["Why three?", "Because"]
    assert world.repo().get_pull(pull.number).review_comments == 2
    assert [one.state for one in pull.get_reviews()] == ["COMMENTED", "COMMENTED"]
    comment.edit("Why not four?")
    comment.create_reaction("+1")
    assert world.repo().get_pull(pull.number).get_review_comment(comment.id).body == "Why not four?"
    answer.delete()
    told = world.deliveries("pull_request_review_comment")
    mine = [one["action"] for one in told if one["pull_request"]["number"] == pull.number]
    assert mine == ["created", "created", "edited", "deleted"]


def test_a_comment_on_a_line_that_is_not_in_the_diff_is_refused(world):
    pull, path = lines(world)
    facts = {"body": "?", "commit_id": pull.head.sha, "path": path, "line": 99}
    for wrong in (facts, facts | {"path": "nowhere"}, facts | {"commit_id": "1" * 40}, facts | {"body": " "}):
        answer = world.call("POST", f"/repos/acme/infrastructure/pulls/{pull.number}/comments", json=wrong)
        assert answer.status_code == 422
    whole = {"body": "All of it", "commit_id": pull.head.sha, "path": path, "subject_type": "file"}
    made = world.call("POST", f"/repos/acme/infrastructure/pulls/{pull.number}/comments", json=whole)
    assert made.status_code == 201 and made.json()["subject_type"] == "file"


def test_a_comment_follows_its_line_until_that_is_gone(world):
    pull, path = lines(world)
    head = world.repo().get_commit(pull.head.sha)
    stays, goes = (pull.create_review_comment("Hm", head, path, line=line) for line in (2, 4))
    old = world.repo().get_contents(path, ref=pull.head.ref)
    newer = "line 1\nline 2\nline 3\nelse\nline 5\n"
    world.repo().update_file(path, "Else", newer, old.sha, branch=pull.head.ref)

    after = world.repo().get_pull(pull.number)
    shown = {one.id: one.raw_data for one in after.get_review_comments()}
    assert (shown[stays.id]["line"], shown[stays.id]["commit_id"]) == (2, after.head.sha)
    assert shown[goes.id].get("line") is None and shown[goes.id]["original_line"] == 4


def test_a_review_brings_its_comments_when_it_is_submitted(world):
    pull, path = lines(world)
    theirs = world.repo("reviewer").get_pull(pull.number)
    pending = theirs.create_review(body="See below", comments=[{"path": path, "line": 1, "body": "This"}])
    assert list(pull.get_review_comments()) == []
    again = world.call("POST", f"/repos/acme/infrastructure/pulls/{pull.number}/reviews", "reviewer", json={})
    assert again.status_code == 422

    address = f"/repos/acme/infrastructure/pulls/{pull.number}/reviews/{pending.id}"
    world.call("POST", f"{address}/events", "reviewer", json={"event": "COMMENT"})
    assert [one["body"] for one in world.call("GET", f"{address}/comments").json()] == ["This"]
    assert [one.pull_request_review_id for one in pull.get_review_comments()] == [pending.id]


def test_a_pending_review_can_be_deleted_and_a_submitted_one_reworded(world):
    pull, path = lines(world)
    theirs = world.repo("reviewer").get_pull(pull.number)
    theirs.create_review(comments=[{"path": path, "line": 1, "body": "This"}]).delete()
    assert world.repo().get_pull(pull.number).review_comments == 0

    review = theirs.create_review(body="Good", event="APPROVE")
    review.edit("Very good")
    assert pull.get_review(review.id).body == "Very good"
    [told] = [
        one for one in world.deliveries("pull_request_review", "edited") if one["review"]["id"] == review.id
    ]
    assert told["changes"] == {"body": {"from": "Good"}}
    with pytest.raises(GithubException, match="non-pending"):
        review.delete()


def test_a_label_is_renamed_wherever_it_is_used(world):
    pull, old, new = world.pull(), world.name("label"), world.name("label")
    pull.add_to_labels(old)
    world.repo().get_label(old).edit(new, "ff0000", "Better")

    assert [(one.name, one.color) for one in world.repo().get_pull(pull.number).labels] == [(new, "ff0000")]
    taken = world.call("PATCH", f"/repos/acme/infrastructure/labels/{new}", json={"color": "red"})
    assert taken.status_code == 422


def test_a_deleted_label_does_not_come_back_with_another(world):
    pull, old, new = world.pull(), world.name("label"), world.name("label")
    pull.add_to_labels(old)
    world.repo().get_label(old).delete()
    pull.add_to_labels(new)

    assert [one.name for one in world.repo().get_pull(pull.number).labels] == [new]
    with pytest.raises(GithubException, match="Not Found"):
        world.repo().get_label(old)


def test_an_issue_has_no_base(world):
    pull, base = world.pull(), world.branch()
    answer = world.call("PATCH", f"/repos/acme/infrastructure/issues/{pull.number}", json={"base": base})

    assert answer.status_code == 200
    assert world.repo().get_pull(pull.number).base.ref == "main"


def test_an_issue_with_labels_that_are_none_keeps_its_title(world):
    pull = world.pull()
    wish = {"title": "Other words", "labels": "one"}
    answer = world.call("PATCH", f"/repos/acme/infrastructure/issues/{pull.number}", json=wish)

    assert answer.status_code == 422
    assert world.repo().get_pull(pull.number).title == pull.title
