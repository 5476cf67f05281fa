"""A random walk over pulls, merges, deliveries that go astray and workers that die: it ends where the default branch says."""

import json
import os
import signal
import time
from contextlib import suppress

import pytest
from github import GithubException
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.e2e.conftest import eventually, path, request
from tests.faults.catalogue import ARRIVING, FREE
from tests.faults.fleet import PATIENCE

EXAMPLES, STEPS = 5, 12
SIZES = some.sampled_from(["small", "medium", "large"])
ASTRAY = some.sampled_from(["drop", "double", "delay", "reorder"])


class Walk(RuleBasedStateMachine):
    """People and mishaps, in any order; each walk has requests of its own."""

    pulls = Bundle("pulls")

    def __init__(self, fleet, walked) -> None:
        super().__init__()
        self.fleet, self.walked = fleet, walked
        self.names = [fleet.name() for _ in range(3)]
        self.opened = []
        fleet.afresh()

    @rule(target=pulls, which=some.integers(0, 2), size=SIZES)
    def ask(self, which, size):
        return self._open(which, request(self.names[which], FREE, ARRIVING, size=size))

    @precondition(lambda self: any(self.wanted()))
    @rule(target=pulls, data=some.data())
    def want_no_more(self, data):
        which = data.draw(some.sampled_from([at for at, size in enumerate(self.wanted()) if size]))
        return self._open(which, None)

    @rule(pull=pulls, size=SIZES)
    def push(self, pull, size):
        number, which = pull
        with suppress(GithubException):  # it may be merged and its branch gone
            at = self.fleet.pull_of(number).head.ref
            self.fleet.commit(
                at, {path(self.names[which]): request(self.names[which], FREE, ARRIVING, size=size)}
            )
        self.walked["steps"] += 1

    @rule(pull=consumes(pulls))
    def close(self, pull):
        self.fleet.pull_of(pull[0]).edit(state="closed")
        self.walked["steps"] += 1

    @rule(pull=consumes(pulls))
    def merge(self, pull):
        with suppress(GithubException):  # two pulls may want the same file
            self.fleet.pull_of(pull[0]).merge()
        self.walked["steps"] += 1

    @rule(how=ASTRAY, times=some.integers(1, 4))
    def lead_deliveries_astray(self, how, times):
        self.fleet.faults({"kind": how, "times": times, "seconds": 1})
        self.walked["steps"] += 1

    @rule()
    def deliver_again(self):
        for each in self.fleet.stack.hook().deliveries()[:3]:
            self.fleet.redeliver(each)
        self.walked["steps"] += 1

    @rule()
    def kill_a_worker(self):
        os.kill(self.fleet.crew.live()[0], signal.SIGKILL)
        self.fleet.crew.start()
        self.walked["steps"] += 1

    @rule()
    def flush_the_broker(self):
        self.fleet.broker.flush()
        self.walked["steps"] += 1

    def teardown(self):
        self.fleet.calm()
        for number in self.opened:
            if self.fleet.pull_of(number).state == "open":
                self.fleet.pull_of(number).edit(state="closed")
        until = time.monotonic() + PATIENCE
        while (left := self._differences()) and time.monotonic() < until:
            self._release()
            time.sleep(0.5)
        assert not left, left
        assert eventually(lambda: not self.fleet.at_work(), PATIENCE)
        self._told_once()
        self.walked["walks"] += 1

    def wanted(self):
        """Of each request the size that the default branch asks for, None where it does not ask."""
        texts = [self._text(name) for name in self.names]
        return [json.loads(text)["parameters"]["size"] if text else None for text in texts]

    def _open(self, which, text):
        self.walked["steps"] += 1
        pull = self.fleet.proposed_at_once({path(self.names[which]): text})
        self.opened.append(pull.number)
        return pull.number, which

    def _text(self, name):
        try:
            return self.fleet.as_("admin").get_contents(path(name)).decoded_content.decode()
        except GithubException:
            return None

    def _differences(self):
        found = {
            name: (wanted, self.fleet.stands(f"{FREE}.{ARRIVING}.{name}"))
            for name, wanted in zip(self.names, self.wanted(), strict=True)
        }
        ways = {name: pair for name, pair in found.items() if pair[0] != pair[1]}
        going = {name: run.state for name in self.names for run in self.fleet.runs_of(name) if run.state != "ended"}  # fmt: skip
        return ways or going

    def _release(self):
        """A person sees to whatever is held: it was merged before anybody saw its plan."""
        for name in self.names:
            run = self.fleet.newest(name)
            if run and run.state == "held":
                with suppress(AssertionError):  # it may be superseded at this moment
                    self.fleet.verb("release", str(run.id), "--reason", "Seen, and meant.")

    def _told_once(self):
        for number in self.opened:
            markers = [body.partition(" v1")[0] for body in self.fleet.comments(self.fleet.pull_of(number))]
            for kind in ("plan", "result"):
                assert markers.count(f"<!-- infrautomater:{kind}") <= 1, markers


@pytest.mark.timeout(900)
def test_a_random_walk_ends_where_the_default_branch_says(fleet, record_property):
    walked = {"walks": 0, "steps": 0}
    bounds = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Walk(fleet, walked), settings=bounds)
    record_property("walk", f"{walked['walks']} walks of {walked['steps']} steps in all")
