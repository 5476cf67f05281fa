"""What a team may have: counted and priced over all that it would have, and only what is new or dearer is blamed."""

import pytest

from controller.core.catalogue import read_catalogue
from controller.core.identity import RequestId
from controller.core.quota import breaches
from controller.core.request import Request

KIND = b"""\
title: Database
description: A database.
provider: aws
parameters:
  size: {type: string, enum: [small, large], default: small, description: Size}
variables: {size: {parameter: size}}
cost: {currency: USD, per_month: {parameter: size, map: {small: 10, large: 100}}}
"""
FLAT = b"title: Queue\ndescription: A queue.\nprovider: aws\ncost: {currency: USD, per_month: 5.5}\n"
FREE = b"title: Note\ndescription: A note.\nprovider: aws\n"
FOREIGN = b"title: Car\ndescription: A car.\nprovider: aws\ncost: {currency: EUR, per_month: 9000}\n"
DEV = b"""\
title: Dev
kinds: [database, queue, note, car]
quotas: {default: {database: 2, note: 0}, teams: {search: {database: 3}, ops: {note: 1}}}
budget: {default: 150, teams: {search: 30.5}, currency: USD}
"""
CATALOGUE = read_catalogue(
    {
        **{
            f"terraform/modules/{name}/kind.yaml": text
            for name, text in (("database", KIND), ("queue", FLAT), ("note", FREE), ("car", FOREIGN))
        },
        "terraform/environments/dev.yaml": DEV,
        "terraform/environments/open.yaml": b"title: Open\nkinds: [database]\n",
    }
)


def have(*words):
    """Requests by words like `payments/a`, `payments/b=large`, `payments/n:queue`."""
    found = {}
    for word in words:
        place, _, size = word.partition("=")
        place, _, kind = place.partition(":")
        place, _, environment = place.partition("@")
        team, name = place.split("/")
        identity = RequestId(environment or "dev", kind or "database", name)
        path = f"requests/{team}/{name}.yaml"
        found[identity] = Request(identity, team, path, {"size": size or "small"}, {"size": (5, 3)}, (2, 1))
    return found


def told(before, after):
    return [
        (breach.request.name, breach.rejection.problem)
        for breach in breaches(have(*before), have(*after), CATALOGUE)
    ]


@pytest.mark.parametrize(
    ("before", "after", "blamed"),
    [
        ([], ["pay/a"], []),
        ([], ["pay/a", "pay/b"], []),
        ([], ["pay/a", "pay/b", "pay/c"], ["c"]),
        (["pay/c"], ["pay/a", "pay/b", "pay/c"], ["b"]),
        (["pay/a", "pay/b"], ["pay/b", "pay/c"], []),
        (["pay/a", "pay/b", "pay/c"], ["pay/a", "pay/b", "pay/c"], []),
        (["pay/a", "pay/b", "pay/c"], ["pay/a", "pay/b=large", "pay/c"], []),
        (["pay/a", "pay/b", "pay/c"], ["pay/a", "pay/b", "pay/d"], ["d"]),
        (["pay/a", "pay/b", "core/c"], ["pay/a", "pay/b", "pay/c"], ["c"]),
        (["pay/a", "pay/b"], ["pay/a", "pay/b", "core/c"], []),
        (["pay/a@open", "pay/b@open"], ["pay/a@open", "pay/b@open", "pay/c@open"], []),
        ([], ["search/a", "search/b", "search/c"], []),
        ([], ["search/a", "search/b", "search/c", "search/d"], ["d"]),
        ([], ["pay/n:note"], ["n"]),
        ([], ["ops/n:note", "ops/m:queue"], []),
    ],
)
def test_a_team_has_no_more_of_a_kind_than_its_quota_and_only_new_ones_are_blamed(before, after, blamed):
    assert [name for name, problem in told(before, after) if "limit" in problem] == blamed


def test_a_quota_says_who_how_many_where_and_the_limit():
    [breach] = breaches({}, have("pay/a", "pay/b", "pay/c"), CATALOGUE)
    assert breach.rejection.problem == "team pay: 3rd `database` in `dev`, limit 2"
    assert (breach.rejection.path, breach.rejection.line) == ("requests/pay/c.yaml", 2)
    assert "higher quota" in breach.rejection.way_out


@pytest.mark.parametrize(
    ("before", "after", "blamed"),
    [
        ([], ["pay/a=large", "pay/b"], []),
        ([], ["pay/a=large", "pay/b=large"], ["b"]),
        (["pay/a=large"], ["pay/a=large", "pay/q:queue", "pay/b=large"], ["b"]),
        (["pay/a=large", "pay/b=large"], ["pay/a=large", "pay/b=large"], []),
        (["pay/a=large", "pay/b=large"], ["pay/a=large", "pay/b"], []),
        (["pay/a=large", "pay/b"], ["pay/a=large", "pay/b=large"], ["b"]),
        (["pay/a", "pay/b"], ["pay/a=large", "pay/b=large"], ["b"]),
        (["pay/a=large", "pay/b"], ["pay/a", "pay/b=large"], []),
        ([], ["search/a", "search/b", "search/q:queue"], []),
        ([], ["search/a", "search/b", "search/q:queue", "search/r:queue"], ["r"]),
        ([], ["pay/c:car"], []),
        ([], ["pay/a@open=large", "pay/b@open=large"], []),
    ],
)
def test_a_team_spends_no_more_than_its_budget_and_only_what_costs_more_is_blamed(before, after, blamed):
    assert [name for name, problem in told(before, after) if "budget" in problem] == blamed


def test_a_budget_says_what_it_would_come_to_at_the_parameter_that_decides():
    [breach] = breaches({}, have("pay/a=large", "pay/b=large"), CATALOGUE)
    assert breach.rejection.problem == "team pay in `dev`: 200 USD a month with this, budget 150 USD"
    assert (breach.rejection.field, breach.rejection.line) == ("parameters.size", 5)


@pytest.mark.parametrize(
    ("count", "word"), [(2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (21, "21st"), (112, "112th")]
)
def test_a_count_is_said_as_english_does(count, word):
    names = [f"ops/n{number:03}:note" for number in range(count)]
    assert told(names[:-1], names)[-1][1].startswith(f"team ops: {word} ")


def test_what_the_default_branch_does_not_know_any_more_is_no_limit():
    gone = have("pay/a@nowhere", "pay/b@nowhere", "pay/c@nowhere", "pay/d:unknown")
    assert breaches({}, gone, CATALOGUE) == ()
