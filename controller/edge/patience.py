"""How long a message that failed is told again: GitHub's limits are waited for, its outages are outlived."""

import random
import threading
import time
from collections.abc import Callable

import structlog
from dramatiq.errors import Retry

from controller.errors import (
    GitError,
    GitHubError,
    GitHubLimited,
    GitHubRefused,
    InfrautomaterError,
    LedgerError,
)

log = structlog.get_logger(__name__)

LONGEST_PAUSE = 120_000
"""Milliseconds between two tries at most; the first pause is a second, and each is about twice the last."""

TRIES = 15
"""So often a story is told again whose world is away: its pauses, shortened by chance, come to ten minutes and more."""

TRIES_OF_A_BUG = 5

SPREAD = 5.0
"""Seconds over which those that waited for one limit come back, so that they do not run into the next at once."""


def is_worth_another(retries: int, error: BaseException) -> bool:
    """Whether a message is told again: what GitHub asked us to put off always, what the world refuses for ten minutes.

    See https://dramatiq.io/guide.html#message-retries.
    """
    if isinstance(error, Retry):
        return True
    return retries < (TRIES if isinstance(error, InfrautomaterError) else TRIES_OF_A_BUG)


def is_for_later(_retries: int, error: BaseException) -> bool:
    """Whether a run that was not given out is offered again: as long as the world is away, or the machine ails.

    Whoever claims it has it alone, so that it may be offered as often as one likes; what fails after that is the ledger's
    to try again.
    """
    return isinstance(error, Retry | LedgerError | GitError | GitHubError)


class Patience:
    """Stories that look afresh each time, told again when GitHub listens again; for any number of threads."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._due: dict[tuple[object, ...], float] = {}

    def __call__(self, name: str, story: Callable[..., None]) -> Callable[..., None]:
        """The story, with an answer to GitHub's no."""

        def told(*args: int) -> None:
            try:
                story(*args)
            except GitHubLimited as limited:
                self._put_off((name, *args), limited)
            except GitHubRefused as refused:
                # As often as it is asked: a locked conversation takes no comment, and its statuses were set first.
                log.warning("GitHub refuses", story=name, about=args, said=str(refused))

        return told

    def _put_off(self, key: tuple[object, ...], limited: GitHubLimited) -> None:
        """Raise what has the message come back; one of a kind is enough, for it will tell what the others would."""
        now = self._clock()
        with self._lock:
            self._due = {other: due for other, due in self._due.items() if due > now}
            if key in self._due:
                return
            self._due[key] = now + limited.seconds
        log.warning("GitHub is to be left alone", story=key[0], about=key[1:], said=str(limited))
        spread = random.uniform(0.1, 1) * SPREAD  # noqa: S311 -- nobody gains by guessing it
        raise Retry(str(limited), delay=int((limited.seconds + spread) * 1000))
