"""A ledger that goes away: nothing is begun without it, and what came of a run waits on this machine until it is back."""

from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from controller.core.call import Actor
from controller.core.outcome import Applied
from controller.core.run import Ended
from controller.errors import LedgerError, SpoolError, TerraformFailed, TerraformKilled, TerraformStopped
from controller.pipeline import spool
from controller.pipeline.spool import catch_up

PATH = "requests/payments/orders.yaml"
KEPT = "It is safe in /data/x: the request's next run on this machine pushes it before it plans, and no other run should.\n"


@pytest.fixture
def merged(world, ask):
    """A request that was reviewed and merged; its apply is the next call."""
    number = world.pull({PATH: ask()})
    world.work()
    world.merge(number)
    world.work(until=Actor.EXECUTE)
    return number


@pytest.fixture
def said(monkeypatch):
    """What is logged: each line's word with all that it says."""
    lines = []
    for level in ("info", "warning"):
        monkeypatch.setattr(spool.log, level, lambda word, **more: lines.append((word, more)))
    return lines


@contextmanager
def away(world, *methods):
    """The ledger does not answer for the length of a block, when it is asked for these."""
    kept = {name: getattr(world.ledger, name) for name in methods}
    for name in methods:
        setattr(world.ledger, name, _raise)
    try:
        yield
    finally:
        for name, method in kept.items():
            setattr(world.ledger, name, method)


def _raise(*_):
    raise LedgerError("the database is away")


def test_an_apply_that_ended_while_the_ledger_was_away_is_recorded_when_it_is_back(world, merged):
    with away(world, "settle"):
        world.step()
        assert catch_up(world.ports)
    assert world.words() == ["apply:running"]
    assert not catch_up(world.ports)
    assert world.spool.files == {}
    world.work()

    assert world.words() == ["apply:applied"]
    assert world.terraform.ran("apply") == ["orders"]
    assert "Done: 1 request provisioned" in world.result(merged)


def test_what_is_kept_holds_no_secret(world, merged, secret):
    with away(world, "settle"):
        world.step()
    [kept] = world.spool.files.values()

    assert kept.state == Ended(Applied({"endpoint": "orders.example", "note": None}, 1))
    assert secret not in repr(kept)


def test_what_comes_too_late_is_dropped_with_a_word_of_what_it_was(world, merged, said):
    with away(world, "settle"):
        world.step()
    world.sweep(later=41)
    assert not catch_up(world.ports)
    world.work()

    assert world.spool.files == {}
    assert world.words() == ["apply:interrupted", "apply:applied"]
    words, told = said[-1]
    assert "too late" in words
    assert (told["run"], told["worker"], told["outcome"], told["why"]) == (
        2,
        "worker:1",
        "applied",
        "1 changed",
    )


def test_another_process_on_this_machine_records_what_was_kept(world, merged):
    """A file names the lease that it is about, not the process that finds it."""
    with away(world, "settle"):
        world.step()
    world.ports = world.ports.__class__(**{**vars(world.ports), "me": "worker:2"})
    assert not catch_up(world.ports)

    assert world.words() == ["apply:applied"]


@pytest.mark.parametrize("step", ["init", "plan", "apply"])
def test_no_step_begins_that_the_ledger_does_not_know_of(world, merged, step):
    """The run goes back to where it waits, and nothing of it was lost but its plan."""
    begin = world.ledger.step

    def stepping(lease, name, *more):
        if name == step:
            _raise()
        begin(lease, name, *more)

    world.ledger.step = stepping
    world.execute(world.last().id)
    world.ledger.step = begin

    assert step not in {name for name, _ in world.terraform.done[1:]} - {"plan"} or step == "plan"
    assert world.terraform.ran("apply") == []
    assert world.words() == ["apply:waiting"]

    world.work()
    assert world.words() == ["apply:applied"]
    assert world.last().attempt == 1


