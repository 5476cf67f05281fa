"""Applies whose workers end: others go on by themselves, up to a point, and from there a person asks for it."""

import os
import signal

import pytest

from controller.cli.stack import WORKER, verb
from tests.e2e.conftest import eventually
from tests.stories import steps
from tests.stories.ruled import ruled
from tests.stories.test_failures import FAILING

ATTEMPTS = 5


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with ruled(tmp_path_factory.mktemp("interrupted")) as world:
        yield world


def test_what_was_interrupted_too_often_waits_for_a_word(world, ask, at, tmp_path):
    kind, name, outside = world.own_kind(), world.name(), tmp_path / "mended"
    world.mend_module(
        kind, {FAILING: f'command     = var.fail ? "until test -e {outside}; do sleep 0.1; done" :'}
    )
    pull = world.propose({at(name): ask(name, kind, kind, fail=True)})
    world.says(pull, "Ready: 1 change")
    world.merge(pull)
    end_worker(world, name, kind, 1)
    for attempt in range(2, ATTEMPTS + 1):
        with verb(world.stack, "work", WORKER, f"work-{attempt}"):
            end_worker(world, name, kind, attempt)

    with verb(world.stack, "work", WORKER, "work-last"):
        result = world.says(pull, f"Interrupted: {name}", "result")
        assert f"| `{kind}/{kind}/{name}` | **interrupted** at apply: the worker was told to end" in result
        assert "the next attempt makes it anew" in result
        assert f"After {ATTEMPTS} attempts nobody tries again by itself" in result
        [notice] = [each for each in world.comments(pull) if each.startswith("<!-- infrautomater:notice")]
        assert "was interrupted" in notice and notice.count("@requester") == 1

        outside.touch()
        assert steps.goes_on(world, pull, "requester") == "/infra retry"
        world.says(pull, "Done: 1 request provisioned", "result")
        world.reaches_status(name, "provisioned")


def end_worker(world, name, kind, attempt):
    """Tell the worker to end that is within this attempt's apply, and see it gone."""

    def applying():
        found = (each for each in world.runs(name, kind, kind) if each["run"]["attempt"] == attempt)
        return next((each for each in found if each["run"]["state"].get("step") == "apply"), None)

    def waits(view):
        return "local-exec" in str(world.get(f"/api/v1/runs/{view['run']['id']}/log"))

    at_work = eventually(lambda: (view := applying()) and waits(view) and view)
    assert at_work, world.runs(name, kind, kind)
    os.kill(int(at_work["worker"].rpartition(":")[2]), signal.SIGTERM)
    assert eventually(lambda: not applying())
