"""What a request's objects are called in the cloud, and what is said of a name before any plan."""

import pytest

from controller.core.catalogue import read_catalogue
from controller.core.identity import RequestId
from controller.core.naming import resource_name
from controller.core.request import read_request
from controller.core.requests import read_requests

QUEUE = b"""\
title: Queue
description: A queue.
provider: aws
resource_name: {pattern: "^[a-z]+(-[a-z]+)*$", max_length: 16, says: a queue takes small letters and single hyphens}
parameters:
  public: {type: boolean, default: false, description: Open to all, allowed_by: allow_public}
  reach:  {type: string, enum: [account, world], default: account, description: Who, allowed_by: allow_public}
  region: {type: string, description: No default, allowed_by: allow_region}
variables:
  name: {from: resource_name}
  public: {parameter: public}
  reach: {parameter: reach}
  region: {parameter: region}
"""
FILES = {
    "terraform/modules/queue/kind.yaml": QUEUE,
    "terraform/environments/a.yaml": b"title: A\nkinds: [queue]\nvalues: {allow_region: true}\n",
    "terraform/environments/a-b.yaml": b"title: B\nkinds: [queue]\nvalues: {allow_public: true, allow_region: true}\n",
    "terraform/environments/c.yaml": b"title: C\nkinds: [queue]\nvalues: {allow_public: 'true', allow_region: false}\n",
}
CATALOGUE = read_catalogue(FILES)


def text(name, environment="a", **parameters):
    given = {"region": "eu", **parameters}
    lines = (f"  {key}: {value}" for key, value in given.items())
    return "\n".join(["kind: queue", f"name: {name}", f"environment: {environment}", "parameters:", *lines])


@pytest.fixture
def told(blob):
    """What is said of a request: the rejections' places, problems and ways out."""

    def make(*arguments, **parameters):
        read = read_request("requests/pay/q.yaml", blob(text(*arguments, **parameters)), CATALOGUE)
        return read if isinstance(read, tuple) else ()

    return make


@pytest.mark.parametrize(
    ("environment", "name", "called"),
    [
        ("dev", "orders", "dev-orders"),
        ("dev_eu", "orders", "dev-eu-orders"),
        ("dev-", "orders", "dev-orders"),
        ("dev_-_eu", "my--orders", "dev-eu-my-orders"),
    ],
)
def test_the_clouds_name_is_environment_and_name_in_letters_that_every_cloud_takes(environment, name, called):
    assert resource_name(RequestId(environment, "queue", name)) == called


def test_a_name_that_the_cloud_would_refuse_is_refused_before_any_plan(told):
    (rejection,) = told("orders2")
    assert (rejection.line, rejection.field) == (2, "name")
    assert (
        rejection.problem == "it would be called `a-orders2`; a queue takes small letters and single hyphens"
    )
    assert rejection.way_out == "Choose another name."


def test_a_name_that_is_too_long_for_the_cloud_says_by_how_much(told):
    assert told("o" * 14) == ()
    (rejection,) = told("o" * 17)
    assert "which has 19 characters" in rejection.problem
    assert rejection.way_out == "Make it 3 characters shorter."


def test_a_name_that_the_cloud_keeps_for_itself_is_refused(blob):
    path = "terraform/modules/queue/kind.yaml"
    rule = FILES[path].replace(b"max_length: 16", b'max_length: 16, never: "^a-sys"')
    catalogue = read_catalogue({**FILES, path: rule})
    read = [read_request("requests/pay/q.yaml", blob(text(name)), catalogue) for name in ("system", "mysys")]
    assert [isinstance(one, tuple) for one in read] == [True, False]


def test_a_pattern_that_would_take_python_for_ever_is_matched_at_once(blob):
    path = "terraform/modules/queue/kind.yaml"
    slow = b'name: {pattern: "([a-z]+)+[0-9]"}\nresource_name: {pattern: "^([a-z-]+)+[0-9]$", says: slow}\n'
    kind = slow + b"".join(line for line in FILES[path].splitlines(True) if b"resource_name: {p" not in line)
    catalogue = read_catalogue({**FILES, path: kind})
    assert "queue" in catalogue.kinds, catalogue.rejections
    (rejection, *_) = read_request("requests/pay/q.yaml", blob(text("a" * 40)), catalogue)
    assert "cannot have this name" in rejection.problem


def test_requests_that_would_share_a_name_in_the_cloud_are_both_refused(blob):
    blobs = {
        "requests/pay/one.yaml": blob(text("b-c", "a")),
        "requests/pay/two.yaml": blob(text("c", "a-b")),
        "requests/pay/three.yaml": blob(text("d", "a-b")),
    }
    read = read_requests(blobs, CATALOGUE)
    assert sorted(read.refused) == ["requests/pay/one.yaml", "requests/pay/two.yaml"]
    (rejection,) = read.refused["requests/pay/one.yaml"]
    assert (
        rejection.problem == "it would be called `a-b-c` in the cloud, and so would `requests/pay/two.yaml`"
    )
    assert [request.name for request in read.accepted] == ["d"]


def test_two_files_that_ask_for_the_same_are_told_so(blob):
    blobs = {f"requests/pay/{name}.yaml": blob(text("same")) for name in ("one", "two")}
    (rejection,) = read_requests(blobs, CATALOGUE).refused["requests/pay/one.yaml"]
    assert rejection.problem == "`a/queue/same` is also asked for in `requests/pay/two.yaml`"


@pytest.mark.parametrize(
    ("environment", "parameters", "fields"),
    [
        ("a", {}, []),
        ("a", {"public": "false", "reach": "account"}, []),
        ("a", {"public": "true", "reach": "world"}, ["parameters.public", "parameters.reach"]),
        ("a-b", {"public": "true", "reach": "world"}, []),
        ("c", {"public": "true"}, ["parameters.public", "parameters.region"]),
    ],
)
def test_some_values_are_taken_only_where_the_environment_allows_them(told, environment, parameters, fields):
    assert [each.field for each in told("q", environment, **parameters)] == fields


def test_a_value_that_is_not_allowed_names_the_setting_that_would_allow_it(told):
    (rejection,) = told("q", reach="world")
    assert rejection.line == 6
    assert rejection.problem == '`a` does not allow `reach: "world"`'
    assert "`allow_public: true`" in rejection.way_out
