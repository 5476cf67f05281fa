import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.change import Create, Destroy, ParameterChange, Update
from controller.core.environment import DestroyRule
from controller.core.hold import (
    DestroyToConfirm,
    MassDestroy,
    MayBeUnreadable,
    NeverReviewed,
    NoPull,
    NotApproved,
    NotCovered,
)
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
from controller.core.parameter import Rule
from controller.core.plan import Action, AttributeChange, Plan, ResourceChange
from controller.core.proposal import Proposal
from controller.core.pull import Pull, PullState
from controller.core.rejection import Rejection
from controller.core.request import Request
from controller.core.run import Ended, Held, Running, Waiting
from controller.core.verdict import Risk, Verdict
from controller.edge.ledger import records

PLAN = Plan(
    (
        ResourceChange(
            "a.b", Action.REPLACE, {"size": '"s"'}, ("id",), (AttributeChange("x", None, "1"),), True
        ),
        ResourceChange("a.c", Action.DELETE, {}, deposed=True),
    ),
    "1.15.0",
)
HOLDS = (
    NotCovered(("this", "that")),
    NeverReviewed(),
    NoPull("c" * 40),
    NotApproved("0 of 1"),
    MassDestroy(6),
    DestroyToConfirm(DestroyRule.REFUSE),
    MayBeUnreadable(("requests/a/b.yaml",)),
)
OUTCOMES = (
    Planned(PLAN, Verdict(Risk.HIGH, ("replaces",)), ("careful",)),
    Applied({"endpoint": "x", "ports": [1, 2.5, None], "none": None}, 3),
    Destroyed(2),
    Failed("apply", Cause.NAME_TAKEN, "taken", "… \N{SNOWMAN} \x1b[31m\x00", ("a",), ("b",)),
    Interrupted("apply", "drained"),
    Superseded("run 3"),
    Withdrawn("ann", "no"),
)
STATES = (
    Waiting(),
    Running("w1", 3, "apply"),
    Held(HOLDS, PLAN),
    *(Ended(outcome) for outcome in OUTCOMES),
)
PULL = Pull(7, "Add \N{SNOWMAN}", "ann", "a" * 40, "main", PullState.OPEN, draft=True)
REQUEST = Request(
    RequestId("dev", "database", "orders"),
    "payments",
    "requests/payments/orders.yaml",
    {"size": "small", "storage": 20, "factor": 5.0, "on": True, "labels": {"a": "b"}},
    {"size": (4, 9)},
)
CHANGES = (
    Create(REQUEST, "d"),
    Update(REQUEST, "d", REQUEST, (ParameterChange("storage", 20, 30.0, Rule.GROW_ONLY),)),
    Destroy(REQUEST, "d"),
)


@pytest.mark.parametrize("state", STATES, ids=records.word)
def test_every_state_comes_back_as_it_was(state):
    assert records.STATE.validate_json(records.dump(records.STATE, state)) == state


def test_a_proposal_comes_back_as_it_was():
    rejection = Rejection("requests/a/b.yaml", 1, 2, "parameters.size", "no", "way out")
    proposal = Proposal(PULL, "t" * 40, CHANGES, (rejection,), deferred=("x",))
    back = records.PROPOSAL.validate_json(records.dump(records.PROPOSAL, proposal))
    assert back == proposal
    assert back.changes[0].request.places == {"size": (4, 9)}


def test_numbers_keep_their_kind():
    back = records.REQUEST.validate_json(records.dump(records.REQUEST, REQUEST))
    assert [type(value) for value in back.parameters.values()] == [str, int, float, bool, dict]


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(max_size=5), st.binary(max_size=50) | st.text().map(str.encode), max_size=5))
def test_any_bytes_come_back_as_they_were(files):
    assert records._unpack(records._pack(files, {})) == [files, {}]
