import pytest

from controller.core.change import Standing
from controller.core.environment import Mode
from controller.core.identity import RequestId
from controller.core.outcome import (
    Applied,
    Cause,
    Destroyed,
    Failed,
    Interrupted,
    Planned,
    Superseded,
    Withdrawn,
)
from controller.core.plan import Plan
from controller.core.request import Request
from controller.core.run import Ended, Held, Operation, Run, Running, Waiting
from controller.core.status import RequestStatus, status
from controller.core.verdict import Risk, Verdict

IDENTITY = RequestId("dev", "database", "orders")
REQUEST = Request(IDENTITY, "payments", "requests/payments/orders.yaml", {})
WHOLE = Standing(REQUEST, "d", "d")
BROKEN = Standing(REQUEST, None, "d")
PLANNED = Planned(Plan(), Verdict(Risk.NONE))
FAILED = Failed("apply", Cause.MISTAKE, "no")
PENDING, REJECTED = RequestStatus.PENDING, RequestStatus.REJECTED


def a_run(state, operation=Operation.APPLY, mode=Mode.APPLY):
    return Run(1, IDENTITY, operation, "d", mode, "c", 7, None, 1, state)


@pytest.mark.parametrize(
    ("state", "operation", "mode", "word"),
    [
        (Waiting(), Operation.APPLY, Mode.APPLY, "approved"),
        (Waiting(), Operation.DESTROY, Mode.APPLY, "approved"),
        (Running("w", 1), Operation.APPLY, Mode.APPLY, "provisioning"),
        (Running("w", 1, "apply"), Operation.DESTROY, Mode.APPLY, "destroying"),
        (Running("w", 1), Operation.APPLY, Mode.PLAN_ONLY, "approved"),
        (Held((), Plan()), Operation.APPLY, Mode.APPLY, "held"),
        (Held((), Plan()), Operation.DESTROY, Mode.APPLY, "held"),
        (Ended(Applied({})), Operation.APPLY, Mode.APPLY, "provisioned"),
        (Ended(Destroyed()), Operation.DESTROY, Mode.APPLY, "destroyed"),
        (Ended(PLANNED), Operation.APPLY, Mode.PLAN_ONLY, "planned"),
        (Ended(FAILED), Operation.APPLY, Mode.APPLY, "failed"),
        (Ended(FAILED), Operation.DESTROY, Mode.APPLY, "failed"),
        (Ended(Interrupted("apply", "lost")), Operation.APPLY, Mode.APPLY, "failed"),
        (Ended(Superseded("newer")), Operation.APPLY, Mode.APPLY, None),
        (Ended(Withdrawn("ann", "no")), Operation.APPLY, Mode.APPLY, None),
    ],
)
def test_a_run_tells_how_far_its_request_has_come(state, operation, mode, word):
    assert status(a_run(state, operation, mode), None) == word


@pytest.mark.parametrize("standing", [WHOLE, BROKEN])
@pytest.mark.parametrize("proposed", [None, PENDING])
def test_what_is_under_way_counts_more_than_what_stands_or_is_asked_for(standing, proposed):
    assert status(a_run(Running("w", 1)), standing, proposed) == "provisioning"
    assert status(a_run(Ended(FAILED)), standing, proposed) == "failed"


@pytest.mark.parametrize(
    ("latest", "standing", "proposed", "word"),
    [
        (None, None, None, None),
        (None, None, PENDING, "pending"),
        (None, None, REJECTED, "rejected"),
        (None, WHOLE, PENDING, "provisioned"),
        (None, BROKEN, None, "failed"),
        (a_run(Ended(Withdrawn("ann", "no"))), WHOLE, None, "provisioned"),
        (a_run(Ended(Withdrawn("ann", "no"))), None, PENDING, "pending"),
        (a_run(Ended(Destroyed()), Operation.DESTROY), None, PENDING, "pending"),
        (a_run(Ended(Applied({}))), WHOLE, REJECTED, "provisioned"),
        (a_run(Running("w", 1), Operation.PLAN), None, PENDING, "pending"),
        (a_run(Ended(FAILED), Operation.PLAN_DESTROY), WHOLE, PENDING, "provisioned"),
    ],
)
def test_without_a_word_from_a_run_it_is_what_stands_and_then_what_is_asked_for(
    latest, standing, proposed, word
):
    assert status(latest, standing, proposed) == word
