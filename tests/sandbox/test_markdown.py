import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.sandbox.pages.markdown import comment, document

VOID = ("br", "hr", "input")
SCHEMES = ("http://", "https://", "mailto:", "#", "/")


def named(word):
    return {
        "@ada": "/ada",
        "#3": "/acme/x/pull/3",
        "acme/y#4": "/acme/y/pull/4",
        "abcdef1234": "/commit",
    }.get(word)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** ~~gone~~", "<p><strong>bold</strong> <s>gone</s></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("<!-- marker -->\na <!-- b -->c", "<p>a c</p>"),
        ("````\n```\n````", "<pre><code>```\n</code></pre>"),
        ("```yaml\na: 1\n```", '<pre><code class="language-yaml">a: 1\n</code></pre>'),
        ("<sub>small</sub> <kbd>Enter</kbd>", "<p><sub>small</sub> <kbd>Enter</kbd></p>"),
        (
            "<details open><summary>S</summary>\n\n*x*\n\n</details>",
            '<details open=""><summary>S</summary>\n<p><em>x</em></p>\n</details>',
        ),
        (
            "> [!WARNING]\n> Hot",
            '<div class="markdown-alert markdown-alert-warning">\n<p class="markdown-alert-title">Warning</p>\n<p>Hot</p>\n</div>',
        ),
        ("<script>alert(1)</script>after", "after"),
        ("<img src=x onerror=alert(1)>", ""),
        ('<b onclick="x()" style="color:red" class="menu">b</b>', "<p><b>b</b></p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ('<a href="javascript:alert(1)">x</a>', '<p><a rel="nofollow">x</a></p>'),
        ('<a href="java&#10;script:alert(1)">x</a>', '<p><a rel="nofollow">x</a></p>'),
        ("[x](relative.md)", '<p><a rel="nofollow">x</a></p>'),
        ("</div></body>x", "x"),
        ("<div><b>open", "<div><b>open</b></div>"),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
    ],
)
def test_markdown_becomes_harmless_html(text, shown):
    assert comment(text, named).strip() == shown


def test_a_table_keeps_its_alignment():
    shown = comment("| a | b |\n|---|:-:|\n| 1 | 2 |", named)
    assert '<th align="center">b</th>' in shown and "<td>1</td>" in shown and "style" not in shown


def test_tasks_are_boxes_that_nobody_can_tick():
    shown = comment("- [x] done\n- [ ] open", named)
    boxes = re.findall(r"<input[^>]*>", shown)
    assert len(boxes) == 2 and all('disabled=""' in box for box in boxes)
    assert ["checked" in box for box in boxes] == [True, False]


def test_a_field_becomes_a_box_and_a_form_nothing():
    shown = comment(
        "<form action=/x><input name=q value=1 type=text autofocus><button>b</button></form>", named
    )
    [box] = re.findall(r"<input ([^>]*)>", shown)
    assert sorted(box.split()) == ['disabled=""', 'type="checkbox"'] and shown.strip().endswith(">b")


def test_what_words_name_is_linked_where_it_exists():
    shown = comment("@ada, @bob: #3, #4, acme/y#4, abcdef1234 and deadbeef", named)
    assert re.findall(r'href="([^"]*)"[^>]*>(?:<code>)?([^<]*)', shown) == [
        ("/ada", "@ada"),
        ("/acme/x/pull/3", "#3"),
        ("/acme/y/pull/4", "acme/y#4"),
        ("/commit", "abcdef1"),
    ]


@pytest.mark.parametrize(
    "text",
    ["`@ada #3`", "[#3](http://x.example)", '<a href="/x">@ada</a>', "a@ada", "x#3", "##3", "abcdef12345"],
)
def test_code_links_and_longer_words_name_nothing(text):
    assert not {"/ada", "/acme/x/pull/3", "/commit"} & set(
        re.findall(r'href="([^"]*)"', comment(text, named))
    )


def test_bare_addresses_are_links():
    shown = comment("see https://example.com/a?b=1#3 or mail ada@example.com", named)
    assert 'href="https://example.com/a?b=1#3"' in shown and 'href="mailto:ada@example.com"' in shown


def test_a_document_s_links_begin_at_its_folder_and_its_lines_flow():
    shown = document("[a](x.md) [b](../y.md) [c](#z) [d](/w)\nnext", "/acme/x/blob/main/docs/")
    links = re.findall(r'href="([^"]*)"', shown)
    assert (
        links == ["/acme/x/blob/main/docs/x.md", "/acme/x/blob/main/y.md", "#z", "/w"] and "<br>" not in shown
    )


class Reading(HTMLParser):
    """Refuses what must not be there, and what closes too much or too little."""

    def __init__(self, text):
        super().__init__()
        self.open = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        assert tag not in ("script", "style", "img", "iframe", "form", "button", "svg", "textarea")
        assert not [name for name in facts if name.startswith("on") or name in ("style", "id", "name", "src")]
        assert facts.get("href", "/").lower().startswith(SCHEMES)
        assert tag != "input" or (facts["type"] == "checkbox" and "disabled" in facts)
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(data)


PIECES = st.sampled_from(
    ["<script>", "</script>", "<svg>", "<style>", "<a href=", "javascript:", "data:x", "<img src=x onerror=1>", "<!--", "-->", "</div>", "<div>",
     "<details>", "</table>", "<td>", "<form>", "<input type=text>", "<select>", "<math>", "<p onclick=x>", "</p>", "```", "`", "|", "\n", "- [ ] ", "> ", "@ada", "#3", "[x](", ")", '"', "'", "&lt;", "&#x3c;", "<b>", "</b>", "https://x", " "]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join))
def test_no_text_smuggles_anything_in(text):
    Reading(comment(text, named))
    Reading(document(text, "/acme/x/blob/main/"))
