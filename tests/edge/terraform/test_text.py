"""What a requester wrote arrives as those very characters, and nothing of it is evaluated."""

import json
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.core.workspace import canonical

pytestmark = pytest.mark.edge

NASTY = (
    '${file("/etc/hostname")}', "$${file(1)}", "%{ if true }x%{ endif }", '"', "\\", "\\n", "a\nb\r\nc\td", "'", "`", "<<EOT\nx\nEOT",
    "ä ö 漢字 🙂 \u202e", "\u2028", "a\x85b\x0bc", "# comment", "/* */", "null", "true", "1e999", "", " ", "${", "%{", "}", "\x7f", "\x01",
    "Z" * 5000,
)  # fmt: skip

# Terraform keeps text in Unicode's normal form C: https://developer.hashicorp.com/terraform/language/expressions/strings
text = st.text(st.characters(exclude_categories=("Cs", "Cn", "Co")), max_size=40)


def applied(opened, job, texts):
    files = {"terraform.tfvars.json": canonical({"text": texts})}
    with opened(job(files=files)) as session:
        session.init()
        plan, _ = session.plan(destroy=False, lock=True)
        printed = session.apply()
    messages = [json.loads(line) for line in printed.split("\n") if line]
    (outputs,) = (message["outputs"] for message in messages if message["type"] == "outputs")
    return plan["variables"]["text"]["value"], outputs["text"]["value"]


def test_nasty_texts_arrive_as_they_are(opened, job):
    assert applied(opened, job, list(NASTY)) == (list(NASTY), list(NASTY))


@settings(
    max_examples=3, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts=st.lists(text, min_size=20, max_size=60))
def test_any_text_arrives_as_it_is(opened, job, texts):
    expected = [unicodedata.normalize("NFC", text) for text in texts]
    assert applied(opened, job, texts) == (expected, expected)
