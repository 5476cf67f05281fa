"""Plans are compared object by object; the JSON here has the shapes that Terraform 1.11 to 1.15 was seen to print."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from controller.core.covers import covers, differences
from controller.core.plan import Action, Plan, ResourceChange, read_plan

KEY = b"k" * 32
SHOWN = ("size", "tags")


def change(address="m.a", actions=("create",), before=None, after=None, **more):
    body = {"actions": list(actions), "before": before, "after": after}
    for name in ("after_unknown", "before_sensitive", "after_sensitive"):
        if name in more:
            body[name] = more.pop(name)
    return {"address": address, "change": body, **more}


def plan(*changes, key=KEY):
    return read_plan({"terraform_version": "1.11.4", "resource_changes": list(changes)}, SHOWN, key)


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (["create"], Action.CREATE),
        (["update"], Action.UPDATE),
        (["delete"], Action.DELETE),
        (["delete", "create"], Action.REPLACE),
        (["create", "delete"], Action.REPLACE),
        (["forget"], Action.FORGET),
        (["create", "forget"], Action.REPLACE),
        (["some", "day"], Action.REPLACE),
    ],
)
def test_terraforms_actions_have_one_word_each(actions, action):
    assert [resource.action for resource in plan(change(actions=actions)).resources] == [action]


@pytest.mark.parametrize("actions", [["no-op"], ["read"]])
def test_what_stays_as_it_is_and_what_is_only_read_is_not_in_a_plan(actions):
    assert plan(change(actions=actions)).is_empty


@pytest.mark.parametrize(
    "shown", [{}, {"resource_changes": []}, {"output_changes": {"a": {"actions": ["create"]}}}]
)
def test_a_plan_without_changes_is_empty(shown):
    assert read_plan(shown, SHOWN, KEY).is_empty


def test_fields_that_nobody_set_are_not_shown_and_are_compared_all_the_same():
    after = {"size": [{"name": "a", "zone": None, "inner": {"b": None, "c": []}}]}
    (resource,) = plan(change(after=after)).resources
    (shown,) = (each.after for each in resource.attributes)
    assert shown == '[{"inner": {"c": []}, "name": "a"}]'
    assert resource.known["size[0].zone"] == "null"


def test_what_the_kind_calls_disposable_is_known_by_its_type():
    changes = [change(f"{type_}.x", ["delete", "create"], type=type_) for type_ in ("secret", "table")]
    read = read_plan({"resource_changes": changes}, SHOWN, KEY, ("secret",))
    assert [(one.disposable, one.ends) for one in read.resources] == [(True, False), (False, True)]


def test_only_shown_values_are_kept_and_the_others_are_keyed_hmacs():
    (resource,) = plan(change(after={"size": "small", "password": "hunter2", "tags": {"a": "b"}})).resources
    assert resource.known["size"] == '"small"'
    assert resource.known["tags.a"] == '"b"'
    assert resource.known["password"].startswith("hmac:")
    assert "hunter2" not in repr(resource)


def test_an_hmac_depends_on_the_key_the_place_and_the_value():
    def kept(address="m.a", name="x", value="v", key=KEY):
        (resource,) = plan(change(address, after={name: value}), key=key).resources
        return resource.known[name]

    assert kept() == kept()
    assert len({kept(), kept(address="m.b"), kept(name="y"), kept(value="w"), kept(key=b"other" * 8)}) == 5


@pytest.mark.parametrize(
    "marks",
    [
        {"after_sensitive": {"size": True}},
        {"after_sensitive": True},
        {"after_sensitive": {"size": {"inner": True}}},
        {"after_sensitive": {"size": [False, True]}},
        {"before_sensitive": {"size": True}},
        {"before_sensitive": True},
    ],
)
def test_a_shown_attribute_that_is_marked_sensitive_is_hidden_all_the_same(marks):
    (resource,) = plan(
        change(actions=["update"], before={"size": "old-secret"}, after={"size": "new-secret"}, **marks)
    ).resources
    (attribute,) = resource.attributes
    assert (attribute.before, attribute.after) == (None, None)
    if "after_sensitive" in marks:
        assert "new-secret" not in repr(resource)


def test_marks_that_say_false_hide_nothing():
    marks = {"after_sensitive": {"tags": {"a": False}}, "before_sensitive": False}
    (resource,) = plan(change(after={"tags": {"a": "b"}}, **marks)).resources
    assert resource.attributes[0].after == '{"a": "b"}'


def test_attributes_tell_what_changes_and_only_that():
    before = {"size": "s", "tags": {"a": "1"}, "other": 1, "same": 1}
    after = {"size": "m", "tags": {"a": "1"}, "other": 2, "same": 1}
    (resource,) = plan(
        change(actions=["update"], before=before, after=after, after_unknown={"arn": True})
    ).resources
    assert [(each.name, each.before, each.after) for each in resource.attributes] == [
        ("arn", None, None),
        ("other", None, None),
        ("size", '"s"', '"m"'),
    ]


def test_unknown_values_are_paths_and_not_values():
    (resource,) = plan(
        change(
            after={"size": "s", "rule": [{}]}, after_unknown={"id": True, "rule": [{"arn": True, "n": False}]}
        )
    ).resources
    assert resource.unknown == ("id", "rule[0].arn")
    assert set(resource.known) == {"size"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"tags": {"a.b": "x"}}, {"tags": {"a": {"b": "x"}}}),
        ({"tags": {"a[0]": "x"}}, {"tags": {"a": ["x"]}}),
        ({"tags": {"a": {}}}, {"tags": {"a": []}}),
        ({"tags": {"a": None}}, {"tags": {}}),
        ({"tags": {"": "x"}}, {"tags": "x"}),
        ({"size": "1"}, {"size": 1}),
        ({"size": True}, {"size": "true"}),
        ({"size": None}, {}),
    ],
)
def test_two_values_that_are_not_the_same_never_look_the_same(one, other):
    assert not covers(plan(change(after=one)), plan(change(after=other)))
    assert not covers(plan(change(after=other)), plan(change(after=one)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "a.b", "a[0]", "hmac:"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["a", "b", "a.b", "a[0]", "", "é"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["size", "tags", "x"]), JSON, max_size=3),
    st.dictionaries(st.sampled_from(["size", "tags", "x"]), JSON, max_size=3),
)
def test_a_plan_covers_another_exactly_if_their_known_values_are_the_same(one, other):
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert covers(plan(change(after=one)), plan(change(after=other))) is same


CREATE = change(after={"size": "s", "x": 1}, after_unknown={"id": True})
UPDATE = change(actions=["update"], before={"size": "s"}, after={"size": "m"})
DELETE = change(actions=["delete"], before={"size": "s"})
REPLACE = change(
    actions=["delete", "create"], before={"size": "s"}, after={"size": "m"}, after_unknown={"id": True}
)
TAINTED = change(
    actions=["delete", "create"],
    before={"size": "s", "x": 1, "id": "i"},
    after={"size": "s", "x": 1},
    after_unknown={"id": True},
    action_reason="replace_because_tainted",
)
DEPOSED = change(actions=["delete"], before={"size": "s"}, deposed="abcd1234")
NO_OP = change(actions=["no-op"])
READ = change(actions=["read"], after_unknown={"x": True})


@pytest.mark.parametrize(
    ("reviewed", "fresh", "is_covered"),
    [
        ([CREATE], [CREATE], True),
        ([UPDATE], [UPDATE], True),
        ([DELETE], [DELETE], True),
        ([REPLACE], [REPLACE], True),
        ([], [NO_OP], True),
        ([], [READ], True),
        ([CREATE], [], True),
        ([CREATE, change("m.b")], [CREATE], True),
        ([CREATE, DELETE], [NO_OP], True),
        ([], [CREATE], False),
        ([], [DELETE], False),
        ([CREATE], [change("m.b", after={"size": "s", "x": 1})], False),
        ([CREATE], [UPDATE], False),
        ([CREATE], [DELETE], False),
        ([UPDATE], [REPLACE], False),
        ([UPDATE], [DELETE], False),
        ([DELETE], [REPLACE], False),
        ([NO_OP], [UPDATE], False),
        ([READ], [CREATE], False),
    ],
)
def test_every_action_of_the_fresh_plan_must_have_been_reviewed(reviewed, fresh, is_covered):
    assert covers(plan(*reviewed), plan(*fresh)) is is_covered


@pytest.mark.parametrize(
    ("reviewed", "fresh", "is_covered"),
    [
        ([CREATE], [TAINTED], True),
        ([REPLACE], [{**TAINTED, "change": {**REPLACE["change"]}}], True),
        ([UPDATE], [TAINTED], False),
        ([NO_OP], [TAINTED], False),
        ([CREATE], [{**TAINTED, "action_reason": "replace_because_cannot_update"}], False),
        (
            [CREATE],
            [
                change(
                    actions=["delete", "create"],
                    after={"size": "XL", "x": 1},
                    after_unknown={"id": True},
                    action_reason="replace_because_tainted",
                )
            ],
            False,
        ),
        ([REPLACE], [change(after={"size": "m"}, after_unknown={"id": True})], True),
        ([REPLACE], [change(after={"size": "XL"}, after_unknown={"id": True})], False),
        ([REPLACE], [DEPOSED], True),
        ([REPLACE], [DELETE], False),
        ([CREATE], [DEPOSED], False),
        ([UPDATE], [DEPOSED], False),
        ([DEPOSED], [DEPOSED], True),
        ([DEPOSED], [DELETE], False),
        ([DELETE], [DEPOSED], True),
        ([], [DEPOSED], False),
    ],
)
def test_an_interrupted_change_goes_on_by_itself_and_nothing_else_does(reviewed, fresh, is_covered):
    assert covers(plan(*reviewed), plan(*fresh)) is is_covered


@pytest.mark.parametrize(
    ("reviewed", "fresh", "words"),
    [
        ({"after": {"size": "s"}}, {"after": {"size": "m"}}, "`size` of `m.a`"),
        ({"after": {"x": "s"}}, {"after": {"x": "m"}}, "`x` of `m.a`"),
        ({"after": {"x": "s"}}, {"after": {}}, "`x` of"),
        ({"after": {}}, {"after": {"x": "s"}}, "`x` of"),
        ({"after": {"x": 1}}, {"after": {}, "after_unknown": {"x": True}}, "`x` of"),
        ({"after": {"x": [1]}}, {"after": {"x": [1, 2]}}, "`x[1]` of"),
        ({"after": {"x": []}}, {"after": {"x": [1]}}, "`x[0]` of"),
        ({"after": {"tags": {"a": "1"}}}, {"after": {"tags": {"b": "1"}}}, "`tags.b` of"),
    ],
)
def test_a_known_value_that_is_another_is_named(reviewed, fresh, words):
    found = differences(plan(change(**reviewed)), plan(change(**fresh)))
    assert any(words in difference for difference in found), found


@pytest.mark.parametrize(
    ("seen", "unknown", "fresh"),
    [
        ({}, {"id": True}, {"id": "i-1"}),
        ({}, {"id": True}, {"id": None}),
        ({}, {"rule": True}, {"rule": [{"a": 1}, {"b": 2}]}),
        ({"rule": [{}]}, {"rule": [{"arn": True}]}, {"rule": [{"arn": "x"}]}),
        ({"rule": [None]}, {"rule": [True]}, {"rule": ["x"]}),
        ({"tags": {}}, {"tags": {"a.b": True}}, {"tags": {"a.b": "x"}}),
        ({"tags": {"c": "d"}}, {"tags": {"a": True}}, {"tags": {"a": "x", "c": "d"}}),
    ],
)
def test_what_was_unknown_when_it_was_reviewed_may_be_anything_once_it_is_known(seen, unknown, fresh):
    """After a partial apply the unknowns of what is left are known."""
    reviewed = plan(change(after={**seen, "size": "s"}, after_unknown=unknown))
    assert differences(reviewed, plan(change(after={**fresh, "size": "s"}))) == ()
    assert covers(reviewed, reviewed)


def test_a_name_that_only_looks_like_the_unknown_one_is_compared():
    reviewed = plan(change(after={"size": "s", "idx": 1}, after_unknown={"id": True}))
    assert not covers(reviewed, plan(change(after={"size": "s", "idx": 2, "id": "i"})))


def test_a_delete_is_compared_by_address_and_action_only():
    reviewed = plan(change(actions=["delete"], before={"size": "s", "x": 1}))
    assert covers(reviewed, plan(change(actions=["delete"], before={"size": "m", "x": 2})))


def test_drift_that_was_not_there_at_review_is_not_covered():
    reviewed = plan(change("m.b", after={"size": "s"}), NO_OP)
    drifted = plan(change("m.b", after={"size": "s"}), UPDATE)
    assert differences(reviewed, drifted) == ("would update `m.a`, which the reviewed plan left alone",)


@pytest.mark.parametrize(
    ("reviewed", "fresh", "paths"),
    [
        ({"clock": (1, 1)}, {"clock": (2, 2)}, []),
        ({"clock": ({"a": 1}, {"a": 1})}, {"clock": ({}, {})}, []),
        ({"clock": (1, 1)}, {"clock": (1, 2)}, ["clock"]),
        ({"clock": (1, 2)}, {"clock": (1, 3)}, ["clock"]),
        ({"clock": (1, 2)}, {"clock": (3, 3)}, ["clock"]),
        ({"clock": (2, 2)}, {"clock": (1, 2)}, []),
    ],
)
def test_what_an_update_leaves_as_it_is_may_move_by_itself(reviewed, fresh, paths):
    def update(attributes):
        before, after = (
            {"size": size, **{name: values[index] for name, values in attributes.items()}}
            for index, size in enumerate("sm")
        )
        return plan(change(actions=["update"], before=before, after=after))

    found = differences(update(reviewed), update(fresh))
    assert found == tuple(f"`{path}` of `m.a` would not be what the reviewed plan said" for path in paths)


def test_differences_are_said_in_sentences():
    found = differences(plan(UPDATE), plan(REPLACE, change("m.b", actions=["delete"])))
    assert found == (
        "would replace `m.a`, where the reviewed plan said update",
        "would delete `m.b`, which the reviewed plan left alone",
    )


@pytest.mark.parametrize(
    ("actions", "answer"),
    [
        ([], True),
        (["create"], True),
        (["create", "create"], True),
        (["create", "update"], False),
        (["delete"], False),
    ],
)
def test_a_plan_that_solely_creates_is_known_as_such(actions, answer):
    resources = tuple(
        ResourceChange(f"m.{index}", Action(action), {}) for index, action in enumerate(actions)
    )
    assert Plan(resources).only_creates is answer


def test_a_plan_survives_the_ledger():
    adapter = TypeAdapter(Plan)
    changes = [
        {**each, "address": f"m.{index}"} for index, each in enumerate([CREATE, TAINTED, DEPOSED, UPDATE])
    ]
    known = plan(*changes)
    again = adapter.validate_json(adapter.dump_json(known))
    assert again == known
    assert covers(known, again)
    assert covers(again, known)


def test_a_plan_covers_itself_and_what_is_left_of_it():
    known = plan(CREATE, change("m.b", ["update"], {"size": 1}, {"size": 2}), change("m.c", ["delete"]))
    for count in range(len(known.resources) + 1):
        assert covers(known, replace(known, resources=known.resources[count:]))
