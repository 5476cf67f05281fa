"""For every test: what GitHub in a box answers and delivers is what GitHub would."""

import signal
from collections import Counter

import pytest

from tests.github.description import Description
from tests.github.witness import Witness

SEEN = pytest.StashKey[Counter]()
VIOLATIONS = pytest.StashKey[Counter]()


@pytest.fixture(scope="session", autouse=True)
def witness(pytestconfig):
    with Witness(Description(pytestconfig.stash[SEEN])).watching() as watching:
        yield watching
        assert not watching.taken()


@pytest.fixture(autouse=True)
def as_github_does(witness, pytestconfig):
    """Fails a test during which a box did what GitHub would not do."""
    witness.taken()
    yield
    found = witness.taken()
    pytestconfig.stash[VIOLATIONS].update(found)
    assert not found, "\n".join(dict.fromkeys(found))


def pytest_configure(config):
    # A shell has what it starts in the background ignore ^C, and the programs under test would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[SEEN], config.stash[VIOLATIONS] = Counter(), Counter()


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["github"] = [list(one.items()) for one in counted(session.config)]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    for mine, theirs in zip(counted(node.config), node.workeroutput.get("github", ()), strict=False):
        mine.update({what if isinstance(what, str) else tuple(what): times for what, times in theirs})


def pytest_terminal_summary(terminalreporter, config):
    seen, violations = counted(config)
    answers = Counter({what: times for what, times in seen.items() if what[0] != "delivery"})
    events = Counter({what: times for what, times in seen.items() if what[0] == "delivery"})
    if seen:
        terminalreporter.write_line(
            f"GitHub in a box, held against GitHub's description: {answers.total():,} answers of {len(answers)} sorts "
            f"from {len({name for name, _ in answers})} operations, {events.total():,} deliveries of {len(events)} sorts, "
            f"{violations.total()} violations"
        )


def counted(config):
    return config.stash[SEEN], config.stash[VIOLATIONS]
