"""What every answer tells: limits, ETags, versions, and what kind of token asked."""

import http.client
from urllib.parse import urlsplit

import httpx2
import pytest
from github import RateLimitExceededException

from controller.sandbox.box import Box
from controller.sandbox.limits import HOUR, NOBODY, Limits, Meter
from tests.sandbox.conftest import SEED, World

pytestmark = pytest.mark.edge
REPO = "/repos/acme/infrastructure"


@pytest.fixture
def own(tmp_path, receiver):
    with Box(tmp_path / "box", seed_files=SEED) as box:
        world = World(box, receiver)
        yield world
        world.close()


def left(answer):
    return int(answer.headers["X-RateLimit-Remaining"])


def test_every_call_is_counted_for_its_caller(own):
    first, second = own.call("GET", REPO), own.call("GET", "/user")

    assert (first.headers["X-RateLimit-Limit"], left(first)) == ("5000", 4999)
    assert (left(second), second.headers["X-RateLimit-Used"]) == (4998, "2")
    assert second.headers["X-RateLimit-Reset"] == first.headers["X-RateLimit-Reset"]
    assert left(own.call("GET", REPO, "guest")) == 4999
    anonymous = own.call("GET", "/user", None)
    assert (anonymous.headers["X-RateLimit-Limit"], left(anonymous)) == ("60", 59)


def test_asking_for_the_limit_costs_nothing_and_says_the_same(own):
    answer = own.call("GET", REPO)
    for _ in range(2):
        core = own.github("requester").get_rate_limit().resources.core
        assert (core.limit, core.remaining, core.used) == (5000, 4999, 1)
    assert int(core.reset.timestamp()) == int(answer.headers["X-RateLimit-Reset"])


def test_graphql_has_a_limit_of_its_own(own):
    query = {"query": "{ viewer { login } }"}
    headers = {"Authorization": f"Bearer {own.box.tokens['guest']}"}
    answer = httpx2.post(own.box.graphql_url, json=query, headers=headers)

    assert (answer.headers["X-RateLimit-Resource"], left(answer)) == ("graphql", 4999)
    assert left(own.call("GET", REPO, "guest")) == 4999
    shown = own.call("GET", "/rate_limit", "guest").json()["resources"]
    assert shown["graphql"]["used"] == 1


def test_who_has_none_left_waits_until_the_hour_is_over(own):
    own.box.limits = Limits(hourly=2)
    for _ in range(2):
        assert own.call("GET", REPO).status_code == 200
    answer = own.call("GET", REPO)

    assert answer.status_code == 403 and left(answer) == 0
    assert answer.json()["message"].startswith("API rate limit exceeded for user ID ")
    assert answer.json()["documentation_url"].endswith("rate-limits-for-the-rest-api")
    assert own.call("GET", REPO, "guest").status_code == 200
    with pytest.raises(RateLimitExceededException):
        own.repo("requester")
    own.box.limits = Limits()
    assert own.call("GET", REPO).status_code == 200


def test_an_hour_begins_with_the_first_call_and_ends():
    clock = [1_000.0]
    meter = Meter(Limits(hourly=1), lambda: clock[0])

    assert meter.spend(7, "core") and not meter.spend(7, "core")
    assert meter.rate(7, "core").reset == 1_000 + HOUR
    clock[0] += HOUR
    assert meter.rate(7, "core").used == 0 and meter.spend(7, "core")
    assert meter.rate(NOBODY, "core").limit == 60


def test_what_is_made_is_limited_where_a_box_is_told_so(own):
    own.box.limits = Limits(content_per_minute=2)
    pull_path = f"{REPO}/labels"
    for name in ("one", "two"):
        assert own.call("POST", pull_path, json={"name": name, "color": "ffffff"}).status_code == 201
    answer = own.call("POST", pull_path, json={"name": "three", "color": "ffffff"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (403, "60")
    assert answer.json()["message"].startswith("You have exceeded a secondary rate limit")
    assert own.call("GET", REPO).status_code == 200
    assert (
        own.call("POST", pull_path, "controller", json={"name": "four", "color": "ffffff"}).status_code == 201
    )


def test_content_is_counted_by_the_minute_and_by_the_hour():
    clock = [0.0]
    meter = Meter(Limits(content_per_minute=2, content_per_hour=3), lambda: clock[0])

    assert [meter.write(7) for _ in range(3)] == [True, True, False]
    clock[0] = 61.0
    assert [meter.write(7) for _ in range(2)] == [True, False]
    clock[0] = HOUR + 1.0
    assert meter.write(7)


def test_what_was_not_modified_is_not_sent_again_and_costs_nothing(own):
    first = own.call("GET", REPO)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')

    again = own.call("GET", REPO, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert left(again) == left(first)
    assert left(own.call("GET", REPO)) == left(first) - 1
    own.pull()
    changed = own.call("GET", REPO, headers={"If-None-Match": tag})
    assert changed.status_code == 200 and changed.headers["ETag"] != tag


def test_what_nobody_in_particular_asks_again_costs_all_the_same(own):
    tag = own.call("GET", "/apps/infrautomater", None).headers["ETag"]
    again = own.call("GET", "/apps/infrautomater", None, headers={"If-None-Match": tag})

    assert (again.status_code, left(again)) == (304, 58)


def test_a_list_that_was_not_modified_keeps_its_links(own):
    for _ in range(2):
        own.pull()
    first = own.call("GET", f"{REPO}/pulls?per_page=1")
    again = own.call("GET", f"{REPO}/pulls?per_page=1", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304 and again.headers["Link"] == first.headers["Link"]


def test_a_head_is_a_get_without_a_body(own):
    got, head = own.call("GET", REPO), own.call("HEAD", REPO)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == got.headers["ETag"]
    assert own.call("HEAD", f"{REPO}/nothing").status_code == 404


def test_a_classic_token_is_told_its_scopes(own):
    answer = own.call("GET", REPO)

    assert answer.headers["X-OAuth-Scopes"] == "read:org, repo"
    assert answer.headers["X-Accepted-OAuth-Scopes"] == "repo"
    assert "Authorization" in answer.headers["Vary"]


def test_the_version_is_told_and_another_one_refused(own):
    good = own.call("GET", REPO, headers={"X-GitHub-Api-Version": "2022-11-28"})
    assert good.headers["X-GitHub-Api-Version-Selected"] == "2022-11-28"

    bad = own.call("GET", REPO, headers={"X-GitHub-Api-Version": "1999-01-01"})
    assert bad.status_code == 400 and bad.json()["documentation_url"].endswith("api-versions")


def test_who_does_not_say_what_they_are_is_turned_away(own):
    address = urlsplit(own.box.api_url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    token = own.box.tokens["guest"]
    connection.request("GET", f"{address.path}/user", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()

    assert answer.status == 403
    assert "Please make sure your request has a User-Agent header" in body
