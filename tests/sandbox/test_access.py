import pytest
from github import GithubException, UnknownObjectException

pytestmark = pytest.mark.edge
REPO = "/repos/acme/infrastructure"


@pytest.mark.parametrize("prefix", ["/api/v3", ""])
def test_the_api_is_served_as_on_an_enterprise_server_and_as_on_github_com(world, prefix):
    base = world.box.url + prefix
    repo = world.repo("requester", base)

    assert repo.url == f"{base}{REPO}"
    assert repo.get_branch("main").name == "main"
    assert world.github("requester", base).get_user().login == "requester"


@pytest.mark.parametrize(
    ("login", "permission", "role", "push"),
    [
        ("admin", "admin", "admin", True),
        ("reviewer", "write", "maintain", True),
        ("requester", "write", "write", True),
        ("controller", "write", "write", True),
        ("guest", "read", "read", False),
    ],
)
def test_everybody_has_a_role(world, login, permission, role, push):
    answer = world.call("GET", f"{REPO}/collaborators/{login}/permission", "controller").json()

    assert (answer["permission"], answer["role_name"]) == (permission, role)
    assert answer["user"]["login"] == login and answer["user"]["permissions"]["push"] is push
    assert world.repo("controller").get_collaborator_permission(login) == permission


def test_a_team_knows_its_members(world):
    github = world.github("controller")
    team = github.get_organization("acme").get_team_by_slug("platform")

    assert {one.login for one in team.get_members()} == {"admin", "reviewer"}
    assert team.has_in_members(github.get_user("reviewer"))
    assert not team.has_in_members(github.get_user("requester"))
    assert team.get_team_membership("admin").role == "maintainer"
    with pytest.raises(UnknownObjectException):
        team.get_team_membership("requester")
    path = "/orgs/acme/teams/platform/memberships/reviewer"
    assert world.call("GET", path).json()["state"] == "active"
    assert world.call("GET", path, "guest").status_code == 404


def test_nobody_in_particular_sees_nothing(world):
    assert world.call("GET", REPO, None).status_code == 404
    assert world.call("GET", "/user", None).json()["message"] == "Requires authentication"
    bad = world.call("GET", REPO, None, headers={"Authorization": "token ghp_wrong"})
    assert (bad.status_code, bad.json()["message"]) == (401, "Bad credentials")


@pytest.mark.parametrize("authorization", ["token {}", "Bearer {}", "bearer {}"])
def test_a_token_is_given_in_any_of_githubs_ways(world, authorization):
    header = authorization.format(world.box.tokens["guest"])
    assert world.call("GET", "/user", None, headers={"Authorization": header}).json()["login"] == "guest"


def test_who_may_only_read_may_not_write(world):
    pull = world.pull()
    theirs = world.repo("guest").get_pull(pull.number)
    wishes = [
        theirs.merge,
        lambda: theirs.edit(title="Mine"),
        lambda: theirs.add_to_labels("x"),
        lambda: world.repo("guest").get_commit(pull.head.sha).create_status("success"),
        lambda: world.repo("guest").create_file("x", "x", "x"),
        lambda: world.repo("guest").create_git_ref("refs/heads/guest", pull.head.sha),
    ]
    for wish in wishes:
        with pytest.raises(GithubException) as refused:
            wish()
        assert refused.value.status == 403, refused.value.data


def test_who_is_no_admin_sees_no_webhooks(world):
    assert world.call("GET", f"{REPO}/hooks", "reviewer").status_code == 404
    assert world.call("GET", f"{REPO}/hooks", "admin").status_code == 200


@pytest.mark.parametrize(
    "path", ["/repos/acme/nothing", "/nowhere", f"{REPO}/pulls/99999", f"{REPO}/pulls/x", "/users/x"]
)
def test_what_is_not_there_is_not_found_in_githubs_words(world, path):
    answer = world.call("GET", path)

    assert answer.status_code == 404
    body = answer.json()
    assert (body["message"], body["status"]) == ("Not Found", "404")
    assert body["documentation_url"].startswith("https://docs.github.com/rest")


def test_a_body_that_is_no_json_is_refused(world):
    assert world.call("POST", f"{REPO}/pulls", content=b"{").json()["message"] == "Problems parsing JSON"
    assert world.call("POST", f"{REPO}/pulls", content=b"[]").status_code == 400


def test_the_rate_limit_is_shown(world):
    limit = world.github("controller").get_rate_limit().resources.core

    assert limit.limit == 5000 and limit.remaining == 5000
    assert world.call("GET", "/user").headers["X-RateLimit-Limit"] == "5000"
