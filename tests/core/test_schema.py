"""The schema: an editor that has it agrees with `validate`, as far as a schema can say it."""

import json
import string

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.catalogue import read_catalogue
from controller.core.request import Blob, Request, read_request
from controller.core.schema import DRAFT, ecma, request_schema
from tests.core.conftest import FILES, PATH, ROOT

ODD = b"""\
title: Odd
description: Whatever a parameter can be.
provider: aws
name: {pattern: "[a-z].{2,}"}
parameters:
  must:   {type: string, enum: [one, two], description: Must be given}
  count:  {type: integer, minimum: -3, maximum: 7, default: 1, unit: GiB, change: replace, description: Count}
  ratio:  {type: number, minimum: 0.5, maximum: 2.5, default: 1, description: Ratio}
  any:    {type: number, default: 0, description: Any number}
  flag:   {type: boolean, default: false, allowed_by: may_flag, description: Flag}
  level:  {type: integer, enum: [1, 2, 3], default: 2, description: Level}
  text:   {type: string, min_length: 0, max_length: 5, default: "", description: Text}
  code:   {type: string, pattern: "^[a-z]+[.]?x$", default: ax, description: Code}
  dotted: {type: string, pattern: "^a.b$", default: a-b, description: A dot is no line feed}
  whole:  {type: string, pattern: "(?s)^.{0,3}$", default: "", description: A dot is anything}
  rust:   {type: string, pattern: "^\\\\d*$", default: "", description: In words that a schema does not have}
  labels: {type: map, key_pattern: "^[a-z]+$", pattern: "^[a-z]*$", max_length: 2, default: {}, description: Labels}
  free:   {type: map, default: {}, description: Free}
"""
ENVIRONMENTS = {
    "open": b"title: Open\nkinds: [odd, database, unknown]\nvalues: {may_flag: true}\n",
    "tight": b"title: Tight\nkinds: [odd]\nlimits: {odd: {must: [two], count: [2, 3], level: [1], flag: [true, false]}}\n",
    "a-place-with-a-name-of-31-chars": b"title: Far\nkinds: [odd]\n",
}
CATALOGUE = read_catalogue(
    {
        **FILES,
        "terraform/modules/odd/kind.yaml": ODD,
        **{f"terraform/environments/{name}.yaml": text for name, text in ENVIRONMENTS.items()},
    }
)
SCHEMA = jsonschema_rs.validator_for(request_schema(CATALOGUE))


def accepts(text, catalogue=CATALOGUE):
    return isinstance(read_request(PATH, Blob("100644", "", text.encode()), catalogue), Request)


def asked(kind="odd", name="orders", environment="open", **parameters):
    return {"kind": kind, "name": name, "environment": environment, "parameters": parameters}


CASES = {
    "all that is needed": asked(must="one"),
    "what is needed is missing": asked(),
    "no parameters at all": {"kind": "odd", "name": "orders", "environment": "open"},
    "no parameters where none is needed": {"kind": "database", "name": "orders", "environment": "dev"},
    "parameters that are no mapping": {**asked(), "parameters": None},
    "an unknown field": {**asked(must="one"), "team": "payments"},
    "an unknown parameter": asked(must="one", most="two"),
    "an unknown kind": asked("odds"),
    "an unknown environment": asked(environment="opens", must="one"),
    "a kind that is not offered there": asked("database", environment="tight"),
    "a kind that is offered nowhere": asked("orphan"),
    "a value that is not offered there": asked(environment="tight", must="one", count=2),
    "a default that is not offered there": asked(environment="tight", must="two"),
    "the only value that is left, left out": asked(environment="tight", must="two", count=3),
    "what is offered there": asked(environment="tight", must="two", count=3, level=1),
    "a value that is not allowed there": asked(environment="tight", must="two", count=3, level=1, flag=True),
    "a value that is allowed": asked(must="one", flag=True),
    "true for a number": asked(must="one", count=True),
    "a number for a flag": asked(must="one", flag=1),
    "a number for text": asked(must="one", text=16),
    "a number in text": asked(must="one", count="3"),
    "half a number": asked(must="one", count=1.5),
    "a whole number for a fraction": asked(must="one", ratio=2),
    "one too low": asked(must="one", count=-4),
    "one too high": asked(must="one", ratio=2.51),
    "a huge number": asked(must="one", any=10**16),
    "a long text": asked(must="one", text="sixsix"),
    "emoji are one character": asked(must="one", text="🎉🎉🎉🎉🎉"),
    "a pattern": asked(must="one", code="abc.x"),
    "a pattern that does not match": asked(must="one", code="abc-x"),
    "a line feed at the end": asked(must="one", code="ax\n"),
    "a dot and a line feed": asked(must="one", dotted="a\nb"),
    "a dot that takes all": asked(must="one", whole="\n\n\n"),
    "a dot and an emoji": asked(must="one", dotted="a🎉b"),
    "a map": asked(must="one", labels={"a": "b"}),
    "a key that is not a label": asked(must="one", labels={"A": "b"}),
    "a value that is not a label": asked(must="one", labels={"a": "B"}),
    "too many labels": asked(must="one", labels={"a": "", "b": "", "c": ""}),
    "an empty key": asked(must="one", free={"": "b"}),
    "a number in a map": asked(must="one", free={"a": 1}),
    "a name that the kind does not take": asked(name="ab", must="one"),
    "a name that nobody takes": asked(name="-ab", must="one"),
    "a name that ends in a hyphen": asked(name="ab-", must="one"),
    "a name of 40": asked(name="a" * 40, must="one"),
    "a name of 41": asked(name="a" * 41, must="one"),
    "the longest name far away": asked(
        name="a" * 27, environment="a-place-with-a-name-of-31-chars", must="one"
    ),
    "too long a name far away": asked(
        name="a" * 28, environment="a-place-with-a-name-of-31-chars", must="one"
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_what_the_schema_takes_is_what_is_accepted(what):
    assert SCHEMA.is_valid(CASES[what]) is accepts(json.dumps(CASES[what], ensure_ascii=False))


def test_the_table_has_both():
    accepted = [accepts(json.dumps(one)) for one in CASES.values()]
    assert accepted.count(True) >= 10 and accepted.count(False) >= 20


TEXTS = st.text(st.sampled_from("abcxAZ09.-_ é🎉\n"), max_size=7)
NUMBERS = st.integers(-5, 10) | st.floats(-5, 10).filter(lambda number: not number.is_integer())
VALUES = (
    st.none() | st.booleans() | NUMBERS | TEXTS | st.sampled_from(["one", "two", 10**15, -(10**15), 10**15 + 1])
    | st.dictionaries(TEXTS, TEXTS | NUMBERS, max_size=3) | st.lists(TEXTS, max_size=2)
)  # fmt: skip
# A pattern in Rust's words is not in the schema: see `test_what_a_schema_cannot_say`.
NAMES = sorted({"must", "unknown", *CATALOGUE.kinds["odd"].format.parameters} - {"rust", "must"})
REQUESTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["odd"] * 8 + ["database", "nothing"]),
        "name": st.just("orders") | st.text(string.ascii_lowercase + "-", min_size=3, max_size=42) | TEXTS,
        "environment": st.sampled_from([*ENVIRONMENTS, "dev", "nowhere"]),
        "parameters": st.builds(
            lambda must, others: {**must, **others},
            st.sampled_from([{"must": "one"}, {"must": "two"}, {"must": "two", "count": 2, "level": 1}]),
            st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=2),
        ),
    }
)


