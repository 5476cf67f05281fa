"""What GitHubRest reads, from GitHub in a box."""

from dataclasses import replace

import pytest
from github import Auth

from controller.core.pull import Permission, Pull, PullState, Review
from controller.edge.github import GitHubRest
from controller.errors import GitHubError, GitHubNotFound, GitHubRefused

pytestmark = pytest.mark.edge


def test_the_default_branch_is_known_by_name(github):
    assert github.default_branch() == "main"


def test_an_open_pull_has_no_merge_commit_though_github_shows_a_test_merge(world, github):
    made = world.pull(draft=True)
    assert world.ask("guest", "GET", f"REPO/pulls/{made['number']}")["merge_commit_sha"]
    assert github.pull(made["number"]) == Pull(
        number=made["number"],
        title=made["title"],
        author="requester",
        head=made["head"]["sha"],
        base="main",
        state=PullState.OPEN,
        draft=True,
        merge_commit=None,
    )


def test_of_a_pull_that_we_opened_for_somebody_that_person_is_the_author(world):
    github = world.github("controller")
    ours = world.pull(login="controller", branch="infrautomater/for/requester/dev.box.orders-1")
    plain = world.pull(login="controller", branch="infrautomater/dev.box.orders-1")
    fake = world.pull(branch="infrautomater/for/reviewer/dev.box.orders-1")
    authors = {pull.number: pull.author for pull in github.open_pulls()}
    assert [authors[one["number"]] for one in (ours, plain, fake)] == ["requester", "controller", "requester"]
    assert github.pull(ours["number"]).author == "requester"
    assert [pull.author for pull in github.pulls_of(ours["head"]["sha"])] == ["requester"]


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_a_merged_pull_has_the_commit_on_the_default_branch(world, github, method):
    number = world.pull()["number"]
    world.ask("admin", "PUT", f"REPO/pulls/{number}/merge", {"merge_method": method})
    pull = github.pull(number)
    assert (pull.state, pull.merge_commit) == (PullState.MERGED, world.tip())
    assert github.pulls_of(pull.merge_commit) == (pull,)


def test_a_pull_that_was_closed_is_not_merged(world, github):
    number = world.pull()["number"]
    world.ask("requester", "PATCH", f"REPO/pulls/{number}", {"state": "closed"})
    pull = github.pull(number)
    assert (pull.state, pull.merge_commit) == (PullState.CLOSED, None)


@pytest.mark.parametrize("read", ["pull", "reviews"])
def test_a_pull_that_does_not_exist_is_not_found(github, read):
    with pytest.raises(
        GitHubNotFound, match=r"GET /repos/acme/infrastructure/pulls/99999.* with 404: Not Found"
    ):
        getattr(github, read)(99999)


def test_open_pulls_are_those_on_the_default_branch(world, github):
    mine, closed = world.pull(), world.pull()
    world.ask("requester", "PATCH", f"REPO/pulls/{closed['number']}", {"state": "closed"})
    elsewhere = world.pull(base=mine["head"]["ref"])
    pulls = {pull.number: pull for pull in github.open_pulls()}
    assert pulls[mine["number"]] == github.pull(mine["number"])
    assert not {closed["number"], elsewhere["number"]} & set(pulls)


def test_the_pulls_of_a_commit_are_none_for_a_direct_push_and_not_found_for_no_commit(world, github):
    pushed = world.commit(f"requests/payments/pushed-{next(world.numbers)}.yaml", "main")
    assert github.pulls_of(pushed) == ()
    with pytest.raises(GitHubNotFound):
        github.pulls_of("1" * 40)


def test_an_open_pull_is_found_by_its_head(world, github):
    made = world.pull()
    assert [pull.number for pull in github.pulls_of(made["head"]["sha"])] == [made["number"]]


def test_reviews_come_oldest_first_each_with_its_commit(world, github):
    made = world.pull()
    path, head = f"REPO/pulls/{made['number']}/reviews", made["head"]["sha"]
    world.ask("reviewer", "POST", path, {"event": "REQUEST_CHANGES", "body": "No"})
    world.ask("guest", "POST", path, {"event": "COMMENT", "body": "Hm"})
    later = world.commit("requests/payments/later.yaml", made["head"]["ref"])
    world.ask("reviewer", "POST", path, {"event": "APPROVE"})
    world.ask("admin", "POST", path, {"body": "not submitted yet"})
    found = github.reviews(made["number"])
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert tuple(replace(each, at=None) for each in found) == (
        Review("reviewer", "CHANGES_REQUESTED", head),
        Review("guest", "COMMENTED", head),
        Review("reviewer", "APPROVED", later),
    )


@pytest.mark.parametrize(
    ("user", "permission"),
    [
        ("admin", Permission.ADMIN),
        ("reviewer", Permission.MAINTAIN),
        ("requester", Permission.WRITE),
        ("guest", Permission.READ),
        ("nobody-of-this-name", Permission.NONE),
        ("../../../user", Permission.NONE),
    ],
)
def test_everybodys_permission_is_known(github, user, permission):
    assert github.permission(user) is permission


def test_a_team_has_members_and_others_are_none(github):
    assert github.is_member("acme", "platform", "reviewer")
    assert not github.is_member("acme", "platform", "requester")
    assert not github.is_member("acme", "platform", "nobody-of-this-name")


@pytest.mark.parametrize(("organisation", "team"), [("acme", "no-such-team"), ("nowhere", "platform")])
def test_a_team_that_cannot_be_seen_is_not_found(github, organisation, team):
    with pytest.raises(GitHubNotFound, match=f"/orgs/{organisation}/teams/{team} "):
        github.is_member(organisation, team, "reviewer")


def test_a_team_is_hidden_from_who_is_not_in_the_organisation(world):
    with pytest.raises(GitHubNotFound):
        world.github("guest").is_member("acme", "platform", "reviewer")


def test_a_wrong_token_is_an_error_that_time_may_heal(world):
    with pytest.raises(GitHubError, match="401") as caught:
        GitHubRest(
            Auth.Token("wrong-token"), "acme/infrastructure", base_url=world.box.api_url
        ).default_branch()
    assert not isinstance(caught.value, GitHubRefused | GitHubNotFound)
    assert "wrong-token" not in str(caught.value)
