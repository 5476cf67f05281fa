import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from controller.core.document import MAX_BYTES, Document, read_document
from controller.core.rejection import Rejection

PATH = "requests/payments/orders.yaml"


def value(text):
    document = read_document(PATH, text if isinstance(text, bytes) else text.encode())
    assert isinstance(document, Document), document
    return document.value


def refusal(text):
    rejection = read_document(PATH, text if isinstance(text, bytes) else text.encode())
    assert isinstance(rejection, Rejection), rejection
    return rejection


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("010", 10),
        ("0o10", 8),
        ("0x1f", 31),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2026-11-22", "2026-11-22"),
        ("=", "="),
        ("<<", "<<"),
        ("~", None),
        ("", None),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("-7", -7),
        ('"5"', "5"),
        ("999999999999999999", 999999999999999999),
        ("Grüße 👩‍💻", "Grüße 👩‍💻"),
        ('"a\\tb\\nc"', "a\tb\nc"),
        ("|\n  two\n  lines", "two\nlines\n"),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(text, meaning):
    assert value(f"a: {text}\n") == {"a": meaning}
    assert type(value(f"a: {text}\n")["a"]) is type(meaning)


@pytest.mark.parametrize("head", ["%YAML 1.1\n---\n", "---\n", "# a comment\n"])
def test_no_directive_brings_back_yaml_1_1(head):
    assert value(f"{head}a: no\n") == {"a": "no"}


def test_a_byte_order_mark_and_windows_line_ends_are_allowed():
    assert value(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y\r\n") == {"a": 1, "b": "x\ny\n"}


def test_a_file_of_64_kib_is_read_and_one_byte_more_is_not():
    text = "a: " + "x" * (MAX_BYTES - 3)
    assert len(value(text)["a"]) == MAX_BYTES - 3
    assert "larger than 64 KiB (65,537 bytes)" in refusal(text + "x").problem


@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("", 1, 1, "the file is empty"),
        ("# only a comment\n", 1, 1, "the file is empty"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document starts here"),
        ("a: 1\n...\n---\nb: 2\n", 3, 1, "a second document"),
        ("a: &x 1\n", 1, 4, "anchors (`&name`) are not allowed"),
        ("a: *x\n", 1, 4, "aliases (`*name`) are not allowed"),
        ("a: !!str 1\n", 1, 4, "tags (`tag:yaml.org,2002:str`) are not allowed"),
        ("a: !python/object:os.system 1\n", 1, 4, "tags"),
        ("a: ! 1\n", 1, 4, "tags"),
        ("!!map\na: 1\n", 1, 1, "tags"),
        ("<<: {a: 1}\n", 1, 1, "merge keys (`<<`) are not allowed"),
        ('"<<": {a: 1}\n', 1, 1, "merge keys"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "`a` stands here a second time (first in line 1)"),
        ("1: x\n'1': y\n", 2, 1, "`1` stands here a second time"),
        ("p:\n  a: 1\n  a: 2\n", 3, 3, "`a` stands here a second time (first in line 2)"),
        ("? [a]\n: b\n", 1, 3, "a key must be plain text"),
        ("? {a: 1}\n: b\n", 1, 3, "a key must be plain text"),
        ("a: " + "1" * 19, 1, 4, "more than 18 digits"),
        ("a: " + "1" * 5_000, 1, 4, "more than 18 digits"),
        ("a: 0x" + "f" * 5_000, 1, 4, "more than 18 digits"),
        ("a: 1e10000000", 1, 4, "not finite"),
        ("a: -1e400", 1, 4, "not finite"),
        ("a: " + "9" * 400 + ".0", 1, 4, "not finite"),
        ("a: .inf", 1, 4, "not finite"),
        ("a: .NaN", 1, 4, "not finite"),
        ("a:\n  b: [1, .nan]", 2, 10, "not finite"),
        (b"a: \xff\n", 1, 1, "this is not UTF-8 text"),
        (b"a: 1\nb: \xc3\x28\n", 2, 1, "this is not UTF-8 text"),
        ("a: 1".encode("utf-16"), 1, 1, "this is not UTF-8 text"),
        ("a: [1, 2\nb: 3\n", 2, 2, "this is not YAML"),
        ("a: 'open\n", 2, 1, "this is not YAML"),
        ("a: 1\n\tb: 2\n", 2, 1, "this is not YAML"),
        ("a: b: c\n", 1, 5, "this is not YAML: mapping values"),
        ("a: @b\n", 1, 4, "this is not YAML"),
    ],
)
def test_a_strange_file_is_refused_where_it_is_strange(text, line, column, problem):
    rejection = refusal(text)
    assert (rejection.path, rejection.line, rejection.column) == (PATH, line, column)
    assert problem in rejection.problem
    assert rejection.way_out.endswith(".")


