"""Deliveries that failed, as GitHub in a box lists them and makes them again."""

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from controller.errors import GitHubNotFound
from controller.sandbox.box import Box
from tests.edge.github.conftest import World

pytestmark = pytest.mark.edge

PATH = "/webhooks/github"
LONG_AGO = datetime.now(UTC) - timedelta(days=3)


class Listener:
    """Answers each delivery with what is set, and remembers their GUIDs."""

    def __init__(self):
        self.code, self.guids = 202, []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                listener.guids.append(self.headers["X-GitHub-Delivery"])
                self.send_response(listener.code)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}{PATH}"


@pytest.fixture
def listener():
    listener = Listener()
    thread = threading.Thread(target=listener.server.serve_forever, args=(0.01,))
    thread.start()
    yield listener
    listener.server.shutdown()
    thread.join()
    listener.server.server_close()


@pytest.fixture
def own(tmp_path):
    """A box of its own: hooks and their deliveries are to be counted."""
    with Box(tmp_path / "box", seed_files={"README.md": b"Hello\n"}) as box:
        yield World(box)


@pytest.fixture(params=["app", "account"])
def hooked(request, own, listener):
    """GitHub as whoever may see the webhook, which leads to the listener."""
    config = {"url": listener.url, "content_type": "json", "secret": "s"}
    if request.param == "app":
        own.installation.client.write("PATCH", "/app/hook/config", config)
        return own.github(own.bot)
    elsewhere = {"config": {**config, "url": listener.url.replace(PATH, "/other")}, "active": False}
    own.ask("admin", "POST", "REPO/hooks", elsewhere)
    own.ask("admin", "POST", "REPO/hooks", {"config": config, "events": ["pull_request"]})
    return own.github("admin")


def test_what_failed_is_listed_and_comes_again_under_its_guid(own, hooked, listener):
    assert own.box.settle(10)
    listener.code, listener.guids = 503, []
    own.pull()
    assert own.box.settle(10)
    failed = hooked.failed_deliveries(LONG_AGO)
    assert {attempt.code for attempt in failed} == {503}
    assert {attempt.guid for attempt in failed} == set(listener.guids)

    listener.code = 202
    hooked.redeliver(failed[0].id)
    assert own.box.settle(10)
    assert listener.guids[-1] == failed[0].guid
    tries = [one for one in hooked.failed_deliveries(LONG_AGO) if one.guid == failed[0].guid]
    assert [one.code for one in tries] == [202, 503]


def test_where_nothing_failed_nothing_is_listed(own, hooked, listener):
    own.pull()
    assert own.box.settle(10)

    assert hooked.failed_deliveries(LONG_AGO) == ()


def test_what_failed_long_ago_is_not_listed(own, hooked, listener):
    listener.code = 503
    own.pull()
    assert own.box.settle(10)

    assert hooked.failed_deliveries(datetime.now(UTC) + timedelta(minutes=1)) == ()


def test_an_account_that_may_not_administer_webhooks_finds_none(own):
    with pytest.raises(GitHubNotFound):
        own.github("controller").failed_deliveries(LONG_AGO)


def test_a_repository_whose_hooks_lead_elsewhere_says_so(own, listener):
    own.ask("admin", "POST", "REPO/hooks", {"config": {"url": listener.url.replace(PATH, "/other")}})
    with pytest.raises(GitHubNotFound, match="no webhook of the repository ends in /webhooks/github"):
        own.github("admin").failed_deliveries(LONG_AGO)


def test_a_list_is_read_no_further_than_it_must_be(script):
    hooks = "/repos/acme/infrastructure/hooks"
    script.on("GET", hooks, (200, [{"id": 1, "config": {"url": f"https://infra.example{PATH}"}}]))

    def page(*codes, following):
        entries = [
            {"id": 90 - turn, "guid": f"g{turn}", "delivered_at": "2026-11-22T12:00:00Z", "status_code": code}
            for turn, code in enumerate(codes)
        ]
        old = {"id": 1, "guid": "old", "delivered_at": "2026-11-01T12:00:00Z", "status_code": 503}
        link = {"Link": f'<{script.url}{hooks}/1/deliveries?cursor=x>; rel="next"'} if following else {}
        return 200, [*entries, old], link

    script.on("GET", f"{hooks}/1/deliveries", page(following=True))
    assert script.github().failed_deliveries(datetime(2026, 11, 20, tzinfo=UTC)) == ()
    assert [path for _, path in script.asked if "cursor" in path] == []
    assert len(script.asked) == 2

    script.on("GET", f"{hooks}/1/deliveries", page(503, following=True), page(202, 503, following=True))
    found = script.github().failed_deliveries(datetime(2026, 11, 20, tzinfo=UTC))
    assert [(one.guid, one.code) for one in found] == [("g0", 202)]
