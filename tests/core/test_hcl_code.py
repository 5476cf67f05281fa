"""What Terraform would evaluate is found, however it is wrapped, and the same words as mere text are not."""

import contextlib
import json
import os
import shutil
import subprocess
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.core.hcl import Block, read_hcl, read_template
from controller.core.hcl_code import UnreadableError, code_of

TEXTS = (
    "",
    "100%",
    "$ ",
    "timestamp() ",
    "$${timestamp()}",
    "$${x ",
    "$$${timestamp()} ",
    "%%{ if timestamp() }",
    "%%{",
    "}",
    "{",
    "# ",
    "/* ",
    "<<EOT ",
)
QUOTED_TEXTS = (*TEXTS, r"\"", r"\\", r"$\" ")
WRAPPED = (
    "(\n{}\n)",
    '(# timestamp() ${{ "\n{})',
    '(/* timestamp() " */ {})',
    "upper({})",
    "core::upper({})",
    "[for x in [1] : {}][0]",
    "[for x in [{}] : x if x != 1][0]",
    '{{ for k in ["a"] : k => {} }}["a"]',
    "true ? {} : 2",
    "1 == {} ? 3 : 4",
    "jsonencode({{ ({}) = 1 }})",
    "{{ a = 1, b = {} }}.b",
    'jsonencode({{ "${{{}}}" = 1 }})',
    "!({} == 1)",
    '"%{{ if {} == 1 }}a%{{ else }}b%{{~ endif ~}}"',
    '"%{{ for x in [{}] ~}}${{x}}%{{ endfor }}"',
    '"${{~ {} ~}}"',
)  # fmt: skip


def quoted(before, inner, after):
    return f'"{before}${{{inner}}}{after}"'


def heredoc(mark, before, inner, after):
    return f"({mark}EOT\n {before}\n{before}${{{inner}}}{after}\nEOTX\n  EOT\n)"


def directive(mark, before, inner):
    return f"({mark}EOT\n{before}\n%{{ if {inner} == 1 }}\n  EOTX\n%{{~ endif }}\n\tEOT\n)"


def wrapped(inner):
    texts, marks = st.sampled_from(TEXTS), st.sampled_from(["<<", "<<-"])
    quotable = st.sampled_from(QUOTED_TEXTS)
    return (
        st.builds(str.format, st.sampled_from(WRAPPED), inner)
        | st.builds(quoted, quotable, inner, quotable)
        | st.builds(heredoc, marks, texts, inner, texts)
        | st.builds(directive, marks, texts, inner)
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_call_is_found_however_it_is_wrapped_and_its_words_in_text_are_not(data):
    expression = leaf = data.draw(st.sampled_from(["timestamp()", "1"]))
    for _ in range(data.draw(st.integers(0, 6))):
        expression = data.draw(wrapped(st.just(expression)))
    file = read_hcl("main.tf", f"x = {expression}\n".encode())
    assert isinstance(file, Block), (expression, file)
    found = [call.name for call in file.attributes["x"].calls]
    assert found.count("timestamp") == (leaf == "timestamp()"), expression


@pytest.mark.parametrize("before", TEXTS)
def test_a_call_in_a_template_file_is_found_and_its_words_in_text_are_not(before):
    calls = read_template("x.tftpl", f'"\n{before}${{timestamp()}} %{{ if f("}}") }}"%{{ endif }}$'.encode())
    assert isinstance(calls, tuple), calls
    assert [(call.name, call.line, call.column) for call in calls] == [
        ("timestamp", 2, len(before) + 3),
        ("f", 2, len(before) + 22),
    ]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='${}%"<EOT\n =[]().,f1~\\#/*\r', max_size=60))
def test_code_keeps_every_character_in_its_place_and_any_template_is_read_or_told(text):
    read_template("x.tftpl", text.encode())
    with contextlib.suppress(UnreadableError):
        code = code_of(text)
        assert len(code) == len(text)
        assert all(new in {old, "_", '"', " "} for old, new in zip(text, code, strict=True))


def many():
    """Each wrapping in each text, and each kind of mark before a template."""
    once = [each.format("nosuch()") for each in WRAPPED]
    once += [quoted(text, "nosuch()", after) for text, after in product(QUOTED_TEXTS, ["", "$${ }", "%"])]
    once += [heredoc("<<-", text, "nosuch()", "") for text in TEXTS]
    once += [directive("<<", text, "nosuch()") for text in TEXTS]
    marks = ["".join(each) for length in range(4) for each in product("$%", repeat=length)]
    once += [f'"{mark}{{}}${{nosuch()}}"' for mark in marks if mark[-2:] in {"", "$$", "%%"}]
    once += [f'"{mark}${{nosuch()}}"' for mark in marks]
    once += [f"(<<EOT\n{mark}\n{mark}EOT\n{mark}${{nosuch()}}\nEOT\n)" for mark in marks[1:]]
    twice = [outer.format(inner) for outer, inner in zip(WRAPPED * 2, once, strict=False)]
    return once + [quoted("$${", inner, "}") for inner in twice]


@pytest.mark.edge
def test_terraform_evaluates_the_very_calls_that_are_found(tmp_path):
    terraform = shutil.which("terraform")
    if not terraform:
        pytest.skip("there is no terraform on the PATH")
    written = "".join(f"output o{n} {{\n  value = {each}\n}}\n" for n, each in enumerate(many()))
    (tmp_path / "main.tf").write_text(written)
    environment = {"PATH": os.environ["PATH"], "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    answer = subprocess.run(
        [terraform, "validate", "-json"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    said = json.loads(answer.stdout)["diagnostics"]
    assert {each["summary"] for each in said} == {"Call to unknown function"}, said[:3]
    file = read_hcl("main.tf", written.encode())
    calls = [call for block in file.blocks for call in block.attributes["value"].calls]
    assert {(call.line, call.column) for call in calls if call.name == "nosuch"} == {
        (each["range"]["start"]["line"], each["range"]["start"]["column"]) for each in said
    }
