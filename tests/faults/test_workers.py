"""A worker that is killed, and one that falls asleep and wakes up: how long it takes, and what the sleeper may still do."""

import os
import signal
import time

import pytest

from tests.e2e.conftest import eventually
from tests.faults.fleet import PACE, PATIENCE, running_fleet
from tests.faults.processes import is_alive
from tests.faults.scenes import reach
from tests.faults.verdict import judge

FORGIVEN = 60.0
"""Seconds until a killed worker's run must be on another, with the settings that nobody changed."""

CHANGED = ("INFRAUTOMATER_LOCK_TIMEOUT", "INFRAUTOMATER_THREADS")
"""What has nothing to do with who takes over when, and makes the story shorter."""


@pytest.mark.timeout(300)
def test_with_default_settings_a_killed_workers_run_is_taken_up_within_a_minute(tmp_path, record_property):
    with running_fleet(tmp_path, pace={name: PACE[name] for name in CHANGED}) as fleet:
        scene = reach(fleet, "middle", "apply")
        first = fleet.newest(scene.caught)
        fleet.crew.start()

        os.kill(fleet.worker_of(scene.caught), signal.SIGKILL)
        began = time.monotonic()
        assert eventually(
            lambda: (run := fleet.newest(scene.caught)).id != first.id and run.started, PATIENCE
        )
        took = time.monotonic() - began

        fleet.gates.open(scene.caught)
        judge(fleet, scene)
    record_property("takeover", round(took, 1))
    assert took < FORGIVEN


@pytest.mark.timeout(300)
def test_a_worker_that_was_frozen_and_is_thawed_changes_nothing(fleet):
    fleet.afresh()
    scene = reach(fleet, "middle", "apply")
    frozen, run = fleet.worker_of(scene.caught), fleet.newest(scene.caught)
    terraform = fleet.gates.reached(scene.caught, "middle")

    fleet.freeze(frozen)
    assert eventually(lambda: not is_alive(terraform)), "its guard did not stop its Terraform"
    fleet.crew.start()
    assert eventually(lambda: fleet.newest(scene.caught).id != run.id)
    trail = fleet.events_of(run.id)
    assert trail[-1].after == "ended:interrupted" and trail[-1].actor != run.worker

    os.kill(frozen, signal.SIGCONT)
    fleet.gates.open(scene.caught)
    judge(fleet, scene)
    fleet.crew.end(frozen)  # whatever it still had to say it has said by then
    assert fleet.events_of(run.id) == trail
