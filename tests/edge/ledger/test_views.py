from datetime import UTC, datetime

import pytest

from controller.core.call import plan_pull
from controller.core.change import Create, Destroy, Update
from controller.core.decision import Decision
from controller.core.hold import NeverReviewed
from controller.core.identity import RequestId
from controller.core.outcome import Applied, Cause, Destroyed, Failed
from controller.core.proposal import Proposal
from controller.core.pull import Pull, PullState
from controller.core.rejection import Rejection
from controller.core.run import Ended, Held, Operation
from controller.core.wish import Release, Withdrawal
from controller.ports import RunQuery, WorkerCard

pytestmark = pytest.mark.edge

FAILED = Ended(Failed("plan", Cause.MISTAKE, "no such thing"))
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def propose(world, *changes, number=7, state=PullState.OPEN, **facts):
    pull = Pull(number, "Title", "ann", "a" * 40, "main", state)
    proposal = Proposal(pull, "t" * 40, changes, **facts)
    world.ledger.commit(Decision(proposal=proposal))
    return proposal


def create(world, name="orders"):
    return Create(world.request(name), world.workspace(name).digest)


def test_what_is_not_there_is_none_or_nothing(world):
    assert world.views.proposal(1) is None
    assert world.views.run(1) is None
    assert world.views.runs(RunQuery()) == ()
    assert world.views.requests() == ()
    assert world.views.log(1) == ()
    assert world.views.events() == world.views.events(1) == ()
    assert world.views.workers() == ()
    assert world.views.counts() == {"requests": {}, "runs": {}, "calls": {"unsent": 0}}


def test_a_proposal_is_what_the_pull_would_change_as_last_looked_at(world):
    propose(world, create(world))
    proposal = propose(world, create(world, "other"))
    assert world.views.proposal(7) == proposal


def test_only_open_pulls_have_proposals(world):
    second = propose(world, number=8)
    first = propose(world, number=7)
    propose(world, number=9, state=PullState.CLOSED)
    assert world.views.proposals() == (first, second)


def test_a_run_is_shown_with_its_times_and_its_worker(world):
    run = world.open()
    world.clock.sleep(5)
    lease = world.claim(run).lease
    world.clock.sleep(60)
    world.ledger.settle(lease, FAILED)
    view = world.views.run(run)
    assert (view.created, view.started, view.ended) == (
        START,
        START.replace(second=5),
        START.replace(minute=1, second=5),
    )
    assert view.created.tzinfo is UTC
    assert (view.worker, view.team, view.path) == ("w1", "payments", "requests/payments/orders.yaml")


def test_a_run_that_was_not_claimed_has_neither_worker_nor_start(world):
    view = world.views.run(world.open())
    assert (view.worker, view.started, view.ended) == ("", None, None)


@pytest.fixture
def five(world):
    """Five runs: 1 failed, 2 superseded by 4, 3 and 5 are plans."""
    lease = world.claim(world.open(pull=7)).lease
    world.ledger.settle(lease, FAILED)
    world.open(name="other", pull=8)
    world.open(Operation.PLAN, pull=9, commit="d" * 40)
    world.open(name="other", size="large", pull=9)
    world.open(Operation.PLAN, name="other", pull=10)
    return world


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (RunQuery(), [5, 4, 3, 2, 1]),
        (RunQuery(limit=2), [5, 4]),
        (RunQuery(before=4, limit=2), [3, 2]),
        (RunQuery(request=RequestId("dev", "database", "other")), [5, 4, 2]),
        (RunQuery(pull=9), [4, 3]),
        (RunQuery(commit="d" * 40), [3]),
        (RunQuery(states=("waiting",)), [5, 4, 3]),
        (RunQuery(states=("ended",)), [2, 1]),
        (RunQuery(states=("failed", "waiting"), before=5), [4, 3, 1]),
        (RunQuery(request=RequestId("dev", "database", "orders"), states=("waiting",), pull=9), [3]),
    ],
    ids=str,
)
def test_runs_are_asked_for_newest_first(five, query, expected):
    assert [view.run.id for view in five.views.runs(query)] == expected


def test_requests_come_by_key_in_pages(world):
    for name in ("c", "a", "b"):
        world.open(name=name)
    assert [view.id.name for view in world.views.requests()] == ["a", "b", "c"]
    assert [view.id.name for view in world.views.requests(limit=2)] == ["a", "b"]
    assert [view.id.name for view in world.views.requests(after="dev.database.a")] == ["b", "c"]
    assert [view.id.name for view in world.views.requests(after="dev/database/b")] == ["c"]


def test_requests_can_be_asked_for_by_status(world):
    world.apply(name="a")
    world.open(name="b")
    assert [view.id.name for view in world.views.requests("approved")] == ["b"]
    assert [view.id.name for view in world.views.requests("provisioned")] == ["a"]
    assert world.views.requests("held") == ()
    assert world.views.counts()["requests"] == {"approved": 1, "provisioned": 1}


def test_a_request_goes_through_all_its_words(world):
    seen = []
    look = lambda: seen.append(world.status())  # noqa: E731 -- said after each step
    propose(world, create(world))
    look()
    run = world.open()
    look()
    lease = world.claim(run).lease
    look()
    world.ledger.settle(lease, Held((NeverReviewed(),), world.plan))
    look()
    world.wish(run, Release("ann", "fine"))
    lease = world.claim(run).lease
    world.ledger.step(lease, "apply")
    world.ledger.settle(lease, FAILED)
    look()
    world.apply(size="large", after=run)
    look()
    assert seen == ["pending", "approved", "provisioning", "held", "failed", "provisioned"]


