"""How fast a signed pull_request delivery of 22 KB is answered while the worker is busy.

    python benchmarks/webhook.py [COUNT]

Starts the whole product on this machine, keeps its worker at work on pull requests, and sends deliveries one after the
other on one connection, as GitHub's hook does. Prints milliseconds and exits 1 where the median is 50 or more.
"""

import hashlib
import hmac
import http.client
import json
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

from controller.cli.stack import Stack, running_stack

SIZE = 22_000
LIMIT_MS = 50.0
BUSY = 12


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder)) as stack:
        keep_busy(stack)
        times = sorted(answer_times(stack, count))
    median, p95 = statistics.median(times), times[int(len(times) * 0.95)]
    print(
        f"{count} deliveries of {SIZE} bytes: median {median:.1f} ms, p95 {p95:.1f} ms, worst {times[-1]:.1f} ms"
    )
    return 0 if median < LIMIT_MS else 1


def keep_busy(stack: Stack) -> None:
    """Open pull requests, so that plans run during the measurement."""
    repository = stack.client("requester").get_repo(stack.repository)
    for number in range(BUSY):
        name = f"busy-{number}"
        text = f"kind: sandbox\nname: {name}\nenvironment: dev\nparameters: {{}}\n"
        repository.create_git_ref(f"refs/heads/{name}", repository.get_branch("main").commit.sha)
        repository.create_file(f"requests/bench/{name}.yaml", name, text, branch=name)
        repository.create_pull(base="main", head=name, title=name, body="")


def answer_times(stack: Stack, count: int) -> list[float]:
    body = payload(stack.repository)
    signature = "sha256=" + hmac.new(stack.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    connection = http.client.HTTPConnection(urlsplit(stack.controller).netloc, timeout=10)
    times = []
    for _ in range(count):
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": signature,
        }
        started = time.perf_counter()
        connection.request("POST", "/webhooks/github", body, headers)
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - started) * 1000)
        if answer.status != http.client.ACCEPTED:
            raise SystemExit(f"answered {answer.status}")
    return times


def payload(repository: str) -> bytes:
    event = {
        "action": "synchronize",
        "number": 1,
        "pull_request": {"number": 1, "merged": False, "body": ""},
        "repository": {"full_name": repository, "default_branch": "main"},
    }
    event["pull_request"]["body"] = "x" * (SIZE - len(json.dumps(event)))
    return json.dumps(event).encode()


if __name__ == "__main__":
    sys.exit(main())
