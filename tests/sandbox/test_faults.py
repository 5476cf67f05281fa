"""Faults on demand, as a client sees them."""

import time

import pytest
from github import GithubException, RateLimitExceededException

from controller.sandbox.box import Box
from controller.sandbox.faults import Fault
from tests.sandbox.conftest import SEED, World

CONTROL = "/_box/faults"


@pytest.fixture
def box(world):
    yield world.box
    world.box.faults.clear()


def control(world, method, **options):
    return world.call(method, f"/../..{CONTROL}", **options)


def bodies(pull):
    return [comment.body for comment in pull.get_issue_comments()]


def test_an_error_does_nothing_and_is_gone_after_its_time(world, box):
    pull = world.pull()
    box.faults.add(Fault(kind="error", where="POST */comments"))
    with pytest.raises(GithubException) as refused:
        pull.create_issue_comment("once")
    assert refused.value.status == 500
    assert bodies(pull) == []
    pull.create_issue_comment("again")
    assert bodies(pull) == ["again"]


def test_a_lost_answer_is_of_work_that_was_done(world, box):
    pull = world.pull()
    box.faults.add(Fault(kind="lost_answer", where="POST */comments"))
    with pytest.raises(GithubException) as refused:
        pull.create_issue_comment("once")
    assert refused.value.status == 502
    assert bodies(pull) == ["once"]


def test_a_rate_limit_says_when_it_ends(world, box):
    box.faults.add(Fault(kind="rate_limit", where="GET /repos/*", seconds=30))
    with pytest.raises(RateLimitExceededException) as refused:
        world.github("requester").get_repo(world.box.repository)
    assert refused.value.status == 403
    assert refused.value.headers["x-ratelimit-remaining"] == "0"
    assert 25 < int(refused.value.headers["x-ratelimit-reset"]) - time.time() <= 31


def test_a_secondary_limit_says_how_long_to_wait(world, box):
    box.faults.add(Fault(kind="secondary_limit", seconds=7))
    answer = world.call("GET", "/user")
    assert (answer.status_code, answer.headers["retry-after"]) == (403, "7")
    assert "secondary rate limit" in answer.json()["message"]


def test_a_slow_answer_is_the_right_one(world, box):
    box.faults.add(Fault(kind="slow", where="GET /user", seconds=0.3))
    began = time.monotonic()
    assert world.call("GET", "/user").json()["login"] == "requester"
    assert time.monotonic() - began >= 0.3


def test_a_fault_strikes_only_where_it_shall_and_as_often(world, box):
    box.faults.add(Fault(kind="error", where="GET /rate_limit", times=2))
    asked = ["/user", "/rate_limit", "/rate_limit", "/rate_limit"]
    assert [world.call("GET", path).status_code for path in asked] == [200, 500, 500, 200]


def test_git_can_be_stopped_and_goes_on(world, box, clone):
    box.faults.stop_git()
    assert "500" in clone("fetch", "origin", check=False)
    box.faults.clear()
    clone("fetch", "origin")


def opened(world):
    pull = world.pull()
    assert world.box.settle()
    return [one for one in world.deliveries("pull_request") if one["number"] == pull.number]


def test_a_dropped_delivery_leaves_no_trace(world, box):
    hook = world.repo("admin").get_hooks()[0]
    box.faults.add(Fault(kind="drop", where="pull_request.opened"))
    assert opened(world) == []
    listed = world.call("GET", f"/repos/{box.repository}/hooks/{hook.id}/deliveries", login="admin").json()
    assert listed[0]["event"] != "pull_request"


def test_a_doubled_delivery_comes_twice_under_one_guid(world, box):
    box.faults.add(Fault(kind="double", where="pull_request.opened"))
    assert len(opened(world)) == 2
    guids = [
        one.headers["X-GitHub-Delivery"] for one in world.receiver.received if one.event == "pull_request"
    ]
    assert guids[-1] == guids[-2]


def test_a_delayed_delivery_comes_late(world, box):
    box.faults.add(Fault(kind="delay", where="pull_request.opened", seconds=0.3))
    began = time.monotonic()
    assert len(opened(world)) == 1
    assert time.monotonic() - began >= 0.3


def test_a_reordered_delivery_comes_after_the_next_one(world, box):
    box.faults.add(Fault(kind="reorder", where="pull_request.opened", seconds=30))
    pull = world.pull()
    pull.edit(title="Another title")
    assert world.box.settle()
    mine = [one["action"] for one in world.deliveries("pull_request") if one["number"] == pull.number]
    assert mine == ["edited", "opened"]


