"""Stories of a long silence: nothing is changed by what the default branch wanted hours ago."""

import pytest

from controller.core.call import Actor
from controller.errors import GitError
from controller.pipeline import turn
from controller.pipeline.catch_up import FRESH, catch_up

PATH = "requests/payments/orders.yaml"
LONG = FRESH.total_seconds() + 1


@pytest.fixture
def waiting(world, ask):
    """A merged request whose apply waits, since every worker is down; nobody looks at anything any more."""
    number = world.pull({PATH: ask()})
    world.work()
    world.merge(number)
    world.work(until=Actor.EXECUTE)
    world.queue.calls.clear()
    assert world.words() == ["apply:waiting"]
    return number


def test_what_was_taken_back_meanwhile_is_not_made_after_a_long_silence(world, waiting):
    world.commit({PATH: None})
    world.clock.sleep(LONG)

    assert catch_up(world.ports)
    assert world.words() == ["apply:withdrawn"]


def test_what_was_changed_meanwhile_is_superseded_after_a_long_silence(world, ask, waiting):
    world.commit({PATH: ask(size="large")})
    world.clock.sleep(LONG)
    catch_up(world.ports)

    assert world.words() == ["apply:superseded", "apply:waiting"]


def test_where_somebody_looked_lately_nobody_is_asked(world, waiting):
    world.clock.sleep(LONG)
    world.reconcile()
    world.github.is_down = world.git.is_down = True

    assert catch_up(world.ports)


def test_where_nobody_can_look_nothing_goes_on(world, waiting):
    world.clock.sleep(LONG)
    world.git.is_down = True
    with pytest.raises(GitError):
        catch_up(world.ports)

    assert world.words() == ["apply:waiting"]


def test_while_another_process_is_at_it_nothing_goes_on(world, waiting):
    world.clock.sleep(LONG)
    world.ports.turns.take("reconcile", "another process", turn.SECONDS)

    assert not catch_up(world.ports)


def test_before_the_first_look_of_all_there_is_one(bare, catalogue):
    bare.git.remote = bare.git.commit(catalogue)

    assert catch_up(bare.ports)
    assert bare.views.reconciled() == bare.git.remote
