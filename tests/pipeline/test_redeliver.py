"""Stories of deliveries that nobody took."""

from datetime import timedelta

import pytest

from controller.core.redelivery import Attempt
from controller.errors import GitHubError, GitHubNotFound, GitHubRefused
from controller.pipeline.redeliver import EVERY, redeliver


@pytest.fixture
def failed(world):
    """A delivery that failed now."""

    def make(number, code=503):
        world.github.attempts.append(Attempt(number, f"guid-{number}", world.clock(), code))

    return make


def test_what_failed_is_asked_for_again_and_what_is_wrong_in_itself_is_not(world, failed):
    failed(1)
    failed(2, code=400)
    world.clock.sleep(EVERY.total_seconds())
    redeliver(world.ports)

    assert world.github.redelivered == [1]


def test_where_none_failed_nothing_is_asked_for(world):
    redeliver(world.ports)

    assert world.github.redelivered == []


@pytest.mark.parametrize("refusal", [GitHubRefused("403: Resource not accessible"), GitHubNotFound("404")])
def test_an_account_that_may_not_see_the_hook_is_told_what_that_means(world, monkeypatch, refusal):
    def refuse(since):
        raise refusal

    monkeypatch.setattr(world.github, "failed_deliveries", refuse, raising=False)
    with pytest.raises(
        GitHubRefused, match=r"may not be seen \(40[34].*the next reconcile finds.*operating.md"
    ):
        redeliver(world.ports)


def test_a_github_that_is_away_is_an_error_like_any_other(world):
    world.github.is_down = True
    with pytest.raises(GitHubError, match="does not answer"):
        redeliver(world.ports)


def test_after_a_few_attempts_it_is_left_to_the_next_look(world, failed):
    for _ in range(10):
        failed(1)
        world.github.attempts[-1] = Attempt(len(world.github.attempts), "guid", world.clock(), 503)
        world.clock.sleep(timedelta(hours=2).total_seconds())
        redeliver(world.ports)

    assert world.github.redelivered == [1, 2, 3]
