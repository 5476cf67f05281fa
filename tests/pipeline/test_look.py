"""What was read once is not read again, and what differs always is."""

from dataclasses import replace

import pytest

from controller.core import requests as reading
from controller.pipeline import look as looking
from controller.pipeline.look import catalogue_blobs, catalogue_of, look

PATH = "requests/payments/orders.yaml"
OTHER = "requests/payments/billing.yaml"
MODULE = "terraform/modules/box/main.tf"


@pytest.fixture
def read(monkeypatch):
    """The paths that are read, as they are read."""
    paths, real = [], reading.read_request

    def counted(path, blob, catalogue):
        paths.append(path)
        return real(path, blob, catalogue)

    monkeypatch.setattr(reading, "read_request", counted)
    monkeypatch.setattr(looking, "_seen", looking.deque(maxlen=looking.KEPT))
    return paths


def seen(world, changes):
    tip = world.commit(changes)
    return look(world.ports, tip, catalogue_of(catalogue_blobs(world.ports, tip)))


def test_a_tree_is_read_once(world, ask, read):
    wanted = seen(world, {PATH: ask()})
    tip = world.git.remote

    assert look(world.ports, tip, wanted.catalogue) is wanted
    assert read == [PATH]


def test_of_another_tree_only_what_differs_is_read(world, ask, read):
    before = seen(world, {PATH: ask(), OTHER: ask("billing")})
    read.clear()
    after = seen(world, {PATH: ask(size="large")})

    assert read == [PATH]
    (orders, billing) = sorted(after.workspaces, key=lambda identity: identity.name, reverse=True)
    assert after.workspaces[billing] is before.workspaces[billing]
    assert after.workspaces[orders].digest != before.workspaces[orders].digest
    assert after.requests.accepted[orders].parameters["size"] == "large"


def test_another_catalogue_reads_everything_anew(world, ask, read):
    before = seen(world, {PATH: ask()})
    after = seen(world, {MODULE: 'resource "terraform_data" "this" {\n  lid = true\n}\n'})

    assert read == [PATH, PATH]
    (identity,) = after.workspaces
    assert after.workspaces[identity].digest != before.workspaces[identity].digest


def test_another_renderer_reads_everything_anew(world, ask, read):
    before = seen(world, {PATH: ask()})
    skeletons = {name: f"# another\n{text}" for name, text in world.ports.templates["workspace"].items()}
    ports = replace(world.ports, templates={**world.ports.templates, "workspace": skeletons})
    after = look(ports, world.git.remote, before.catalogue)

    (identity,) = after.workspaces
    assert after.workspaces[identity].digest != before.workspaces[identity].digest


def test_what_moves_clashes_breaks_or_goes_is_seen_as_if_nobody_had_looked_before(world, ask, read):
    steps = [
        {PATH: ask(), OTHER: ask("billing")},
        {"requests/users/orders.yaml": ask(), PATH: None},
        {"requests/users/twin.yaml": ask("billing")},
        {"requests/users/twin.yaml": None, OTHER: "kind: box\nname: [\n"},
        {OTHER: None},
    ]
    for changes in steps:
        wanted = seen(world, changes)
        looking._seen.clear()
        fresh = look(world.ports, world.git.remote, wanted.catalogue)
        assert (wanted.requests, wanted.workspaces) == (fresh.requests, fresh.workspaces)
        assert [each.request.path for each in wanted.workspaces.values()] == [
            each.request.path for each in fresh.workspaces.values()
        ]


def test_no_more_is_kept_than_a_few_trees(world, ask, read):
    for number in range(2 * looking.KEPT):
        seen(world, {PATH: ask(size=("small", "large")[number % 2]), OTHER: ask(f"b{number}")})

    assert len(looking._seen) == looking.KEPT