def test_a_run_cannot_be_claimed_while_the_ledger_is_away_and_nothing_of_it_is_begun(world, merged):
    run = world.last().id
    with away(world, "claim"), pytest.raises(LedgerError):
        world.execute(run)
    world.execute(run)

    assert world.words() == ["apply:applied"]


def test_where_the_disk_takes_nothing_either_the_lease_ends_and_another_attempt_goes_on(world, merged):
    world.spool.is_full = True
    with away(world, "settle"), pytest.raises(SpoolError):
        world.step()
    world.sweep(later=41)
    world.work()

    assert world.words() == ["apply:interrupted", "apply:applied"]


def test_a_failure_is_kept_although_nobody_can_be_asked_who_holds_its_lock(world, merged):
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "", "Error: out of boxes\n")
    with away(world, "settle"):
        world.step()
    catch_up(world.ports)

    assert world.failure().summary == "out of boxes"


def test_a_run_that_fails_on_an_ailing_machine_goes_back_for_another(world, merged):
    world.terraform.fail["orders", "init"] = OSError(28, "No space left on device")
    world.checkup.found = "/data has 3 MB left"
    with pytest.raises(OSError, match="No space"):
        world.step()

    assert world.words() == ["apply:waiting"]
    assert world.last().attempt == 1
    assert "worker worker:1 takes no runs: /data has 3 MB left" in world.audit()

    world.checkup.ailment = world.checkup.found = ""
    world.work()
    assert world.words() == ["apply:applied"]


def test_a_run_that_needs_what_a_machine_lacks_is_no_failure_of_its_request(world, merged):
    world.terraform.is_absent = True
    world.checkup.found = "there is no Terraform"
    world.step()

    assert world.words() == ["apply:waiting"]


def test_a_run_whose_terraform_was_killed_is_followed_by_another_and_not_given_back(world, merged):
    """It may have left its lock, which is a dead run's only for another run."""
    world.terraform.fail["orders", "plan"] = TerraformKilled("plan")
    world.checkup.found = "/data has 3 MB left"
    world.step()

    assert world.words() == ["apply:interrupted", "apply:waiting"]


def test_a_run_that_could_not_push_a_kept_state_is_given_to_no_other_machine(world, merged):
    world.terraform.fail["orders", "plan"] = TerraformFailed("push", "", f"Error: no such host\n{KEPT}")
    world.checkup.found = "/data has 3 MB left"
    world.step()

    assert world.words() == ["apply:failed"]


@pytest.mark.parametrize("error", [TerraformFailed("init"), OSError(28, "No space left on device")])
def test_the_machine_is_looked_at_while_the_lease_is_renewed(world, merged, error):
    """That may take longer than a lease."""
    told = []

    @contextmanager
    def pulse(lease):
        yield None
        told.append("silent")

    def checkup(*, afresh=False):
        told.append("looked at")
        return ""

    world.ports = replace(world.ports, pulse=pulse, checkup=checkup)
    world.terraform.fail["orders", "init"] = error
    with suppress(OSError):
        world.execute(world.last().id)
    assert told == ["looked at", "silent"]


def test_an_apply_that_failed_on_an_ailing_machine_is_told_as_it_was(world, merged):
    """It may have changed something."""
    world.terraform.fail["orders", "apply"] = TerraformFailed("apply", "", "Error: out of boxes\n")
    world.checkup.found = "/data has 3 MB left"
    world.step()

    assert world.words() == ["apply:failed"]


def test_an_interrupt_says_how_far_the_apply_came(world, merged):
    lines = [
        f'{{"type": "{kind}", "hook": {{"resource": {{"addr": "box.{name}"}}}}}}'
        for kind, name in [("apply_start", "one"), ("apply_complete", "one"), ("apply_start", "two")]
    ]
    world.terraform.fail["orders", "apply"] = TerraformStopped("apply", "\n".join(lines))
    world.step()
    outcome = world.runs()[-2].state.outcome

    assert (outcome.step, outcome.completed, outcome.unfinished) == ("apply", ("box.one",), ("box.two",))
