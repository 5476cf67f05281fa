import hashlib
import hmac
import json
import socket
import threading
import time
from urllib.parse import parse_qs

import jwt
import pytest
from github import GithubException

from controller.sandbox import running
from controller.sandbox.box import Box
from controller.sandbox.faults import Fault
from tests.sandbox.conftest import SEED, World, receiving

pytestmark = pytest.mark.edge


@pytest.fixture
def hook(world, request):
    """A hook of its own address: `hook(events, **config)` gives it and what it received."""
    hooks = []

    def make(events=("push",), **config):
        path = f"/{world.name('hook')}"
        config = {"url": world.receiver.url + path, "content_type": "json"} | config
        made = world.repo("admin").create_hook("web", config, list(events))
        hooks.append(made)
        return made, path

    yield make
    for made in hooks:
        made.delete()


def attempts(world, made):
    assert world.box.settle()
    return list(world.repo("admin").get_hook_deliveries(made.id))


def test_every_delivery_is_signed_and_says_what_it_is(world):
    pull = world.pull()
    assert world.deliveries("pull_request", "opened", number=pull.number)

    [opened] = [
        one
        for one in world.receiver.received
        if one.event == "pull_request"
        and one.payload.get("action") == "opened"
        and one.payload["number"] == pull.number
    ]
    digest = hmac.new(b"rehearsal", opened.body, hashlib.sha256).hexdigest()
    assert opened.headers["X-Hub-Signature-256"] == f"sha256={digest}"
    assert opened.headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert opened.headers["Content-Type"] == "application/json"
    assert len(opened.headers["X-GitHub-Delivery"]) == 36 and opened.headers["X-GitHub-Hook-ID"].isdecimal()


def test_a_pull_request_event_has_githubs_shape_and_size(world):
    pull = world.pull()
    [opened] = world.deliveries("pull_request", "opened", number=pull.number)

    assert set(opened) == {"action", "number", "pull_request", "repository", "organization", "sender"}
    assert opened["repository"]["full_name"] == "acme/infrastructure"
    assert opened["repository"]["url"] == f"{world.box.api_url}/repos/acme/infrastructure"
    assert (
        opened["pull_request"]["mergeable"] is None and opened["pull_request"]["mergeable_state"] == "unknown"
    )
    assert opened["pull_request"]["head"]["repo"]["id"] == opened["repository"]["id"]
    assert 15_000 < len(json.dumps(opened)) < 30_000


def test_a_push_event_shows_the_repository_in_its_older_form(world):
    world.pull().merge()
    push = world.deliveries("push", ref="refs/heads/main")[-1]

    assert isinstance(push["repository"]["created_at"], int) and isinstance(
        push["repository"]["pushed_at"], int
    )
    assert push["repository"]["owner"]["name"] == "acme" and push["repository"]["master_branch"] == "main"


def test_a_new_hook_is_pinged_and_hides_its_secret(world, hook):
    made, _ = hook(secret="hidden")

    assert made.config["secret"] == "********"
    [ping] = attempts(world, made)
    assert (ping.event, ping.status, ping.status_code, ping.redelivery) == ("ping", "OK", 202, False)
    full = world.repo("admin").get_hook_delivery(made.id, ping.id)
    assert full.request.payload["hook_id"] == made.id and full.response.payload == "taken"
    made.ping()
    assert len(attempts(world, made)) == 2


def test_a_hook_receives_the_events_that_it_wants(world, hook):
    made, _ = hook(["issue_comment"])
    world.pull().create_issue_comment("hello")

    assert [one.event for one in attempts(world, made)] == ["issue_comment", "ping"]


def test_a_hook_that_is_not_active_receives_nothing(world, hook):
    made, _ = hook(["push"])
    made.edit("web", made.config, active=False)
    world.branch()

    assert [one.event for one in attempts(world, made)] == ["ping"]


def test_a_form_carries_the_payload_and_is_signed_as_a_whole(world, hook):
    _, path = hook(content_type="form", secret="s")
    assert world.box.settle()

    ping = [one for one in world.receiver.received if "ping" in one.event and path in one.body.decode()]
    ping = ping or [one for one in world.receiver.received if one.body.startswith(b"payload=")]
    received = ping[-1]
    assert json.loads(parse_qs(received.body.decode())["payload"][0])["zen"]
    digest = hmac.new(b"s", received.body, hashlib.sha256).hexdigest()
    assert received.headers["X-Hub-Signature-256"] == f"sha256={digest}"


