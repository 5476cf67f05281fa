"""Drafts: what is written is what was meant, and reads as YAML's oldest and newest readers agree."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from yamlcore import CCoreLoader

from controller.core.catalogue import read_catalogue
from controller.core.draft import Draft, read_parameters, scalar, write_request
from controller.core.identity import RequestId
from controller.core.request import Blob, Request, read_request
from tests.core.conftest import ROOT

SHIPPED = read_catalogue(
    {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in (ROOT / "terraform").rglob("*")
        if path.is_file() and ".terraform" not in path.parts
    }
)
OFFERED = [
    (kind, environment.name)
    for environment in SHIPPED.environments.values()
    for kind in environment.format.kinds
]


def draft(catalogue, kind="database", environment="dev", name="orders", **words):
    values = read_parameters(catalogue.kinds.get(kind), words)
    return Draft(RequestId(environment, kind, name), "payments", values)


def reread(one, catalogue):
    return read_request(one.path, Blob("100644", "", write_request(one, catalogue).encode()), catalogue)


@pytest.mark.parametrize(("kind", "environment"), OFFERED)
def test_what_is_written_is_accepted_everywhere(kind, environment):
    one = draft(SHIPPED, kind, environment)
    read = reread(one, SHIPPED)
    assert isinstance(read, Request), read
    assert read.id == one.id and read.team == "payments"


@pytest.mark.parametrize(("kind", "environment"), OFFERED)
def test_every_line_that_is_a_comment_may_be_uncommented(kind, environment):
    text = write_request(draft(SHIPPED, kind, environment), SHIPPED)
    shown = [line.replace("# ", "", 1) for line in text.splitlines() if _is_default(line)]
    head = text.split("parameters:")[0].rstrip("# ")
    given_ = [line for line in text.partition("\nparameters:")[2].splitlines() if line and "#" not in line]
    whole = "\n".join([head, "parameters:", *shown, *given_, ""])
    read = read_request("requests/payments/orders.yaml", Blob("100644", "", whole.encode()), SHIPPED)
    assert isinstance(read, Request), (whole, read)


def _is_default(line):
    names = {name for kind in SHIPPED.kinds.values() for name in kind.format.parameters}
    return any(line.startswith(f"  # {name}: ") and not line.endswith(".") for name in names)


def test_the_whole_file(catalogue):
    one = draft(catalogue, size="medium", **{"labels.cost-centre": "4711", "labels.no": "no"})
    assert (
        write_request(one, catalogue, "../../schema.json")
        == """\
# yaml-language-server: $schema=../../schema.json
# Relational database: A database.
kind: database
name: orders
environment: dev
parameters:

  # Engine. Takes postgres or mysql. It cannot be changed once it was applied.
  # engine: postgres

  # Size. Takes small or medium. A change means some minutes of downtime.
  size: medium

  # Disk. Takes 20 to 1000. It can be raised, never lowered.
  # storage: 20

  # Ratio. Takes 0 to 1. It is changed while it runs.
  # ratio: 0.5

  # Public. Takes true or false. It is changed while it runs.
  # public: false

  # Note. Takes text of at most 100 characters. It may be changed at any time.
  # note: ""

  # Code. Takes text. It is changed while it runs.
  # code: abc

  # Labels. Takes `key: value` lines. It is changed while it runs.
  labels:
    cost-centre: "4711"
    "no": "no"
"""
    )


def test_what_leaves_no_choice_is_filled_in(files):
    only = b"title: T\nkinds: [bucket]\nlimits: {bucket: {region: [eu-west-1]}}\n"
    catalogue = read_catalogue({**files, "terraform/environments/only.yaml": only})
    assert "\n  region: eu-west-1\n" in write_request(draft(catalogue, "bucket", "only"), catalogue)


def test_what_must_be_given_is_missed_in_validates_words(catalogue):
    [missing] = reread(draft(catalogue, "bucket"), catalogue)
    assert (missing.field, missing.problem) == ("parameters.region", "`region` is missing")


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ({"storage": "30"}, {"storage": 30}),
        ({"storage": "thirty"}, {"storage": "thirty"}),
        ({"storage": "1" * 30}, {"storage": "1" * 30}),
        ({"ratio": "0.5"}, {"ratio": 0.5}),
        ({"ratio": "1"}, {"ratio": 1}),
        ({"ratio": "nan"}, {"ratio": "nan"}),
        ({"public": "true"}, {"public": True}),
        ({"public": "yes"}, {"public": "yes"}),
        ({"note": "16"}, {"note": "16"}),
        ({"note": "true"}, {"note": "true"}),
        ({"note": ""}, {"note": ""}),
        ({"labels": ""}, {"labels": {}}),
        ({"labels.a": "1", "labels.b.c": "2"}, {"labels": {"a": "1", "b.c": "2"}}),
        ({"labels": "text", "labels.a": "1"}, {"labels": {"a": "1"}}),
        ({"unknown": "x"}, {"unknown": "x"}),
    ],
)
def test_words_become_what_the_parameter_is(catalogue, word, value):
    assert read_parameters(catalogue.kinds["database"], word) == value


HOSTILE = ["no", "on", "0o17", "010", "1e3", "1_000", "~", "null", "=", "<<", "", " a ", "- a", "a: b", "a #b", "%", "@a",
           "`", "!x", "&a", "*a", "{}", "[", "'", '"', "\\", "a\nb", "\t", "é", "🎉", "\u00a0", "12:30:45", "2001-01-01",
           "y", "${x}", "---", "...", "\ufeff", "\U000e0041", "\ue000"]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_to_every_reader(text):
    for reader in (yaml.SafeLoader, yaml.CSafeLoader, CCoreLoader):
        assert yaml.load(f"a: {scalar(text)}\n", reader) == {"a": text}


@settings(max_examples=500, deadline=None)
@given(name=st.text(max_size=8), note=st.text(max_size=20), key=st.text(max_size=5))
def test_any_words_are_delivered_or_refused(name, note, key):
    one = draft(SMALL, name=name, note=note, **{f"labels.{key}": note})
    read = reread(one, SMALL)
    if isinstance(read, Request):
        assert read.parameters["note"] == note and read.parameters["labels"] == {key: note}
    else:
        assert all(str(each) for each in read)


SMALL = read_catalogue(
    {
        "terraform/modules/database/kind.yaml": json.dumps(
            {
                "title": "T",
                "description": "D",
                "provider": "aws",
                "parameters": {
                    "note": {"type": "string", "default": "", "description": "Note"},
                    "labels": {"type": "map", "default": {}, "description": "Labels"},
                },
            }
        ).encode(),
        "terraform/environments/dev.yaml": b"title: Dev\nkinds: [database]\n",
    }
)
