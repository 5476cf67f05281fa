"""A worker's rounds: what it says of itself, when its gates are open, and what it hands in."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from controller.core.identity import RequestId
from controller.core.outcome import Destroyed
from controller.core.run import Ended
from controller.edge.consumer import Gate
from controller.errors import LedgerError
from controller.ports import Kept, Lease, WorkerCard
from controller.worker import rounds
from controller.worker.rounds import DRAINS, EVERY, SOON, Rounds, discover

KEPT = Kept(Lease(7, "host:1", 3), Ended(Destroyed()))


class Ledger:
    def __init__(self):
        self.is_away, self.cards, self.settled = False, [], []

    def greet(self, card):
        if self.is_away:
            raise LedgerError("the database is away")
        self.cards.append(card)

    def settle(self, lease, state):
        if self.is_away:
            raise LedgerError("the database is away")
        self.settled.append(lease)
        return ()


class Spool:
    def __init__(self):
        self.files = []

    @contextmanager
    def kept(self):
        yield tuple(self.files)

    def drop(self, lease):
        self.files = [kept for kept in self.files if kept.lease != lease]


class Machine:
    def __init__(self):
        self.terraform, self.ailment = "Terraform v1.11.4", ""

    def __call__(self, *, afresh=False):
        return self.ailment


class Shop:
    """A worker without its threads."""

    def __init__(self):
        self.ledger, self.spool, self.machine = Ledger(), Spool(), Machine()
        self.waiting = []
        views = SimpleNamespace(runs=self.runs)
        ports = SimpleNamespace(ledger=self.ledger, spool=self.spool, views=views)
        self.groups = tuple(group(name) for name in ("stories", "plan", "apply"))
        card = WorkerCard("host:1", "host", 1, ("dev",))
        self.go_round = Rounds(SimpleNamespace(ports=ports, checkup=self.machine), self.groups, card)
        self.ports = ports

    def runs(self, query):
        found = [one for one in self.waiting if query.before is None or one.run.id < query.before]
        return found[: query.limit]

    def open_gates(self):
        return [group.name for group in self.groups if group.broker.gate.is_open]

    def queues(self):
        return [queue for group in self.groups for queue in group.broker.queues]


def group(name):
    queues = []
    broker = SimpleNamespace(gate=Gate(lambda: None), queues=queues, declare_queue=queues.append)
    return SimpleNamespace(name=name, broker=broker)


def view(number, environment):
    return SimpleNamespace(run=SimpleNamespace(id=number, request=RequestId(environment, "box", "x")))


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def said(monkeypatch):
    lines = []
    for level in ("info", "warning", "error"):
        monkeypatch.setattr(rounds.log, level, lambda word, **_more: lines.append(word))
    return lines


def test_a_worker_that_is_well_says_so_and_takes_everything(shop):
    assert shop.go_round() == EVERY
    assert shop.open_gates() == ["stories", "plan", "apply"]
    assert shop.ledger.cards == [WorkerCard("host:1", "host", 1, ("dev",), "Terraform v1.11.4", "")]


def test_a_worker_that_ails_takes_stories_only_says_why_once_and_recovers_by_itself(shop, said):
    for ailment in ("", "no disk", "no disk", "no Terraform", "", ""):
        shop.machine.ailment = ailment
        shop.go_round()
        assert ("apply" in shop.open_gates(), "plan" in shop.open_gates()) == (not ailment,) * 2
        assert "stories" in shop.open_gates()
        assert shop.ledger.cards[-1].ailment == ailment
    assert said == ["this worker takes no runs", "this worker takes no runs", "this worker takes runs again"]


def test_while_the_ledger_is_away_nothing_is_taken(shop):
    shop.ledger.is_away = True
    assert (shop.go_round(), shop.open_gates()) == (SOON, [])
    shop.ledger.is_away = False
    assert (shop.go_round(), shop.open_gates()) == (EVERY, ["stories", "plan", "apply"])


def test_what_was_kept_is_handed_in_at_the_first_round_after_the_ledger_is_back(shop):
    shop.spool.files, shop.ledger.is_away = [KEPT], True
    assert shop.go_round() == SOON
    assert shop.spool.files == [KEPT]
    shop.ledger.is_away = False
    assert shop.go_round() == EVERY
    assert (shop.ledger.settled, shop.spool.files) == ([KEPT.lease], [])


def test_a_draining_worker_says_so_and_hands_in_what_was_kept(shop):
    shop.spool.files = [KEPT]
    shop.go_round.leave()
    assert shop.ledger.cards[-1].ailment == DRAINS
    assert shop.spool.files == []
    shop.ledger.is_away = True
    shop.go_round.leave()


def test_a_draining_worker_tells_stories_again_once_the_ledger_is_back(shop):
    """What its last runs came to: the gates were closed in its last round."""
    shop.ledger.is_away = True
    shop.go_round()
    for group in shop.groups[1:]:
        group.broker.gate.leave()
    seen = []
    for is_away in (True, False, True, False):
        shop.ledger.is_away = is_away
        shop.go_round.leave()
        seen.append(shop.open_gates())
    assert seen == [[], ["stories"], [], ["stories"]]


def test_queues_of_environments_with_work_are_consumed(shop):
    shop.waiting = [view(2, "dev"), view(1, "brand-new")]
    shop.go_round()
    assert set(shop.queues()) == {"plan.dev", "apply.dev", "plan.brand-new", "apply.brand-new"}


def test_a_long_backlog_of_one_environment_hides_no_other(shop, monkeypatch):
    monkeypatch.setattr(rounds, "PAGE", 2)
    shop.waiting = [view(number, "dev") for number in (9, 8, 7)] + [view(1, "prod")]
    before, seen = None, []
    for _ in range(4):
        before = discover(shop.ports, shop.groups, before)
        seen.append("apply.prod" in shop.queues())
    assert seen == [False, True, True, True]


def test_a_look_at_a_ledger_that_is_away_begins_where_it_was(shop):
    def away(_query):
        raise LedgerError("the database is away")

    assert discover(SimpleNamespace(views=SimpleNamespace(runs=away)), shop.groups, 7) == 7
