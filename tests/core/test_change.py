from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from controller.core.change import (
    Change,
    Create,
    Destroy,
    ParameterChange,
    Standing,
    Update,
    changes,
    forbidden,
    frozen,
    renames,
    unreadable,
)
from controller.core.identity import RequestId
from controller.core.parameter import Rule
from controller.core.request import Request

PATH = "requests/payments/orders.yaml"
OTHER = "requests/payments/other.yaml"


@pytest.fixture
def between(tree, standing):
    """Every change from one tree, applied as a whole, to another."""

    def make(before, after):
        return changes(tree(after).workspaces, standing(tree(before)))

    return make


def test_a_new_file_creates(between, ask):
    (change,) = between({}, {PATH: ask()})
    assert isinstance(change, Create)
    assert change.request.path == PATH


def test_a_deleted_file_destroys_with_the_workspace_that_was_begun(tree, ask, identity):
    request = tree({PATH: ask()}).requests.accepted[identity]
    (change,) = changes({}, {identity: Standing(request, None, "begun")})
    assert change == Destroy(request, "begun")


def test_the_same_tree_changes_nothing(between, ask):
    assert between({PATH: ask()}, {PATH: ask()}) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{text}", "# a comment\n{text}"),
        ("{text}", "{text}parameters: {{}}\n"),
        ("{text}", "{text}parameters: {{size: small}}\n"),
        ("{text}", "environment: dev\nname: orders\nkind: database\n"),
    ],
)
def test_what_means_the_same_changes_nothing(between, ask, before, after):
    assert between({PATH: before.format(text=ask())}, {PATH: after.format(text=ask())}) == ()


def test_another_path_of_the_same_team_changes_nothing(between, ask):
    assert between({PATH: ask()}, {OTHER: ask()}) == ()


def test_another_team_is_an_update_of_tags_alone(between, ask):
    (change,) = between({PATH: ask()}, {"requests/search/orders.yaml": ask()})
    assert isinstance(change, Update)
    assert change.parameters == ()
    assert (change.before.team, change.request.team) == ("payments", "search")


def test_an_update_tells_each_parameter_and_its_rule(between, ask):
    (change,) = between({PATH: ask(size="small", storage=20)}, {PATH: ask(size="medium", storage=30)})
    assert change.parameters == (
        ParameterChange("size", "small", "medium", Rule.DOWNTIME),
        ParameterChange("storage", 20, 30, Rule.GROW_ONLY),
    )


def test_what_did_not_end_well_is_wanted_again(tree, ask, identity):
    wanted = tree({PATH: ask()})
    (change,) = changes(
        wanted.workspaces, {identity: Standing(wanted.requests.accepted[identity], None, "b")}
    )
    assert isinstance(change, Update)


def test_changes_come_in_one_order(between, ask):
    tree = {f"requests/t/{name}.yaml": ask(name=name) for name in ("c", "a", "b")}
    assert [change.request.id.name for change in between({}, tree)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "text", ["[", "kind: database\nname: orders\nenvironment: dev\nparameters: {size: XL}\n", ""]
)
def test_a_file_that_became_unreadable_freezes_its_request(tree, standing, ask, identity, text):
    stands = standing(tree({PATH: ask()}))
    now = tree({PATH: text})
    still = frozen(now.requests, [each.request for each in stands.values()])
    assert still == {identity}
    assert changes(now.workspaces, stands, still) == ()


def test_a_refused_file_freezes_the_request_that_it_names_wherever_it_lies(tree, standing, ask, identity):
    stands = standing(tree({PATH: ask()}))
    now = tree({OTHER: ask(size="XL")})
    still = frozen(now.requests, [each.request for each in stands.values()])
    assert still == {identity}
    assert changes(now.workspaces, stands, still) == ()


def test_two_files_for_one_identity_freeze_it(tree, standing, ask, identity):
    stands = standing(tree({PATH: ask()}))
    now = tree({PATH: ask(), OTHER: ask()})
    assert changes(now.workspaces, stands, frozen(now.requests, [stands[identity].request])) == ()


@pytest.mark.parametrize(
    ("texts", "paths"),
    [
        ({}, ()),
        ({OTHER: "["}, (OTHER,)),
        ({PATH: "["}, ()),
        ({OTHER: "kind: database\nname: other\nenvironment: dev\nx: 1\n"}, ()),
        ({"requests/a": "[", "requests/b": "["}, ("requests/a", "requests/b")),
    ],
)
def test_a_file_of_which_nobody_knows_what_it_means_may_be_any_request(tree, ask, identity, texts, paths):
    known = tree({PATH: ask()}).requests.accepted[identity]
    assert unreadable(tree(texts).requests, [known]) == paths


