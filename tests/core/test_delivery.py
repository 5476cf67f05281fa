import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.delivery import MEDIA_TYPES, Delivery, check_signature, read_delivery
from controller.errors import BadSignature, MalformedDelivery

JSON, FORM = MEDIA_TYPES
BODY = b'{"a": 1}'


def signed(body, secret, algorithm="sha256"):
    return f"{algorithm}=" + hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()


@pytest.mark.parametrize("secrets", [["one"], ["one", "two"], ["two", "one"], ["ünï", "one"]])
def test_a_body_that_any_of_the_secrets_signed_is_accepted(secrets):
    check_signature(signed(BODY, "one"), BODY, secrets)


@pytest.mark.parametrize(
    ("signature", "secrets"),
    [
        (None, ["one"]),
        ("", ["one"]),
        ("sha256=", ["one"]),
        ("sha256=" + "0" * 64, ["one"]),
        (signed(BODY, "one")[:-1], ["one"]),
        (signed(BODY, "one").removeprefix("sha256="), ["one"]),
        (signed(BODY, "one"), ["two", "three"]),
        (signed(BODY, "one"), []),
        (signed(BODY + b" ", "one"), ["one"]),
        (signed(BODY, "one", "sha1"), ["one"]),
        ("sha256=é" + "0" * 63, ["one"]),
        ("\udcff", ["one"]),
        (signed(BODY, ""), ["one"]),
    ],
)
def test_any_other_body_is_refused(signature, secrets):
    with pytest.raises(BadSignature, match="not signed with a known secret"):
        check_signature(signature, BODY, secrets)


def test_an_empty_secret_signs_nothing():
    with pytest.raises(BadSignature):
        check_signature(signed(BODY, ""), BODY, ["", "one"])


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (JSON, json.dumps({"action": "opened", "é": "ü"}).encode()),
        (JSON, json.dumps({"action": "opened", "é": "ü"}, ensure_ascii=False).encode()),
        (FORM, urlencode({"payload": json.dumps({"action": "opened", "é": "ü"})}).encode()),
        (FORM, urlencode({"other": "x", "payload": json.dumps({"action": "opened", "é": "ü"})}).encode()),
    ],
)
def test_a_delivery_is_read_from_json_and_from_a_form(media_type, body):
    delivery = read_delivery("guid", "pull_request", media_type, body)
    assert delivery == Delivery("guid", "pull_request", {"action": "opened", "é": "ü"})
    assert delivery.action == "opened"


@pytest.mark.parametrize(
    ("guid", "event", "media_type", "body"),
    [
        (None, "push", JSON, b"{}"),
        ("", "push", JSON, b"{}"),
        ("g", None, JSON, b"{}"),
        ("g", "", JSON, b"{}"),
        ("g", "push", JSON, b""),
        ("g", "push", JSON, b"not json"),
        ("g", "push", JSON, b"[]"),
        ("g", "push", JSON, b"null"),
        ("g", "push", JSON, b'"text"'),
        ("g", "push", JSON, b"\xff\xfe"),
        ("g", "push", JSON, b'{"a":' * 100_000),
        ("g", "push", JSON, b"[" * 100_000),
        ("g", "push", JSON, b'{"a": ' + b"1" * 5_000 + b"}"),
        ("g", "push", FORM, b""),
        ("g", "push", FORM, b"{}"),
        ("g", "push", FORM, b"other=1"),
        ("g", "push", FORM, b"payload=%5B%5D"),
        ("g", "push", FORM, b"payload=nope"),
    ],
)
def test_what_is_no_delivery_is_said_to_be_none(guid, event, media_type, body):
    with pytest.raises(MalformedDelivery):
        read_delivery(guid, event, media_type, body)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(MEDIA_TYPES),
    st.binary(max_size=200)
    | st.text(max_size=100).map(lambda text: f"payload={text}".encode("utf-8", "surrogatepass")),
)
def test_whatever_the_body_is_the_answer_is_a_delivery_or_that_it_is_malformed(media_type, body):
    try:
        assert isinstance(read_delivery("g", "push", media_type, body), Delivery)
    except MalformedDelivery:
        return


@pytest.mark.parametrize(
    ("payload", "repository"),
    [
        ({"repository": {"full_name": "acme/infra"}}, "acme/infra"),
        ({}, None),
        ({"repository": None}, None),
        ({"repository": "acme/infra"}, None),
        ({"repository": {}}, None),
        ({"repository": {"full_name": 5}}, None),
    ],
)
def test_a_delivery_may_be_about_no_repository(payload, repository):
    assert Delivery("g", "ping", payload).repository == repository


@pytest.mark.parametrize(("payload", "action"), [({}, ""), ({"action": "closed"}, "closed")])
def test_a_delivery_may_have_no_action(payload, action):
    assert Delivery("g", "push", payload).action == action
