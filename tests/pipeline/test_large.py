"""Stories of a pull with very many requests: one comment that fits, and few writes at each stage."""

import pytest

from controller.errors import TerraformFailed

MANY = 60
FITS = 65_536


def path(index):
    return f"requests/payments/r{index:03}.yaml"


@pytest.fixture
def asked(ask):
    def make(**parameters):
        return {path(index): ask(name=f"r{index:03}", **parameters) for index in range(MANY)}

    return make


@pytest.fixture
def spent(world):
    """What a stage costs in writes to GitHub: whatever goes on, every call is answered one by one."""

    def count(begin):
        before = world.github.writes
        begin()
        world.work()
        return world.github.writes - before

    return count


def test_planning_many_requests_takes_few_writes(world, asked, spent):
    assert spent(lambda: world.pull(asked())) <= 8
    body = world.plan_comment(1)

    assert world.status(1, "plan") == f"success: Ready: {MANY} changes, low risk"
    assert len(body) < FITS and all(f"`dev/box/r{index:03}`" in body for index in range(MANY))


def test_applying_many_requests_takes_few_writes(world, asked, spent):
    number = world.pull(asked())
    world.work()

    assert spent(lambda: world.merge(number)) <= 8
    assert f"Done: {MANY} requests provisioned" in world.result(number)


def test_many_failures_are_told_in_few_writes_and_one_notice(world, asked, spent):
    number = world.pull(asked())
    world.work()
    for index in range(MANY):
        world.terraform.fail[f"r{index:03}", "apply"] = TerraformFailed("apply", "", "Error: AccessDenied")

    assert spent(lambda: world.merge(number)) <= 8
    notices = [body for (_, marker), body in world.github.comments.items() if ":notice" in marker]
    assert len(notices) == 1 and f"{MANY} requests failed" in notices[0] and "@ann" in notices[0]

    assert spent(lambda: world.comment(number, "/infra retry")) <= 8
    assert f"Done: {MANY} requests provisioned" in world.result(number)


def test_many_mistakes_are_one_comment_that_says_how_many_more(world, asked, spent):
    wrong = {where: text.replace("kind: box", "kind: bax") for where, text in asked().items()}

    assert spent(lambda: world.pull(wrong)) <= 8
    assert world.status(1, "validate") == f"failure: Cannot merge: {MANY} mistakes"
    assert len(world.plan_comment(1)) < FITS