@settings(max_examples=1000, deadline=None)
@given(REQUESTS)
def test_an_editor_and_the_controller_agree(request_):
    assert SCHEMA.is_valid(request_) is accepts(json.dumps(request_, ensure_ascii=False))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            json.dumps(asked(must="one", rust="x")), id="a pattern that ECMAScript has no words for"
        ),
        pytest.param(json.dumps(asked(must="one", count=1.0)), id="a whole number written as a fraction"),
        pytest.param(json.dumps(asked(must="one"))[:-1] + ', "kind": "odd"}', id="a key given twice"),
    ],
)
def test_what_a_schema_cannot_say(text):
    assert SCHEMA.is_valid(json.loads(text)) and not accepts(text)


def test_an_editor_is_told_what_everything_is():
    kind = next(rule for rule in SCHEMA_OF("odd"))
    count = kind["then"]["properties"]["parameters"]["properties"]["count"]
    assert count == {
        "description": "Count. In GiB. A CHANGE MAKES IT ANEW: what was in it is gone.",
        "type": "integer",
        "minimum": -3,
        "maximum": 7,
        "default": 1,
    }


def SCHEMA_OF(kind):  # noqa: N802 -- beside SCHEMA
    return [
        rule
        for rule in request_schema(CATALOGUE)["allOf"]
        if rule["if"]["properties"]["kind"]["const"] == kind
    ]


def test_the_catalogue_that_is_shipped_makes_a_schema_that_is_one():
    files = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in (ROOT / "terraform").rglob("*")
        if path.is_file() and ".terraform" not in path.parts
    }
    schema = request_schema(read_catalogue(files))
    assert schema["$schema"] == DRAFT
    jsonschema_rs.meta.validate(schema)


def test_an_empty_catalogue_lets_nothing_pass():
    schema = jsonschema_rs.validator_for(request_schema(read_catalogue({})))
    assert not schema.is_valid(asked())


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("", ""),
        ("^[a-z0-9-]+$", "^[a-z0-9-]+$"),
        (r"^a\.b|(c|(?:d)){1,2}?$", r"^a\.b|(c|(?:d)){1,2}?$"),
        ("a.[.]", r"a[^\n][.]"),
        ("(?s)a.", r"a[\s\S]"),
        (r"\d", None),
        (r"\w+", None),
        (r"\bword", None),
        ("[[:alpha:]]", None),
        ("[a-z&&[^b]]", None),
        ("[a--b]", None),
        ("a++", None),
        ("(?i)a", None),
        ("(?P<n>a)", None),
        ("^*", None),
        ("[]a]", None),
        (r"\p{L}", None),
    ],
)
def test_patterns_in_ecmascripts_words(pattern, said):
    assert ecma(pattern) == said
