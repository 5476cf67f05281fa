import pytest

from controller.core.catalogue import read_catalogue
from controller.core.change import Create, Destroy, Update
from controller.core.cost import CostChange, cost_changes, monthly, total
from controller.core.identity import RequestId
from controller.core.request import Request

PRICED = b"""\
title: Disk
description: A disk.
provider: aws
parameters:
  size: {type: string, enum: [small, large], default: small, description: Size}
  gigabytes: {type: integer, default: 10, description: Room}
"""
CATALOGUE = read_catalogue(
    {
        "terraform/modules/disk/kind.yaml": PRICED
        + b"cost: {currency: USD, per_month: {parameter: size, map: {small: 13, large: 1250.5}}}\n",
        "terraform/modules/room/kind.yaml": PRICED
        + b"cost: {currency: EUR, per_month: {parameter: gigabytes}}\n",
        "terraform/modules/flat/kind.yaml": PRICED + b"cost: {currency: USD, per_month: 4}\n",
        "terraform/modules/free/kind.yaml": PRICED,
    }
)


def asked(kind="disk", **parameters):
    return Request(RequestId("dev", kind, "it"), "pay", "requests/pay/it.yaml", parameters)


@pytest.mark.parametrize(
    ("kind", "parameters", "price"),
    [
        ("disk", {"size": "small"}, 13),
        ("disk", {"size": "large"}, 1250.5),
        ("room", {"gigabytes": 7}, 7),
        ("flat", {}, 4),
        ("free", {"size": "small"}, 0),
        ("gone", {"size": "small"}, 0),
        ("disk", {}, 0),
        ("disk", {"size": "withdrawn"}, 0),
        ("room", {"gigabytes": None}, 0),
    ],
)
def test_a_months_price_is_that_of_the_kinds_list_as_far_as_it_can_be_told(kind, parameters, price):
    assert monthly(asked(kind, **parameters), CATALOGUE.kinds.get(kind)) == price


SMALL, LARGE = asked(size="small"), asked(size="large")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Create(SMALL, "d"), "+13 USD"),
        (Update(LARGE, "d", SMALL), "13 → 1,250.5 USD"),
        (Destroy(LARGE, "d"), "-1,250.5 USD"),
        (Update(SMALL, "d", SMALL), None),
        (Create(asked("free"), "d"), None),
        (Create(asked("gone"), "d"), None),
    ],
)
def test_a_change_says_what_it_does_to_the_bill(change, words):
    assert [str(cost) for cost in cost_changes([change], CATALOGUE)] == ([words] if words else [])


@pytest.mark.parametrize(
    ("costs", "words"),
    [
        ([], ""),
        ([(0, 13, "USD")], "+13 USD a month"),
        ([(0, 13, "USD"), (13, 31, "USD")], "+31 USD a month"),
        ([(26, 13, "USD")], "-13 USD a month"),
        ([(0, 13, "USD"), (13, 0, "USD")], ""),
        ([(0, 0.1, "USD"), (0, 0.2, "USD"), (0.3, 0, "USD")], ""),
        ([(0, 1234567, "USD"), (9.5, 0, "EUR")], "-9.5 EUR, +1,234,567 USD a month"),
    ],
)
def test_changes_are_summed_for_each_currency(costs, words):
    assert total(CostChange(SMALL.id, *cost) for cost in costs) == words


def test_a_change_of_cost_names_its_request():
    [cost] = cost_changes([Create(SMALL, "d")], CATALOGUE)
    assert cost == CostChange(SMALL.id, 0, 13, "USD")
