"""Whatever stands in a catalogue's files, what comes is a list of mistakes and never an error of ours."""

import json

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.core.catalogue import read_catalogue
from controller.core.hcl import Block, read_hcl
from controller.core.inspection import inspect
from controller.core.module import MAX_BYTES
from controller.core.rejection import Rejection
from controller.core.request import Blob
from controller.core.wanted import read_wanted

KIND = "terraform/modules/queue/kind.yaml"
DEV = "terraform/environments/dev.yaml"
MAIN = "terraform/modules/queue/main.tf"

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["size", "retention", "queue", "token", "aws", "builtin", "^[a-z]+$", "(", "small", "map", "string"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def places(value, here=()):
    """Every place in a document."""
    yield here
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, child in children:
        yield from places(child, (*here, name))


def with_value(document, place, value):
    if not place:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[place[0]] = with_value(document[place[0]], place[1:], value)
    return copy


@pytest.mark.parametrize("path", [KIND, DEV])
def test_any_value_at_any_place_is_taken_or_told(good, skeletons, path):
    document = yaml.safe_load(good[path])
    request = {"requests/a/b.yaml": Blob("100644", "", b"kind: queue\nname: it\nenvironment: dev\n")}

    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from(sorted(places(document), key=str)), VALUES)
    def holds(place, value):
        files = {**good, path: json.dumps(with_value(document, place, value)).encode()}
        for found in inspect(files):
            assert found.line >= 1 and found.problem and found.way_out
        read_wanted(request, read_catalogue(files), skeletons)

    holds()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_module_that_was_cut_and_pasted_at_any_place_is_read_or_told(good, data):
    text = good[MAIN].decode()
    start, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    inserted = data.draw(
        st.sampled_from(["", "{", "}", '"', "${", "<<EOT\n", "%{ if ", "/*", "\x00", "\ud7ff"])
    )
    assert isinstance(inspect({**good, MAIN: (text[:start] + inserted + text[end:]).encode()}), tuple)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='${}%"<EOT\n =[]().,az1~\\', max_size=200).map(str.encode))
def test_any_bytes_are_hcl_or_a_mistake(blob):
    assert isinstance(read_hcl("main.tf", blob), Block | Rejection)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5_000 + "]" * 5_000,
        "a {" * 3_000 + "}" * 3_000,
        "a = " + "{ b = " * 2_000 + "1" + "}" * 2_000,
        "a = " + '"${' * 500,
        "a = " + "b ? c : " * 5_000 + "d",
        "a = <<EOT\n" + (" " * 990 + "x") * 250 + "\nEOT\n",
    ],
    ids=["lists", "blocks", "objects", "templates", "conditionals", "blanks"],
)
def test_deep_nesting_ends_in_an_answer(text):
    assert isinstance(read_hcl("main.tf", text.encode()), Block | Rejection)


def test_a_module_that_is_too_large_to_look_at_is_told(good):
    (found,) = inspect({**good, "terraform/modules/queue/big.tf": b"#" * MAX_BYTES})
    assert (found.path, found.line) == (KIND, 1)
    assert "are the most that is looked at" in found.problem
