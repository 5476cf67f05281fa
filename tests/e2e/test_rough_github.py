"""A GitHub that fails, limits, is slow, loses answers and mixes up deliveries: each fault once, and what comes of it."""

import pytest

from controller.cli.stack import running_stack
from tests.e2e.conftest import World, eventually, path, request

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("rough")]

COMMENTS, STATUSES = "POST */issues/*/comments", "POST */statuses/*"


class RoughWorld(World):
    """A world whose GitHub goes wrong when it is told to."""

    def proposed(self, name, **more):
        return self.propose({path(name): request(name)}, **more)

    def told_once(self, pull, name):
        """The plan is on the pull, in one comment, with all its statuses, of one plan."""
        self.says(pull, "Ready: 1 change")
        for context in ("validate", "plan"):
            self.reaches(pull.head.sha, context, "success")
        assert len(self.comments(pull)) == 1
        assert [each["run"]["operation"] for each in self.runs(name)] == ["plan"]
        assert self.faults() == []


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    often = {"INFRAUTOMATER_RECONCILE_EVERY": "3", "INFRAUTOMATER_SWEEP_EVERY": "1"}
    with running_stack(tmp_path_factory.mktemp("rough"), often) as stack:
        yield stack


@pytest.fixture
def world(stack):
    world = RoughWorld(stack)
    yield world
    world.calm()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop", "where": "pull_request.opened"},
        {"kind": "delay", "where": "pull_request.opened", "seconds": 2},
        {"kind": "double", "where": "pull_request.opened"},
        {"kind": "error", "where": COMMENTS},
        {"kind": "error", "where": STATUSES, "times": 3},
        {"kind": "error", "where": "GET */pulls/*", "times": 4},
        {"kind": "lost_answer", "where": COMMENTS},
        {"kind": "lost_answer", "where": STATUSES, "times": 2},
        {"kind": "rate_limit", "where": COMMENTS, "seconds": 3},
        {"kind": "secondary_limit", "where": STATUSES, "seconds": 2},
        {"kind": "slow", "where": "GET */pulls/*", "seconds": 3},
    ],
    ids=lambda fault: f"{fault['kind']} {fault['where']}",
)
def test_the_plan_is_told_once_whatever_goes_wrong(world, fault):
    world.faults(fault)
    name = world.name()
    world.told_once(world.proposed(name), name)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop", "where": "p*"},
        {"kind": "lost_answer", "where": COMMENTS},
        {"kind": "rate_limit", "where": COMMENTS, "seconds": 3},
        {"kind": "error", "where": "PATCH */issues/comments/*", "times": 2},
    ],
    ids=lambda fault: f"{fault['kind']} {fault['where']}",
)
def test_the_result_is_told_once_and_applied_once_whatever_goes_wrong(world, fault):
    name = world.name()
    pull = world.proposed(name)
    world.says(pull, "Ready: 1 change")
    world.faults(fault)
    merge = world.merge(pull)
    world.says(pull, "1 request provisioned", "result")
    world.reaches(merge, "apply", "success")
    assert len([body for body in world.comments(pull) if ":result" in body.splitlines()[0]]) == 1
    assert [each["run"]["operation"] for each in world.runs(name)].count("apply") == 1
    assert world.faults() == []


def test_of_deliveries_that_come_in_another_order_the_newest_commit_is_planned(world):
    name = world.name()
    world.faults({"kind": "reorder", "where": "pull_request.opened", "seconds": 30})
    pull = world.proposed(name, draft=True)
    head = world.commit(pull.head.ref, {path(name): request(name, size="large")})
    assert "size" in world.says(pull, "Draft: 1 change")
    world.reaches(head, "plan", "success")
    assert len(world.comments(pull)) == 1


def test_what_is_merged_while_git_is_down_is_applied_when_it_is_back(world):
    name = world.name()
    pull = world.proposed(name)
    world.says(pull, "Ready: 1 change")
    for where in ("* */git-upload-pack", "* */info/refs"):
        world.faults({"kind": "error", "where": where, "times": 1000})
    world.merge(pull)
    assert eventually(lambda: any(fault["times"] < 1000 for fault in world.faults()))
    assert world.comment(pull, "result") == ""
    world.calm()
    world.says(pull, "1 request provisioned", "result")