def test_a_request_that_only_a_pull_knows_goes_with_it(world):
    propose(world, create(world), create(world, "other"))
    plan = world.open(Operation.PLAN)
    view = world.views.requests("pending")[0]
    assert (view.id.name, view.team, view.run) == ("orders", "payments", plan)
    propose(world, create(world, "other"))
    assert [view.id.name for view in world.views.requests()] == ["other"]
    propose(world, create(world, "other"), state=PullState.MERGED)
    assert world.views.requests() == ()


def test_two_pulls_may_want_one_request(world):
    propose(world, create(world), number=7)
    propose(world, create(world), number=8)
    propose(world, create(world), number=8, state=PullState.CLOSED)
    assert world.status() == "pending"


def test_a_request_whose_file_is_refused_is_rejected(world):
    rejection = Rejection(world.request().path, 1, 1, "name", "no", "Change it.")
    propose(world, rejections=(rejection,), refused=(world.request(),))
    assert world.status() == "rejected"


def test_what_stands_keeps_its_status_while_pulls_want_it_changed_or_gone(world):
    world.apply()
    digest = world.workspace().digest
    propose(world, Update(world.request(size="large"), "e", world.request()), number=8)
    propose(world, Destroy(world.request(), digest), number=9)
    view = world.views.requests()[0]
    assert (view.status, view.run) == ("provisioned", 1)
    propose(world, number=9, state=PullState.MERGED)
    assert world.status() == "provisioned"


def test_changed_is_when_the_status_last_was_another(world):
    world.open()
    world.clock.sleep(60)
    propose(world, create(world))
    assert world.views.requests()[0].changed == START
    world.clock.sleep(60)
    world.wish(1, Withdrawal("ann", "no"))
    assert world.views.requests()[0].changed == START.replace(minute=2)


def begin_and_end(world, outcome, operation=Operation.APPLY, **more):
    """One minute later a run of `orders` (or `name`) was begun, and came to this."""
    world.clock.sleep(60)
    lease = world.claim(world.open(operation, **more)).lease
    world.ledger.step(lease, "apply")
    world.ledger.settle(lease, Ended(outcome))


DONE, GONE, BAD = Applied({}), Destroyed(1), Failed("apply", Cause.MISTAKE, "no")


@pytest.mark.parametrize(
    ("history", "born"),
    [
        ((), None),
        ((BAD,), None),
        ((DONE,), 1),
        ((BAD, DONE), 2),
        ((DONE, DONE, BAD), 1),
        ((DONE, GONE), None),
        ((DONE, GONE, BAD), None),
        ((DONE, GONE, BAD, DONE, DONE), 4),
        ((DONE, GONE, DONE, GONE, DONE), 5),
    ],
)
def test_a_request_was_born_with_the_first_apply_since_it_was_last_destroyed(world, history, born):
    for number, outcome in enumerate(history):
        operation = Operation.DESTROY if outcome is GONE else Operation.APPLY
        begin_and_end(world, outcome, operation, after=number)
    identity = world.request().id
    expected = {} if born is None else {identity: START.replace(minute=born)}
    assert world.views.born([identity]) == expected


def test_many_requests_are_asked_for_their_births_at_once(world, monkeypatch):
    monkeypatch.setattr("controller.edge.ledger.views.CHUNK", 2)
    names = ["a", "b", "c", "d", "e"]
    for name in names:
        begin_and_end(world, DONE, name=name)
    ids = [world.request(name).id for name in (*names, "never")]
    born = world.views.born(identity for identity in ids)
    assert born == {identity: START.replace(minute=minute) for minute, identity in enumerate(ids[:5], 1)}
    assert world.views.born(()) == {}


def test_events_come_newest_first(five):
    assert [event.run for event in five.views.events(limit=2)] == [5, 2]
    assert [event.after for event in five.views.events(1)] == ["ended:failed", "running:claimed", "waiting"]
    assert five.views.events(1)[0].why == "no such thing"
    assert five.views.events(2)[0].at == START


def test_workers_are_shown_while_they_are_heard(world):
    world.ledger.greet(WorkerCard("w1", "box", 1, ("dev",), "Terraform v1.15.0"))
    world.clock.sleep(540)
    ailing = WorkerCard("w1", "box", 1, ("dev",), "", "Terraform is not installed")
    world.ledger.greet(ailing)
    world.ledger.greet(WorkerCard("w0", "box", 2))
    first, second = world.views.workers()
    assert (first.card.name, second.card, second.started) == ("w0", ailing, START)
    assert second.heard == START.replace(minute=9)
    world.clock.sleep(601)
    assert world.views.workers() == ()
    world.clock.sleep(24 * 3600)
    world.ledger.sweep()
    assert world.sql("SELECT count(*) FROM workers") == [(0,)]


def test_counts_are_by_status_by_state_and_of_what_was_not_sent(five):
    five.ledger.sent(five.ledger.commit(Decision(calls=(plan_pull(7),))))
    counts = five.views.counts()
    assert counts["runs"] == {"ended": 2, "waiting": 3}
    assert counts["requests"] == {"failed": 1, "approved": 1}
    assert counts["calls"]["unsent"] > 0
