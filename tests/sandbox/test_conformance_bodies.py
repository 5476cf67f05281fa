"""Bodies and addresses that nobody in their right mind would send: they are refused in GitHub's forms, or harmless."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.stops import ARRIVING, LEAVING, STAYING
from tests.sandbox.touring import operation, stops, touring

pytestmark = pytest.mark.edge
FEW = settings(
    max_examples=5, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
WISHES = {stop.line: stop for text in (ARRIVING, STAYING, LEAVING) for stop in stops(text)}
ODD_TEXTS = (
    "", " ", "\0", "a\0b", "\ud800", "x" * 70_000, "💥" * 300, "\r\n", "..", "../../x", "/", "-x", "--help", "@{-1}",
    "refs/heads/..", "HEAD", "main", "0" * 40, "http://[", "http://x:99999/", "<b>", "%00",
)  # fmt: skip
TEXTS = st.sampled_from(ODD_TEXTS) | st.text(max_size=20)
NUMBERS = st.sampled_from((0, -1, 2**31, 2**63, 10**400, 0.5, 1e300)) | st.integers()
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
NO_JSON = (
    b"{", b"\xff\xfe", b'{"a": NaN', b"[" * 100_000, b'{"a":' * 100_000, b'{"body": 1' + b"0" * 5_000 + b"}",
    b'"text"', b"null", b"7", b"\0",
)  # fmt: skip
ODD_NUMBERS = ("9" * 5_000, "%D9%A3", "-1", "x")
ODD_NAMES = ("%00", "%ff", "-x", "@%7B-1%7D", "x" * 3_000, "a:b...c:d")


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    """A box in which everything is there."""
    with touring(tmp_path_factory.mktemp("odd") / "box") as tour:
        for stop in stops(ARRIVING):
            tour.arrive(stop)
        tour.places |= {"delivery": "1", "to_app": "1"}
        yield tour


def like(read, schema):
    """Values of a schema's kind, whether or not they are what it asks for."""
    found = read(schema)
    parts = [part for way in ("anyOf", "oneOf", "allOf") for part in found.get(way, ())]
    kinds = {
        "boolean": st.booleans(),
        "integer": NUMBERS,
        "number": NUMBERS,
        "string": st.sampled_from(found["enum"]) if "enum" in found else TEXTS,
    }
    if parts:
        return st.one_of(like(read, part) for part in parts)
    if "properties" in found:
        return st.fixed_dictionaries({}, optional={n: like(read, p) for n, p in found["properties"].items()})
    if "items" in found:
        return st.lists(like(read, found["items"]) | ANYTHING, max_size=3)
    return kinds.get(found.get("type"), ANYTHING)


def bodies(description, stop, known):
    """What a stop sends, with some of it exchanged for something else of its kind or of none."""
    found = operation(description, stop.line)[1]
    content = found.get("requestBody", {}).get("content", {})
    schema = description._resolved(content.get("application/json", {}).get("schema", {}))
    fields = {name: like(description._resolved, part) for name, part in schema.get("properties", {}).items()}
    kept = {name: st.just(value) | fields.get(name, ANYTHING) | ANYTHING for name, value in known.items()}
    more = {name: values | ANYTHING for name, values in fields.items() if name not in kept}
    return st.fixed_dictionaries(kept, optional=more) | like(description._resolved, schema)


def sender(tour, stop):
    def send(body):
        tour.send(stop, stop.who, json.dumps(body).encode())

    return send


def odd(tour):
    """What was odd since the last time; that the box is no longer well is, too."""
    found, tour.odd = tour.odd, []
    answer = tour.ask("GET", tour.address(WISHES["GET …"]), "admin")
    return found if answer.status_code == 200 else [*found, answer.text]


def test_no_body_whatsoever_breaks_the_box(tour, witness):
    for stop in (one for one in WISHES.values() if one.body):
        known = json.loads(tour.filled(stop.body))
        FEW(given(bodies(witness.description, stop, known))(sender(tour, stop)))()
    assert not odd(tour)


def test_what_is_no_json_is_refused_as_such(tour):
    wishes = [stop for stop in WISHES.values() if stop.body]
    said = [(stop, sent, tour.send(stop, stop.who, sent)) for stop in wishes for sent in NO_JSON]

    assert not odd(tour)
    assert not [
        f"{stop}: {sent[:20]}" for stop, sent, answer in said if answer.status_code not in range(400, 500)
    ]


def test_no_address_whatsoever_breaks_the_box(tour):
    for stop in (one for one in WISHES.values() if one.last):
        for place in ODD_NUMBERS if tour.places[stop.last].isdecimal() else ODD_NAMES:
            tour.send(stop, stop.who, tour.filled(stop.body), **{stop.last: place})
    assert not odd(tour)


@pytest.mark.parametrize("query", ["page=x", "page=%00", "per_page=0", "per_page=" + "9" * 5_000])
def test_no_page_whatsoever_breaks_the_box(tour, query):
    for stop in (one for one in WISHES.values() if one.method == "GET"):
        tour.ask("GET", f"{tour.address(stop)}?{query}", stop.who)
    assert not odd(tour)
