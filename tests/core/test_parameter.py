import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ConfigDict, Field, ValidationError, create_model

from controller.core.parameter import MAX_NUMBER, MAX_TEXT, Parameter

ANYTHING = [
    True,
    False,
    0,
    1,
    20,
    -5,
    1.0,
    1.5,
    math.inf,
    math.nan,
    10**30,
    "",
    "a",
    "1",
    None,
    [],
    {},
    ["a"],
    {"a": "b"},
]


def parameter(type_, **rules):
    return Parameter(type=type_, description="d", **rules)


def taken(parameter, offered=None):
    annotation, default = parameter.field(offered)
    model = create_model("M", __config__=ConfigDict(validate_default=True), it=(annotation, Field(default)))
    values = []
    for value in ANYTHING:
        try:
            values.append(model(it=value).it)
        except ValidationError:
            continue
    return values


@pytest.mark.parametrize(
    ("type_", "rules", "values"),
    [
        ("string", {}, ["", "a", "1"]),
        ("string", {"min_length": 1}, ["a", "1"]),
        ("string", {"pattern": "^[a-z]$"}, ["a"]),
        ("string", {"enum": ("a", "b")}, ["a"]),
        ("integer", {}, [0, 1, 20, -5]),
        ("integer", {"minimum": 1}, [1, 20]),
        ("integer", {"minimum": 1, "maximum": 1}, [1]),
        ("integer", {"enum": (1, 20)}, [1, 20]),
        ("number", {}, [0, 1, 20, -5, 1.0, 1.5]),
        ("number", {"maximum": 1}, [0, 1, -5, 1.0]),
        ("boolean", {}, [True, False]),
        ("map", {}, [{}, {"a": "b"}]),
    ],
)
def test_a_parameter_takes_its_own_type_and_nothing_that_looks_like_it(type_, rules, values):
    got = taken(parameter(type_, **rules))
    assert got == values
    assert all(isinstance(value, bool) == (type_ == "boolean") for value in got)


@pytest.mark.parametrize(
    ("type_", "rules", "offered", "values"),
    [
        ("string", {"enum": ("a", "b")}, ("a",), ["a"]),
        ("string", {"enum": ("a", "b")}, ("a", "giant"), ["a"]),
        ("string", {"enum": ("a", "b")}, ("giant",), []),
        ("string", {"enum": ("a", "b")}, (), []),
        ("string", {"pattern": "^[a-z]$"}, ("a", "1"), ["a"]),
        ("integer", {"minimum": 5}, (1, 20), [20]),
        ("integer", {}, (1, "a"), [1]),
        ("boolean", {}, (1, "true"), []),
    ],
)
def test_an_environments_limits_narrow_a_parameter_and_never_widen_it(type_, rules, offered, values):
    assert taken(parameter(type_, **rules), offered) == values


def test_a_default_that_the_environment_does_not_offer_must_be_given():
    size = parameter("string", enum=("small", "large", "huge"), default="small")
    assert size.field()[1] == "small"
    assert size.field(("small",))[1] == "small"
    assert size.field(("large", "huge"))[1] is ...


def test_the_only_value_that_an_environment_offers_is_the_default():
    assert parameter("string", enum=("small", "large"), default="small").field(("large",))[1] == "large"
    assert parameter("boolean", default=False).field((True,))[1] is True
    assert parameter("string", enum=("small", "large")).field(("large",))[1] is ...


@pytest.mark.parametrize("default", [False, 0, "", {}])
def test_a_default_may_be_empty(default):
    type_ = {bool: "boolean", int: "integer", str: "string", dict: "map"}[type(default)]
    assert parameter(type_, default=default).field()[1] == default


def test_without_a_default_a_parameter_must_be_given():
    assert parameter("string").field()[1] is ...


