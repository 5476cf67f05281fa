"""What a report costs GitHub, and what comes of one that GitHub makes hard: GitHub in a box, and whoever tells it again."""

import time

import pytest

from controller.core.pull import Status, StatusState
from controller.errors import GitHubError, GitHubLimited
from controller.ports import Comment
from controller.sandbox.faults import Fault
from tests.writes import counted_writes

pytestmark = pytest.mark.edge

CONTEXTS = ("infrautomater/validate", "infrautomater/plan", "infrautomater/approval")
MARKER = "<!-- infrautomater:plan v1 -->"


def report(github, pull, text="planned"):
    for context in CONTEXTS:
        github.set_status(Status(pull["head"]["sha"], context, StatusState.SUCCESS, text))
    github.say(pull["number"], Comment(MARKER, f"{MARKER}\n{text}"))


def said(world, pull):
    """The statuses and the comments that are there, each as often as it was made."""
    path = f"REPO/commits/{pull['head']['sha']}/statuses"
    return (
        sorted(one["context"] for one in world.ask("guest", "GET", path)),
        [one["body"] for one in world.comments(pull["number"])],
    )


ONCE = (sorted(CONTEXTS), [f"{MARKER}\nplanned"])


def test_three_statuses_and_a_comment_are_four_writes_however_often_they_are_said(world, github):
    pull = world.pull()
    with counted_writes() as writes:
        report(github, pull)
        report(github, pull)
    assert sorted(write.split()[0] for write in writes) == ["POST"] * 4
    assert said(world, pull) == ONCE


def test_a_change_costs_as_many_writes_as_things_that_changed(world, github):
    pull = world.pull()
    report(github, pull, "planning")
    with counted_writes() as writes:
        github.say(pull["number"], Comment(MARKER, f"{MARKER}\nplanned"))
    assert [write.split()[0] for write in writes] == ["PATCH"]


def test_what_a_person_made_of_our_comment_is_put_right_by_the_next_report(world, github):
    pull = world.pull()
    report(github, pull)
    (one,) = world.comments(pull["number"])
    edited = {"body": f"{MARKER}\nAll is well, merge it"}
    world.ask("admin", "PATCH", f"REPO/issues/comments/{one['id']}", edited)
    with counted_writes() as writes:
        report(github, pull)
    assert said(world, pull) == ONCE and len(writes) == 1


@pytest.mark.parametrize(
    "faults",
    [
        [Fault(kind="secondary_limit", where="POST */statuses/*", seconds=0.5)],
        [Fault(kind="rate_limit", where="* */comments", seconds=0.5)],
        [Fault(kind="error", where="GET */comments", times=7)],
        [Fault(kind="error", where="POST */comments", times=4)],
        [Fault(kind="lost_answer", where="POST *", times=4)],
        [Fault(kind="slow", where="POST */comments", seconds=1.3)],
        [
            Fault(kind="lost_answer", where="POST */comments"),
            Fault(kind="error", where="GET */comments", times=4),
            Fault(kind="secondary_limit", where="POST */statuses/*", seconds=0.5),
        ],
    ],
    ids=["limited", "spent", "cannot be read", "cannot be written", "unanswered", "late", "all at once"],
)
def test_a_report_that_is_told_again_until_it_comes_through_says_everything_once(world, faults):
    pull, github = world.pull(), world.github(timeout=1)
    world.box.faults.add(*faults)
    try:
        _told_again(lambda: report(github, pull))
        assert world.box.faults.all() == []
    finally:
        world.box.faults.clear()
    assert said(world, pull) == ONCE


def _told_again(story):
    """As the broker does, without its pauses; a limit is waited for."""
    for _ in range(5):
        try:
            story()
        except GitHubLimited as limited:
            time.sleep(limited.seconds)
        except GitHubError:
            continue
        else:
            return
    pytest.fail("it never came through")
