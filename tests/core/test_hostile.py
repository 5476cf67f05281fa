"""Whatever stands in a request file: it is refused in clear words, or arrives as it is. Nothing raises, nothing is evaluated.

The catalogue is our own, so every parameter that requesters can really write is attacked.
"""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.core.catalogue import read_catalogue
from controller.core.document import MAX_BYTES
from controller.core.request import Blob, Request, read_request
from controller.core.source import FromParameter
from controller.core.workspace import TFVARS, render

ROOT = Path(__file__).parents[2]
FILES = {
    path.relative_to(ROOT).as_posix(): path.read_bytes()
    for path in (ROOT / "terraform").rglob("*")
    if path.is_file() and ".terraform/" not in path.as_posix()
}
CATALOGUE = read_catalogue(FILES)
SKELETONS = {
    path.name: path.read_text(encoding="utf-8")
    for path in (ROOT / "controller/templates/workspace").iterdir()
}
PLACES = [(kind, name) for kind, known in CATALOGUE.kinds.items() for name in known.format.parameters]
PATH = "requests/payments/it.yaml"

NASTY = (
    '${file("/etc/passwd")}', "$${a}", "%{ for x in y }%{ endfor }", "<<EOT\nx\nEOT", '"}\nprovider "x" {}', "'", '"', "\\", "`",
    "{{ 7 * 7 }}", "{% raw %}", "\x00", "\ud800", "\u202e", "\u2028", "\x85", "a\r\nb", "é👩‍💻", "e\u0301", "null", "~", "no", "0x1f", "1e999",
    "*a", "&a", "!!python/object/apply:os.system [id]", "<<", "../../../etc", "$(id)", "; rm -rf /", "--flag", "", " ", "\t", "-0", "0",
    "x" * 5_000,
)  # fmt: skip
NUMBERS = (0, -1, 1, 10**15 + 1, 10**18, 10**400, -(10**400), 0.5, -0.0, 1e308, 2**63)
SCALAR = (
    st.sampled_from(NASTY)
    | st.sampled_from(NUMBERS)
    | st.text(max_size=60)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.none()
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NASTY) | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
MANY = settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def written(kind, name="it", **parameters):
    """A request as JSON, which is YAML too; lone surrogates and control characters stand in it as escapes."""
    facts = {"kind": kind, "name": name, "environment": "dev", "parameters": parameters}
    return json.dumps(facts).encode()


def read(content, path=PATH):
    return read_request(path, Blob("100644", "0" * 40, content), CATALOGUE)


def check(found, content):
    """What must hold of any answer; the rendered files where the request is accepted."""
    if not isinstance(found, Request):
        assert found
        for each in found:
            assert each.line >= 1 and each.column >= 1 and each.path == PATH
            assert each.problem and each.way_out
            assert len(str(each)) < 20_000
        return None
    kind = CATALOGUE.kinds[found.id.kind]
    return render(found, kind, CATALOGUE.environments[found.id.environment], SKELETONS).files


def outside(files):
    return {path: content for path, content in files.items() if path != TFVARS}


def delivered(kind, name, files):
    """The values of the variables that take this parameter as it is."""
    values = json.loads(files[TFVARS])
    sources = CATALOGUE.kinds[kind].format.variables
    return [
        values[variable]
        for variable, source in sources.items()
        if isinstance(source, FromParameter) and source.parameter == name and source.map is None
    ]


@MANY
@given(place=st.sampled_from(PLACES), value=VALUE)
def test_any_value_of_any_parameter_is_refused_in_words_or_arrives_as_it_is(place, value):
    kind, name = place
    content = written(kind, **{name: value})
    files = check(read(content), content)
    if files is not None:
        plain = check(read(written(kind)), content)
        assert outside(files) == outside(plain)
        assert all(got == value for got in delivered(kind, name, files))


@MANY
@given(place=st.sampled_from(PLACES), text=st.text(max_size=80) | st.sampled_from(NASTY))
def test_any_text_after_a_parameters_name_is_refused_in_words_or_changes_values_alone(place, text):
    """Not quoted by anybody: the text may be any YAML."""
    kind, name = place
    head = f"kind: {kind}\nname: it\nenvironment: dev\nparameters:\n  {name}: "
    content = (head + text).encode(errors="surrogatepass")
    files = check(read(content), content)
    if files is not None:
        assert outside(files) == outside(check(read(written(kind)), content))


@MANY
@given(kind=st.sampled_from(sorted(CATALOGUE.kinds)), name=VALUE)
def test_any_name_is_refused_in_words_or_harmless(kind, name):
    content = written(kind, name)
    files = check(read(content), content)
    if files is not None:
        assert isinstance(name, str) and name.isascii() and name.replace("-", "").isalnum()


@MANY
@given(
    content=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode(errors="replace"))
)
def test_any_bytes_are_refused_in_words(content):
    assert check(read(content), content) is None


@settings(max_examples=500, deadline=None)
@given(path=st.lists(st.sampled_from(("..", ".", "payments", "", *NASTY[:20])), max_size=4).map("/".join))
def test_any_folder_is_refused_unless_it_may_be_a_teams(path):
    found = read(written("sandbox"), f"requests/{path}/it.yaml")
    assert not isinstance(found, Request) or (path.isascii() and path.isidentifier())


@pytest.mark.parametrize(
    "content",
    [
        b"a: " + b"x" * 10_000_000,
        b"[" * 1_000_000,
        b"{" * 60_000,
        b"- " * 30_000,
        b"&a [" + b"*a," * 10_000 + b"]",
        b"? " * 20_000,
        b"!!binary " + b"A" * 60_000,
        b"\xff\xfe" + b"\x00a" * 1_000,
        b"%YAML 9.9\n---\na: b",
        b"a: 1e1000000000",
        b"a: " + b"9" * 60_000,
        b'"' + b"\\u0000" * 10_000 + b'"',
        b"a: |" + b"\n  x" * 15_000,
    ],
    ids=lambda content: content[:12].decode("latin-1"),
)
def test_what_is_made_to_exhaust_is_refused(content):
    """Read carelessly, each of these takes minutes or the process; this test's deadline would tell."""
    (rejection, *_) = read(content)
    assert rejection.problem and rejection.way_out


@pytest.mark.parametrize("place", PLACES, ids="-".join)
def test_a_parameter_as_long_as_a_file_may_be_is_refused_in_words(place):
    kind, name = place
    content = written(kind, **{name: "${x}" * (MAX_BYTES // 5)})
    assert check(read(content), content) is None
