"""What people write under pulls, from GitHub in a box."""

import time
from datetime import UTC, datetime, timedelta

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