@pytest.mark.parametrize(
    ("before", "after", "problem", "way_out"),
    [
        (
            {"engine": "postgres"},
            {"engine": "mysql"},
            "`engine` cannot change from `postgres` to `mysql` once it was applied",
            "Write `postgres` again, or ask for a new request with another name.",
        ),
        (
            {"storage": 30},
            {"storage": 20},
            "`storage` can only grow, and 20 is less than 30",
            "Write 30 or more.",
        ),
    ],
)
def test_a_change_that_the_kind_forbids_is_refused_where_it_is_written(
    between, ask, before, after, problem, way_out
):
    (change,) = between({PATH: ask(**before)}, {PATH: ask(**after)})
    (rejection,) = forbidden(change)
    assert (rejection.path, rejection.line, rejection.column) == (PATH, 5, 3)
    assert rejection.field == f"parameters.{next(iter(after))}"
    assert (rejection.problem, rejection.way_out) == (problem, way_out)


def test_a_forbidden_change_by_leaving_the_line_out_is_refused_too(between, ask):
    (change,) = between({PATH: ask(storage=30)}, {PATH: ask()})
    (rejection,) = forbidden(change)
    assert (rejection.field, rejection.line) == ("parameters.storage", 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"storage": 20}, {"storage": 30}),
        ({"size": "small"}, {"size": "medium"}),
        ({"note": "a"}, {"note": "b"}),
    ],
)
def test_what_the_kind_allows_is_not_refused(between, ask, before, after):
    (change,) = between({PATH: ask(**before)}, {PATH: ask(**after)})
    assert forbidden(change) == ()


@pytest.mark.parametrize("type_", [Create, Destroy])
def test_only_an_update_can_be_forbidden(accepted, ask, type_):
    assert forbidden(type_(accepted(ask()), "d")) == ()


@pytest.mark.parametrize(
    ("rule", "before", "after", "is_refused"),
    [
        (Rule.GROW_ONLY, None, 5, False),
        (Rule.GROW_ONLY, "20", 5, False),
        (Rule.GROW_ONLY, 20, "5", False),
        (Rule.GROW_ONLY, 1.5, 1, True),
        (Rule.FORBIDDEN, None, "new", False),
        (Rule.FORBIDDEN, False, True, True),
        (Rule.REPLACE, 20, 5, False),
    ],
)
def test_a_rule_holds_even_where_the_kind_itself_has_changed(accepted, ask, rule, before, after, is_refused):
    request = accepted(ask())
    change = Update(request, "d", request, (ParameterChange("storage", before, after, rule),))
    assert bool(forbidden(change)) is is_refused


@pytest.mark.parametrize(
    ("after", "is_refused"),
    [
        ({PATH: "name=other"}, True),
        ({PATH: "environment=prod"}, True),
        ({PATH: "name=orders"}, False),
        ({PATH: "name=other", OTHER: "name=orders"}, False),
        ({OTHER: "name=other"}, False),
        ({}, False),
    ],
)
def test_another_identity_at_the_same_path_is_refused_unless_the_old_one_lives_elsewhere(
    tree, ask, identity, after, is_refused
):
    old = tree({PATH: ask()}).requests.accepted[identity]
    texts = {path: ask(**{"size": "medium", **dict([words.split("=")])}) for path, words in after.items()}
    found = renames(tree(texts).requests, [old])
    assert bool(found) is is_refused
    for rejection in found:
        assert (rejection.path, rejection.line, rejection.field) == (PATH, 2, "name")
        assert "this file asked for `dev/database/orders`" in rejection.problem
        assert "into a new file, and delete this one to destroy `dev/database/orders`" in rejection.way_out


def test_changes_survive_the_ledger(between, ask):
    adapter = TypeAdapter(tuple[Change, ...])
    found = between(
        {PATH: ask(), "requests/t/x.yaml": ask(name="x")}, {PATH: ask(size="medium"), OTHER: ask(name="y")}
    )
    assert {type(change) for change in found} == {Create, Update, Destroy}
    assert adapter.validate_json(adapter.dump_json(found)) == found


def test_a_parameter_that_the_kind_offers_anew_is_a_change_from_nothing(tree, standing, ask, identity):
    wanted = tree({PATH: ask()})
    stands = standing(wanted)[identity]
    old = Request(RequestId("dev", "database", "orders"), "payments", PATH, {**stands.request.parameters})
    del old.parameters["engine"]
    (change,) = changes(wanted.workspaces, {identity: replace(stands, request=old, digest="older")})
    assert change.parameters == (ParameterChange("engine", None, "postgres", Rule.FORBIDDEN),)
    assert forbidden(change) == ()
