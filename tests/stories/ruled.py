"""A stack of its own, whose default branch GitHub itself guards."""

from contextlib import contextmanager

import httpx2

from controller.cli.stack import running_stack
from tests.stories.conftest import CATALOGUE, Stories

OFTEN = {"INFRAUTOMATER_RECONCILE_EVERY": "3", "INFRAUTOMATER_DRAIN": "0"}


class Ruled(Stories):
    """A world that speaks to the box as the tests of its queue do."""

    def repo(self, login="requester"):
        return self.as_(login)

    def call(self, method, path, login="requester", **options):
        """A question to the API of the box; `path` begins behind `/api/v3`."""
        headers = {"Authorization": f"Bearer {self.stack.tokens[login]}"}
        return httpx2.request(method, f"{self.stack.github}/api/v3{path}", headers=headers, **options)


@contextmanager
def ruled(folder, files=None):
    """A stack whose catalogue has what stories need, and these files; its world."""
    with running_stack(folder, OFTEN) as stack:
        world = Ruled(stack)
        world.push({**CATALOGUE, **(files or {})}, "What stories need")
        yield world
