import pytest

from controller.core.inspection.types import takes, takes_parameter, takes_text
from controller.core.parameter import Parameter


@pytest.mark.parametrize(
    ("type_", "taken", "refused"),
    [
        ("string", ["a", 1, 1.5, True, None], [[], {}]),
        ("number", [1, 1.5, "5", "-1.5e3", None], ["a", "", True, [], {}]),
        ("bool", [True, False, "true", "false", None], ["yes", 1, 0, [], {}]),
        ("list(string)", [[], ["a", 1]], ["a", {}, [["a"]]]),
        ("set(number)", [[1, "2"]], [["a"]]),
        ("list( list(bool) )", [[[True]]], [[True], [["a"]]]),
        ("map(number)", [{}, {"a": 1}], [[], "a", {"a": "b"}]),
        ("object({ a = string })", [{"a": 1}], ["a", []]),
        ("tuple([string, number])", [["a", 1]], ["a"]),
        ("any", ["a", 1, [], {}], []),
        ("", ["a", 1, [], {}], []),
    ],
)
def test_a_value_fits_where_terraform_would_convert_it(type_, taken, refused):
    assert [value for value in taken if not takes(type_, value)] == []
    assert [value for value in refused if takes(type_, value)] == []


@pytest.mark.parametrize(
    ("type_", "fits"),
    [
        ("string", True),
        ("any", True),
        ("", True),
        ("number", False),
        ("bool", False),
        ("list(string)", False),
    ],
)
def test_any_text_fits_where_text_or_anything_is_wanted(type_, fits):
    assert takes_text(type_) is fits


@pytest.mark.parametrize(
    ("parameter", "fitting", "others"),
    [
        ({"type": "string"}, ["string", "any"], ["number", "bool", "list(string)", "map(string)"]),
        ({"type": "string", "enum": ("1", "2")}, ["string", "number"], ["bool", "list(string)"]),
        ({"type": "integer"}, ["number", "string"], ["bool", "list(number)", "map(number)"]),
        ({"type": "number"}, ["number", "string"], ["bool"]),
        ({"type": "boolean"}, ["bool", "string"], ["number"]),
        (
            {"type": "map"},
            ["map(string)", "map(any)", "object({})"],
            ["string", "map(number)", "list(string)"],
        ),
    ],
)
def test_a_parameter_fits_where_each_of_its_values_does(parameter, fitting, others):
    it = Parameter(description="d", **parameter)
    assert [type_ for type_ in fitting if not takes_parameter(type_, it)] == []
    assert [type_ for type_ in others if takes_parameter(type_, it)] == []
