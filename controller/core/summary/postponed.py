"""Postponed: what failed for a cause that may pass, and is tried again by itself."""

from collections.abc import Iterable

from controller.core.run import Run
from controller.core.succession import MOST_TRIES


def postponed_words(run: Run, command: str) -> str:
    """When a run is tried again, and the command that does not wait for it; empty where it waits for no time.

    The command needs a pull to be given on.
    """
    waits = run.postponed
    if waits is None or waits.until is None:
        return ""
    sooner = f"; `{command}` tries at once" if run.pull else ""
    tries = f"try {run.tries.failed + 1} of {MOST_TRIES}"
    return f"failed ({waits.cause}), and is tried again by itself at {waits.until:%H:%M} UTC, {tries}{sooner}"


def next_try(runs: Iterable[Run]) -> str:
    """When the first of some runs is tried again; empty unless all of them wait for that."""
    waits = [run.postponed for run in runs]
    times = [wait.until for wait in waits if wait is not None and wait.until is not None]
    return f" (tried again at {min(times):%H:%M} UTC)" if times and len(times) == len(waits) else ""
