import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.command import MOST, Command, Misspelt, Verb, read_commands


@pytest.mark.parametrize(
    ("body", "commands"),
    [
        ("/infra plan", [Command(Verb.PLAN)]),
        ("/INFRA Plan", [Command(Verb.PLAN)]),
        ("Looks right.\r\n\r\n/infra apply\r\n", [Command(Verb.APPLY)]),
        ("/infra apply\n/infra confirm-destroy orders", [Command(Verb.APPLY), Command(Verb.CONFIRM_DESTROY, "orders")]),
        ("/infra confirm-destroy prod/database/orders", [Command(Verb.CONFIRM_DESTROY, "prod/database/orders")]),
        ("/infra confirm-destroy `orders`", [Command(Verb.CONFIRM_DESTROY, "orders")]),
        ("/infra   retry  ", [Command(Verb.RETRY)]),
        ("/infra\tunlock", [Command(Verb.UNLOCK)]),
        ("/infra help", [Command(Verb.HELP)]),
        ("please /infra apply", []),
        ("> /infra apply", []),
        ("`/infra apply`", []),
        ("    /infra apply", []),
        ("/infrastructure plan", []),
        ("```\n/infra apply\n```", []),
        ("````\n```\n/infra apply\n````\n/infra plan", [Command(Verb.PLAN)]),
        ("~~~\n/infra apply", []),
        ("```\n```yaml\n/infra apply\n```", []),
        ("write `<!--` to hide\n\n/infra plan", [Command(Verb.PLAN)]),
        ("<!-- a template says:\n/infra apply\n-->\nthanks", []),
        ("<!-- never closed\n/infra apply", []),
        ("<!-- infrautomater:plan v1 -->\n/infra apply", []),
        ("", []),
    ],
)  # fmt: skip
def test_a_command_is_a_line_of_its_own_that_readers_see(body, commands):
    assert list(read_commands(body)) == commands


@pytest.mark.parametrize(
    ("body", "way_out"),
    [
        ("/infra", "`/infra help` has a list"),
        ("/infra aply", "Did you mean `apply`?"),
        ("/infra frobnicate", "Choose one of `help`, `plan`"),
        ("/infra apply orders", "Write `/infra apply` alone."),
        ("/infra confirm-destroy", "Name one request"),
        ("/infra confirm-destroy a b", "Name one request"),
    ],
)
def test_a_line_that_is_nearly_a_command_gets_a_way_out(body, way_out):
    (misspelt,) = read_commands(body)

    assert isinstance(misspelt, Misspelt)
    assert way_out in misspelt.way_out


def test_a_comment_full_of_commands_is_read_only_so_far():
    assert len(read_commands("/infra plan\n" * 1000)) == MOST


@given(st.text())
def test_any_text_can_be_read(body):
    read_commands(body)


@given(st.text(alphabet="`~ \n/infraply<!->", max_size=60))
def test_whatever_is_quoted_is_no_command(body):
    quoted = "\n".join(f"> {line}" for line in body.split("\n"))

    assert not read_commands(quoted)
