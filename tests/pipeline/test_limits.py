"""What a team may have is told before any plan, and held where it was merged all the same."""

from dataclasses import replace

import pytest

from controller.core.wish import Release

TIGHT = """\
title: Tight
kinds: [box]
approvals: {required: 0, from: [write], author: true}
destroy: allow
quotas: {default: {box: 2}}
"""
ENVIRONMENT = "terraform/environments/tight.yaml"


def path(name):
    return f"requests/payments/{name}.yaml"


@pytest.fixture
def tight(world):
    world.bring({ENVIRONMENT: TIGHT})
    return world


@pytest.fixture
def box(ask):
    return lambda name, **more: ask(name=name, environment="tight", **more)


def test_a_request_beyond_the_quota_is_rejected_before_any_plan(tight, box):
    tight.bring({path("a"): box("a"), path("b"): box("b")})
    number = tight.pull({path("c"): box("c")})
    tight.work()

    assert tight.runs("c") == []
    assert tight.statuses(number)["validate"] == "failure"
    assert "team payments: 3rd `box` in `tight`, limit 2" in tight.plan_comment(number)


def test_what_the_same_pull_deletes_makes_room(tight, box):
    tight.bring({path("a"): box("a"), path("b"): box("b")})
    tight.bring({path("a"): None, path("c"): box("c")})

    assert tight.there() == {"b", "c"}


def test_a_pull_may_change_what_its_team_has_though_the_limit_was_lowered(tight, box):
    tight.bring({path("a"): box("a"), path("b"): box("b")})
    tight.bring({ENVIRONMENT: TIGHT.replace("box: 2", "box: 1")})
    tight.bring({path("a"): box("a", size="large")})

    assert tight.terraform.state["tight.box.a"]["size"] == "large"


def test_what_two_pulls_together_break_is_held_until_somebody_releases_it(tight, box):
    tight.bring({path("a"): box("a")})
    pulls = [tight.pull({path(name): box(name)}) for name in ("b", "c")]
    tight.work()
    for number in pulls:
        assert tight.statuses(number)["validate"] == "success"
        tight.merge(number)
        tight.work()

    assert tight.words("b") == ["apply:applied"]
    assert (tight.words("c"), tight.held("c")) == (["apply:held"], ["over_limit"])
    assert "3rd `box` in `tight`, limit 2" in tight.result(pulls[1])
    tight.resolve(tight.last("c").id, Release("pam", "they may"))
    assert tight.there() == {"a", "b", "c"}


@pytest.mark.parametrize("names", [("b", "c"), ("c", "b")])
def test_of_two_that_break_it_together_the_first_to_be_merged_is_made(tight, box, names):
    """Whichever path comes first, and though nothing was carried out in between."""
    tight.bring({path("a"): box("a")})
    first, second = [tight.pull({path(name): box(name)}) for name in names]
    tight.work()
    tight.merge(first)
    tight.reconcile()
    tight.merge(second)
    tight.reconcile()
    tight.work()

    assert tight.there() == {"a", names[0]}
    assert tight.held(names[1]) == ["over_limit"]


def test_what_waits_to_be_destroyed_still_counts_and_cannot_be_asked_for_again_at_the_limit(world, ask):
    limited = TIGHT.replace("destroy: allow", "destroy: confirm")
    world.bring({ENVIRONMENT: limited})
    world.bring({path(name): ask(name=name, environment="tight") for name in ("a", "b")})
    world.bring({path("a"): None, path("c"): ask(name="c", environment="tight")})
    assert (world.held("a"), world.there()) == (["destroy_to_confirm"], {"a", "b", "c"})
    number = world.pull({path("a"): ask(name="a", environment="tight")})
    world.work()

    assert "3rd `box` in `tight`, limit 2" in world.plan_comment(number)


def test_a_plan_that_nobody_will_apply_says_so_in_comment_and_status(world, ask):
    number = world.pull({path("orders"): ask(environment="trial")})
    world.work()

    assert "plan only in trial" in world.status(number, "plan")
    assert "In `trial` plans are only shown: a merge applies nothing there." in world.plan_comment(number)


def test_so_it_does_where_the_controller_itself_only_plans(world, ask):
    world.ports = replace(world.ports, plan_only=True)
    number = world.pull({path("orders"): ask()})
    world.work()

    assert "plan only in dev" in world.status(number, "plan")
