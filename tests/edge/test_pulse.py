"""The heartbeat of a lease: heard as long as the ledger takes it, and not a moment longer."""

import threading
import time

import pytest

from controller.edge.pulse import Pulses
from controller.errors import FenceLost, LedgerError
from controller.ports import Lease

EVERY = 0.01
LEASE = Lease(7, "worker:1", 3)


class Ledger:
    """A ledger whose `beat` answers what a test says."""

    def __init__(self):
        self.beats = []
        self.error = None

    def beat(self, lease):
        self.beats.append(lease)
        if self.error:
            raise self.error


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
def pulses(ledger):
    return Pulses(ledger, EVERY)


def until(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.002)


def test_the_lease_is_lengthened_again_and_again(ledger, pulses):
    with pulses(LEASE) as pulse:
        until(lambda: len(ledger.beats) >= 3)
        assert not pulse.is_lost()
    assert set(ledger.beats) == {LEASE}


def test_whoever_listens_hears_a_beat_at_once_and_after_each_one(ledger, pulses):
    heard = []
    with pulses(LEASE) as pulse, pulse.listen(lambda: heard.append(1)):
        assert heard == [1]
        until(lambda: len(heard) >= 3)
    assert len(heard) <= len(ledger.beats) + 1


def test_after_the_block_nobody_beats(ledger, pulses):
    with pulses(LEASE):
        pass
    count = len(ledger.beats)
    time.sleep(5 * EVERY)

    assert len(ledger.beats) == count
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pulse")]


def test_when_the_lease_is_lost_listeners_hear_nothing_any_more(ledger, pulses):
    heard = []
    with pulses(LEASE) as pulse, pulse.listen(lambda: heard.append(1)):
        ledger.error = FenceLost("somebody else has it")
        until(pulse.is_lost)
        count = len(heard)
        ledger.error = None
        time.sleep(5 * EVERY)
        assert len(heard) == count


def test_who_listens_to_a_lost_lease_hears_nothing_at_all(ledger, pulses):
    heard = []
    ledger.error = FenceLost("somebody else has it")
    with pulses(LEASE) as pulse:
        until(pulse.is_lost)
        with pulse.listen(lambda: heard.append(1)):
            pass
    assert heard == []


def test_while_the_ledger_is_away_nobody_hears_a_beat_and_the_lease_is_not_lost(ledger, pulses):
    heard = []
    with pulses(LEASE) as pulse, pulse.listen(lambda: heard.append(1)):
        ledger.error = LedgerError("the disk is full")
        until(lambda: len(ledger.beats) >= 5)
        count = len(heard)
        assert count <= 5
        assert not pulse.is_lost()
        ledger.error = None
        until(lambda: len(heard) > count)


def test_a_worker_told_to_end_stops_every_heartbeat(ledger, pulses):
    with pulses(LEASE) as one, pulses(Lease(8, "worker:1", 1)) as other:
        pulses.stop()
        assert one.is_lost()
        assert other.is_lost()


def test_a_worker_told_to_end_is_heard_of_until_its_runs_have_ended_but_their_guards_hear_nothing(
    ledger, pulses
):
    """Terraform may take minutes to save its state: its last word is told under the lease."""
    heard = []
    with pulses(LEASE) as pulse, pulse.listen(lambda: heard.append(1)):
        pulses.stop()
        beats, count = len(ledger.beats), len(heard)
        until(lambda: len(ledger.beats) >= beats + 3)
        assert len(heard) <= count + 1  # one may have been on its way


def test_a_run_that_begins_after_the_worker_was_told_to_end_is_stopped_too(pulses):
    pulses.stop()
    with pulses(LEASE) as pulse:
        assert pulse.is_lost()


def test_the_heartbeat_ends_though_the_block_fails(pulses):
    with pytest.raises(ZeroDivisionError), pulses(LEASE):
        raise ZeroDivisionError
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pulse")]