def test_a_failed_delivery_is_not_sent_again_until_somebody_asks(world, hook):
    made, path = hook(["issue_comment"])
    world.receiver.answers[path] = 500
    world.pull().create_issue_comment("hello")
    failed, _ = attempts(world, made)
    assert (failed.status_code, failed.status) == (500, "Invalid HTTP Response: 500")

    del world.receiver.answers[path]
    answer = world.call(
        "POST", f"/repos/acme/infrastructure/hooks/{made.id}/deliveries/{failed.id}/attempts", "admin"
    )
    assert answer.status_code == 202
    again, *rest = attempts(world, made)
    assert len(rest) == 2 and (again.guid, again.redelivery, again.status_code) == (failed.guid, True, 202)
    assert again.id != failed.id


def test_a_receiver_that_is_not_there_is_recorded(world, hook):
    made, _ = hook(url="http://127.0.0.1:1/")
    [ping] = attempts(world, made)

    assert ping.status_code == 0 and ping.status.startswith("failed to connect")


def test_deliveries_arrive_in_order(world, hook):
    made, _ = hook(["issue_comment"])
    pull = world.pull()
    for number in range(10):
        pull.create_issue_comment(str(number))
    found = [
        world.repo("admin").get_hook_delivery(made.id, one.id)
        for one in attempts(world, made)
        if one.event == "issue_comment"
    ]

    assert [one.request.payload["comment"]["body"] for one in found[::-1]] == [
        str(number) for number in range(10)
    ]


def test_a_hook_keeps_its_secret_when_only_its_events_change(world, hook):
    made, _ = hook(secret="s")
    path = f"/repos/acme/infrastructure/hooks/{made.id}"
    changed = world.call("PATCH", path, "admin", json={"add_events": ["status"]}).json()

    assert changed["events"] == ["push", "status"] and changed["config"]["secret"] == "********"
    bare = {"config": {"url": made.config["url"], "content_type": "json"}}
    assert "secret" not in world.call("PATCH", path, "admin", json=bare).json()["config"]
    world.call("PATCH", f"{path}/config", "admin", json={"secret": "t"})
    assert world.call("GET", f"{path}/config", "admin").json()["secret"] == "********"


@pytest.mark.parametrize(
    "config", [{}, {"url": "ftp://example.com"}, {"url": "http://x.example", "content_type": "xml"}]
)
def test_a_hook_without_an_address_is_refused(world, config):
    with pytest.raises(GithubException) as refused:
        world.repo("admin").create_hook("web", config, ["push"])
    assert refused.value.status == 422


def test_the_same_hook_is_not_made_twice(world, hook):
    made, _ = hook()
    with pytest.raises(GithubException, match="Hook already exists"):
        world.repo("admin").create_hook("web", made.config, ["push"])


@pytest.fixture
def app(tmp_path):
    """A box and a receiver of its own, whose App's webhook delivers: `app.world`, `app.ask(method, path)`."""
    with receiving() as receiver, Box(tmp_path / "box", seed_files=SEED) as box:
        world = World(box, receiver)
        yield AppHook(world)
        world.close()


class AppHook:
    def __init__(self, world):
        self.world, self.path = world, "/app"
        self.secret = world.box.app.webhook_secret
        config = {"url": world.receiver.url + self.path, "content_type": "json"}
        assert self.ask("PATCH", "/app/hook/config", json=config).json()["secret"] == "********"

    def ask(self, method, path, **options):
        now, own = int(time.time()), self.world.box.app
        claims = {"iss": own.client_id, "iat": now - 1, "exp": now + 60}
        signature = jwt.encode(claims, own.private_key, "RS256")
        headers = {"Authorization": f"Bearer {signature}"}
        return self.world.call(method, path, None, headers=headers, **options)

    def received(self, event):
        assert self.world.box.settle()
        return [one for one in self.world.receiver.received if one.event == event]


def test_an_app_hears_of_what_happens_where_it_is_installed(app):
    pull = app.world.pull()
    pull.create_issue_comment("hello")
    app.world.repo().get_commit(pull.head.sha).create_status("success")

    [opened] = app.received("pull_request")
    own = app.world.box.app
    assert opened.payload["installation"]["id"] == own.installation_id
    assert opened.headers["X-GitHub-Hook-Installation-Target-Type"] == "integration"
    assert opened.headers["X-GitHub-Hook-Installation-Target-ID"] == str(own.app_id)
    digest = hmac.new(app.secret.encode(), opened.body, hashlib.sha256).hexdigest()
    assert opened.headers["X-Hub-Signature-256"] == f"sha256={digest}"
    assert app.received("push")[0].payload["installation"]["id"] == own.installation_id
    assert [one.payload["comment"]["body"] for one in app.received("issue_comment")] == ["hello"]
    assert app.received("status") == app.received("create") == []


