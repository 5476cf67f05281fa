import pytest

from controller.core.decision import Decision, Register
from controller.core.identity import RequestId
from controller.core.wanted import changed_paths

PATH = "requests/payments/orders.yaml"


def test_a_tree_is_read_and_what_is_accepted_is_rendered(tree, ask):
    wanted = tree({PATH: ask(), "requests/a/bad.yaml": "["})
    assert set(wanted.workspaces) == set(wanted.requests.accepted) == {RequestId("dev", "database", "orders")}
    assert set(wanted.requests.refused) == {"requests/a/bad.yaml"}
    assert set(wanted.blobs) == {PATH, "requests/a/bad.yaml"}


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({}, {}, set()),
        ({"a": "1"}, {"a": "1"}, set()),
        ({"a": "1"}, {"a": "2"}, {"a"}),
        ({"a": "1"}, {}, {"a"}),
        ({}, {"a": "1"}, {"a"}),
        ({"a": "1"}, {"b": "1"}, {"a", "b"}),
    ],
)
def test_a_path_has_changed_if_its_blob_is_another_and_no_rename_is_guessed(blob, before, after, paths):
    sides = ({path: blob(text) for path, text in side.items()} for side in (before, after))
    assert changed_paths(*sides) == paths


def test_another_mode_is_a_change_too(blob):
    assert changed_paths({"a": blob("1")}, {"a": blob("1", "120000")}) == {"a"}


def test_a_decision_that_says_nothing_does_nothing():
    assert Decision() == Decision((), (), {}, None, (), None, ())
    assert Register() == Register({}, (), {}, None)
