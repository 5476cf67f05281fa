from dataclasses import replace

import pytest

from controller.core.verdict import Risk, judge


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
