"""Stories of leaving: a destroy works from the ledger alone, and a controller without one adopts what is there."""

from dataclasses import replace

import pytest

from controller.core.wish import Release

PATH = "requests/payments/orders.yaml"
OTHER = "requests/payments/billing.yaml"


@pytest.fixture
def restarted(new_world, empty_ledger):
    """Makes another controller on the same GitHub and the same states, whose ledger is empty."""

    def make(world):
        world.engine.dispose()
        anew = new_world(empty_ledger)
        anew.git, anew.github, anew.terraform = world.git, world.github, world.terraform
        anew.ports = replace(anew.ports, git=world.git, github=world.github, terraform=world.terraform)
        anew.clock.now = world.clock.now
        anew.reconcile()
        anew.work()
        return anew

    return make


# --- an empty ledger over states that are there


def test_what_is_there_as_it_is_wanted_is_adopted_and_nobody_is_needed(world, ask, restarted):
    world.bring({PATH: ask(size="large")})
    world.bring({OTHER: ask("billing", environment="prod")})
    before = dict(world.terraform.state)
    anew = restarted(world)

    assert (anew.words(), anew.words("billing")) == (["apply:applied"], ["apply:applied"])
    assert (anew.standing(), anew.standing("billing")) == ("provisioned", "provisioned")
    assert anew.terraform.state == before


def test_what_is_there_and_differs_is_held_with_the_difference(world, ask, restarted):
    world.bring({PATH: ask()})
    world.terraform.state["dev.box.orders"]["colour"] = "red"
    anew = restarted(world)

    assert anew.words() == ["apply:held"]
    assert anew.terraform.state["dev.box.orders"]["colour"] == "red"


def test_an_adopted_request_is_destroyed_like_any_other(world, ask, restarted):
    world.bring({PATH: ask()})
    anew = restarted(world)
    anew.numbers = world.numbers
    anew.bring({PATH: None})

    assert anew.words() == ["apply:applied", "destroy:destroyed"]
    assert anew.there() == set()


def test_what_was_deleted_while_there_was_no_ledger_is_left_as_it_is(world, ask, restarted):
    world.bring({PATH: ask()})
    world.bring({OTHER: ask("billing")})
    number = world.pull({PATH: None})
    world.merge(number, told=False)
    anew = restarted(world)

    assert anew.there() == {"orders", "billing"}
    assert anew.standing() is None
    assert anew.terraform.ran("plan")[-1] == "billing"


def test_what_was_deleted_without_a_ledger_is_destroyed_once_it_was_adopted(world, ask, restarted):
    """The way out that docs/operating.md gives: ask for it again, and then delete it."""
    world.bring({PATH: ask()})
    world.merge(world.pull({PATH: None}), told=False)
    anew = restarted(world)
    anew.numbers = world.numbers
    anew.bring({PATH: ask()})
    anew.bring({PATH: None})

    assert anew.words() == ["apply:applied", "destroy:destroyed"]
    assert anew.there() == set()


# --- a destroy from the ledger


@pytest.mark.parametrize("gone", ["terraform/modules/box/", "terraform/environments/dev.yaml"])
def test_a_destroy_needs_neither_kind_nor_environment_in_the_tree(world, ask, gone):
    world.bring({PATH: ask(size="large")})
    files = [path for path in world.git.trees[world.git.remote] if path.startswith(gone)]
    world.commit({PATH: None, **dict.fromkeys(files)})
    world.reconcile()
    world.work()
    world.resolve(world.last().id, Release("pam", "we leave"))

    assert world.words()[-1] == "destroy:destroyed"
    assert world.there() == set()


def test_a_destroy_that_a_force_push_brings_is_held_and_not_done(world, ask):
    world.bring({OTHER: ask("billing")})
    without = world.git.remote
    world.bring({PATH: ask()})
    world.git.remote = world.git.commit({"README.md": "rewritten"}, world.git.commits[without][0])
    world.reconcile()
    world.work()

    assert (world.words()[-1], world.words("billing")[-1]) == ("destroy:held", "destroy:held")
    assert "no_pull" in world.held()
    assert world.there() == {"orders", "billing"}


def test_a_force_push_that_is_taken_back_withdraws_the_destroy(world, ask):
    world.bring({PATH: ask()})
    tip = world.git.remote
    world.git.remote = world.git.commit({"README.md": "rewritten"}, world.git.commits[tip][0])
    world.reconcile()
    world.work()
    world.git.remote = tip
    world.reconcile()
    world.work()

    assert world.words() == ["apply:applied", "destroy:withdrawn"]
    assert world.standing() == "provisioned"


def test_where_nothing_is_left_the_destroy_needs_nobody(world, ask):
    """Somebody emptied the state by hand; the environment wants destroys confirmed, and there is none to confirm."""
    world.bring({PATH: ask(environment="prod")})
    world.terraform.state.clear()
    world.commit({PATH: None})
    world.reconcile()
    world.work()

    assert world.words() == ["apply:applied", "destroy:destroyed"]
    assert world.standing() == "destroyed"


def test_another_machine_destroys_with_what_the_ledger_keeps(world, ask):
    """Nothing of the first machine is there: neither its cache of the repository nor what it read of it."""
    world.bring({PATH: ask(size="large")})
    elsewhere = replace(world.ports, git=replace(world.git, local=None), me="worker:2")
    world.ports, world.git = elsewhere, elsewhere.git
    world.bring({PATH: None})

    assert world.words()[-1] == "destroy:destroyed"
    assert world.runs()[-1].state.outcome.changed == 1
    assert world.there() == set()
