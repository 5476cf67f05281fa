"""How long a message that failed is told again, without a broker."""

import random

import pytest
from dramatiq.common import compute_backoff
from dramatiq.errors import Retry

from controller.edge.patience import LONGEST_PAUSE, SPREAD, TRIES, TRIES_OF_A_BUG, Patience, is_worth_another
from controller.errors import GitError, GitHubError, GitHubLimited, GitHubRefused


def limited(seconds):
    def story(*_args):
        raise GitHubLimited("the limit is used up", seconds)

    return story


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (GitHubError("502"), TRIES),
        (GitError("no route to host"), TRIES),
        (ValueError("a bug"), TRIES_OF_A_BUG),
        (Retry("the limit is used up", delay=3_600_000), 1_000),
    ],
)
def test_what_the_world_refuses_is_tried_longer_than_a_bug_and_a_limit_is_always_waited_for(error, tries):
    assert [is_worth_another(retries, error) for retries in range(1_000)] == [
        retries < tries for retries in range(1_000)
    ]


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_an_outage_is_outlived_for_ten_minutes_at_least(monkeypatch, chance):
    monkeypatch.setattr("dramatiq.common.uniform", lambda low, high: low + (high - low) * chance)
    pauses = [compute_backoff(n, factor=1_000, max_backoff=LONGEST_PAUSE)[1] for n in range(TRIES)]
    assert 600_000 <= sum(pauses) <= 1_800_000


def test_a_limit_of_an_hour_puts_the_story_off_for_so_long_and_a_little():
    for _ in range(20):
        with pytest.raises(Retry, match="used up") as caught:
            Patience()("report", limited(3_600.0))(7)
        assert 3_600_000 < caught.value.delay <= (3_600 + SPREAD) * 1_000


def test_one_of_a_kind_waits_for_the_limits_end_and_others_are_done_with():
    now = [1_000.0]
    told = Patience(lambda: now[0])("report", limited(60.0))
    waits = []
    for at, number in ((0, 7), (1, 7), (2, 8), (30, 7), (59, 8), (60, 7), (61, 7), (63, 8)):
        now[0] = 1_000.0 + at
        try:
            told(number)
        except Retry:
            waits.append((at, number))
    assert waits == [(0, 7), (2, 8), (60, 7), (63, 8)]


def test_stories_do_not_wait_for_each_other():
    patience = Patience(lambda: 1_000.0)
    for name, args in (("report", (7,)), ("report_commit", (7,)), ("reconcile", ())):
        with pytest.raises(Retry):
            patience(name, limited(60.0))(*args)


def test_what_github_refuses_is_not_tried_again():
    def locked(_number):
        raise GitHubRefused("Unable to create comment because issue is locked.")

    assert Patience()("report", locked)(7) is None


def test_other_errors_are_the_brokers_matter():
    def away(_number):
        raise GitHubError("502")

    with pytest.raises(GitHubError, match="502"):
        Patience()("report", away)(7)


def test_a_story_that_comes_back_is_not_taken_for_one_that_waits():
    """However short the limit and the spread, the message is due after what is remembered of it."""
    random.seed(1)
    now = [0.0]
    told = Patience(lambda: now[0])("report", limited(1.0))
    for _ in range(50):
        with pytest.raises(Retry) as caught:
            told(7)
        now[0] += caught.value.delay / 1_000