@pytest.mark.parametrize(
    ("type_", "rules", "words"),
    [
        ("string", {"pattern": "("}, "no regular expression"),
        ("string", {"pattern": "(?=a)"}, "no regular expression"),
        ("string", {"enum": (True,)}, "this must be text or a number"),
        ("string", {"default": ["a"]}, "this must be text or a number"),
        ("string", {"min_length": -1}, "greater than or equal to 0"),
        ("string", {"max_length": 0}, "greater than or equal to 1"),
        ("integer", {"maximum": 10**16}, "less than or equal to"),
        ("list", {}, "Input should be"),
        ("string", {"chagne": "free"}, "Extra inputs"),
    ],
)
def test_what_is_no_parameter_at_all_is_refused(type_, rules, words):
    with pytest.raises(ValidationError, match=words):
        parameter(type_, **rules)


@pytest.mark.parametrize(
    ("type_", "rules", "field", "problem", "way_out"),
    [
        ("string", {"change": "grow_only"}, "change", "`grow_only` is for numbers", "Choose"),
        (
            "string",
            {"enum": ("ab",), "default": "b"},
            "default",
            "`b` is not one of `enum`",
            "Did you mean `ab`?",
        ),
        ("string", {"enum": ()}, "enum", "`enum` is empty", "List the values"),
        ("integer", {"enum": (1, "a")}, "enum.1", '`"a"` does not fit', "Change"),
        ("boolean", {"enum": ("a",)}, "enum.0", '`"a"` does not fit', "Change"),
        ("string", {"enum": (1.5,)}, "enum.0", "`1.5` does not fit", "Change"),
        ("integer", {"minimum": 5, "default": 1}, "default", "`1` does not fit", "Change"),
        ("integer", {"default": "1"}, "default", '`"1"` does not fit', "Change"),
        ("integer", {"default": True}, "default", "`true` does not fit", "Change"),
        ("integer", {"enum": (1, 2), "default": True}, "default", "`true` does not fit", "Change"),
        ("string", {"pattern": "^b$", "default": "a"}, "default", '`"a"` does not fit', "Change"),
        (
            "integer",
            {"minimum": 5, "maximum": 1},
            "maximum",
            "`minimum` is 5, and `maximum` is 1",
            "Exchange",
        ),
        ("string", {"min_length": 5, "max_length": 1}, "max_length", "`min_length` is 5", "Exchange"),
        ("integer", {"minimum": 0.5}, "minimum", "`minimum` is 0.5", "Write a whole number."),
    ],
)
def test_a_parameter_that_contradicts_itself_says_where_and_what_to_do(type_, rules, field, problem, way_out):
    ((where, said, ways),) = parameter(type_, **rules).contradictions()
    assert where == field
    assert problem in said
    assert ways.startswith(way_out)


def test_a_parameter_may_say_how_long_its_change_takes():
    slow = parameter("string", change="downtime", takes="an hour")
    assert (slow.time_taken, tuple(slow.contradictions())) == ("an hour", ())


@pytest.mark.parametrize(
    ("type_", "rules"),
    [
        ("number", {"enum": (0.5, 1), "default": 0.5}),
        ("integer", {"minimum": 1, "maximum": 1, "default": 1}),
        ("string", {"min_length": 2, "max_length": 2, "default": "ab"}),
        ("map", {"default": {"a": "b"}, "key_pattern": "^a$", "pattern": "^b$"}),
    ],
)
def test_a_parameter_that_fits_itself_says_nothing(type_, rules):
    assert tuple(parameter(type_, **rules).contradictions()) == ()


def test_texts_and_numbers_have_bounds_even_where_the_kind_sets_none():
    assert not parameter("string").takes("x" * (MAX_TEXT + 1))
    assert parameter("string").takes("x" * MAX_TEXT)
    assert not parameter("integer").takes(MAX_NUMBER + 1)
    assert not parameter("number").takes(-MAX_NUMBER * 2)
    assert not parameter("map").takes({str(number): "" for number in range(65)})
    assert not parameter("map").takes({"x" * (MAX_TEXT + 1): ""})


def test_minus_zero_is_zero_so_that_the_same_number_is_the_same_text():
    annotation, _ = parameter("number").field()
    model = create_model("M", it=(annotation, ...))
    assert str(model(it=-0.0).it) == "0.0"


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["string", "integer", "number", "boolean", "map"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=4,
    ),
)
def test_whatever_the_value_is_a_parameter_answers(type_, value):
    assert parameter(type_).takes(value) in {True, False}
