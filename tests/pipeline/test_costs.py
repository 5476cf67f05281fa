"""What a look costs GitHub where nobody did anything."""

from collections import Counter
from dataclasses import replace

import pytest

from controller.core.pull import Review


class Counting:
    """GitHub, and how often each question is asked."""

    def __init__(self, github):
        self._github, self.asked = github, Counter()

    def __getattr__(self, name):
        self.asked[name] += 1
        return getattr(self._github, name)


@pytest.fixture
def counted(world):
    """What a look asks, and what follows from it."""

    def look():
        github, ports = Counting(world.github), world.ports
        world.clock.sleep(300)
        world.ports = replace(ports, github=github)
        world.reconcile()
        world.work()
        world.ports = ports
        return github.asked

    return look


def path_of(name):
    return f"requests/payments/{name}.yaml"


LOOK = {"open_pulls": 1, "comments_between": 1, "queued": 1}


def test_where_nothing_is_open_a_look_asks_three_questions(world, ask, counted):
    world.bring({path_of("orders"): ask()})

    assert counted() == LOOK


def test_open_pulls_that_nobody_touched_cost_nothing_more(world, ask, counted):
    world.bring({path_of("orders"): ask()})
    for number in range(20):
        world.pull({path_of(f"r{number}"): ask(f"r{number}", environment="prod")})
    world.work()
    counted()

    assert counted() == LOOK


def test_what_is_held_or_failed_is_not_asked_about_for_ever(world, ask, counted):
    number = world.pull({path_of("orders"): ask(environment="prod")})
    world.work()
    world.github.given[number] = [Review("pam", "APPROVED", world.github.pulls[number].head, world.clock())]
    world.terraform.drift["orders"] = {"size": "huge"}
    world.merge(number)
    world.work()
    assert world.words() == ["apply:held"]
    asked = counted()

    assert asked.keys() <= LOOK.keys() | {"reviews", "review_decision", "is_member", "permission", "pull"}
    assert asked.total() <= 10