def test_a_delivery_that_nothing_overtakes_comes_in_the_end(world, box):
    box.faults.add(Fault(kind="reorder", where="pull_request.opened", seconds=0.2))
    assert len(opened(world)) == 1


def test_faults_are_asked_for_over_http(world, box):
    wish = {"kind": "error", "where": "GET /user", "times": 2}
    assert control(world, "POST", json=wish).json() == [{**wish, "seconds": 1.0}]
    assert world.call("GET", "/user").status_code == 500
    assert control(world, "GET").json() == [{**wish, "times": 1, "seconds": 1.0}]
    assert control(world, "DELETE").json() == []
    assert world.call("GET", "/user").status_code == 200


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "fire"},
        {},
        [],
        {"kind": "error", "times": 0},
        {"kind": "slow", "seconds": -1},
        {"kind": "error", "wehre": "*"},
    ],
)
def test_what_is_no_fault_is_refused(world, box, wish):
    assert control(world, "POST", json=wish).status_code == 422
    assert box.faults.all() == []


def test_nobody_in_particular_asks_for_no_faults(world, box):
    assert control(world, "POST", login=None, json={"kind": "error"}).status_code == 401
    assert box.faults.all() == []


@pytest.mark.parametrize("seconds", ["NaN", "Infinity", "1e999"])
def test_a_fault_lasts_for_a_time_that_ends(world, box, seconds):
    wish = f'{{"kind": "slow", "seconds": {seconds}, "where": "nowhere"}}'
    assert control(world, "POST", content=wish.encode()).status_code == 422
    assert control(world, "GET").json() == []


@pytest.mark.parametrize("kind", ["rate_limit", "secondary_limit"])
def test_a_limit_refuses_everything_until_it_ends(world, box, kind):
    box.faults.add(Fault(kind=kind, where="GET /user", seconds=1))
    began = time.monotonic()
    refused = [world.call("GET", "/user") for _ in range(3)]
    assert [one.status_code for one in refused] == [403, 403, 403]
    assert world.call("GET", "/rate_limit").status_code == 200
    while world.call("GET", "/user").status_code == 403:
        assert time.monotonic() - began < 10
    assert time.monotonic() - began >= 1


def test_a_limit_ends_no_later_than_it_said(world, box):
    box.faults.add(Fault(kind="rate_limit", where="GET /user", seconds=0.3))
    ends = {int(world.call("GET", "/user").headers["X-RateLimit-Reset"]) for _ in range(2)}
    assert max(ends) - min(ends) <= 1 and min(ends) >= time.time()


@pytest.fixture
def second_hook(world):
    config = {"url": f"{world.receiver.url}/second", "content_type": "json"}
    hook = world.repo("admin").create_hook("web", config, ["pull_request"])
    assert world.box.settle()
    yield hook
    hook.delete()


def test_a_fault_strikes_an_event_for_every_hook_that_hears_of_it(world, box, second_hook):
    box.faults.add(Fault(kind="drop", where="pull_request.opened"))
    assert opened(world) == []
    assert len(opened(world)) == 2


def test_a_ping_and_a_redelivery_are_struck_by_nothing(world, box, second_hook):
    hook = f"/repos/{box.repository}/hooks/{second_hook.id}"

    def delivered(event):
        assert box.settle()
        past = world.call("GET", f"{hook}/deliveries", "admin").json()
        return [one["id"] for one in past if one["event"] == event]

    opened(world)
    [past] = delivered("pull_request")
    fault = Fault(kind="drop")
    box.faults.add(fault)
    second_hook.ping()
    assert world.call("POST", f"{hook}/deliveries/{past}/attempts", "admin").status_code == 202
    assert (len(delivered("ping")), len(delivered("pull_request"))) == (2, 2)
    assert box.faults.all() == [fault]


def test_a_box_that_stops_sends_what_it_holds_back(tmp_path, receiver):
    box = Box(tmp_path / "box", seed_files=SEED).start()
    world = World(box, receiver)
    world.repo("admin").create_hook(
        "web", {"url": f"{receiver.url}/held", "content_type": "json"}, ["create"]
    )
    box.faults.add(Fault(kind="delay", where="create", seconds=3_600))
    name, url = world.name("held"), box.url
    world.repo().create_git_ref(f"refs/heads/{name}", world.repo().get_branch("main").commit.sha)
    world.close()
    box.stop()

    told = [one.payload for one in receiver.received if one.event == "create"]
    assert name in [one["ref"] for one in told if one["sender"]["url"].startswith(url)]
