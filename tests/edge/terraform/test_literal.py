"""What the platform team wrote for a provider arrives as those very characters: nothing in it is evaluated."""

import pytest

from controller.core.workspace import canonical, literal

pytestmark = pytest.mark.edge

NASTY = (
    '${file("/etc/hostname")}', "$${a}", "$$${a}", "%{ if true }x%{ endif }", "%%{", "${", "%{", "$", "%", "}", '"', "\\", "\\n",
    "a\nb\tc", "<<EOT\nx\nEOT", "'", "ä 漢字 🙂", "\u2028", "# no comment", "null", "true", "",
)  # fmt: skip


def test_a_literal_of_terraforms_json_syntax_is_not_evaluated(opened, job):
    written = {
        "texts": list(NASTY),
        "inner": {text or "empty": [text] for text in NASTY},
        "number": 1.5,
        "no": None,
    }
    block = {"resource": {"terraform_data": {"it": {"input": literal(written)}}}}
    with opened(job("", files={"main.tf.json": canonical(block)})) as session:
        session.init()
        plan, _ = session.plan(destroy=False, lock=True)
    (resource,) = plan["resource_changes"]
    assert resource["change"]["after"]["input"] == written
