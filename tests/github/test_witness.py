"""The witness itself: what GitHub would not do does not pass, whatever it is that is wrong."""

import json
from dataclasses import replace

import pytest

from tests.github.description import Description, Exchange
from tests.github.witness import Witness

JSON = {"content-type": "application/json; charset=utf-8", "x-github-media-type": "github.v3; format=json"}
LABEL = {"id": 1, "node_id": "LA_1", "url": "http://127.0.0.1:1/labels/bug", "name": "bug", "color": "ff0000", "default": False,
         "description": ""}  # fmt: skip
PROBLEM = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}
PUSH = {"ref": "refs/heads/main"}


def exchange(body, status=200, path="/repos/acme/infrastructure/labels/bug"):
    return Exchange("GET", path, "", b"", status, JSON, json.dumps(body).encode(), "curl")


@pytest.fixture
def judged():
    watching = Witness(Description())

    def judge(found):
        watching._judge(found)
        return watching.taken()

    return judge


@pytest.mark.parametrize("found", [exchange(LABEL), exchange(PROBLEM, 404)], ids=["answer", "error"])
def test_what_github_would_answer_passes(judged, found):
    assert judged(found) == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            exchange({name: value for name, value in LABEL.items() if name != "color"}),
            '"color" is a required',
        ),
        (exchange(LABEL | {"colour": "red"}), "/colour: GitHub has no such field"),
        (exchange(LABEL | {"id": "1"}), "id:"),
        (exchange(LABEL | {"url": "no address"}), "uri"),
        (exchange(LABEL, 201), "no such status is published"),
        (exchange(PROBLEM | {"status": "418"}, 418), "no such status is published"),
        (exchange({"message": "Server Error"}, 500), "a crash"),
        (exchange({"message": "Not Found"}, 404), "an error without documentation_url"),
        (exchange(PROBLEM | {"status": "403"}, 404), "says status 403"),
        (exchange(LABEL, path="/repos/acme/infrastructure/badges/1"), "publishes no such operation"),
        (replace(exchange(LABEL), headers={"content-type": "text/html"}), "is text/html, not JSON"),
        (replace(exchange(LABEL), body=b"{} }"), "the witness cannot read it"),
        (
            replace(exchange(LABEL), agent="infrautomater", query="colour=red"),
            "asked wrongly: the query's colour",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_github_would_not_answer_does_not(judged, found, said):
    assert said in " ".join(judged(found))


def test_an_answer_without_its_headers_is_held_all_the_same(judged):
    assert judged(replace(exchange(LABEL | {"colour": "red"}), headers={"content-type": "application/json"}))


def test_an_answer_that_a_box_was_told_to_get_wrong_is_its_own_affair(judged):
    assert judged(replace(exchange({}, 500), headers={"x-box-fault": "asked for"})) == []


@pytest.mark.parametrize(("event", "said"), [("push", "required"), ("pushed", "no such event")])
def test_a_delivery_that_github_would_not_send_does_not_pass(event, said):
    assert said in " ".join(Description().of_delivery(event, PUSH))
