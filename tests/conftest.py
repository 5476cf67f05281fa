"""For every test: what GitHub in a box answers and delivers is what GitHub would."""

import pytest

from tests.github.description import Description
from tests.github.witness import Witness


@pytest.fixture(scope="session", autouse=True)
def witness():
    with Witness(Description()).watching() as watching:
        yield watching


@pytest.fixture(autouse=True)
def as_github_does(witness):
    """Fails a test during which a box did what GitHub would not do."""
    witness.taken()
    yield
    found = witness.taken()
    assert not found, "\n".join(dict.fromkeys(found))
