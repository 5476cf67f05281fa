"""Offers: what an environment lets a requester ask for, in words."""

import pytest

from controller.core.catalogue import read_catalogue
from controller.core.offer import CHANGES, Offered, offered, offering
from controller.core.parameter import Parameter, Rule


def of(catalogue, kind, environment=None):
    place = catalogue.environments[environment] if environment else None
    return {one.name: one for one in offered(catalogue.kinds[kind], place)}


def test_an_environment_narrows_what_a_kind_offers(catalogue):
    assert of(catalogue, "database")["size"].choices == ("small", "medium", "large")
    assert of(catalogue, "database", "dev")["size"].choices == ("small", "medium")
    prod = of(catalogue, "database", "prod")["size"]
    assert prod.choices == ("medium", "large") and prod.default is None


def test_what_an_environment_does_not_allow_is_its_default(files):
    kind = b"title: T\ndescription: D\nprovider: aws\nparameters: {open: {type: boolean, default: false, allowed_by: may, description: O}}\n"
    places = {"shut": b"{}", "odd": b'{may: "true"}', "wide": b"{may: true}"}
    catalogue = read_catalogue(
        {
            "terraform/modules/thing/kind.yaml": kind,
            **{
                f"terraform/environments/{name}.yaml": b"title: T\nkinds: [thing]\nvalues: " + values
                for name, values in places.items()
            },
        }
    )
    choices = {name: of(catalogue, "thing", name)["open"].choices for name in places}
    assert choices == {"shut": (False,), "odd": (False,), "wide": None}


def test_who_offers_a_kind(catalogue):
    assert [place.name for place in offering(catalogue.kinds["database"], catalogue)] == ["dev", "prod"]
    assert [place.name for place in offering(catalogue.kinds["bucket"], catalogue)] == ["dev"]


@pytest.mark.parametrize(
    ("parameter", "choices", "takes"),
    [
        ({"type": "string"}, None, "text"),
        ({"type": "string", "max_length": 2000}, None, "text of at most 2,000 characters"),
        ({"type": "string"}, ("a",), "a"),
        ({"type": "string"}, ("", "a", "b"), "nothing, a or b"),
        ({"type": "string"}, (), "nothing"),
        ({"type": "integer"}, None, "a whole number"),
        ({"type": "integer", "minimum": 0, "maximum": 1000000, "unit": "GiB"}, None, "0 to 1000000 GiB"),
        ({"type": "number", "minimum": 0.5}, None, "0.5 or more"),
        ({"type": "number", "maximum": 2}, None, "2 or less"),
        ({"type": "integer", "unit": "days"}, (7, 14), "7 or 14 days"),
        ({"type": "boolean"}, None, "true or false"),
        ({"type": "boolean"}, (True,), "true"),
        ({"type": "map", "max_length": 20}, None, "`key: value` lines, at most 20"),
    ],
)
def test_what_is_taken_in_words(parameter, choices, takes):
    one = Offered("p", Parameter.model_validate({"description": "It", **parameter}), choices)
    assert one.takes == takes


def test_every_rule_of_change_has_its_words():
    assert set(CHANGES) == set(Rule)
