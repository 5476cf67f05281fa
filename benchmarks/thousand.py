"""How long a worker of two threads takes for a thousand requests, beside `xargs -P2` of the raw commands.

    python benchmarks/thousand.py [--requests REQUESTS] [--rounds ROUNDS] [--write]

The whole product runs on this machine, on SQLite and an embedded Valkey. A turn opens a pull for every twenty requests of
the kind `sandbox`, merges them all while nobody hears of it, and has them reconciled at once; it is measured from the
moment at which all runs wait to the end of the last apply, the reports on the pulls included as far as they are made
meanwhile. The script runs `init, plan, apply` in the folders that the product rendered. Exits 1 where a turn takes more
than twice the time of the script's.
"""

import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Limit, Report, options, publish, spread, take_turns
from benchmarks.people import People, Records, await_
from benchmarks.raw import Scripts, rendered, text_of
from controller.cli.stack import Stack, running_stack

TIMES = 2.0
THREADS = 2
TEAM = 20
"""Requests of a pull, each pull another team's: as many as the quota of the starter kit lets a team have."""

CALM = 3.0
EACH = 5.0
"""Seconds for each request after which the benchmark gives up."""

OURS, SCRIPT = "infrautomater", f"xargs -P{THREADS}"


def main() -> int:
    asked = options(__doc__, {"requests": 1000, "rounds": 5})
    with tempfile.TemporaryDirectory() as folder:
        extra = {"INFRAUTOMATER_THREADS": str(THREADS)}
        with running_stack(Path(folder) / "stack", extra) as stack:
            scripts = Scripts(Path(folder) / "scripts", ("init", "plan", "apply"))
            turns = {OURS: ours(stack, asked.requests), SCRIPT: script(scripts, asked.requests)}
            times = take_turns(asked.rounds, turns)
    return publish(report(times, asked.requests), write=asked.write)


def report(times: dict[str, list[float]], requests: int) -> Report:
    spreads = {name: spread(values) for name, values in times.items()}
    ours, script = (spreads[name][0] for name in (OURS, SCRIPT))
    rows = [(f"{requests:,} requests", "median", "least", "most", "a request", "ratio")]
    rows += [
        (
            name,
            *(f"{value:.1f} s" for value in values),
            f"{values[0] / requests * 1000:.0f} ms",
            f"{values[0] / script:.2f}",
        )
        for name, values in spreads.items()
    ]
    limit = Limit(f"{ours / script:.2f} times the script's time, at most {TIMES:g}", ours / script <= TIMES)
    return Report("thousand", rows, [limit], f"Medians of {len(times[OURS])} turns.")


def ours(stack: Stack, requests: int) -> Callable[[int], float]:
    people, records = People(stack), Records(stack)

    def seconds(number: int) -> float:
        done = records.count("apply", "ended", "applied")
        with people.unheard():
            ask_for(people, number, requests)
        reconcile(stack)
        await_(
            lambda: records.count("apply", "ended", "applied") == done + requests,
            EACH * requests,
            "the applies",
        )
        took = records.last("ended") - records.last("created")
        time.sleep(CALM)  # until the last pulls are told
        return took.total_seconds()

    return seconds


def ask_for(people: People, number: int, requests: int) -> None:
    for team in range(0, requests, TEAM):
        names = [f"r{number}-{one}" for one in range(team, min(team + TEAM, requests))]
        files = {f"requests/team-{number}-{team}/{name}.yaml": text_of("sandbox", name) for name in names}
        people.merge(people.propose(f"team-{number}-{team}", files))


def reconcile(stack: Stack) -> None:
    argv = (sys.executable, "-m", "controller", "reconcile")
    subprocess.run(argv, env={**os.environ, **stack.env}, stdout=subprocess.DEVNULL, check=True)


def script(scripts: Scripts, requests: int) -> Callable[[int], float]:
    numbers = itertools.count()

    def seconds(_round: int) -> float:
        folders = [scripts.prepare(rendered("sandbox", f"s{next(numbers)}")) for _ in range(requests)]
        began = time.perf_counter()
        scripts.run(folders, THREADS)
        return time.perf_counter() - began

    return seconds


if __name__ == "__main__":
    sys.exit(main())
