import re
from dataclasses import replace
from urllib.parse import quote

import httpx2
import pytest
from github import GithubException, UnknownObjectException

from controller.sandbox.accounts import apps, installation_tokens, installations
from controller.sandbox.box import Box
from controller.sandbox.limits import Limits
from controller.sandbox.rest.routes import ENDPOINTS
from tests.sandbox.conftest import SEED, World

pytestmark = pytest.mark.edge
REPO = "/repos/acme/infrastructure"
PLACES = {
    "owner": "acme",
    "repo": "infrastructure",
    "org": "acme",
    "team": "platform",
    "username": "reviewer",
} | dict.fromkeys(("branch", "ref", "basehead"), "main")


# The other address of GraphQL, and the root folder's, which GitHub describes as that of any file.
UNPUBLISHED = {"/graphql", "/repos/{owner}/{repo}/contents"}


@pytest.fixture
def own(tmp_path, receiver):
    with Box(tmp_path / "box", seed_files=SEED) as box:
        world = World(box, receiver)
        yield world
        world.close()


@pytest.fixture(scope="module")
def strangers(tmp_path_factory):
    """A client of a box, the token of somebody who has no part in it, and that of an installation that has no permission."""
    limits = Limits(anonymous=10_000)
    with Box(tmp_path_factory.mktemp("strangers") / "box", seed_files=SEED, limits=limits) as box:
        forge = box._started.forge
        with forge.lock:
            stranger = replace(forge.user("guest"), id=0, login="stranger", token="ghp_stranger")
            forge.users.add(stranger)
            idle = apps.create(forge, "acme", apps.Manifest("idle", {}))
            installed = installations.install(forge, idle, "acme", forge.user("admin"))
            token = installation_tokens.mint(forge, installed, installation_tokens.Scope()).token
        with httpx2.Client(base_url=box.api_url) as client:
            yield client, "ghp_stranger", token


def asked(endpoint):
    by_id = endpoint.path.startswith("/organizations/")
    places = {**PLACES, "org": "1", "team": "1"} if by_id else PLACES
    return re.sub(r"\{(\w+)(:path)?\}", lambda found: places.get(found[1], "1"), endpoint.path)


def ask(client, endpoint, token):
    return client.request(endpoint.method, asked(endpoint), headers={"Authorization": f"Bearer {token}"})


every_endpoint = pytest.mark.parametrize(
    "endpoint",
    [one for one in ENDPOINTS if one.path not in UNPUBLISHED],
    ids=lambda one: f"{one.method} {one.path}",
)


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


@pytest.mark.parametrize("header", ["Basic é", "Bearer é", "Basic !", "Basic 4oI="])
def test_what_no_token_can_be_is_a_bad_one(world, header):
    answer = world.call("GET", REPO, None, headers={"Authorization": header.encode("latin-1")})
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_the_other_pages_of_a_list_have_addresses_that_a_header_can_hold(world):
    sha, name = world.repo().get_branch("main").commit.sha, f"中-100%25-{world.name()}"
    world.call("POST", f"{REPO}/git/refs", json={"ref": f"refs/heads/{name}", "sha": sha})
    path = f"{REPO}/commits/{quote(name)}/comments"
    answer = world.call("GET", f"{path}?page=2")
    assert answer.status_code == 200 and path in answer.links["prev"]["url"]
    assert httpx2.get(answer.links["prev"]["url"], headers=answer.request.headers).status_code == 200


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


@every_endpoint
def test_a_token_that_nobody_has_opens_nothing(strangers, endpoint):
    answer = ask(strangers[0], endpoint, "ghp_wrong")

    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")
    assert answer.json()["documentation_url"] == endpoint.docs


@every_endpoint
def test_an_installation_without_permissions_may_nothing(strangers, endpoint):
    if not endpoint.permission or endpoint.permission == "installation":
        pytest.skip("every token opens it")
    answer = ask(strangers[0], endpoint, strangers[2])

    if endpoint.permission == "app":
        assert answer.status_code == 401
        return
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
    assert ("X-Accepted-GitHub-Permissions" in answer.headers) == (endpoint.permission != "user")


@every_endpoint
def test_a_stranger_sees_nothing_of_anybodys(strangers, endpoint):
    if not endpoint.permission or endpoint.path in ("/user", "/user/repos"):
        pytest.skip("anybody may ask")
    answer = ask(strangers[0], endpoint, strangers[1])

    assert answer.status_code == {"app": 401, "installation": 403}.get(endpoint.permission, 404)


def test_an_unknown_address_is_not_found_also_with_a_good_token(strangers):
    answer = strangers[0].get("/nowhere/at/all", headers={"Authorization": "Bearer ghp_stranger"})

    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


def role(world, login):
    return world.call("GET", f"{REPO}/collaborators/{login}/permission", "admin").json()


