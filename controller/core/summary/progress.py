"""Progress: how much of what is under way is told.

Each text of its own is a write on GitHub, which takes 80 a minute and 500 an hour
(https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits).
So where many requests are on their way, people hear of the half and of the end, and of nothing in between.
"""

FEW = 10
"""So many are told one by one, each as it comes."""


def is_told_each(ended: int, total: int) -> bool:
    """Whether each of them has a line of its own already."""
    return total <= FEW or ended == total


def progress(ended: int, total: int) -> int:
    """How many are said to have ended: of many none, half or all, otherwise as many as have."""
    if is_told_each(ended, total):
        return ended
    return total // 2 if ended * 2 >= total else 0


def is_news(left: int, total: int) -> bool:
    """Whether what is told changes, now that one more has ended and so many of all are left."""
    ended = total - left
    return is_told_each(ended, total) or progress(ended, total) != progress(ended - 1, total)
