"""Which deliveries are asked for again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.redelivery import AT_ONCE, KEPT, MOST_ATTEMPTS, Attempt, due

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def tried(*codes, guid="g", minutes=60.0, number=1):
    """Attempts at one delivery with what we answered, oldest first; the newest is so old."""
    return [
        Attempt(number * 100 + turn, guid, NOW - timedelta(minutes=minutes + len(codes) - 1 - turn), code)
        for turn, code in enumerate(codes)
    ]


@pytest.mark.parametrize(
    ("codes", "minutes", "is_due"),
    [
        ((0,), 3, True),
        ((503,), 3, True),
        ((502,), 3, True),
        ((401,), 3, True),  # a secret that was rotated in a wrong order can be put right
        ((202,), 3, False),
        ((200,), 3, False),
        ((503, 202), 60, False),
        ((202, 503), 60, False),  # it was taken, whatever somebody else asked for later
        ((400,), 3, False),
        ((403,), 3, False),
        ((413,), 3, False),
        ((415,), 3, False),
        ((503, 400), 60, False),
        ((503,), 1, False),  # an outage of a moment is not over yet
        ((503, 503), 7, False),
        ((503, 503), 9, True),
        ((503, 503, 503), 33, True),
        ((503, 503, 503, 503), 600, False),
        ((503,), 3 * 24 * 60 + 1, False),
        ((503,), 3 * 24 * 60 - 1, True),
    ],
)
def test_a_failed_delivery_is_due_a_few_times_and_less_and_less_often(codes, minutes, is_due):
    attempts = tried(*codes, minutes=minutes)

    assert due(attempts, NOW) == ((attempts[-1],) if is_due else ())


def test_each_delivery_counts_by_itself_and_the_oldest_come_first():
    one, two = tried(503, guid="one", number=2), tried(0, guid="two", number=1)

    assert due([*one, *two, *tried(202, guid="three", number=3)], NOW) == (*two, *one)


def test_who_was_away_for_long_is_not_buried():
    many = [attempt for number in range(100) for attempt in tried(0, guid=f"g{number}", number=number)]

    assert [attempt.guid for attempt in due(many, NOW)] == [f"g{number}" for number in range(AT_ONCE)]


attempts = st.builds(
    Attempt,
    id=st.integers(1, 10**6),
    guid=st.sampled_from("abc"),
    at=st.timedeltas(timedelta(0), timedelta(days=5)).map(lambda ago: NOW - ago),
    code=st.sampled_from([0, 200, 202, 400, 401, 500, 503]),
)


@given(st.lists(attempts, max_size=20, unique_by=lambda attempt: attempt.id))
def test_nothing_that_was_taken_or_is_forgotten_is_asked_for(tries):
    for chosen in due(tries, NOW):
        kin = [attempt for attempt in tries if attempt.guid == chosen.guid]
        assert all(attempt.failed for attempt in kin) and len(kin) < MOST_ATTEMPTS
        assert chosen.id == max(attempt.id for attempt in kin) and NOW - chosen.at <= KEPT
