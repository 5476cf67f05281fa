"""Whatever happens in whatever order, the ledger stays true."""

from collections import Counter
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from controller.core.environment import DestroyRule
from controller.core.hold import DestroyToConfirm, NeverReviewed
from controller.core.outcome import Applied, Cause, Destroyed, Failed, Interrupted, Planned
from controller.core.run import _WAYS, Ended, Held, Operation
from controller.core.succession import MOST_ATTEMPTS, MOST_TRIES
from controller.core.wish import Acceptance, Confirmation, Release, Retry, Withdrawal
from controller.edge.ledger import make_engine
from controller.errors import FenceLost, IllegalTransition
from controller.ports import GivenBack, RunQuery

pytestmark = pytest.mark.edge

HOLDS = NeverReviewed(), DestroyToConfirm(DestroyRule.CONFIRM)
KINDS = ["good", "bad", "throttled", "interrupted", "held", "back"]
TABLES = ("requests", "logs", "events", "calls", "proposed", "runs", "workspaces", "workers")
WISHES = [wish("ann", "why") for wish in (Release, Acceptance, Confirmation, Withdrawal)]


def machine(new_world, url):  # noqa: C901 -- hypothesis wants a class, and the class wants a world
    class Ledger(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.engine = make_engine(url)
            for table in TABLES:
                with self.engine.begin() as conn:
                    conn.exec_driver_sql(f"DELETE FROM {table}")
            self.world = new_world(url, self.engine)
            self.leases = []

        def teardown(self):
            views = self.world.views.runs(RunQuery(limit=1000))
            self.every_way_was_one_of_the_cores(views)
            self.a_plan_counted_only_if_nobody_changed_the_state_meanwhile(views)
            self.engine.dispose()

        def last(self):
            last = self.world.ledger.register().last.get(self.world.request().id)
            return last.id if last else None

        @rule(
            size=st.sampled_from(["small", "large"]),
            operation=st.sampled_from(list(Operation)),
            pull=st.sampled_from([7, 8]),
        )
        def want(self, size, operation, pull):
            workspace = self.world.workspace(size=size)
            opening = self.world.opening(workspace, operation, pull, after=self.last())
            self.world.commit(opening, workspace)

        @rule(choice=st.randoms(use_true_random=False))
        def claim(self, choice):
            waiting = [
                run.id for run in self.world.ledger.register().open_runs if run.state.type == "waiting"
            ]
            if waiting:
                run = self.world.run(choice.choice(waiting))
                claimed = self.world.ledger.claim(run.id, "w1")
                self.leases.extend([claimed.lease] if claimed else [])
                assert not claimed or run.state.until is None or run.state.until <= self.world.clock()

        @precondition(lambda self: self.leases)
        @rule(data=st.data(), step=st.sampled_from(["plan", "apply"]))
        def step(self, data, step):
            self.under_lease(data, lambda lease: self.world.ledger.step(lease, step))

        @precondition(lambda self: self.leases)
        @rule(data=st.data(), kind=st.sampled_from(KINDS))
        def settle(self, data, kind):
            def end(lease):
                operation = self.world.run(lease.run).operation
                self.world.ledger.settle(lease, self.result(kind, operation))

            self.under_lease(data, end)

        @precondition(lambda self: self.leases)
        @rule(data=st.data())
        def beat(self, data):
            self.under_lease(data, self.world.ledger.beat)

        @rule(seconds=st.sampled_from([1, 30, 41, 160]))
        def sweep(self, seconds):
            self.world.clock.sleep(seconds)
            self.world.ledger.sent(self.world.ledger.sweep())

        @rule(
            data=st.data(),
            wish=st.sampled_from([*WISHES, Retry("ann")]),
        )
        def wish(self, data, wish):
            views = self.world.views.runs(RunQuery())
            if views:
                run = data.draw(st.sampled_from([view.run.id for view in views]))
                with suppress(IllegalTransition):
                    self.world.wish(run, wish)

        def under_lease(self, data, act):
            lease = data.draw(st.sampled_from(self.leases))
            before = self.everything()
            try:
                act(lease)
            except FenceLost:
                assert self.everything() == before

        def everything(self):
            return [self.world.sql(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]

        def result(self, kind, operation):
            if kind == "back" or (kind == "held" and operation.only_plans):
                return GivenBack("not now")
            good = self.world.planned.outcome if operation.only_plans else Applied({})
            outcomes = {
                "good": Destroyed() if operation is Operation.DESTROY else good,
                "bad": Failed("plan", Cause.MISTAKE, "no"),
                "throttled": Failed("plan", Cause.THROTTLED, "slow down"),
                "interrupted": Interrupted("plan", "drained"),
            }
            return Held(HOLDS, self.world.plan) if kind == "held" else Ended(outcomes[kind])

        def every_way_was_one_of_the_cores(self, views):
            for view in views:
                lines = list(reversed(self.world.views.events(view.run.id, 1000)))
                assert (lines[0].before, lines[0].after) == ("", "waiting")
                assert all(earlier.after == later.before for earlier, later in pairwise(lines))
                ways = {(line.before.split(":")[0], line.after.split(":")[0]) for line in lines[1:]}
                assert ways <= _WAYS
                assert lines[-1].after.split(":")[0] == view.run.state.type

        @invariant()
        def a_workspace_has_one_run_that_changes_it_and_one_that_waits_to(self):
            runs = [run for run in self.world.ledger.register().open_runs if not run.operation.only_plans]
            assert sum(run.state.type == "running" for run in runs) <= 1
            assert sum(run.state.type != "running" for run in runs) <= 1

        def a_plan_counted_only_if_nobody_changed_the_state_meanwhile(self, views):
            ways = [(line.run, line.after) for line in reversed(self.world.views.events(limit=1000))]
            for view in views:
                state = view.run.state
                if view.run.operation.only_plans and isinstance(getattr(state, "outcome", None), Planned):
                    end = ways.index((view.run.id, "ended:planned"))
                    begin = max(at for at in range(end) if ways[at] == (view.run.id, "running:claimed"))
                    others = {run for run, after in ways[begin + 1 : end] if after == "running:claimed"}
                    assert all(self.world.run(other).operation.only_plans for other in others)

        @invariant()
        def what_stands_is_what_the_last_run_left(self):
            register = self.world.ledger.register()
            identity = self.world.request().id
            last, standing = register.last.get(identity), register.standing.get(identity)
            outcome = getattr(last.state, "outcome", None) if last else None
            if last is None or isinstance(outcome, Destroyed):
                assert standing is None
            else:
                whole = isinstance(outcome, Applied)
                assert standing.begun == last.digest
                assert standing.digest == (last.digest if whole else None)

        @invariant()
        def no_work_is_opened_twice_nor_tried_for_ever(self):
            rows = self.world.sql("SELECT family, attempt, times_failed, times_lost FROM runs")
            assert max(Counter(row[:2] for row in rows).values(), default=1) == 1
            assert all(failed < MOST_TRIES and lost < MOST_ATTEMPTS for *_, failed, lost in rows)

        @invariant()
        def who_has_a_lease_is_on_a_worker_and_nobody_else(self):
            leased = "SELECT count(*) FROM runs WHERE (lease_until IS NULL) = (state = 'running')"
            assert self.world.sql(leased) == [(0,)]

        @invariant()
        def what_is_held_is_held_for_something(self):
            held = [run for run in self.world.ledger.register().open_runs if isinstance(run.state, Held)]
            assert all(set(run.state.reasons) <= set(HOLDS) and run.state.reasons for run in held)

    return Ledger


def test_whatever_happens_the_ledger_stays_true(new_world, url):
    case = machine(new_world, url).TestCase
    case.settings = settings(
        max_examples=12,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    case("runTest").runTest()
