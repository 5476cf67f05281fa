"""A soak: many requests in many pulls, many workers, one of which is killed every few seconds.

    python -m tests.faults.soak --requests 1000 --pulls 50 --workers 4 --every 5 --write

Everything must be applied once, ledger, Terraform's states and the book of what was made must agree, and while the same
work goes on the memory of listener and workers must stay where it was.

An object that a kill met in its making is one of which Terraform knows that it may not be whole: it is replaced
(https://developer.hashicorp.com/terraform/language/resources/provisioners/syntax#creation-time-provisioners). So an object
may be made again as often as a run of its request was interrupted, once Terraform said that it ended the one before.
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
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
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

GROWTH, STEP = 1.05, 1.5
"""So much more memory is still the same while the same work goes on, and from the first moment to the last."""

MOMENTS = ("the first pull is planned", "all are planned", "half of all is applied", "all is applied")
"""When memory is looked at. Between the second and the third the default branch gets all its requests, which are remembered."""


def soak(fleet, asked):
    """Play it; what went wrong, how often, and what came of it, as text for the page."""
    fleet.crew.be(asked.workers)
    eldest = fleet.crew.live()[0]
    names = [fleet.name() for _ in range(asked.requests)]
    with _killing(fleet, asked.every, eldest) as killed:
        times, levels, pulls = _played(fleet, asked, names, eldest)
    wrong = Counter(itertools.chain.from_iterable(_wrong(fleet, name) for name in names))
    wrong += Counter(_grown(levels))
    told = Counter(len(fleet.comments(pull)) for pull in pulls)
    again = sum(len(fleet.gates.begun(name)) > 1 for name in names)
    return wrong, _text(asked, (len(killed), again), times, levels, told)


def _played(fleet, asked, names, eldest):
    """Open the pulls, merge them, and wait for everything: seconds until all is planned and applied, memory, and the pulls."""
    began = time.monotonic()
    levels = []

    def reached(look, what):
        _wait(look, asked.patience, what)
        levels.append(_level(fleet, eldest))
        return time.monotonic() - began

    pulls = [_opened(fleet, batch) for batch in _batches(names, asked.pulls)]
    reached(lambda: "Ready" in fleet.headline(pulls[0]), "plans of the first pull")
    planned = reached(lambda: all("Ready" in fleet.headline(pull) for pull in pulls), "plans")
    for pull in pulls:
        fleet.merge(pull)
    reached(lambda: _left(fleet, asked.requests) <= asked.requests / 2, "the first half's applies")
    applied = reached(lambda: _left(fleet, asked.requests) == 0, "applies")
    _wait(lambda: all("Done" in fleet.headline(pull, "result") for pull in pulls), asked.patience, "results")
    return (planned, applied), levels, pulls


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
    outcomes = Counter(run.outcome for run in fleet.runs_of(name))
    if outcomes["applied"] != 1:
        yield "lost or doubled: not applied once in the ledger"
    begun, made = ([one for one, _ in book(name)] for book in (fleet.gates.begun, fleet.gates.done))
    told = "".join(fleet.logs_of(name))
    ended = [one for one in begun[:-1] if f"Destroying... [id={one}]" in told]
    if ended != begun[:-1] or len(ended) > outcomes["interrupted"]:
        yield "doubled: made twice"
    if not made or made[-1] != fleet.objects(f"{FREE}.{ARRIVING}.{name}").get("counted"):
        yield "lost: what was made is not what the state has"


@contextmanager
def _killing(fleet, every, eldest):
    """Kill a worker every few seconds, and start another in its place; the eldest lives on, so that its memory can be seen."""
    killed, over = [], threading.Event()

    def kill():
        while not over.wait(every):
            victim = next(pid for pid in fleet.crew.live() if pid != eldest)
            with suppress(ProcessLookupError):  # the one before, which its guard has buried just now
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)
                fleet.crew.start()

    with ThreadPoolExecutor(1) as pool:
        killing = pool.submit(kill)
        try:
            yield killed
        finally:
            over.set()
        killing.result()


def _level(fleet, eldest):
    """The memory of the listener and of the eldest worker, in MB."""
    served = (pid for pid, line in processes_in(fleet.stack.data) if line.rstrip().endswith("controller serve") and "guard.py" not in line)  # fmt: skip
    return memory(next(served)), memory(eldest)


def _grown(levels):
    """Whose memory did not stay where it was."""
    for earlier, later, limit in ((0, 1, GROWTH), (2, 3, GROWTH), (0, 3, STEP)):
        for who, before, after in zip(("listener", "worker"), levels[earlier], levels[later], strict=True):
            if after > before * limit:
                yield f"until {MOMENTS[later]} the {who}'s memory grew from {before:.0f} to {after:.0f} MB"


def _wait(look, patience, what):
    until = time.monotonic() + patience
    while not look():
        if time.monotonic() > until:
            sys.exit(f"waited {patience:.0f} s for all {what}")
        time.sleep(2)
    print(f"all {what} are there", flush=True)  # noqa: T201 -- a script says how far it is


def _text(asked, strikes, times, levels, told):
    killed, again = strikes
    mb = [" → ".join(f"{level[which]:.0f}" for level in levels) for which in (0, 1)]
    return "\n".join(
        (
            f"- {asked.requests} requests in {asked.pulls} pulls, {asked.workers} workers, {killed} of them killed, one every {asked.every:g} s.",
            f"- All planned after {times[0]:.0f} s, all applied after {times[1]:.0f} s.",
            f"- Objects that a kill met in their making, so that Terraform ended them and made them again: {again}.",
            f"- Comments on a pull, and on how many: {json.dumps(told)}.",
            f"- Memory when {', '.join(MOMENTS)}: listener {mb[0]} MB, the worker that was spared {mb[1]} MB.",
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
