"""The controller with a token; as a GitHub App it is in all the other stories."""

import pytest

from controller.cli.stack import running_stack
from tests.e2e.conftest import World, path

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("rough")]


def test_with_a_token_a_request_comes_and_goes(tmp_path):
    with running_stack(tmp_path, as_app=False) as stack:
        world = World(stack)
        name = world.provisioned()
        pull = world.propose({path(name): None})
        assert f"destroys {name}" in world.says(pull, "destroys")
        assert {each.user.login for each in pull.get_issue_comments()} == {"controller"}
        world.merge(pull)
        world.says(pull, "1 request destroyed", "result")
