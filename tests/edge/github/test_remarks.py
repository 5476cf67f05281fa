"""What people write under pulls, from GitHub in a box."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from controller.core.pull import Remark
from controller.errors import GitHubError, GitHubNotFound
from controller.sandbox.faults import Fault

pytestmark = pytest.mark.edge


def test_a_comment_says_who_wrote_what_under_which_pull(world, github):
    number = world.pull()["number"]
    asked = world.remark(number, "/infra plan", "guest")
    found = github.remark(asked)
    assert found == Remark(asked, number, "guest", "/infra plan", found.created, edited=False)
    assert abs(datetime.now(UTC) - found.created) < timedelta(minutes=5)


def test_an_edited_comment_says_so(world, github):
    asked = world.remark(world.pull()["number"], "/infra help")
    _later(world, asked)
    world.ask("admin", "PATCH", f"REPO/issues/comments/{asked}", {"body": "/infra apply"})
    found = github.remark(asked)
    assert (found.author, found.body, found.edited) == ("requester", "/infra apply", True)


def test_a_comment_that_is_gone_is_not_found(world, github):
    asked = world.remark(world.pull()["number"], "/infra plan")
    world.ask("requester", "DELETE", f"REPO/issues/comments/{asked}")
    with pytest.raises(GitHubNotFound):
        github.remark(asked)


def test_whether_it_was_edited_is_asked_again_where_no_answer_came(world, github):
    asked = world.remark(world.pull()["number"], "/infra help")
    _later(world, asked)
    world.ask("requester", "PATCH", f"REPO/issues/comments/{asked}", {"body": "/infra plan"})
    world.box.faults.add(Fault(kind="error", where="POST */graphql", times=2))
    assert github.remark(asked).edited
    world.box.faults.add(Fault(kind="error", where="POST */graphql", times=3))
    with pytest.raises(GitHubError, match="GitHub answered POST /graphql with 500"):
        github.remark(asked)
    assert world.box.faults.all() == []


def _later(world, asked):
    """GitHub's times are whole seconds: an edit within the first one leaves no trace in them."""
    posted = world.ask("guest", "GET", f"REPO/issues/comments/{asked}")["created_at"]
    while time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) <= posted:
        time.sleep(0.02)


# --- the comments of all pulls


def test_comments_are_found_by_when_they_were_written_and_edits_do_not_count(world, github):
    early = world.remark(world.pull()["number"], "/infra help")
    _later(world, early)
    begun = datetime.now(UTC)
    world.ask("requester", "PATCH", f"REPO/issues/comments/{early}", {"body": "/infra apply"})
    number = world.pull()["number"]
    asked = [world.remark(number, words, "guest") for words in ("/infra plan", "Thank you")]
    closed = world.ask("requester", "PATCH", f"REPO/pulls/{number}", {"state": "closed"})["number"]
    late = world.remark(closed, "/infra retry")

    found = github.comments_between(begun, datetime.now(UTC) + timedelta(minutes=1))
    assert found == {asked[0]: "/infra plan", asked[1]: "Thank you", late: "/infra retry"}
    assert list(found) == sorted(found)
    assert github.comments_between(begun, begun - timedelta(seconds=5)) == {}


def test_all_comments_are_one_question_and_those_under_issues_are_none_of_ours(script):
    at, path = "2026-11-22T12:00:00Z", "/repos/acme/infrastructure/issues/comments"
    known = {"node_id": "x", "user": None, "created_at": at, "issue_url": "https://api.github.com/issues/7"}
    on_pull, on_issue = (f"https://github.com/acme/infrastructure/{what}/7#x" for what in ("pull", "issues"))
    entries = [
        {**known, "id": 1, "html_url": on_pull, "body": None},
        {**known, "id": 2, "html_url": on_issue},
    ]
    script.on("GET", path, (200, entries))

    since = datetime(2026, 11, 22, 13, 0, 0, 999, timezone(timedelta(hours=1)))
    assert script.github().comments_between(since, since) == {1: ""}
    ((_, asked),) = script.asked
    assert "since=2026-11-22T12%3A00%3A00Z" in asked
