"""What pydantic says is never shown: every message names the thing, its value, and the way out, in YAML's words."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from controller.core.document import read_document


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid")
    depth: int = 1
    colour: Colour = Colour.RED


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")
    must: str = "m"
    mode: Literal["apply", "plan_only"] = "apply"
    items: tuple[int, ...] = ()
    leaf: Leaf = Leaf()
    leaves: Mapping[str, Leaf] = {}
    row: tuple[Leaf, ...] = ()
    maybe: Leaf | None = None
    either: Annotated[Leaf | int, Field(union_mode="left_to_right")] = 1
    short: str = Field(default="", max_length=1_500)
    pair: tuple[int, ...] = Field(default=(1, 2), min_length=2)
    renamed: str = Field(default="", alias="from")
    share: float = Field(default=0.5, ge=0.25, lt=1)


@pytest.mark.parametrize(
    ("text", "field", "problem", "way_out"),
    [
        ("muts: x", "muts", "`muts` is not a known field", "Did you mean `must`?"),
        ("renamed: x", "renamed", "`renamed` is not a known field", "Choose one of `must`, `mode`"),
        ("form: x", "form", "`form` is not a known field", "Did you mean `from`?"),
        ("leaf: {dept: 1}", "leaf.dept", "`dept` is not a known field", "Did you mean `depth`?"),
        ("leaves: {a: {dept: 1}}", "leaves.a.dept", "`dept` is not a known field", "Did you mean `depth`?"),
        ("row: [{}, {dept: 1}]", "row.1.dept", "`dept` is not a known field", "Did you mean `depth`?"),
        ("maybe: {dept: 1}", "maybe.dept", "`dept` is not a known field", "Did you mean `depth`?"),
        ("leaf: {zzz: 1}", "leaf.zzz", "`zzz` is not a known field", "Choose one of `depth`, `colour`."),
        ("must: 5", "must", "`must` must be text, not `5`", 'Put quotes around it: `"5"`.'),
        ("must: true", "must", "`must` must be text, not `true`", 'Put quotes around it: `"true"`.'),
        ("must: 1.50", "must", "`must` must be text, not `1.5`", 'Put quotes around it: `"1.5"`.'),
        ("must: [a]", "must", "`must` must be text, not a list", "Write text."),
        ("must:", "must", "`must` is left empty", "Give it text, or delete the line."),
        (
            "items: [1, x]",
            "items.1",
            'item 2 of `items` must be a whole number, not `"x"`',
            "Write a whole number",
        ),
        ("items: 5", "items", "`items` must be a list, not `5`", "Write `[one, another]`"),
        ("leaf: 5", "leaf", "`leaf` must be `key: value` lines, not `5`", "Indent the fields under it."),
        ("leaf:", "leaf", "`leaf` is left empty", "Give it `key: value` lines, or delete the line."),
        ("leaves: [1]", "leaves", "`leaves` must be `key: value` lines, not a list", "Indent the fields"),
        ("mode: aply", "mode", '`mode` cannot be `"aply"`', "Did you mean `apply`?"),
        ("mode: 5", "mode", "`mode` cannot be `5`", "Choose one of `apply`, `plan_only`."),
        (
            "leaf: {colour: green}",
            "leaf.colour",
            '`colour` cannot be `"green"`',
            "Choose one of `red`, `blue`.",
        ),
        (
            "leaf: {depth: 1.5}",
            "leaf.depth",
            "`depth` must be a whole number, not `1.5`",
            "Write a whole number",
        ),
        (f"short: {'x' * 1501}", "short", "`short` is too long", "Use at most 1500 characters."),
        ("pair: [1]", "pair", "`pair` has too few entries", "Give at least 2."),
        ("share: 0.1", "share", "`share` is `0.1`, which is too little", "Write 0.25 or more."),
        ("share: 1", "share", "`share` is `1`", "Change the value."),
        ("- a", "", "the file must be `key: value` lines, not a list", "Write one `field: value` a line."),
        (
            "a text",
            "",
            'the file must be `key: value` lines, not `"a text"`',
            "Write one `field: value` a line.",
        ),
    ],
)
def test_a_mistake_is_said_in_the_words_of_the_file(text, field, problem, way_out):
    rejections = read_document("f.yaml", text.encode()).into(Form)
    assert len(rejections) == 1, rejections
    assert rejections[0].field == field
    assert problem in rejections[0].problem
    assert rejections[0].way_out.startswith(way_out)


def test_a_missing_field_is_said_where_it_belongs():
    class Needs(BaseModel):
        inner: Annotated[dict[str, Leaf2], Field()]

    rejections = read_document("f.yaml", b"inner:\n  a:\n    size: 1\n").into(Needs)
    assert [(each.field, each.line, each.problem, each.way_out) for each in rejections] == [
        ("inner.a.name", 2, "`name` is missing", "Add `name`.")
    ]


class Leaf2(BaseModel):
    name: str


def test_a_long_value_is_cut_in_the_message():
    rejection = read_document("f.yaml", f"mode: {'x' * 5_000}".encode()).into(Form)[0]
    assert len(rejection.problem) < 100


def test_no_message_speaks_of_python():
    texts = [
        "must: 5",
        "must:",
        "items: x",
        "leaf: []",
        "mode: x",
        "leaf: {depth: []}",
        "either: x",
        "maybe: 5",
    ]
    for text in texts:
        for rejection in read_document("f.yaml", text.encode()).into(Form):
            for word in ("None", "dict", "tuple", "Input", "instance", "Leaf", "True"):
                assert word not in f"{rejection.field} {rejection.problem} {rejection.way_out}", text
