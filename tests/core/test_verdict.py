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


def test_replacing_what_its_kind_calls_disposable_is_no_risk_and_destroying_it_is(catalogue, plan):
    kind = catalogue.kinds["database"]
    replaced, gone = (
        Plan(tuple(replace(one, disposable=True) for one in plan(a=action).resources))
        for action in ("replace", "delete")
    )
    assert (judge(replaced, kind), replaced.ends_something) == (Verdict(Risk.LOW), False)
    assert (judge(gone, kind).risk, gone.ends_something) == (Risk.HIGH, True)