def test_a_repositorys_hook_is_told_of_no_installation(world):
    pull = world.pull()
    [opened] = world.deliveries("pull_request", "opened", number=pull.number)

    assert "installation" not in opened


def test_an_app_is_told_of_its_installations(app):
    own = app.world.box.app
    path = f"/app/installations/{own.installation_id}"
    for method, end in (("PUT", "/suspended"), ("DELETE", "/suspended"), ("DELETE", "")):
        assert app.ask(method, path + end).status_code == 204

    told = [one.payload for one in app.received("installation")]
    assert [one["action"] for one in told] == ["suspend", "unsuspend", "deleted"]
    assert [one["full_name"] for one in told[0]["repositories"]] == ["acme/infrastructure"]
    assert told[0]["sender"]["login"] == "infrautomater[bot]"


def test_a_suspended_app_hears_nothing_of_repositories(app):
    own = app.world.box.app
    app.ask("PUT", f"/app/installations/{own.installation_id}/suspended")
    app.world.pull()

    assert app.received("pull_request") == []


def test_an_apps_failed_deliveries_are_listed_and_delivered_again(app):
    receiver = app.world.receiver
    receiver.answers[app.path] = 500
    app.world.pull()
    assert app.received("pull_request")
    del receiver.answers[app.path]
    app.world.pull()
    assert len(app.received("pull_request")) == 2

    [opened] = [
        one
        for one in app.ask("GET", "/app/hook/deliveries?status=failure").json()
        if one["event"] == "pull_request"
    ]
    assert (opened["status_code"], opened["installation_id"]) == (500, app.world.box.app.installation_id)
    shown = app.ask("GET", f"/app/hook/deliveries/{opened['id']}").json()
    assert shown["request"]["payload"]["action"] == "opened"
    assert app.ask("POST", f"/app/hook/deliveries/{opened['id']}/attempts").status_code == 202
    assert app.world.box.settle()
    newest = app.ask("GET", "/app/hook/deliveries?per_page=1").json()[0]
    assert (newest["guid"], newest["redelivery"], newest["status"]) == (opened["guid"], True, "OK")


def test_deliveries_are_listed_page_by_page_from_a_cursor(app):
    for _ in range(3):
        app.world.pull()
    assert app.world.box.settle()
    path, seen = "/app/hook/deliveries?per_page=2", []
    while path:
        answer = app.ask("GET", path)
        seen += [one["id"] for one in answer.json()]
        following = answer.links.get("next", {}).get("url")
        path = following and following.removeprefix(app.world.box.api_url)

    assert seen == sorted(seen, reverse=True) and len(seen) == len(set(seen)) >= 6


def test_a_failed_delivery_of_a_repositorys_hook_is_found_by_its_status(world, hook):
    made, path = hook(["issue_comment"])
    assert world.box.settle()
    world.receiver.answers[path] = 500
    world.pull().create_issue_comment("hello")
    assert world.box.settle()
    del world.receiver.answers[path]

    base = f"/repos/acme/infrastructure/hooks/{made.id}/deliveries"
    [failed] = world.call("GET", f"{base}?status=failure", "admin").json()
    assert failed["event"] == "issue_comment"
    assert [one["event"] for one in world.call("GET", f"{base}?status=success", "admin").json()] == ["ping"]
    assert world.call("GET", f"{base}?status=odd", "admin").status_code == 422


def test_a_box_that_stops_records_what_it_could_not_send_in_time(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "_PATIENCE", 1.0)
    problems, before = [], threading.enumerate()
    monkeypatch.setattr(threading, "excepthook", problems.append)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        box = Box(tmp_path / "box", seed_files=SEED).start()
        world = World(box, None)
        config = {"url": "http://127.0.0.1:{}/".format(*silent.getsockname()[1:]), "content_type": "json"}
        hook = world.repo("admin").create_hook("web", config, ["create"])
        box.faults.add(Fault(kind="delay", where="create", seconds=1.5))
        for _ in range(3):
            world.repo().create_git_ref(
                f"refs/heads/{world.name()}", world.repo().get_branch("main").commit.sha
            )
        world.close()
        threads = [thread for thread in threading.enumerate() if thread not in before]
        started = time.monotonic()
        box.stop()
        assert time.monotonic() - started < 2.5
    for thread in threads:
        thread.join(10)
    assert problems == []
    with Box(tmp_path / "box") as box:
        world = World(box, None)
        found = list(world.repo("admin").get_hook_deliveries(hook.id))
        assert [(one.event, one.status) for one in found] == [
            ("create", "timed out"),
            ("create", "timed out"),
            ("create", "timed out"),
            ("ping", "timed out"),
        ]
        world.close()
