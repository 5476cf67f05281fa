"""The permissions that docs/operating.md asks for: they are enough, and none is too many."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from controller.core.pull import Status, StatusState
from controller.edge.git import GitCli
from controller.edge.github import AppInstallation, GitHubRest
from controller.errors import GitError, GitHubError
from controller.ports import Comment
from controller.sandbox.box import Box
from controller.sandbox.seed import APP
from tests.edge.github.conftest import REPOSITORY, World

pytestmark = pytest.mark.edge

OPERATING = Path(__file__).parents[3] / "docs/operating.md"
WORDS = {"read": "read", "read and write": "write"}


def documented():
    """GitHub's names of the permissions, and their levels."""
    table = OPERATING.read_text().split("<!-- permissions")[1].split("<!-- /permissions")[0]
    rows = re.findall(r"^\| (\w[\w ]*)(?: \([^|]*)? \| ([\w ]+) \|", table, flags=re.MULTILINE)
    names = {"Commit statuses": "statuses"}
    return {
        names.get(name, name.lower().replace(" ", "_")): WORDS[level]
        for name, level in rows
        if level in WORDS
    }


class AppWorld(World):
    """A box whose App has some permissions."""

    def fetch(self, folder):
        url = f"{self.box.url}/{REPOSITORY}.git"
        GitCli(folder / "cache", url, lambda: self.installation.token, lambda: "main").fetch()


def use_contents(world, github, folder):
    world.fetch(folder)


def use_pull_requests(world, github, folder):
    number = world.pull()["number"]
    assert github.pull(number).number == number
    github.say(number, Comment("<!-- x -->", "<!-- x -->\nplanned"))


def use_issues(world, github, folder):
    path = f"REPO/issues/{world.pull()['number']}/comments"
    github.react(world.ask("requester", "POST", path, {"body": "/infra plan"})["id"], "eyes")


def use_statuses(world, github, folder):
    github.set_status(Status(world.tip(), "infrautomater/plan", StatusState.SUCCESS, "none"))


def use_members(world, github, folder):
    assert github.is_member("acme", "platform", "reviewer")


USES = {
    "contents": use_contents,
    "pull_requests": use_pull_requests,
    "issues": use_issues,
    "statuses": use_statuses,
    "members": use_members,
}


def test_the_box_has_an_app_with_the_documented_permissions():
    assert documented() == dict(APP.permissions)
    assert set(documented()) == {*USES, "metadata"}


@pytest.mark.parametrize("name", USES)
def test_every_permission_that_is_asked_for_is_needed(name, tmp_path):
    enough, less = documented(), {one: level for one, level in documented().items() if one != name}
    for permissions, works in ((enough, True), (less, False)):
        manifest = replace(APP, permissions=permissions)
        with Box(tmp_path / str(works), seed_files={"README.md": b"Hello\n"}, manifest=manifest) as box:
            world = AppWorld(box)
            if works:
                USES[name](world, world.github(world.bot), tmp_path)
            else:
                with pytest.raises((GitHubError, GitError), match="403"):
                    USES[name](world, world.github(world.bot), tmp_path / "less")


def test_a_repository_outside_of_the_installation_is_not_to_be_had(world):
    app = world.box.app
    elsewhere = AppInstallation((str(app.app_id), app.private_key), "acme/elsewhere", world.box.api_url)
    with pytest.raises(GitHubError, match="not installed on acme/elsewhere"):
        GitHubRest(elsewhere, "acme/elsewhere", base_url=world.box.api_url).default_branch()


def test_a_token_that_was_taken_back_is_made_anew(world):
    github = world.github(world.bot)
    before = world.installation.token
    world.ask(world.bot, "DELETE", "/installation/token")
    assert github.default_branch() == "main"
    assert world.installation.token != before
