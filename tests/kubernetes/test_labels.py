"""Labels and annotations are refused before any plan, or are ones that a cluster takes and that steer nothing in it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.catalogue import read_catalogue
from controller.core.request import Blob, Request, read_request
from tests.kubernetes.admission import admit
from tests.kubernetes.world import REHEARSAL, catalogue

KUBE = {"terraform/environments/kube.yaml": REHEARSAL.encode()}
CATALOGUE = read_catalogue({**catalogue(), **KUBE})
PATH = "requests/search/space.yaml"
WORDS = st.text("ab0.-_", max_size=64) | st.text("aB/:\n é", max_size=5) | st.text(max_size=5)
SOME = st.dictionaries(WORDS, WORDS, max_size=2)


def asked(name="search", environment="rehearsal", **parameters):
    """What comes of a request file; JSON is YAML too."""
    wanted = {"kind": "k8s_namespace", "name": name, "environment": environment, "parameters": parameters}
    return read_request(PATH, Blob("100644", "", json.dumps(wanted).encode()), CATALOGUE)


@pytest.mark.parametrize("field", ["labels", "annotations"])
@pytest.mark.parametrize(
    "key",
    [
        "pod-security.kubernetes.io/enforce", "kubernetes.io/metadata.name", "scheduler.alpha.kubernetes.io/node-selector",
        "example.com/a", "TeamId", "ManagedBy", "RequestId", "Name", "", "-a", "a-", "a b", "a\n", "a" * 64, "${a}", "é",
    ],
)  # fmt: skip
def test_a_key_of_the_platform_s_and_one_that_is_none_are_refused(field, key):
    (rejection,) = asked(**{field: {key: "x"}})

    assert rejection.field.startswith(f"parameters.{field}")
    assert rejection.line and rejection.problem and rejection.way_out


@pytest.mark.parametrize("value", ["a b", "-a", "a" * 64, "a\n", "${a}", "é", "a/b"])
def test_a_label_s_value_that_is_none_is_refused(value):
    (rejection,) = asked(labels={"a": value})

    assert rejection.field.startswith("parameters.labels")


@pytest.mark.parametrize("field", ["labels", "annotations"])
def test_there_are_twenty_at_most(field):
    assert isinstance(asked(**{field: {f"key-{number}": "x" for number in range(20)}}), Request)
    (rejection,) = asked(**{field: {f"key-{number}": "x" for number in range(21)}})
    assert rejection.field == f"parameters.{field}"


def test_an_annotation_has_a_thousand_characters_at_most_over_any_number_of_lines():
    assert isinstance(asked(annotations={"note": "é\n" * 500}), Request)
    assert not isinstance(asked(annotations={"note": "é\n" * 500 + "."}), Request)


@settings(max_examples=150, deadline=None)
@given(SOME, SOME)
def test_what_is_taken_a_cluster_takes_and_it_steers_nothing(labels, annotations):
    request = asked(labels=labels, annotations=annotations)
    if not isinstance(request, Request):
        return
    kept = {**request.parameters["labels"], **request.parameters["annotations"]}
    metadata = {part: request.parameters[part] for part in ("labels", "annotations")}

    assert admit("Namespace", {"metadata": {"name": "it", **metadata}})
    assert (request.parameters["labels"], request.parameters["annotations"]) == (labels, annotations)
    assert not any("/" in key or key[:1].isupper() for key in kept)


def test_a_namespace_is_not_called_as_those_of_kubernetes_are():
    (rejection,) = asked("system", environment="kube")

    assert rejection.field == "name" and "kube-system" in rejection.problem
