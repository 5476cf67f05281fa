"""GitHub Apps: real PyGithub signs, asks for tokens and acts; what it may not is refused as GitHub refuses it."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import jwt
import pytest
from github import Auth, Github, GithubException, GithubIntegration
from github.Installation import Installation

from controller.sandbox.accounts import installation_tokens, keys
from controller.sandbox.box import Box
from controller.sandbox.seed import APP
from tests.sandbox.conftest import SEED, World

pytestmark = pytest.mark.edge
REPO = "/repos/acme/infrastructure"


@pytest.fixture(scope="module")
def world(tmp_path_factory, receiver):
    """A box whose App may do more than the one that a box comes with."""
    manifest = replace(APP, permissions={**APP.permissions, "contents": "write", "issues": "write"})
    with Box(tmp_path_factory.mktemp("apps") / "box", seed_files=SEED, manifest=manifest) as box:
        world = World(box, receiver)
        world.repo("admin").create_hook("web", {"url": f"{receiver.url}/apps", "content_type": "json"}, ["*"])
        yield world
        world.close()


@pytest.fixture
def own(tmp_path, receiver):
    """A box of its own with two repositories, on both of which the App is installed."""
    with Box(tmp_path / "box", repository="acme/other", seed_files=SEED):
        pass
    with Box(tmp_path / "box", seed_files=SEED) as box:
        world = World(box, receiver)
        yield world
        world.close()


def integration(world, **more):
    app = world.box.app
    auth = Auth.AppAuth(more.get("app_id", app.app_id), more.get("private_key", app.private_key))
    quiet = {"seconds_between_requests": 0, "seconds_between_writes": 0, "retry": None}
    return GithubIntegration(auth=auth, base_url=world.box.api_url, **quiet)


def as_installation(world, **permissions):
    """PyGithub as the installation, which makes its own tokens."""
    app = world.box.app
    auth = Auth.AppAuth(app.app_id, app.private_key).get_installation_auth(
        app.installation_id, permissions or None
    )
    quiet = {"seconds_between_requests": 0, "seconds_between_writes": 0, "retry": None}
    return Github(auth=auth, base_url=world.box.api_url, **quiet)


def signed(world, **claims):
    now = int(time.time())
    whole = {"iss": str(world.box.app.app_id), "iat": now - 60, "exp": now + 300} | claims
    whole = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(whole, world.box.app.private_key, "RS256")


def ask(world, method, path, token, **options):
    return world.call(method, path, None, headers={"Authorization": f"Bearer {token}"}, **options)


def token(world, **scope):
    path = f"/app/installations/{world.box.app.installation_id}/access_tokens"
    answer = ask(world, "POST", path, signed(world), json=scope)
    assert answer.status_code == 201, answer.text
    return answer.json()["token"]


def test_an_app_knows_itself_and_where_it_is_installed(world):
    with integration(world) as app:
        assert app.get_app().slug == "infrautomater"
        assert app.get_app().events == [
            "issue_comment",
            "merge_group",
            "pull_request",
            "pull_request_review",
            "push",
        ]
        [installation] = app.get_installations()
        assert isinstance(installation, Installation)
        assert (installation.app_id, installation.target_type) == (world.box.app.app_id, "Organization")
        for found in (
            app.get_repo_installation("acme", "infrastructure"),
            app.get_org_installation("acme"),
            app.get_app_installation(installation.id),
        ):
            assert found.id == installation.id == world.box.app.installation_id
    assert world.call("GET", "/apps/infrautomater").json()["client_id"] == world.box.app.client_id


def test_a_client_id_is_as_good_an_issuer_as_the_apps_id(world):
    assert ask(world, "GET", "/app", signed(world, iss=world.box.app.client_id)).status_code == 200


def test_an_installation_acts_as_its_apps_bot(world):
    pull = world.pull()
    with as_installation(world) as github:
        comment = (
            github.get_repo("acme/infrastructure").get_pull(pull.number).create_issue_comment("Planned.")
        )
        comment.edit("Planned again.")

        assert (comment.user.login, comment.user.type) == ("infrautomater[bot]", "Bot")
        assert comment.user.html_url == f"{world.box.url}/apps/infrautomater"
        github.get_repo("acme/infrastructure").get_commit(pull.head.sha).create_status(
            "success", context="app"
        )
    [edited] = world.deliveries("issue_comment", "edited", sender=edited_by(world))[-1:]
    assert edited["comment"]["body"] == "Planned again."
    assert world.repo().get_commit(pull.head.sha).get_statuses()[0].creator.login == "infrautomater[bot]"


def edited_by(world):
    return world.deliveries("issue_comment", "edited")[-1]["sender"]


def test_an_installation_sees_its_own_repositories_only(own):
    admin = own.box.tokens["admin"]
    other = ask(own, "GET", "/repos/acme/other", admin).json()["id"]
    assert own.call("GET", "/repos/acme/other", None, headers=bearer(token(own))).status_code == 200

    path = f"/user/installations/{own.box.app.installation_id}/repositories/{other}"
    assert ask(own, "DELETE", path, admin).status_code == 204
    seen = ask(own, "GET", "/installation/repositories", token(own)).json()
    assert [one["full_name"] for one in seen["repositories"]] == ["acme/infrastructure"]
    assert ask(own, "GET", "/repos/acme/other", token(own)).status_code == 404
    assert ask(own, "GET", "/repos/acme/other/installation", signed(own)).status_code == 404
    assert ask(own, "PUT", path, admin).status_code == 204
    assert ask(own, "GET", "/repos/acme/other", token(own)).status_code == 200


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


def test_a_token_may_be_narrowed(own):
    narrow = token(own, repositories=["infrastructure"], permissions={"contents": "read"})
    assert ask(own, "GET", REPO, narrow).status_code == 200
    assert ask(own, "GET", "/repos/acme/other", narrow).status_code == 404
    assert ask(own, "GET", f"{REPO}/contents/README.md", narrow).status_code == 200
    refused = ask(own, "GET", f"{REPO}/pulls", narrow)
    assert (refused.status_code, refused.json()["message"]) == (403, "Resource not accessible by integration")
    assert refused.headers["X-Accepted-GitHub-Permissions"] == "pull_requests=read"
    seen = ask(own, "GET", "/installation/repositories", narrow).json()
    assert (seen["total_count"], seen["repository_selection"]) == (1, "selected")


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        (
            {"permissions": {"administration": "read"}},
            "The permissions requested are not granted to this installation.",
        ),
        (
            {"permissions": {"members": "write"}},
            "The permissions requested are not granted to this installation.",
        ),
        (
            {"repositories": ["nothing"]},
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        ),
        (
            {"repository_ids": [999_999]},
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        ),
    ],
)
def test_a_token_cannot_be_widened(world, scope, message):
    path = f"/app/installations/{world.box.app.installation_id}/access_tokens"
    answer = ask(world, "POST", path, signed(world), json=scope)

    assert (answer.status_code, answer.json()["message"]) == (422, message)


def test_what_needs_one_of_two_permissions_names_both(world):
    pull = world.pull()
    weak = token(world, permissions={"contents": "read"})
    answer = ask(world, "POST", f"{REPO}/issues/{pull.number}/comments", weak, json={"body": "x"})

    assert answer.status_code == 403
    assert answer.headers["X-Accepted-GitHub-Permissions"] == "issues=write; pull_requests=write"
    for enough in ("issues", "pull_requests"):
        strong = token(world, permissions={enough: "write"})
        answer = ask(world, "POST", f"{REPO}/issues/{pull.number}/comments", strong, json={"body": "x"})
        assert answer.status_code == 201


def test_a_merge_needs_contents(world):
    pull = world.pull()
    answer = ask(
        world,
        "PUT",
        f"{REPO}/pulls/{pull.number}/merge",
        token(world, permissions={"pull_requests": "write"}),
    )
    assert answer.status_code == 403 and answer.headers["X-Accepted-GitHub-Permissions"] == "contents=write"
    merged = ask(
        world, "PUT", f"{REPO}/pulls/{pull.number}/merge", token(world, permissions={"contents": "write"})
    )
    assert merged.json()["merged"]


def test_an_expired_token_is_no_good_and_pygithub_makes_another(own, monkeypatch):
    monkeypatch.setattr(installation_tokens, "LIFETIME", timedelta(seconds=-1))
    answer = ask(own, "GET", REPO, token(own))
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")

    # PyGithub takes a new one when the old one has less than twenty seconds left.
    monkeypatch.setattr(installation_tokens, "LIFETIME", timedelta(seconds=15))
    with as_installation(own) as github:
        for _ in range(3):
            github.get_repo("acme/infrastructure")
        renewed = github.requester.auth.token
        github.get_repo("acme/infrastructure")
        assert github.requester.auth.token != renewed


def test_a_token_says_when_it_ends(world):
    path = f"/app/installations/{world.box.app.installation_id}/access_tokens"
    made = ask(world, "POST", path, signed(world)).json()

    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    assert made["token"].startswith("ghs_") and made["permissions"]["statuses"] == "write"


def test_a_revoked_token_is_no_good(world):
    short = token(world)
    assert ask(world, "DELETE", "/installation/token", short).status_code == 204
    assert ask(world, "GET", REPO, short).json()["message"] == "Bad credentials"


def test_a_suspended_installation_may_nothing_until_it_is_not(own):
    before, path = token(own), f"/app/installations/{own.box.app.installation_id}"
    assert ask(own, "PUT", f"{path}/suspended", signed(own)).status_code == 204

    for answer in (
        ask(own, "GET", REPO, before),
        ask(own, "POST", f"{path}/access_tokens", signed(own)),
    ):
        assert (answer.status_code, answer.json()["message"]) == (403, "This installation has been suspended")
    with pytest.raises(GithubException) as refused, as_installation(own) as github:
        github.get_repo("acme/infrastructure")
    assert refused.value.status == 403
    assert ask(own, "DELETE", f"{path}/suspended", signed(own)).status_code == 204
    assert ask(own, "GET", REPO, before).status_code == 200


def test_an_uninstalled_app_has_nothing_left(own):
    before, path = token(own), f"/app/installations/{own.box.app.installation_id}"
    asking = signed(own)
    assert ask(own, "DELETE", path, asking).status_code == 204

    assert ask(own, "GET", REPO, before).status_code == 401
    assert ask(own, "GET", "/app/installations", asking).json() == []
    assert ask(own, "POST", f"{path}/access_tokens", asking).status_code == 404


@pytest.mark.parametrize(
    ("claims", "status", "message"),
    [
        ({"exp": None}, 401, "'Expiration time' claim ('exp') must be a numeric value"),
        ({"exp": 1}, 401, "'Expiration time' claim ('exp') must be a numeric value"),
        ({"exp": int(time.time()) + 9_999}, 401, "'Expiration time' claim ('exp') is too far in the future"),
        ({"iat": None}, 401, "'Issued at' claim ('iat') must be an Integer"),
        ({"iat": int(time.time()) + 9_999}, 401, "'Issued at' claim ('iat') must be an Integer"),
        ({"iss": None}, 401, "'Issuer' claim ('iss') must be an Integer"),
        ({"iss": "999999"}, 404, "Integration not found"),
    ],
)
def test_a_signature_that_is_not_valid_now_is_refused(world, claims, status, message):
    answer = ask(world, "GET", "/app", signed(world, **claims))

    assert answer.status_code == status and answer.json()["message"].startswith(message)


def test_a_signature_by_another_key_or_algorithm_is_refused(world):
    now, app = int(time.time()), world.box.app
    claims = {"iss": str(app.app_id), "iat": now, "exp": now + 60}
    for forged in (
        jwt.encode(claims, keys._generated(), "RS256"),
        jwt.encode(claims, "secret" * 10, "HS256"),
        jwt.encode(claims, None, "none"),
        "a.b.c",
    ):
        answer = ask(world, "GET", "/app", forged)
        assert answer.status_code == 401
        assert answer.json()["message"] == "A JSON web token could not be decoded"


def test_an_apps_endpoint_takes_nothing_but_its_signature(world):
    for given in (world.box.tokens["admin"], token(world)):
        answer = ask(world, "GET", "/app", given)
        assert answer.status_code == 401
        assert answer.json()["message"] == "A JSON web token could not be decoded"


def test_a_signature_opens_nothing_but_the_apps_endpoints(world):
    for path in (REPO, "/user", f"{REPO}/pulls"):
        answer = ask(world, "GET", path, signed(world))
        assert (answer.status_code, answer.json()["message"]) == (
            403,
            "Resource not accessible by integration",
        )
    answer = world.call("GET", "/installation/repositories")
    assert answer.json()["message"].startswith("You must authenticate with an installation access token")


def test_graphql_asks_for_permissions_too(world):
    pull = world.pull()
    query = """query($number: Int!) { repository(owner: "acme", name: "infrastructure") {
        pullRequest(number: $number) { reviewDecision mergeable } } }"""
    body = {"query": query, "variables": {"number": pull.number}}

    def said(**permissions):
        headers = bearer(token(world, permissions=permissions))
        return httpx2.post(world.box.graphql_url, json=body, headers=headers).json()

    assert said(pull_requests="read")["data"]["repository"]["pullRequest"]["mergeable"] == "MERGEABLE"
    [problem, *_] = said(contents="read")["errors"]
    assert (problem["type"], problem["message"]) == ("FORBIDDEN", "Resource not accessible by integration")
    answer = httpx2.post(world.box.graphql_url, json=body, headers=bearer(signed(world)))
    assert answer.status_code == 401


def test_an_installation_is_no_person(world):
    answer = ask(world, "GET", "/user", token(world))

    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")


def test_an_installation_looks_up_members_of_its_own_organisation(world):
    path = "/orgs/acme/teams/platform/memberships/reviewer"
    assert ask(world, "GET", path, token(world, permissions={"members": "read"})).json()["state"] == "active"
    assert ask(world, "GET", path, token(world, permissions={"contents": "read"})).status_code == 403


def test_an_organisations_owners_see_what_is_installed_on_it(world):
    found = world.call("GET", "/orgs/acme/installations", "admin").json()
    assert [one["app_slug"] for one in found["installations"]] == ["infrautomater"]
    assert world.call("GET", "/orgs/acme/installations", "requester").status_code == 403


def test_git_takes_an_installations_token(world, tmp_path, git_in):
    def address(text):
        return world.box.git_url("guest").replace(
            f"guest:{world.box.tokens['guest']}", f"x-access-token:{text}"
        )

    git = git_in(tmp_path)
    reading, writing, none = (
        address(token(world, permissions=one))
        for one in ({"contents": "read"}, {"contents": "write"}, {"statuses": "write"})
    )
    git("clone", "--quiet", reading, "tree")
    tree = git_in(tmp_path / "tree")
    tree("commit", "--quiet", "--allow-empty", "-m", "By the bot")
    branch = world.name("bot")
    refused = tree("push", reading, f"HEAD:{branch}", check=False)
    assert "Permission to acme/infrastructure.git denied to infrautomater[bot]" in refused
    assert "denied" in git("ls-remote", none, check=False) or "403" in git("ls-remote", none, check=False)
    tree("push", "--quiet", writing, f"HEAD:{branch}")
    [push] = world.deliveries("push", ref=f"refs/heads/{branch}")
    assert push["sender"]["login"] == "infrautomater[bot]"


def test_an_app_goes_on_after_a_restart(tmp_path):
    with Box(tmp_path / "box", seed_files=SEED) as box:
        app = box.app
    with Box(tmp_path / "box", seed_files=SEED) as box:
        assert box.app == app
        assert "infrautomater[bot]" not in box.tokens


def test_a_process_tells_what_its_apps_owner_knows_only_where_it_is_asked_to(tmp_path):
    command = (sys.executable, "-m", "controller.sandbox", "--dir", str(tmp_path / "box"))
    for more, told in (((), False), (("--app",), True)):
        with subprocess.Popen((*command, *more), stdout=subprocess.PIPE, text=True) as process:
            facts = json.loads(process.stdout.readline())
            process.terminate()
        assert ("app" in facts) == told
    app = facts["app"]
    assert app["slug"] == "infrautomater" and app["private_key"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert all(app[name] for name in ("app_id", "client_id", "installation_id", "webhook_secret"))
