import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.sandbox.markdown import render


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** ~~gone~~", "<p><strong>bold</strong> <s>gone</s></p>\n"),
        ("<!-- marker -->\na <!-- b -->c", "<p>a c</p>\n"),
        ("````\n```\n````", "<pre><code>```\n</code></pre>\n"),
        (
            "<details><summary>S</summary>\n\n*x*\n\n</details>",
            "<details><summary>S</summary>\n<p><em>x</em></p>\n</details>",
        ),
        ("<script>alert(1)</script>after", "after"),
        ("<img src=x onerror=alert(1)>", ""),
        ('<b onclick="x()">b</b>', "<p><b>b</b></p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ('<a href="javascript:alert(1)">x</a>', "<p><a>x</a></p>\n"),
        ("</div></body>x", "x"),
        ("<div><b>open", "<div><b>open</b></div>"),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>\n"),
    ],
)
def test_markdown_becomes_harmless_html(text, shown):
    assert render(text).strip() == shown.strip()


@given(st.text("<>/=\"'!-ab script&;#`\n[]()x:javscriptonload", max_size=60))
def test_no_text_smuggles_anything_in(text):
    shown = render(text)

    for tag in re.findall(r"<[^>]*>", shown):
        assert not re.search(r"script|\son\w+=|javascript:|<!--", tag.split('"')[0])
    opened = re.findall(r"<([a-z0-9]+)", shown)
    closed = re.findall(r"</([a-z0-9]+)", shown)
    assert sorted(tag for tag in opened if tag not in ("br", "hr")) == sorted(closed)
