"""POST /webhooks/github: every answer, in the order in which the checks are made."""

import asyncio
import json

import pytest

from controller.core.call import Actor

FOREIGN = {"ref": "refs/heads/main", "repository": {"full_name": "evil/other", "default_branch": "main"}}
HOMELESS = {"zen": "Keep it simple.", "organization": {"login": "acme"}}


def pull_payload(push, action="opened", **pull):
    return {"action": action, "pull_request": {"number": 7} | pull, "repository": push["repository"]}


def test_a_push_to_the_default_branch_is_recorded_and_wakes_the_reconcile(site):
    answer = site.deliver()

    assert answer.status_code == 202
    assert [(call.actor, call.argument) for call in site.queue.calls] == [(Actor.RECONCILE, None)]
    assert site.recorded() == 1


@pytest.mark.parametrize("action", ["opened", "reopened", "synchronize", "ready_for_review", "edited"])
def test_a_pull_wakes_whoever_looks_at_it(site, push, action):
    assert site.deliver(pull_payload(push, action), "pull_request").status_code == 202
    assert [(call.actor, call.argument) for call in site.queue.calls] == [(Actor.PLAN_PULL, 7)]


def test_a_merge_wakes_the_reconcile_and_a_close_whoever_looks(site, push):
    site.deliver(pull_payload(push, "closed", merged=True), "pull_request")
    site.deliver(pull_payload(push, "closed", merged=False), "pull_request", guid="guid-2")

    assert [call.actor for call in site.queue.calls] == [Actor.RECONCILE, Actor.PLAN_PULL]


def test_a_review_wakes_the_report(site, push):
    site.deliver(pull_payload(push, "submitted"), "pull_request_review")

    assert [(call.actor, call.argument) for call in site.queue.calls] == [(Actor.REPORT, 7)]


def test_form_encoded_deliveries_are_read_too(site):
    assert site.deliver(form=True).status_code == 202
    assert len(site.queue.calls) == 1


@pytest.mark.parametrize("secret", ["new-secret", "old-secret"])
def test_each_of_the_secrets_signs(site, secret):
    assert site.deliver(secret=secret).status_code == 202


def test_a_redelivery_is_accepted_and_wakes_nobody_again(site):
    site.deliver()
    site.await_noting()

    assert [site.deliver().status_code for _ in range(3)] == [202, 202, 202]
    assert len(site.queue.calls) == 1
    assert site.recorded() == 1


def test_while_only_the_broker_is_down_deliveries_are_recorded(site):
    site.queue.is_down = True

    assert site.deliver().status_code == 202
    assert site.recorded() == 1

    site.queue.is_down = False
    site.deliver()

    assert len(site.queue.calls) == 1


def test_a_broker_that_hangs_keeps_no_answer_waiting(site, push):
    site.queue.answers.clear()
    numbers = (1, 2, 3)
    deliveries = [
        site.signed(pull_payload(push, number=number), "pull_request", guid=f"g-{number}")
        for number in numbers
    ]

    assert asyncio.run(answered(site.client.app, deliveries, then=site.queue.answers.set)) == [202, 202, 202]
    assert site.recorded() == 3
    assert sorted(call.argument for call in site.queue.calls) == [1, 2, 3]


async def answered(app, deliveries, then):
    """The status of each answer; `then` is called once all are given, while the application may still be at work."""
    said = asyncio.Queue()

    async def ask(body, headers):
        async def receive():
            return {"type": "http.request", "body": body}

        async def send(message):
            if message["type"] == "http.response.start":
                await said.put(message["status"])

        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/webhooks/github",
            "headers": raw,
            "query_string": b"",
        }
        await app(scope, receive, send)

    async with asyncio.TaskGroup() as asking:
        for body, headers in deliveries:
            asking.create_task(ask(body, headers))
        statuses = [await asyncio.wait_for(said.get(), 5) for _ in deliveries]
        then()
    return statuses


def test_what_the_ledger_cannot_record_is_to_be_sent_again(site):
    site.break_ledger()
    answer = site.deliver()

    assert answer.status_code == 503
    assert "send it again" in answer.json()["message"]
    assert site.queue.calls == []


