import pytest

from controller.core.summary.progress import FEW, is_news, is_told_each, progress


@pytest.mark.parametrize(
    ("ended", "total", "said"),
    [
        (0, 0, 0),
        (0, 1, 0),
        (3, FEW, 3),
        (9, FEW, 9),
        (FEW, FEW, FEW),
        (0, FEW + 1, 0),
        (5, FEW + 1, 0),
        (6, FEW + 1, 5),
        (FEW, FEW + 1, 5),
        (FEW + 1, FEW + 1, FEW + 1),
        (249, 500, 0),
        (250, 500, 250),
        (499, 500, 250),
        (500, 500, 500),
    ],
)
def test_few_are_told_one_by_one_and_many_by_halves(ended, total, said):
    assert progress(ended, total) == said


@pytest.mark.parametrize("total", range(0, 60, 3))
def test_however_many_there_are_few_things_are_said_of_them(total):
    said = [progress(ended, total) for ended in range(total + 1)]
    assert len(set(said)) <= max(FEW + 1, 3)
    assert said == sorted(said)
    assert said[-1] == total
    assert is_told_each(total, total)


@pytest.mark.parametrize("total", [1, FEW, FEW + 1, 20, 21, 60])
def test_what_changes_nothing_that_is_said_is_no_news(total):
    said = [progress(ended, total) for ended in range(total + 1)]
    news = [is_news(total - ended, total) for ended in range(1, total + 1)]
    assert news == [said[ended] != said[ended - 1] for ended in range(1, total + 1)]
