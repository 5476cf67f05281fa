"""How long a merge takes to be applied, beside a shell script that runs Terraform on the same rendered folder.

    python benchmarks/end_to_end.py [--cloud aws] [--rounds ROUNDS] [--write]

The whole product runs on this machine: GitHub in a box, broker, listener, worker, schedule. A turn is from the merge's
first delivery, as it is recorded, to the end of the apply, as it is recorded. Exits 1 where that is 300 ms or more above
the script's `init, plan, apply` with the kind `sandbox`; with `--cloud aws`, a bucket on moto through the AWS provider,
where it takes more than 0.9 of the time of `init, plan, show, apply`.
"""

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Limit, Report, options, publish, spread, take_turns
from benchmarks.people import People, Records, await_
from benchmarks.raw import Scripts, rendered, text_of
from controller.cli.cloud import aws_in_a_box
from controller.cli.stack import Stack, StackError, running_stack

MORE_MS = 300.0
SHARE = 0.9
CALM = 1.0
"""Seconds after a plan until whatever it set off is over."""

PATIENCE = 180.0
OURS, SCRIPT = "infrautomater", "shell script"


@dataclass(frozen=True)
class Contest:
    """What is compared: a section's name, a kind, the script's steps, and the limit on both medians in seconds."""

    section: str
    kind: str
    steps: tuple[str, ...]
    limit: Callable[[float, float], Limit]


def at_most_more(ours: float, script: float) -> Limit:
    more = (ours - script) * 1000
    return Limit(f"{more:+.0f} ms beside the script, at most {MORE_MS:+.0f} ms", more <= MORE_MS)


def at_most_a_share(ours: float, script: float) -> Limit:
    share = ours / script
    return Limit(f"{share:.2f} of the script's time, at most {SHARE}", share <= SHARE)


SANDBOX = Contest("end_to_end", "sandbox", ("init", "plan", "apply"), at_most_more)
AWS = Contest("end_to_end_aws", "s3", ("init", "plan", "show", "apply"), at_most_a_share)


def main() -> int:
    asked = options(__doc__, {"rounds": 7}, cloud="`aws` for a bucket on moto")
    contest = AWS if asked.cloud else SANDBOX
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as parts:
        env: Mapping[str, str] = {}
        if asked.cloud:
            try:
                env, _ = parts.enter_context(aws_in_a_box(Path(folder)))
            except StackError as missing:
                print(f"nothing to measure: {missing}")
                return 0
        stack = parts.enter_context(running_stack(Path(folder) / "stack", env))
        scripts = Scripts(Path(folder) / "scripts", contest.steps, env)
        turns = {OURS: ours(stack, contest.kind), SCRIPT: script(scripts, contest.kind)}
        for begin in turns.values():
            begin(-1)  # what only the first one has to do: load code, verify providers
        times = take_turns(asked.rounds, turns)
    return publish(report(contest, times), write=asked.write)


def report(contest: Contest, times: dict[str, list[float]]) -> Report:
    spreads = {name: spread(values) for name, values in times.items()}
    ours, script = (spreads[name][0] for name in (OURS, SCRIPT))
    rows = [("merged → applied", "median", "least", "most", "ratio")]
    rows += [
        (name, *(f"{value:.2f} s" for value in values), f"{values[0] / script:.2f}")
        for name, values in spreads.items()
    ]
    remark = f"Kind `{contest.kind}`; the script runs `{', '.join(contest.steps)}`. Medians of {len(times[OURS])} turns."
    return Report(contest.section, rows, [contest.limit(ours, script)], remark)


def ours(stack: Stack, kind: str) -> Callable[[int], float]:
    people, records = People(stack), Records(stack)

    def seconds(number: int) -> float:
        name = f"ours-{number + 2}"
        planned, applied = (records.count(operation, "ended") for operation in ("plan", "apply"))
        pull = people.propose(name, {f"requests/bench/{name}.yaml": text_of(kind, name)})
        await_(lambda: records.count("plan", "ended") > planned, PATIENCE, "the plan")
        time.sleep(CALM)
        before = records.last_delivery()
        people.merge(pull)
        await_(lambda: records.count("apply", "ended", "applied") > applied, PATIENCE, "the apply")
        took = records.last("ended") - records.first_delivery(before)
        time.sleep(CALM)
        return took.total_seconds()

    return seconds


def script(scripts: Scripts, kind: str) -> Callable[[int], float]:
    def seconds(number: int) -> float:
        root = scripts.prepare(rendered(kind, f"script-{number + 2}"))
        began = time.perf_counter()
        scripts.run([root])
        return time.perf_counter() - began

    return seconds


if __name__ == "__main__":
    sys.exit(main())
