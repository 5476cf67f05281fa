import json

import pytest

from controller.core.stream import Diagnostic, read_stream, readable


def line(**message):
    return json.dumps(message)


def hook(type_, address, action="create"):
    return line(type=type_, hook={"resource": {"addr": address}, "action": action})


def test_a_stream_tells_its_diagnostics_how_far_it_came_and_its_outputs():
    stream = read_stream(
        "\n".join(
            [
                line(type="version", terraform="1.11.4"),
                hook("apply_start", "m.a"),
                hook("apply_start", "m.b"),
                hook("apply_complete", "m.a"),
                line(
                    type="diagnostic",
                    diagnostic={"severity": "error", "summary": "S", "detail": "D", "address": "m.b"},
                ),
                line(type="diagnostic", diagnostic={"severity": "warning", "summary": "W"}),
                line(
                    type="outputs",
                    outputs={"endpoint": {"sensitive": False, "value": "x"}, "hidden": {"sensitive": True}},
                ),
            ]
        )
    )
    assert (stream.begun, stream.completed, stream.unfinished) == (("m.a", "m.b"), ("m.a",), ("m.b",))
    assert stream.errors == (Diagnostic("error", "S", "D", "m.b"),)
    assert [warning.summary for warning in stream.warnings] == ["W"]
    assert stream.outputs == {"endpoint": "x", "hidden": None}


def test_the_last_outputs_are_the_ones_that_were_applied():
    text = (
        line(type="outputs", outputs={"a": {"action": "create"}})
        + "\n"
        + line(type="outputs", outputs={"a": {"value": 1}})
    )
    assert read_stream(text).outputs == {"a": 1}


@pytest.mark.parametrize(
    ("hooks", "completed", "unfinished"),
    [
        (["start", "complete", "start", "complete"], ("m.a",), ()),
        (["start", "complete", "start"], (), ("m.a",)),
        (["start", "complete", "start", "errored"], (), ("m.a",)),
        (["start", "errored"], (), ("m.a",)),
        (["start"], (), ("m.a",)),
        ([], (), ()),
    ],
)
def test_a_replacement_is_finished_when_both_of_its_halves_are(hooks, completed, unfinished):
    stream = read_stream("\n".join(hook(f"apply_{word}", "m.a") for word in hooks))
    assert (stream.completed, stream.unfinished) == (completed, unfinished)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "plain text",
        "{",
        "{not json}",
        "[1]",
        '"text"',
        "null",
        "5",
        "{}",
        '{"type": 5}',
        "{" * 100_000,
        '{"a":' * 100_000,
    ],
)
def test_lines_that_are_no_messages_are_passed_over(text):
    stream = read_stream(text)
    assert (stream.diagnostics, stream.begun, stream.completed, stream.outputs) == ((), (), (), None)


@pytest.mark.parametrize("separator", ["\x85", "\u2028", "\u2029"])
def test_only_a_line_feed_ends_a_message(separator):
    message = json.dumps(
        {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": f"a{separator}b"}},
        ensure_ascii=False,
    )
    assert [error.summary for error in read_stream(message).errors] == [f"a{separator}b"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"type": "version", "@message": "Terraform 1.11.4"}', ""),
        ('{"type": "outputs", "@message": "Outputs: 1", "outputs": {"a": {"value": "secret"}}}', ""),
        ('{"type": "apply_start", "@message": "m.a: Creating..."}', "m.a: Creating..."),
        ('{"type": "diagnostic", "@message": "Error: S", "diagnostic": {"detail": "D"}}', "Error: S\nD"),
        ("a plain line\n", "a plain line"),
        ("{broken\n", "{broken"),
        ("", ""),
    ],
)
def test_a_line_of_the_log_is_what_a_person_reads(text, words):
    assert readable(text) == words