def test_a_teams_permission_is_its_members(own):
    path = "/orgs/acme/teams/platform/repos/acme/infrastructure"
    assert own.call("PUT", "/orgs/acme/teams/platform/memberships/guest", "admin").json()["state"] == "active"
    for given, old, new in (("triage", "read", "triage"), ("maintain", "write", "maintain")):
        assert own.call("PUT", path, "admin", json={"permission": given}).status_code == 204
        assert (role(own, "guest")["permission"], role(own, "guest")["role_name"]) == (old, new)

    [team] = own.call("GET", f"{REPO}/teams", "admin").json()
    assert (team["slug"], team["permission"], team["permissions"]["push"]) == ("platform", "maintain", True)
    assert own.repo("guest").permissions.maintain
    shown = own.call("GET", path, "admin", headers={"Accept": "application/vnd.github.v3.repository+json"})
    assert shown.json()["role_name"] == "maintain" and own.call("GET", path, "admin").status_code == 204
    listed = own.call("GET", "/orgs/acme/teams/platform/repos", "admin").json()
    assert [one["full_name"] for one in listed] == ["acme/infrastructure"]
    assert own.call("DELETE", path, "admin").status_code == 204
    assert role(own, "guest")["role_name"] == "read" and own.call("GET", path, "admin").status_code == 404


def test_the_highest_of_what_somebody_was_given_counts(own):
    path = "/orgs/acme/teams/platform/repos/acme/infrastructure"
    own.call("PUT", path, "admin", json={"permission": "pull"})

    assert role(own, "reviewer")["role_name"] == "maintain"
    own.call("DELETE", f"{REPO}/collaborators/reviewer", "admin")
    assert role(own, "reviewer")["role_name"] == "read"
    own.call("DELETE", f"{REPO}/collaborators/admin", "admin")
    assert role(own, "admin")["role_name"] == "admin"


def test_a_collaborator_is_let_in_and_out(own):
    forge = own.box._started.forge
    with forge.lock:
        forge.users.add(replace(forge.user("guest"), id=0, login="outsider", token="ghp_outsider"))
    path = f"{REPO}/collaborators/outsider"
    assert own.call("GET", path, "admin").status_code == 404
    invited = own.call("PUT", path, "admin", json={"permission": "triage"})
    assert (invited.status_code, invited.json()["permissions"]) == (201, "triage")
    assert invited.json()["invitee"]["login"] == "outsider"
    assert own.call("GET", path, "admin").status_code == 204
    assert own.repo("admin").get_collaborator_permission("outsider") == "read"
    assert own.call("PUT", path, "admin", json={"permission": "push"}).status_code == 204
    assert own.call("PUT", path, "admin", json={"permission": "odd"}).status_code == 422
    assert own.call("PUT", path, "reviewer").status_code == 403
    assert own.call("DELETE", path, "admin").status_code == 204
    assert role(own, "outsider")["permission"] == "none"
    assert own.call("GET", REPO, "outsider").status_code == 404


def test_who_is_of_the_organisation_needs_no_invitation(own):
    own.call("DELETE", f"{REPO}/collaborators/requester", "admin")
    assert own.call("PUT", f"{REPO}/collaborators/requester", "admin").status_code == 204
    assert role(own, "requester")["role_name"] == "write"


def test_collaborators_are_all_who_may_read_and_directly_those_who_were_named(own):
    own.call("DELETE", f"{REPO}/collaborators/admin", "admin")
    logins = {one.login for one in own.repo("controller").get_collaborators()}
    direct = {one.login for one in own.repo("controller").get_collaborators(affiliation="direct")}

    assert logins - direct == {"admin"} and "infrautomater[bot]" not in logins


def test_teams_are_made_and_their_members_change(own):
    organization = own.github("admin").get_organization("acme")
    team = organization.create_team("Network People", description="Wires", maintainers=["requester"])
    assert (team.slug, team.members_count) == ("network-people", 2)
    with pytest.raises(GithubException, match="Name must be unique"):
        organization.create_team("Network People")

    requester, guest = (own.github("admin").get_user(login) for login in ("requester", "guest"))
    assert team.get_team_membership(requester).role == "maintainer"
    team.add_membership(guest, "member")
    assert team.has_in_members(guest)
    path = "/orgs/acme/teams/network-people/memberships/guest"
    assert own.call("DELETE", path, "controller").status_code == 403
    assert own.call("DELETE", path, "requester").status_code == 204
    assert not team.has_in_members(guest)
    assert own.call("GET", "/orgs/acme/memberships/guest", "admin").json()["role"] == "member"


def test_an_organisations_people_are_its_owners_and_members(world):
    shown = world.call("GET", "/orgs/acme/memberships/admin").json()
    assert (shown["role"], shown["state"], shown["user"]["login"]) == ("admin", "active", "admin")
    assert world.call("GET", "/orgs/acme/memberships/requester").json()["role"] == "member"
    assert world.call("GET", "/orgs/acme/memberships/guest").status_code == 404
    assert world.call("GET", "/orgs/acme/memberships/admin", "guest").status_code == 404
