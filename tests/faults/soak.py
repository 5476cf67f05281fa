"""A soak: many requests in many pulls, many workers, one of which is killed every few seconds.

    python -m tests.faults.soak --requests 1000 --pulls 50 --workers 4 --every 5 --write

Everything must be applied once, ledger, Terraform's states and the book of what was made must agree, and the memory of
listener and workers must stay where it was.
"""

import argparse
import itertools
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.conftest import path, request
from tests.faults import table
from tests.faults.catalogue import ARRIVING, FREE
from tests.faults.fleet import running_fleet
from tests.faults.processes import memory, processes_in
from tests.faults.verdict import ADDRESSES

PACE = {
    "INFRAUTOMATER_LEASE": "10",
    "INFRAUTOMATER_HEARTBEAT": "1",
    "INFRAUTOMATER_SILENCE": "5",
    "INFRAUTOMATER_SWEEP_EVERY": "1",
    "INFRAUTOMATER_RECONCILE_EVERY": "15",
    "INFRAUTOMATER_THREADS": "1",
    "INFRAUTOMATER_DRAIN": "1",
}

GROWTH = 1.25
"""So much memory at the end, of what there was when the first pull was planned, is still the same."""


def soak(fleet, asked):
    """Play it; what came of it, as text for the page."""
    fleet.crew.be(asked.workers)
    names = [fleet.name() for _ in range(asked.requests)]
    began = time.monotonic()
    with _killing(fleet, asked.every) as killed:
        pulls = [_opened(fleet, batch) for batch in _batches(names, asked.pulls)]
        _wait(lambda: "Ready" in fleet.headline(pulls[0]), asked.patience, "plans of the first pull")
        levels = [_level(fleet)]
        _wait(lambda: all("Ready" in fleet.headline(pull) for pull in pulls), asked.patience, "plans")
        planned = time.monotonic() - began
        levels.append(_level(fleet))
        for pull in pulls:
            fleet.merge(pull)
        _wait(lambda: _left(fleet, asked.requests) == 0, asked.patience, "applies")
    applied = time.monotonic() - began
    _wait(lambda: all("Done" in fleet.headline(pull, "result") for pull in pulls), asked.patience, "results")
    levels.append(_level(fleet))
    wrong = Counter(itertools.chain.from_iterable(_wrong(fleet, name) for name in names))
    wrong += Counter(_grown(levels))
    told = Counter(len(fleet.comments(pull)) for pull in pulls)
    return wrong, _text(asked, len(killed), (planned, applied), levels, told)


def _opened(fleet, names):
    return fleet.proposed_at_once({path(name): request(name, FREE, ARRIVING) for name in names})


def _batches(names, pulls):
    size = -(-len(names) // pulls)
    return [names[at : at + size] for at in range(0, len(names), size)]


def _left(fleet, wanted):
    """How many requests are not applied yet."""
    there = {run.request for run in fleet.changing() if run.outcome == "applied"}
    return wanted - len(there)


def _wrong(fleet, name):
    """What is not as it should be with one request."""
    if set(fleet.objects(f"{FREE}.{ARRIVING}.{name}")) != ADDRESSES:
        yield "lost: not in Terraform's state"
    if [run.outcome for run in fleet.runs_of(name)].count("applied") != 1:
        yield "lost or doubled: not applied once in the ledger"
    made = [one for one, _ in fleet.gates.done(name)]
    if len(made) > 1:
        yield "doubled: made twice"
    if not made or made[-1] != fleet.objects(f"{FREE}.{ARRIVING}.{name}").get("counted"):
        yield "lost: what was made is not what the state has"


@contextmanager
def _killing(fleet, every):
    """Kill a worker every few seconds, and start another in its place; the eldest lives on, so that its memory can be seen."""
    killed, over = [], threading.Event()

    def kill():
        while not over.wait(every):
            victim = fleet.crew.live()[1]
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)
            fleet.crew.start()

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def _level(fleet):
    """The memory of the listener and of the eldest worker, in MB."""
    served = (pid for pid, line in processes_in(fleet.stack.data) if line.rstrip().endswith("controller serve") and "guard.py" not in line)  # fmt: skip
    return memory(next(served)), memory(fleet.crew.live()[0])


def _grown(levels):
    """Whose memory did not stay where it was."""
    first, last = levels[0], levels[-1]
    for who, before, after in zip(("listener", "worker"), first, last, strict=True):
        if after > before * GROWTH:
            yield f"the {who}'s memory grew from {before:.0f} to {after:.0f} MB"


def _wait(look, patience, what):
    until = time.monotonic() + patience
    while not look():
        if time.monotonic() > until:
            sys.exit(f"waited {patience:.0f} s for all {what}")
        time.sleep(2)
    print(f"all {what} are there", flush=True)  # noqa: T201 -- a script says how far it is


def _text(asked, killed, times, levels, told):
    mb = [" → ".join(f"{level[which]:.0f}" for level in levels) for which in (0, 1)]
    return "\n".join(
        (
            f"- {asked.requests} requests in {asked.pulls} pulls, {asked.workers} workers, {killed} of them killed, one every {asked.every:g} s.",
            f"- All planned after {times[0]:.0f} s, all applied after {times[1]:.0f} s.",
            f"- Comments on a pull, and on how many: {json.dumps(told)}.",
            f"- Memory when the first pull is planned, when all are, at the end: listener {mb[0]} MB, the worker that was spared {mb[1]} MB.",
        )
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default in (("requests", 1000), ("pulls", 50), ("workers", 4)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two kills")
    parser.add_argument("--patience", type=float, default=3600.0, help="seconds that one part may take")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    asked = parser.parse_args()
    if asked.workers < 2:
        parser.error("one worker is spared: there must be two or more")
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
        running_fleet(Path(folder), pace=PACE) as fleet,
    ):
        wrong, text = soak(fleet, asked)
    text += f"\n- Lost, doubled or grown: {json.dumps(wrong) if wrong else 'none'}."
    print(text)  # noqa: T201 -- likewise
    if asked.write:
        table.write("soak", text)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
