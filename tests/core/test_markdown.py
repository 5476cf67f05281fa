"""No word of a stranger's does anything: checked by rendering it as GitHub would, and looking at what came out."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from controller.core.markdown import address, code, fence, hidden, mention, plain, prose

NASTY = [
    "@acme/platform",
    "Closes #1",
    "GH-1",
    "acme/infra#1",
    "https://evil.example",
    "www.evil.example",
    "mailto:a@b.example",
    "a@b.example",
    "[x](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "[x]: https://evil.example",
    "<img src=x onerror=y>",
    "</details>",
    "</summary><script>",
    "<!-- infrautomater:data {} -->",
    "-->",
    "<https://evil.example>",
    "&lt;b&gt;",
    "&#64;me",
    "**bold**",
    "_it_",
    "~~gone~~",
    "`",
    "``",
    "```",
    "````\n",
    "~~~",
    "|",
    "\\|",
    "\\",
    "\\`",
    "a\n\n# heading",
    "- item",
    "1. item",
    "1) item",
    "+ item",
    "===",
    "---",
    "> quote",
    "\r\n",
    "\u2028",
    "\u202e",
    "\u200b",
    "$x$",
    "    code",
    "\ttab",
    "[^1]",
    "- [ ] task",
    ":smile:",
]
WORDS = st.lists(
    st.sampled_from(
        [*NASTY, " ", "a", "\n", "(", ")", "[", "]", "!", "<", ">", "*", "_", "&", "#", "@", ":", "/", "."]
    ),
    min_size=1,
    max_size=8,
).map("".join)
TEXT = WORDS | st.text(max_size=40)
MANY = settings(max_examples=150, deadline=None)
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
ALLOWED = {"text", "code_inline", "softbreak"}


def inline(tokens):
    return [child for token in tokens if token.type == "inline" for child in token.children]


def text_of(tokens):
    return "".join(child.content for child in inline(tokens))


def assert_inert(text):
    """No token but text and code spans, and nothing in the text that GitHub would make live by itself."""
    tokens = PARSER.parse(text)
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}, tokens
    assert {child.type for child in inline(tokens)} <= ALLOWED, text
    for child in inline(tokens):
        if child.type == "text":
            assert_unlinked(child.content)


def assert_unlinked(shown):
    """https://github.github.com/gfm/#autolinks-extension- and GitHub's own references."""
    assert not re.search(r"@[\w-]", shown), shown
    assert not re.search(r"#[0-9]", shown), shown
    assert not re.search(r"(?i)gh-[0-9]", shown), shown
    assert not re.search(r"(?i)(https?|ftp)://|www\.|mailto:|xmpp:", shown), shown


@pytest.mark.parametrize("text", NASTY)
def test_no_known_trick_works_in_plain_text_or_prose(text):
    for way in (plain, prose):
        assert_inert(way(text))
        assert_inert(f"before {way(text)} after")


@MANY
@given(TEXT)
def test_no_text_does_anything_as_plain_text(text):
    assert_inert(plain(text))
    assert_inert(f"before {plain(text)} after")
    assert "\n" not in plain(text)


@MANY
@given(TEXT)
def test_plain_text_reads_as_it_was_written(text):
    shown = text_of(PARSER.parse(f"x{plain(text)}x")).replace("\u200b", "")
    clean = "".join(
        " " if re.match(r"[\x00-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e]", sign) else sign
        for sign in text
    )
    if clean.isprintable():
        assert shown == f"x{' '.join(clean.split())}x"


@MANY
@given(TEXT)
def test_a_code_span_is_one_code_span_whatever_is_in_it(text):
    tokens = inline(PARSER.parse(f"x {code(text)} y"))
    assert [token.type for token in tokens] == ["text", "code_inline", "text"], text


@MANY
@given(TEXT, TEXT)
def test_prose_quotes_strangers_in_code_spans_and_is_inert(one, other):
    assert_inert(prose(f"`{one}` cannot be `{other}` here"))
    assert_inert(prose(one))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`size` cannot be `XL`", "`size` cannot be `XL`"),
        ("a `b` c", "a `b` c"),
        ("a ` b", "a  b"),
        ("`a` and ` b", "`a` and  b"),
        ("nothing * special", "nothing \\* special"),
        ("``", ""),
        ("Use a-z, 0-9 and `-`; 40 at most.", "Use a-z, 0-9 and `-`; 40 at most."),
    ],
)
def test_prose_keeps_our_own_sentences(text, shown):
    assert prose(text) == shown


@MANY
@given(TEXT, TEXT, TEXT)
def test_no_text_breaks_a_table(one, other, third):
    table = f"| A | B | C |\n|---|---|---|\n| {code(one)} | {prose(other)} | {plain(third)} |\n| end | end | end |\n\nafter"
    tokens = PARSER.parse(table)
    kinds = [token.type for token in tokens]
    assert (kinds.count("table_open"), kinds.count("tr_open"), kinds.count("td_open")) == (1, 3, 6)
    assert kinds[-3:] == ["paragraph_open", "inline", "paragraph_close"]
    assert {child.type for child in inline(tokens)} <= ALLOWED
    assert tokens[-2].content == "after"


@MANY
@given(TEXT | st.text(alphabet="`~\n ", max_size=30))
def test_no_text_closes_its_fence(text):
    tokens = PARSER.parse(f"{fence(text, 'text')}\n\nafter")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].info == "text"
    assert tokens[2].content == "after"


def test_a_fence_keeps_lines_and_tabs_and_drops_what_is_invisible():
    assert fence("a\n\tb\x1b[31m\u202e\r\n") == "```\na\n\tb[31m\n```"


@MANY
@given(TEXT)
def test_no_text_closes_details(text):
    page = f"<details><summary>S</summary>\n\n{prose(text)}\n\n{fence(text)}\n\n</details>\n\nafter"
    blocks = [token.content for token in PARSER.parse(page) if token.type == "html_block"]
    assert blocks == ["<details><summary>S</summary>\n", "</details>\n"]


@MANY
@given(TEXT | st.text(alphabet="->!", max_size=20))
def test_no_text_ends_an_html_comment(text):
    tokens = PARSER.parse(f"<!-- data {hidden(text)} -->".replace("\n", " "))
    assert "--" not in hidden(text)
    assert [token.type for token in tokens] == ["html_block"]


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("", 80, "`  `"),
        ("a", 80, "`a`"),
        ("a\nb\tc", 80, "`a b c`"),
        ("a`b", 80, "``a`b``"),
        ("`a", 80, "`` `a ``"),
        ("``", 80, "``` `` ```"),
        ("a|b", 80, "`a\\|b`"),
        ("abcdef", 5, "`abcd…`"),
        ("abcde", 5, "`abcde`"),
    ],
)
def test_a_code_span_is_short_and_fits_a_table(text, limit, shown):
    assert code(text, limit) == shown


@pytest.mark.parametrize(
    ("login", "shown"),
    [
        ("ann", "@ann"),
        ("ann-lee", "@ann-lee"),
        ("dependabot[bot]", "@dependabot[bot]"),
        ("acme/platform", "`acme/platform`"),
        ("ann @bob", "`ann @bob`"),
        ("-ann", "`-ann`"),
        ("", "`  `"),
    ],
)
def test_only_what_can_be_a_login_is_called(login, shown):
    assert mention(login) == shown


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_no_text_ends_a_link(text):
    (token,) = MarkdownIt("commonmark").parse(f"[a]({address(f'https://pages.example/{text}')})")[1:2]
    assert [child.type for child in token.children] == ["link_open", "text", "link_close"]
    assert token.children[0].attrs["href"].startswith("https://pages.example/")