@pytest.mark.parametrize(
    "character",
    [
        *"\x00\x01\x07\x0b\x0c\x1b\x7f\x85\u2028\u2029\u061c\u200e\u200f",
        *"\u202a\u202b\u202c\u202d\u202e",
        *"\u2066\u2067\u2068\u2069",
    ],
)
def test_no_character_lets_a_file_look_other_than_it_reads(character):
    code = f"U+{ord(character):04X}"
    raw = refusal(f"a: 1\nb: xy{character}z\n")
    assert (raw.line, raw.column) == (2, 6)
    assert f"the invisible character {code} is not allowed" in raw.problem
    escape = f"\\u{ord(character):04x}"
    for text, column in (
        (f'a: "x{escape}"\n', 4),
        (f'"x{escape}": a\n', 1),
        (f'b: [{{"x{escape}": a}}]\n', 6),
    ):
        escaped = refusal(text)
        assert (escaped.line, escaped.column) == (1, column)
        assert code in escaped.problem


def test_what_looks_like_a_control_character_in_a_comment_is_refused_too():
    assert "U+202E" in refusal("a: 1 # \u202e\n").problem


@pytest.mark.parametrize(
    "text",
    [
        "[" * 25_000,
        "{a:" * 8_333,
        "{a: " * 6_250,
        "- " * 20_000,
        "? " * 20_000,
        "a: " + "[" * 30_000,
        "[" * 17 + "]" * 17,
        "\n".join("  " * depth + "a:" for depth in range(40)),
        "a: 1\nb: " + "{" * 30_000,
        "&a " * 20_000,
        "!a " * 20_000,
        "[" + "a," * 30_000,
        "%TAG ! x\n" * 5_000,
        "'" * 60_001,
        'a: "' + "\\x" * 20_000,
        "- |\n" * 21_000,
    ],
)
def test_a_hostile_file_is_refused_on_a_small_stack(text):
    """CSafeLoader alone would end the process: 500 bytes of `[` do, on such a stack."""
    answers = []
    before = threading.stack_size(128 * 1024)
    try:
        thread = threading.Thread(target=lambda: answers.append(read_document(PATH, text.encode())))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert isinstance(answers[0], Rejection)


def test_sixteen_levels_are_read_and_seventeen_are_not():
    assert value("[" * 16 + "]" * 16)
    assert "nested deeper than 16" in refusal("[" * 17 + "]" * 17).problem


def test_more_values_than_anybody_writes_are_refused():
    assert "too many values" in refusal("[" + "a," * 25_000 + "]").problem


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_whatever_the_bytes_are_the_answer_is_a_document_or_a_rejection(data):
    assert isinstance(read_document(PATH, data), Document | Rejection)


_TOKENS = [
    "a",
    ": ",
    "- ",
    "\n",
    "  ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "? ",
    "&x ",
    "*x",
    "!t ",
    "|",
    ">",
    "'",
    '"',
    "#",
    "---\n",
    "...\n",
    "<<",
    "~",
    "1",
    ".5",
    "e9",
    "%",
    "\\",
    "\t",
    "\r",
    "é",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_TOKENS), max_size=40).map("".join))
def test_whatever_is_made_of_yamls_own_signs_the_answer_is_a_document_or_a_rejection(text):
    answer = read_document(PATH, text.encode())
    assert isinstance(answer, Document | Rejection)
    if isinstance(answer, Rejection):
        assert answer.line >= 1 and answer.column >= 1 and answer.problem and answer.way_out


def test_every_value_has_the_place_where_it_stands():
    document = read_document(
        PATH, b"kind: database\nparameters:\n  labels: {a: b}\n  list:\n    - x\n    - y: 1\n"
    )
    places = {
        ("kind",): (1, 1),
        ("parameters",): (2, 1),
        ("parameters", "labels"): (3, 3),
        ("parameters", "labels", "a"): (3, 12),
        ("parameters", "list", 0): (5, 7),
        ("parameters", "list", 1, "y"): (6, 7),
        ("parameters", "absent", "deeper"): (2, 1),
        ("absent",): (1, 1),
        (): (1, 1),
    }
    assert {loc: document.place(loc) for loc in places} == places


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    size: int


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    inner: Inner | int
    names: dict[str, Inner] = {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("inner: {size: 5}\nnames: {a: {size: x}}\n", [("names.a.size", 2, 13)]),
        ("inner: {size: 5}\nnames: {a: {sise: 1}}\n", [("names.a.sise", 2, 13), ("names.a.size", 2, 9)]),
        ("other: 1\n", [("inner", 1, 1), ("other", 1, 1)]),
        ("- 1\n", [("", 1, 1)]),
        ("text\n", [("", 1, 1)]),
        ("# a comment\n\n- 1\n", [("", 3, 1)]),
    ],
)
def test_a_mistake_is_named_by_its_path_in_the_file_and_never_by_pydantics(text, expected):
    rejections = read_document(PATH, text.encode()).into(Outer)
    assert sorted((each.field, each.line, each.column) for each in rejections) == expected


def test_the_path_of_a_unions_member_is_not_shown():
    rejections = read_document(PATH, b"inner:\n  size: x\n").into(Outer)
    assert {each.field for each in rejections} == {"inner.size", "inner"}
