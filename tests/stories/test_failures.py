"""Applies that fail: what people are told, whom it reaches, and how it goes on without another pull."""

import pytest

from tests.e2e.conftest import eventually
from tests.stories import steps

FAILING = 'command     = var.fail ? "sleep ${var.seconds}; echo \\"$WHY\\" >&2; exit 1" :'


@pytest.fixture(name="fragile")
def _fragile(world, tmp_path):
    """A kind whose applies fail until a file is there, as something outside Terraform would; its name and that file."""
    outside = tmp_path / "mended"
    kind = world.own_kind()
    world.mend_module(
        kind,
        {FAILING: f'command     = var.fail ? "test -e {outside} || {{ echo \\"$WHY\\" >&2; exit 1; }}" :'},
    )
    return kind, outside


def test_a_failure_is_told_its_author_and_retried_in_the_same_comment(world, ask, at, fragile):
    kind, outside = fragile
    name = world.name()
    identity = f"{kind}/{kind}/{name}"
    pull = world.brought({at(name): ask(name, kind, kind, fail=True)})
    result = world.says(pull, f"Failed: {name}", "result")
    assert f"| `{identity}` | **failed** at apply (mistake) |" in result
    assert "This rehearsal was asked to fail." in result
    partly = "Partly applied. Done: `module.this.terraform_data.instance`. Begun and not finished: `module.this.terraform_data.rehearsal[0]`."
    assert f"**What state things are in:** {partly}" in result
    [notice] = notices(world, pull)
    assert (
        notice.count("@requester") == 1 and f"**`{identity}` failed at apply: " in notice and partly in notice
    )
    world.reaches(world.pull_of(pull.number).merge_commit_sha, "apply", "failure")
    world.reaches_status(name, "failed")

    outside.touch()
    assert steps.goes_on(world, pull, "requester") == "/infra retry"

    result = world.says(pull, "Done: 1 request provisioned", "result")
    assert "failed" not in result
    world.reaches_status(name, "provisioned")
    world.reaches(world.pull_of(pull.number).merge_commit_sha, "apply", "success")
    assert len(notices(world, pull)) == 1 and len(results(world, pull)) == 1


def test_a_retry_that_fails_again_tells_so_once_more(world, ask, at):
    name = world.name()
    pull = world.brought({at(name): ask(name, fail=True)})
    world.says(pull, f"Failed: {name}", "result")

    steps.goes_on(world, pull, "requester")

    assert eventually(lambda: len(notices(world, pull)) == 2)
    assert len([run for run in world.runs(name) if run["run"]["operation"] == "apply"]) == 2
    world.says(pull, f"Failed: {name}", "result")
    assert len(results(world, pull)) == 1


def test_of_two_requests_the_one_that_failed_is_told_and_tried_again_alone(world, ask, at, fragile):
    kind, outside = fragile
    good, bad = world.name(), world.name()
    pull = world.brought({at(good): ask(good, kind, kind), at(bad): ask(bad, kind, kind, fail=True)})
    world.reaches_status(good, "provisioned")
    world.reaches_status(bad, "failed")
    result = world.says_in(pull, f"| `{kind}/{kind}/{good}` | provisioned |")
    assert f"| `{kind}/{kind}/{bad}` | **failed** at apply (mistake) |" in result
    assert world.headline(pull, "result") == f"Failed: {bad}"

    outside.touch()
    steps.goes_on(world, pull, "requester")

    world.says(pull, "Done: 2 requests provisioned", "result")
    assert len([run for run in world.runs(good, kind, kind) if run["run"]["operation"] == "apply"]) == 1


def test_another_pull_may_mend_what_failed(world, ask, at):
    name = world.name()
    failed = world.brought({at(name): ask(name, fail=True)})
    world.says(failed, f"Failed: {name}", "result")

    mending = world.brought({at(name): ask(name)})

    world.says(mending, "Done: 1 request provisioned", "result")
    world.reaches_status(name, "provisioned")
    steps.refused(world, failed, "requester", "/infra retry")
    world.reaches_status(name, "provisioned")


def notices(world, pull):
    return [each for each in world.comments(pull) if each.startswith("<!-- infrautomater:notice")]


def results(world, pull):
    return [each for each in world.comments(pull) if each.startswith("<!-- infrautomater:result")]