@pytest.mark.parametrize(
    ("status", "how"),
    [
        (400, {"payload": b"{"}),
        (400, {"payload": b"[1]"}),
        (400, {"payload": b"\xff\xfe"}),
        (400, {"payload": b"[" * 3000}),
        (400, {"payload": b"no=payload", "Content_Type": "application/x-www-form-urlencoded"}),
        (400, {"X_GitHub_Event": None}),
        (400, {"X_GitHub_Delivery": None}),
        (401, {"secret": "wrong"}),
        (401, {"X_Hub_Signature_256": None}),
        (401, {"X_Hub_Signature_256": "sha256=\u00e9".encode("latin-1")}),
        (401, {"X_Hub_Signature_256": "sha1=abc"}),
        (403, {"payload": FOREIGN}),
        (413, {"payload": b"x" * 5000}),
        (415, {"Content_Type": None}),
        (415, {"Content_Type": "text/plain"}),
        (415, {"Content_Type": "application/jsonp"}),
    ],
)
def test_what_is_refused_says_why_and_leaves_no_trace(site, status, how):
    answer = site.deliver(**how)

    assert answer.status_code == status
    assert answer.json()["message"]
    assert (site.recorded(), site.queue.calls) == (0, [])


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("ping", {"zen": "Hello.", "repository": {"full_name": "acme/infrastructure"}}),
        ("star", {"repository": {"full_name": "acme/infrastructure"}}),
        ("push", HOMELESS),
        ("ping", HOMELESS),
        (
            "push",
            {
                "ref": "refs/heads/x",
                "repository": {"full_name": "acme/infrastructure", "default_branch": "main"},
            },
        ),
    ],
)
def test_what_changes_nothing_is_ignored_and_says_why(site, event, payload):
    answer = site.deliver(payload, event)

    assert answer.status_code == 200
    assert answer.json()["message"].startswith("ignored: ")
    assert site.recorded() == 0


@pytest.mark.parametrize(
    "payload",
    [
        {"action": "opened"},
        {"action": "opened", "pull_request": {}},
        {"action": "opened", "pull_request": {"number": "7"}},
        {"action": "opened", "pull_request": {"number": True}},
        {"action": "closed", "pull_request": {"number": 7}},
        {"action": "opened", "pull_request": []},
    ],
)
def test_an_event_without_what_it_always_has_is_malformed(site, push, payload):
    answer = site.deliver({**payload, "repository": push["repository"]}, "pull_request")

    assert answer.status_code == 400
    assert site.recorded() == 0


def test_the_repository_s_name_is_compared_as_github_does(site, push):
    shouted = {**push, "repository": {"full_name": "ACME/Infrastructure", "default_branch": "main"}}

    assert site.deliver(shouted).status_code == 202


class TestOrder:
    """Each check comes before all those that follow: a delivery with several faults gets the first one's answer."""

    def test_413_before_415(self, site):
        assert site.deliver(b"x" * 5000, Content_Type="text/plain", secret="wrong").status_code == 413

    def test_415_before_401(self, site):
        assert site.deliver(Content_Type="text/plain", secret="wrong").status_code == 415

    def test_401_before_400(self, site):
        assert site.deliver(b"{", secret="wrong", X_GitHub_Event=None).status_code == 401

    def test_400_before_403(self, site):
        malformed = {"action": "opened", "repository": {"full_name": "evil/other"}}

        assert site.deliver(malformed, "pull_request").status_code == 400

    def test_403_before_200(self, site):
        ignored = {"repository": {"full_name": "evil/other"}}

        assert site.deliver(ignored, "star").status_code == 403


class TestSize:
    """The limit holds whatever a body says of its own length."""

    def test_a_body_at_the_limit_is_read(self, site, push, limit):
        body = json.dumps(push).encode()

        assert site.deliver(body + b" " * (limit - len(body))).status_code == 202

    def test_a_body_one_byte_over_it_is_not(self, site, push, limit):
        body = json.dumps(push).encode()

        assert site.deliver(body + b" " * (limit - len(body) + 1)).status_code == 413

    def test_a_chunked_body_is_not_read_past_it(self, site):
        sent = []

        def chunks():
            for _ in range(100):
                sent.append(1)
                yield b"x" * 1000

        answer = site.client.post(
            "/webhooks/github", content=chunks(), headers={"Content-Type": "application/json"}
        )

        assert answer.status_code == 413

    @pytest.mark.parametrize("announced", ["0", "99999999999999999999", "-1", "\u00b2".encode("latin-1")])
    def test_a_wrong_length_confuses_nobody(self, site, push, sign, announced):
        body = json.dumps(push).encode()
        answer = site.deliver(body, Content_Length=announced)

        assert answer.status_code in {202, 413}


def test_only_post_is_answered(site):
    assert site.get("/webhooks/github").status_code == 405
