"""One delivery, a hundred times at once: one run, one comment."""

import hashlib
import hmac
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.request import Request, urlopen

import pytest

from tests.e2e.conftest import eventually, path, request
from tests.faults.catalogue import ARRIVING, FREE
from tests.faults.fleet import PATIENCE
from tests.faults.scenes import planned

COPIES = 100


@pytest.mark.timeout(300)
def test_a_hundred_copies_of_one_delivery_at_once_are_one_run_and_one_comment(fleet, record_property):
    fleet.afresh()
    with fleet.deaf():
        name = fleet.name()
        pull = fleet.proposed_at_once({path(name): request(name, FREE, ARRIVING)})
    told = opened(fleet, pull)
    answers = at_once(lambda: post(fleet, told), COPIES)
    assert Counter(answers) == {202: COPIES}

    planned(fleet, pull, [name])
    eventually(lambda: not fleet.unsent(), PATIENCE)
    # Stories are told in their order: whatever the copies led to was told before this one.
    after = fleet.proposed_at_once({path(other := fleet.name()): request(other, FREE, ARRIVING)})
    planned(fleet, after, [other])
    runs, comments = fleet.runs(name, FREE, ARRIVING), fleet.comments(pull)
    record_property("copies", f"{COPIES} copies, {len(runs)} run, {len(comments)} comment")
    assert len(comments) == 1
    assert [each["run"]["operation"] for each in runs] == ["plan"]


def opened(fleet, pull):
    """What GitHub says of a pull that was opened: as much as a listener looks at."""
    raw = fleet.as_("requester").get_pull(pull.number).raw_data
    return {"action": "opened", "number": pull.number, "pull_request": raw, "repository": raw["base"]["repo"]}


def post(fleet, payload, guid="c0ffee00-0000-4000-8000-000000000000"):
    body = json.dumps(payload).encode()
    signed = hmac.new(fleet.stack.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": guid,
        "X-Hub-Signature-256": f"sha256={signed}",
    }
    asked = Request(f"{fleet.stack.controller}/webhooks/github", body, headers)
    with urlopen(asked, timeout=60) as answer:
        return answer.status


def at_once(act, times):
    """What came of something that many threads did at the same moment."""
    barrier = threading.Barrier(times)

    def one(_number):
        barrier.wait()
        return act()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))
