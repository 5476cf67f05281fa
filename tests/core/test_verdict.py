from dataclasses import replace

import pytest

from controller.core.plan import Plan
from controller.core.verdict import Risk, Verdict, judge


@pytest.mark.parametrize(
    ("actions", "is_stateful", "risk", "reasons"),
    [
        ({}, True, Risk.NONE, ()),
        ({"a": "create"}, True, Risk.LOW, ()),
        ({"a": "update"}, True, Risk.LOW, ()),
        ({"a": "delete"}, True, Risk.HIGH, ("destroys `a`, which holds data",)),
        ({"a": "replace"}, True, Risk.HIGH, ("replaces `a`, which holds data",)),
        ({"a": "forget"}, True, Risk.HIGH, ("forgets `a`, which holds data",)),
        ({"a": "delete"}, False, Risk.LOW, ("destroys `a`",)),
        ({"a": "replace", "b": "create"}, False, Risk.LOW, ("replaces `a`",)),
    ],
)
def test_a_plans_risk_is_what_it_ends_and_whether_that_holds_data(
    catalogue, plan, actions, is_stateful, risk, reasons
):
    kind = catalogue.kinds["database"]
    kind = replace(kind, format=kind.format.model_copy(update={"stateful": is_stateful}))
    verdict = judge(plan(**actions), kind)
    assert (verdict.risk, verdict.reasons) == (risk, reasons)


@pytest.mark.parametrize("action", ["replace", "delete", "forget"])
def test_what_its_kind_calls_disposable_is_no_risk_and_ends_nothing(catalogue, plan, action):
    kind = catalogue.kinds["database"]
    gone = Plan(tuple(replace(one, disposable=True) for one in plan(a=action).resources))
    both = Plan((*gone.resources, *plan(b=action).resources))
    assert (judge(gone, kind), gone.ends_something) == (Verdict(Risk.LOW), False)
    assert (judge(both, kind).risk, len(judge(both, kind).reasons), both.ends_something) == (
        Risk.HIGH,
        1,
        True,
    )
