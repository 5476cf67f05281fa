import pytest

pytestmark = pytest.mark.edge


def test_a_turn_is_one_owners_at_a_time(world):
    assert world.turns.take("reconcile", "a", 60)
    assert not world.turns.take("reconcile", "b", 60)
    assert world.turns.take("pull 7", "b", 60)


def test_who_gives_a_turn_back_learns_that_it_was_wanted(world):
    world.turns.take("reconcile", "a", 60)
    assert world.turns.give_back("reconcile", "a") is False
    world.turns.take("reconcile", "a", 60)
    world.turns.take("reconcile", "b", 60)
    assert world.turns.give_back("reconcile", "a") is True
    assert world.turns.take("reconcile", "b", 60)
    assert world.turns.give_back("reconcile", "b") is False


def test_an_owner_may_lengthen_its_turn_and_the_wish_stays(world):
    world.turns.take("reconcile", "a", 60)
    world.turns.take("reconcile", "b", 60)
    world.clock.sleep(50)
    assert world.turns.take("reconcile", "a", 60)
    world.clock.sleep(50)
    assert not world.turns.take("reconcile", "c", 60)
    assert world.turns.give_back("reconcile", "a") is True


def test_a_turn_that_is_over_can_be_taken_and_its_wish_is_fulfilled_by_that(world):
    world.turns.take("reconcile", "a", 60)
    world.turns.take("reconcile", "b", 60)
    world.clock.sleep(60)
    assert world.turns.take("reconcile", "b", 60)
    assert world.turns.give_back("reconcile", "a") is False
    assert not world.turns.take("reconcile", "a", 60)
    assert world.turns.give_back("reconcile", "b") is True


def test_nobody_gives_back_what_is_not_theirs(world):
    assert world.turns.give_back("reconcile", "a") is False


def test_turns_long_over_are_forgotten(world):
    world.turns.take("reconcile", "a", 60)
    world.clock.sleep(2 * 24 * 3600)
    world.ledger.sweep()
    assert world.sql("SELECT count(*) FROM turns") == [(0,)]
